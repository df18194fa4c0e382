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
    # not by a copy of the table, which SQLite will not let go of while rows refer to it
    op.drop_column("registry", "content")
    op.drop_column("registry", "read_by")
