"""Step 2."""

import sqlalchemy as sa
from alembic import op

revision = "020202020202"
down_revision = "010101010101"
branch_labels = None
airflow_version = "3.9.0"


def upgrade():
    op.add_column("shelf", sa.Column("c2", sa.Integer()))


def downgrade():
    op.drop_column("shelf", "room")
