"""What a judgement leaves behind: a flag's parameters, and explanations as they were reported."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("flag") as table:
        table.add_column(sa.Column("parameters", sa.JSON(), nullable=False, server_default="[]"))
    # from now on a held file may have an answer coming; those held before do not
    submission = sa.table("submission", sa.column("state"), sa.column("answered", sa.Boolean()))
    held = submission.update().where(submission.c.state == "held")
    op.execute(held.values(answered=sa.true()))
    op.create_table(
        "explanation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanation")),
    )
    op.create_index("ix_explanation_period", "explanation", ["period", "unit"])


def downgrade() -> None:
    op.drop_index("ix_explanation_period", table_name="explanation")
    op.drop_table("explanation")
    with op.batch_alter_table("flag") as table:
        table.drop_column("parameters")
