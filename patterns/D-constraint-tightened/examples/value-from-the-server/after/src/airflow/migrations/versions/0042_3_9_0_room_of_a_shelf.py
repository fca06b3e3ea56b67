"""Every shelf stands in a room."""

import sqlalchemy as sa
from alembic import op

revision = "1f2e3d4c5b6a"
down_revision = "0a1b2c3d4e5f"


def upgrade():
    op.add_column("shelf", sa.Column("room", sa.String(40), server_default="hall", nullable=False))
