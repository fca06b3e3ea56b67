"""Another."""

import sqlalchemy as sa
from alembic import op

revision = "1b1b1b1b1b1b"
down_revision = "0a0a0a0a0a0a"
branch_labels = None
airflow_version = "3.9.0"


def upgrade():
    op.add_column("shelf", sa.Column("floor", sa.Integer()))


def downgrade():
    op.drop_column("shelf", "room")
