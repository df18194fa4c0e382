"""Gathers what has arrived, validates it for all units at once, and drafts an answer to each."""

from prefect import flow

from flows.parameters import PeriodText, Today, Workspace
from schemas.submission import Submission
from tasks.artifacts import show_board
from tasks.desk import at_desk
from tasks.inbox import file_away, gather
from tasks.intake import take_in, understand
from tasks.notices import answer


@flow(name="collect")
def collect(
    workspace: Workspace,
    period: PeriodText | None = None,
    today: Today = None,
    answers: bool = True,
) -> tuple[Submission, ...]:
    """Thu và kiểm tra các báo cáo trong hộp thư đến, soạn thư trả lời từng đơn vị.

    `period` is the period of a workbook that shows none; `answers` False lays figures in place
    without drafting any mail.
    """
    with at_desk("collect", workspace, today, period) as desk:
        arrivals = gather(desk)
        understood = understand(desk, arrivals, period)
        submissions = take_in(desk, understood, answers=answers)
        file_away(desk, arrivals, submissions)
        answer(desk)
        show_board(desk, desk.period(period))
    return submissions
