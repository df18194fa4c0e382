"""The period opens: every unit is mailed its workbook, filled in with what the ministry knows."""

from datetime import date
from pathlib import Path

from prefect import flow

from flows.parameters import PeriodText
from tasks.artifacts import show_board
from tasks.desk import at_desk
from tasks.forms import write_forms
from tasks.notices import Opened, draft_forms


@flow(name="open-period", persist_result=False)
def open_period(
    workspace: Path, period: PeriodText = "", today: date | None = None, late: bool = False
) -> tuple[Opened, ...]:
    """Mở kỳ báo cáo: lập biểu mẫu của từng đơn vị và soạn thư gửi kèm.

    Args:
        workspace: Thư mục vùng làm việc, chứa dondoc.toml; đã đặt sẵn, không cần sửa.
        period: Kỳ báo cáo dạng NĂM-THÁNG, ví dụ 2021-10, hoặc 2021-13 (chỉnh lý quyết toán);
            để trống: tháng vừa kết thúc
            (tháng 2: cả kỳ chỉnh lý quyết toán, nếu dondoc.toml đặt schedule.closing_month).
        today: Ngày làm việc dùng để tính hạn; để trống: hôm nay.
        late: Đánh dấu nếu vẫn muốn gửi dù đã quá muộn so với kỳ báo cáo.
    """
    with at_desk("open-period", workspace, today, period) as desk:
        opened = []
        for month in desk.begun(period):
            forms = write_forms(desk, month)
            opened.append(draft_forms(desk, month, forms, late=late))
            show_board(desk, month)
    return tuple(opened)
