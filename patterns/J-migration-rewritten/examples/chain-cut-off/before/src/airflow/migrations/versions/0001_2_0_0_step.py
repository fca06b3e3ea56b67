"""Step 1."""

import sqlalchemy as sa
from alembic import op

revision = "010101010101"
down_revision = "000000000000"
branch_labels = None
airflow_version = "3.9.0"


def upgrade():
    op.add_column("shelf", sa.Column("c1", sa.Integer()))


def downgrade():
    op.drop_column("shelf", "room")
