"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("inputs", sa.String(length=64), nullable=False),
        sa.Column("judged_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
        sa.UniqueConstraint("period", "inputs", name=op.f("uq_judgement_period")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("occasion", sa.String(length=80), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("to", sa.JSON(), nullable=False),
        sa.Column("cc", sa.JSON(), nullable=False),
        sa.Column("images", sa.JSON(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "kind", "period", "unit", "occasion", "content", name=op.f("uq_notice_kind")
        ),
    )
    op.create_table(
        "registry",
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("first_read_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_registry")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flow", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_table(
        "workspace",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_workspace")),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("signed", sa.JSON(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("approved_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["notice.id"], name=op.f("fk_approval_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_notice"), "approval", ["notice"], unique=False)
    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("judgement", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=10), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("actual", sa.Float(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("shortfall", sa.BigInteger(), nullable=False),
        sa.Column("needed_per_month", sa.BigInteger(), nullable=True),
        sa.Column("small", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["judgement"], ["judgement.id"], name=op.f("fk_flag_judgement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
    )
    op.create_index(op.f("ix_flag_judgement"), "flag", ["judgement"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["notice"], ["notice.id"], name=op.f("fk_outbox_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
        sa.UniqueConstraint("notice", "recipient", name=op.f("uq_outbox_notice")),
    )
    op.create_index(op.f("ix_outbox_state"), "outbox", ["state"], unique=False)
    op.create_table(
        "period",
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("registry", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["registry"], ["registry.version"], name=op.f("fk_period_registry")
        ),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_period")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["outbox"], ["outbox.id"], name=op.f("fk_delivery_outbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_outbox"), "delivery", ["outbox"], unique=False)
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("registry", sa.String(length=64), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["period"], ["period.period"], name=op.f("fk_submission_period")),
        sa.ForeignKeyConstraint(
            ["registry"], ["registry.version"], name=op.f("fk_submission_registry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("sha256", "period", "unit", name=op.f("uq_submission_sha256")),
    )
    op.create_index("ix_submission_board", "submission", ["period", "unit", "state"], unique=False)
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("cell", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission"], ["submission.id"], name=op.f("fk_finding_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index(op.f("ix_finding_submission"), "finding", ["submission"], unique=False)
    op.create_table(
        "sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission"], ["submission.id"], name=op.f("fk_sheet_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet")),
    )
    op.create_index(op.f("ix_sheet_submission"), "sheet", ["submission"], unique=False)
    op.create_table(
        "disbursement_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=30), nullable=True),
        sa.Column("budget_assigned", sa.BigInteger(), nullable=True),
        sa.Column("budget_adjustment", sa.BigInteger(), nullable=True),
        sa.Column("budget_current", sa.BigInteger(), nullable=True),
        sa.Column("disbursed", sa.BigInteger(), nullable=True),
        sa.Column("estimate", sa.BigInteger(), nullable=True),
        sa.Column("proposal", sa.BigInteger(), nullable=True),
        sa.Column("difficulty", sa.Text(), nullable=True),
        sa.Column("solution", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["sheet"], ["sheet.id"], name=op.f("fk_disbursement_row_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disbursement_row")),
    )
    op.create_index(op.f("ix_disbursement_row_sheet"), "disbursement_row", ["sheet"], unique=False)
    op.create_table(
        "it_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("acceptance", sa.String(length=30), nullable=True),
        sa.Column("acceptance_date", sa.Date(), nullable=True),
        sa.Column("handover", sa.String(length=30), nullable=True),
        sa.Column("handover_date", sa.Date(), nullable=True),
        sa.Column("settlement", sa.String(length=30), nullable=True),
        sa.Column("settlement_value", sa.BigInteger(), nullable=True),
        sa.Column("difficulty", sa.Text(), nullable=True),
        sa.Column("solution", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["sheet"], ["sheet.id"], name=op.f("fk_it_row_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_it_row")),
    )
    op.create_index(op.f("ix_it_row_sheet"), "it_row", ["sheet"], unique=False)
    op.create_table(
        "strategy_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("completion", sa.BigInteger(), nullable=True),
        sa.Column("legal_basis", sa.Text(), nullable=True),
        sa.Column("workshops", sa.Integer(), nullable=True),
        sa.Column("difficulty", sa.Text(), nullable=True),
        sa.Column("solution", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["sheet"], ["sheet.id"], name=op.f("fk_strategy_row_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategy_row")),
    )
    op.create_index(op.f("ix_strategy_row_sheet"), "strategy_row", ["sheet"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_strategy_row_sheet"), table_name="strategy_row")
    op.drop_table("strategy_row")
    op.drop_index(op.f("ix_it_row_sheet"), table_name="it_row")
    op.drop_table("it_row")
    op.drop_index(op.f("ix_disbursement_row_sheet"), table_name="disbursement_row")
    op.drop_table("disbursement_row")
    op.drop_index(op.f("ix_sheet_submission"), table_name="sheet")
    op.drop_table("sheet")
    op.drop_index(op.f("ix_finding_submission"), table_name="finding")
    op.drop_table("finding")
    op.drop_index("ix_submission_board", table_name="submission")
    op.drop_table("submission")
    op.drop_index(op.f("ix_delivery_outbox"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_table("period")
    op.drop_index(op.f("ix_outbox_state"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_flag_judgement"), table_name="flag")
    op.drop_table("flag")
    op.drop_index(op.f("ix_approval_notice"), table_name="approval")
    op.drop_table("approval")
    op.drop_table("workspace")
    op.drop_table("run")
    op.drop_table("registry")
    op.drop_table("notice")
    op.drop_table("judgement")
