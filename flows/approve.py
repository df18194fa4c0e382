"""A person releases drafts: a row that says who, when, and which content."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.parameters import PeriodText, Today, Workspace
from schemas.notices import NoticeKind
from tasks import outbox
from tasks.desk import at_desk


@flow(name="approve")
def approve(
    workspace: Workspace,
    by: Annotated[str, Field(description="Họ tên người phê duyệt.", min_length=1)],
    period: PeriodText | None = None,
    kind: Annotated[
        NoticeKind | None, Field(description="Chỉ phê duyệt loại văn bản này; để trống: tất cả.")
    ] = None,
    unit: Annotated[
        str | None, Field(description="Chỉ phê duyệt văn bản gửi đơn vị này (mã đơn vị).")
    ] = None,
    today: Today = None,
) -> int:
    """Phê duyệt các dự thảo của kỳ báo cáo; chỉ văn bản đã phê duyệt mới được gửi."""
    with at_desk("approve", workspace, today, period) as desk:
        return outbox.approve(desk, desk.period(period), by, kind, unit)
