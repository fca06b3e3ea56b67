"""Step 0."""

import sqlalchemy as sa
from alembic import op

revision = "000000000000"
down_revision = None
branch_labels = None
airflow_version = "3.9.0"


def upgrade():
    op.add_column("shelf", sa.Column("c0", sa.Integer()))


def downgrade():
    op.drop_column("shelf", "room")
