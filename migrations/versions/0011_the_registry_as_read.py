"""What was read of a registry.xlsx, so that who only looks need not read it again."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("registry") as table:
        table.add_column(sa.Column("read_by", sa.Text(), nullable=True))
        table.add_column(sa.Column("content", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("registry") as table:
        table.drop_column("content")
        table.drop_column("read_by")
