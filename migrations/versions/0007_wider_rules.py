"""Flags that speak of something else than money: no rate, no shortfall, facts of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("flag") as table:
        table.alter_column("actual", existing_type=sa.Float(), nullable=True)
        table.alter_column("expected", existing_type=sa.Float(), nullable=True)
        table.alter_column("shortfall", existing_type=sa.BigInteger(), nullable=True)
        table.add_column(
            sa.Column("matter", sa.String(length=10), nullable=False, server_default="money")
        )
        table.add_column(sa.Column("facts", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.execute("DELETE FROM flag WHERE actual IS NULL OR expected IS NULL OR shortfall IS NULL")
    with op.batch_alter_table("flag") as table:
        table.drop_column("facts")
        table.drop_column("matter")
        table.alter_column("shortfall", existing_type=sa.BigInteger(), nullable=False)
        table.alter_column("expected", existing_type=sa.Float(), nullable=False)
        table.alter_column("actual", existing_type=sa.Float(), nullable=False)
