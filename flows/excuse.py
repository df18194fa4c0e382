"""A person records why a unit spends slowly: shown beside its flags, and no letter until a day."""

from datetime import date
from pathlib import Path
from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.parameters import PeriodText
from schemas.excuses import Excuse
from tasks import excuses
from tasks.desk import at_desk


@flow(name="excuse", persist_result=False)
def excuse(
    workspace: Path,
    unit: Annotated[str, Field(min_length=1)],
    until: date,
    because: Annotated[str, Field(min_length=1)],
    by: Annotated[str, Field(min_length=1)],
    period: PeriodText = "",
    activity: str = "",
    rule: str = "",
    today: date | None = None,
) -> Excuse:
    """Ghi lý do chậm được chấp nhận; cảnh báo vẫn hiện kèm lý do, không đôn đốc đến hạn nêu.

    Args:
        workspace: Thư mục vùng làm việc, chứa dondoc.toml; đã đặt sẵn, không cần sửa.
        unit: Mã đơn vị.
        until: Hạn của lý do; có tác dụng với các kỳ có ngày cuối kỳ không sau ngày này.
        because: Lý do, như sẽ ghi trong báo cáo.
        by: Họ tên người ghi.
        period: Kỳ báo cáo đầu tiên áp dụng, dạng NĂM-THÁNG; để trống: tháng vừa kết thúc.
        activity: Mã nhiệm vụ; để trống: cả đơn vị.
        rule: Tên quy tắc cảnh báo, ví dụ below-pace; để trống: mọi quy tắc.
        today: Ngày làm việc dùng để tính hạn; để trống: hôm nay.
    """
    with at_desk("excuse", workspace, today, period) as desk:
        month = desk.period(period)
        return excuses.excuse(desk, month, unit, activity, rule, until, because, by)
