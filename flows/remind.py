"""Reminds the units whose report is missing or was returned, around the deadline."""

from datetime import date
from pathlib import Path

from prefect import flow

from flows.parameters import PeriodText
from tasks.artifacts import show_board
from tasks.desk import at_desk
from tasks.notices import draft_reminders


@flow(name="remind", persist_result=False)
def remind(workspace: Path, period: PeriodText = "", today: date | None = None) -> int:
    """Soạn thư nhắc nộp báo cáo đến hạn trong ngày.

    Args:
        workspace: Thư mục vùng làm việc, chứa dondoc.toml; đã đặt sẵn, không cần sửa.
        period: Kỳ báo cáo dạng NĂM-THÁNG, ví dụ 2021-10, hoặc 2021-13 (chỉnh lý quyết toán);
            để trống: mọi kỳ đang mở.
        today: Ngày làm việc dùng để tính hạn; để trống: hôm nay.
    """
    with at_desk("remind", workspace, today, period) as desk:
        drafts = draft_reminders(desk, period)
        for month in desk.periods(period):
            show_board(desk, month)
    return drafts
