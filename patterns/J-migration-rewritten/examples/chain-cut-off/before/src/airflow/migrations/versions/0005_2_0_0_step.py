"""Step 5."""

import sqlalchemy as sa
from alembic import op

revision = "050505050505"
down_revision = "040404040404"
branch_labels = None
airflow_version = "3.9.0"


def upgrade():
    op.add_column("shelf", sa.Column("c5", sa.Integer()))


def downgrade():
    op.drop_column("shelf", "room")
