"""Closes the month: figures, flags and documents; drafts letters and digest; nothing leaves."""

from prefect import flow

from flows.parameters import Late, PeriodText, Today, Workspace
from tasks.artifacts import show_board, show_documents
from tasks.desk import at_desk
from tasks.documents import Report, month, write_documents
from tasks.notices import draft_report, due_reports


@flow(name="monthly-report")
def monthly_report(
    workspace: Workspace, period: PeriodText | None = None, today: Today = None, late: Late = False
) -> tuple[Report, ...]:
    """Lập báo cáo tháng, soạn thư đôn đốc và bản tin để trình phê duyệt.

    Without a period: the one whose report is due by now and was not made yet, if there is any.
    """
    with at_desk("monthly-report", workspace, today, period) as desk:
        reports = []
        for due in due_reports(desk, period):
            board = month(desk, due)
            documents = write_documents(desk, board)
            drafts = draft_report(desk, board, documents, late=late)
            show_board(desk, due)
            show_documents(desk, due)
            reports.append(Report(board, documents.paths, drafts))
    return tuple(reports)
