"""Finds an activity's earlier rows among those of all units and months."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_disbursement_row_code", "disbursement_row", ["code"])


def downgrade() -> None:
    op.drop_index("ix_disbursement_row_code", "disbursement_row")
