"""Step 3."""

import sqlalchemy as sa
from alembic import op

revision = "030303030303"
down_revision = "020202020202"
branch_labels = None
airflow_version = "3.9.0"


def upgrade():
    op.add_column("shelf", sa.Column("c3", sa.Integer()))


def downgrade():
    op.drop_column("shelf", "room")
