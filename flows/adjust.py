"""A person decides an adjustment: one row of the ledger that says which decision, who, and when."""

from datetime import date
from pathlib import Path
from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.parameters import PeriodText
from schemas.adjustments import Adjusted
from tasks import adjustments
from tasks.desk import at_desk


@flow(name="adjust", persist_result=False)
def adjust(
    workspace: Path,
    activity: Annotated[str, Field(min_length=1)],
    amount: Annotated[str, Field(min_length=1)],
    decision: Annotated[str, Field(min_length=1)],
    day: date,
    by: Annotated[str, Field(min_length=1)],
    period: PeriodText = "",
    anyway: bool = False,
    today: date | None = None,
) -> Adjusted:
    """Ghi một quyết định điều chỉnh dự toán; tính vào các kỳ kết thúc từ ngày quyết định.

    Args:
        workspace: Thư mục vùng làm việc, chứa dondoc.toml; đã đặt sẵn, không cần sửa.
        activity: Mã nhiệm vụ được điều chỉnh.
        amount: Số tiền, triệu đồng; điều chỉnh giảm thì ghi số âm, ví dụ -300.
        decision: Số văn bản của quyết định, ví dụ 1234/QĐ-UBDT.
        day: Ngày ký quyết định.
        by: Họ tên người ghi.
        period: Kỳ báo cáo có đề xuất, dạng NĂM-THÁNG; để trống: tháng vừa kết thúc.
        anyway: Đánh dấu nếu vẫn ghi dù dự toán còn ít hơn số đã giải ngân hoặc dưới 0.
        today: Ngày làm việc dùng để tính hạn; để trống: hôm nay.
    """
    with at_desk("adjust", workspace, today, period) as desk:
        month = desk.period(period)
        return adjustments.decide(desk, month, activity, amount, decision, day, by, anyway=anyway)
