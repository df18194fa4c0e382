"""What every report was made of and came to, so that it can be made again."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.Column("dossier", sa.String(length=64), nullable=False),
        sa.Column("registry", sa.String(length=64), nullable=False),
        sa.Column("submissions", sa.JSON(), nullable=False),
        sa.Column("lock", sa.JSON(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("mails", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_report_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index(op.f("ix_report_period"), "report", ["period"])


def downgrade() -> None:
    op.drop_index(op.f("ix_report_period"), table_name="report")
    op.drop_table("report")
