"""The period opens: every unit is mailed its workbook, filled in with what the ministry knows."""

from prefect import flow

from flows.parameters import Late, PeriodText, Today, Workspace
from tasks.desk import at_desk
from tasks.forms import write_forms
from tasks.notices import Opened, draft_forms


@flow(name="open-period")
def open_period(
    workspace: Workspace, period: PeriodText | None = None, today: Today = None, late: Late = False
) -> Opened:
    """Mở kỳ báo cáo: lập biểu mẫu của từng đơn vị và soạn thư gửi kèm."""
    with at_desk("open-period", workspace, today, period) as desk:
        month = desk.period(period)
        forms = write_forms(desk, month)
        return draft_forms(desk, month, forms, late=late)
