"""Step 6."""

import sqlalchemy as sa
from alembic import op

revision = "060606060606"
down_revision = "050505050505"
branch_labels = None
airflow_version = "3.9.0"


def upgrade():
    op.add_column("shelf", sa.Column("c6", sa.Integer()))


def downgrade():
    op.drop_column("shelf", "room")
