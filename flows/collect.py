"""Gathers what has arrived, validates it for all units at once, and drafts an answer to each."""

from datetime import date
from pathlib import Path

from prefect import flow

from flows.parameters import PeriodText
from schemas.submission import Submission
from tasks.arrivals import file_away, gather
from tasks.artifacts import show_board, show_collected
from tasks.desk import at_desk
from tasks.intake import take_in, understand
from tasks.mailbox import fetch_mail, tell
from tasks.notices import answer
from tasks.outbox import bounced_after, last_answer
from tasks.pages import refresh_outbox


@flow(name="collect", persist_result=False)
def collect(
    workspace: Path,
    period: PeriodText = "",
    today: date | None = None,
    answers: bool = True,
) -> tuple[Submission, ...]:
    """Thu và kiểm tra các báo cáo trong hộp thư đến, soạn thư trả lời từng đơn vị.

    Args:
        workspace: Thư mục vùng làm việc, chứa dondoc.toml; đã đặt sẵn, không cần sửa.
        period: Kỳ báo cáo dạng NĂM-THÁNG, ví dụ 2021-10, hoặc 2021-13 (chỉnh lý quyết toán);
            để trống: theo kỳ ghi trong từng tệp.
        today: Ngày làm việc dùng để tính hạn; để trống: hôm nay.
        answers: Soạn thư trả lời từng đơn vị; bỏ đánh dấu khi chỉ nạp số liệu cũ.
    """
    with at_desk("collect", workspace, today, period) as desk:
        before = last_answer(desk)
        refusals = fetch_mail(desk)
        arrivals = gather(desk)
        understood = understand(desk, arrivals, period)
        submissions = take_in(desk, understood, answers=answers)
        file_away(desk, arrivals, submissions)
        answer(desk)
        refresh_outbox(desk, bounced_after(desk, before))
        show_collected(period, submissions)
        for month in desk.periods(period):
            show_board(desk, month)
        tell(refusals, submissions)
    return submissions
