"""A column for shelves."""

import sqlalchemy as sa
from alembic import op

revision = "0a0a0a0a0a0a"
down_revision = "2c2c2c2c2c2c"
branch_labels = None
airflow_version = "3.9.0"


def upgrade():
    op.add_column("shelf", sa.Column("room", sa.String(40)))


def downgrade():
    op.drop_column("shelf", "room")
