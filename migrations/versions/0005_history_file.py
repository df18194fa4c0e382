"""What an imported file of past figures was called."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("history", sa.Column("file", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("history", "file")
