"""Sends what was approved, once."""

from collections.abc import Mapping

from prefect import flow

from flows.parameters import Late, PeriodText, Today, Workspace
from tasks.delivery import send_approved
from tasks.desk import at_desk


@flow(name="deliver")
def deliver(
    workspace: Workspace, period: PeriodText | None = None, today: Today = None, late: Late = False
) -> Mapping[str, int]:
    """Gửi các văn bản đã được phê duyệt, của kỳ đã chọn hoặc của mọi kỳ."""
    with at_desk("deliver", workspace, today, period) as desk:
        return send_approved(desk, period, late=late)
