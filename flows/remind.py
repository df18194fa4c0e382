"""Reminds the units whose report is missing or was returned, around the deadline."""

from prefect import flow

from flows.parameters import PeriodText, Today, Workspace
from tasks.desk import at_desk
from tasks.notices import draft_reminders


@flow(name="remind")
def remind(workspace: Workspace, period: PeriodText | None = None, today: Today = None) -> int:
    """Soạn thư nhắc nộp báo cáo đến hạn trong ngày, cho kỳ đã chọn hoặc mọi kỳ đang mở."""
    with at_desk("remind", workspace, today, period) as desk:
        return draft_reminders(desk, period)
