"""The floor that a shelf stands on, in a batch, for databases that cannot alter a table."""

import sqlalchemy
from alembic import op

revision = "1b1b1b1b1b1b"
down_revision = "0a0a0a0a0a0a"
branch_labels = None
airflow_version = "3.9.0"


def upgrade():
    with op.batch_alter_table("shelf") as batch_op:
        batch_op.add_column(sqlalchemy.Column("floor", sqlalchemy.Integer()))


def downgrade():
    with op.batch_alter_table("shelf") as batch_op:
        batch_op.drop_index("idx_shelf_floor")
        batch_op.drop_column("floor")
