"""Step 4."""

import sqlalchemy as sa
from alembic import op

revision = "040404040404"
down_revision = "030303030303"
branch_labels = None
airflow_version = "3.9.0"


def upgrade():
    op.add_column("shelf", sa.Column("c4", sa.Integer()))


def downgrade():
    op.drop_column("shelf", "room")
