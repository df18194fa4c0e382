"""Sends what was approved, once."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from prefect import flow

from flows.parameters import PeriodText
from tasks.artifacts import show_outbox
from tasks.delivery import send_approved
from tasks.desk import at_desk
from tasks.outbox import waiting_periods
from tasks.pages import refresh_outbox


@flow(name="deliver", persist_result=False)
def deliver(
    workspace: Path,
    period: PeriodText = "",
    today: date | None = None,
    late: bool = False,
    retry: bool = False,
) -> Mapping[str, int]:
    """Gửi các văn bản đã được phê duyệt, mỗi văn bản một lần.

    Args:
        workspace: Thư mục vùng làm việc, chứa dondoc.toml; đã đặt sẵn, không cần sửa.
        period: Kỳ báo cáo dạng NĂM-THÁNG, ví dụ 2021-10, hoặc 2021-13 (chỉnh lý quyết toán);
            để trống: mọi kỳ.
        today: Ngày làm việc dùng để tính hạn; để trống: hôm nay.
        late: Đánh dấu nếu vẫn muốn gửi dù đã quá muộn so với kỳ báo cáo.
        retry: Đánh dấu để gửi lại ngay những thư chưa gửi được, không gửi thư nào khác.
    """
    with at_desk("deliver", workspace, today, period) as desk:
        waiting = waiting_periods(desk, period)
        outcomes = send_approved(desk, period, late=late, retry=retry)
        refresh_outbox(desk, waiting)
        show_outbox(desk, period)
    return outcomes
