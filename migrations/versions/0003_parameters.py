"""The parameters that a flag was judged by."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("flag") as table:
        table.add_column(sa.Column("parameters", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("flag") as table:
        table.drop_column("parameters")
