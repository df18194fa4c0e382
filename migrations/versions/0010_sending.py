"""When a message that failed is tried again; why a batch was released against a tripwire."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("failing_since", sa.DateTime(), nullable=True))
        table.add_column(sa.Column("next_attempt", sa.DateTime(), nullable=True))
    with op.batch_alter_table("approval") as table:
        table.add_column(sa.Column("because", sa.Text(), nullable=True))
        table.add_column(sa.Column("tripped", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("approval") as table:
        table.drop_column("tripped")
        table.drop_column("because")
    with op.batch_alter_table("outbox") as table:
        table.drop_column("next_attempt")
        table.drop_column("failing_since")
