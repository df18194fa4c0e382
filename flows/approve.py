"""A person releases drafts: a row that says who, when, and which content."""

from datetime import date
from pathlib import Path
from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.parameters import PeriodText
from schemas.notices import NoticeKind, Released
from tasks import outbox
from tasks.artifacts import show_outbox
from tasks.desk import at_desk
from tasks.pages import refresh_outbox


@flow(name="approve", persist_result=False)
def approve(
    workspace: Path,
    by: Annotated[str, Field(min_length=1)],
    period: PeriodText = "",
    kind: NoticeKind | None = None,
    unit: str = "",
    today: date | None = None,
    again: bool = False,
    anyway: bool = False,
    because: str = "",
) -> Released:
    """Phê duyệt các dự thảo của kỳ báo cáo; chỉ văn bản đã phê duyệt mới được gửi.

    Args:
        workspace: Thư mục vùng làm việc, chứa dondoc.toml; đã đặt sẵn, không cần sửa.
        by: Họ tên người phê duyệt.
        period: Kỳ báo cáo dạng NĂM-THÁNG, ví dụ 2021-10, hoặc 2021-13 (chỉnh lý quyết toán);
            để trống: tháng vừa kết thúc.
        kind: Chỉ phê duyệt loại văn bản này; để trống: tất cả.
        unit: Chỉ phê duyệt văn bản gửi đơn vị có mã này; để trống: tất cả.
        today: Ngày làm việc dùng để tính hạn; để trống: hôm nay.
        again: Đánh dấu để cho gửi lại thư đã bị từ chối hoặc trả về, khi đã khắc phục nguyên nhân;
            không phê duyệt thư nào khác.
        anyway: Đánh dấu nếu vẫn phê duyệt dù thư khác thường so với kỳ trước; phải ghi lý do.
        because: Lý do vẫn phê duyệt, được lưu cùng phê duyệt.
    """
    with at_desk("approve", workspace, today, period) as desk:
        month = desk.period(period)
        released = outbox.approve(
            desk, month, by, kind, unit, again=again, anyway=anyway, because=because
        )
        refresh_outbox(desk, [month])
        show_outbox(desk, str(month))
    return released
