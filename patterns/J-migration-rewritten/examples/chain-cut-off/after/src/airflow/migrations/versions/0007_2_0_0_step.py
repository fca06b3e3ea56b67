"""Step 7."""

import sqlalchemy as sa
from alembic import op

revision = "070707070707"
down_revision = None
branch_labels = None
airflow_version = "3.9.0"


def upgrade():
    op.add_column("shelf", sa.Column("c7", sa.Integer()))


def downgrade():
    op.drop_column("shelf", "room")
