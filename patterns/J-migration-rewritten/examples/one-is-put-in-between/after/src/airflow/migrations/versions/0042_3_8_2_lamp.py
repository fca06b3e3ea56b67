"""An index."""

import sqlalchemy as sa
from alembic import op

revision = "2c2c2c2c2c2c"
down_revision = "0a0a0a0a0a0a"
branch_labels = None
airflow_version = "3.9.0"


def upgrade():
    op.create_index("lamp", "shelf", ["id"])


def downgrade():
    op.drop_column("shelf", "room")
