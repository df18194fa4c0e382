"""Closes the month: figures, flags and documents; drafts letters and digest; nothing leaves."""

from datetime import date
from pathlib import Path

from prefect import flow

from flows.parameters import PeriodText
from tasks.artifacts import show_board, show_documents
from tasks.desk import at_desk
from tasks.documents import Report, begin_documents, month, write_documents
from tasks.dossier import gather
from tasks.explain import keep_explanations
from tasks.letters import write_letters
from tasks.notices import draft_report
from tasks.pages import write_pages
from tasks.reported import due_reports, keep_report


@flow(name="monthly-report", persist_result=False)
def monthly_report(
    workspace: Path, period: PeriodText = "", today: date | None = None, late: bool = False
) -> tuple[Report, ...]:
    """Lập báo cáo tháng, soạn thư đôn đốc và bản tin để trình phê duyệt.

    Args:
        workspace: Thư mục vùng làm việc, chứa dondoc.toml; đã đặt sẵn, không cần sửa.
        period: Kỳ báo cáo dạng NĂM-THÁNG, ví dụ 2021-10, hoặc 2021-13 (chỉnh lý quyết toán);
            để trống: kỳ đến hạn mà chưa lập.
        today: Ngày làm việc dùng để tính hạn; để trống: hôm nay.
        late: Đánh dấu nếu vẫn muốn gửi dù đã quá muộn so với kỳ báo cáo.
    """
    with at_desk("monthly-report", workspace, today, period) as desk:
        reports = []
        for due in due_reports(desk, period):
            board = month(desk, due)
            dossier = gather(desk, board, keep_explanations(desk, board), late=late)
            begun = begin_documents(desk, dossier)
            letters = write_letters(desk, dossier, begun.templates, begun.report, begun.summary)
            documents = write_documents(desk, dossier, begun)
            drafted = draft_report(desk, dossier, documents)
            pages = write_pages(desk, dossier)
            keep_report(desk, letters, documents, drafted, pages)
            show_board(desk, due)
            show_documents(desk, due)
            paths = (*documents.paths, *letters.report, *pages.paths)
            reports.append(Report(board, paths, letters, drafted.new))
    return tuple(reports)
