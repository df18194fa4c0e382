"""What a unit promised last month, by the day that it named itself."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from figures import course, figure

from rules.case import cases
from rules.promise_broken import LONGEST, flagged
from rules.promises import promised
from schemas.board import ActivityFigure
from schemas.evidence import Milestone
from schemas.settings import Rules


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Nộp đủ hồ sơ trước ngày 15/11/2021 để thanh toán.", date(2021, 11, 15)),
        ("Trình phê duyệt chậm nhất ngày 05/11", date(2021, 11, 5)),
        ("Hoàn thành trước ngày 15 tháng 11 năm 2021", date(2021, 11, 15)),
        ("Thanh toán xong trong tháng 11.", date(2021, 11, 30)),
        ("Nghiệm thu trong tháng 02/2022", date(2022, 2, 28)),
        ("Giải ngân hết trước tháng 11", date(2021, 10, 31)),
        ("Hoàn thành trong quý III.", date(2021, 9, 30)),
        ("Hoàn thành trước quý IV", date(2021, 9, 30)),
        ("Nghiệm thu trong tháng 10, thanh toán trước ngày 20/11/2021", date(2021, 11, 20)),
        ("đến hết tháng 12", date(2021, 12, 31)),
    ],
)
def test_a_last_day_is_read(words: str, day: date) -> None:
    assert promised(words, 2021) == day


@pytest.mark.parametrize(
    "words",
    [
        "Theo Quyết định số 12/QĐ-UBDT ngày 15/10/2021",  # cited
        "Chuyển sang hình thức trực tuyến từ tháng 10.",
        "Ký hợp đồng đầu tháng 4.",
        "Thực hiện trong tháng 10, tháng 11",
        "Xong trong tháng 10 và tháng 11",
        "Trước ngày 31/02/2021",
        "Trong tháng 13",
        "Bổ sung nhân lực phân loại.",
        "Trong 10 ngày tới",
    ],
)
def test_what_is_not_clearly_a_last_day_is_none(words: str) -> None:
    assert promised(words, 2021) is None


def says(disbursed: int, solution: str | None = None) -> list[ActivityFigure]:
    return [replace(figure("A", "A.1", 100, disbursed), solution=solution)]


def judged(before: list[ActivityFigure], now: list[ActivityFigure]) -> pd.DataFrame:
    """At the end of February; the promise was made in January's report."""
    return flagged(cases(course(before, now), Rules())[1], Rules())


@pytest.mark.parametrize(
    ("day", "flags"), [("31/01/2021", 0), ("01/02/2021", 1), ("28/02/2021", 1), ("01/03/2021", 0)]
)
def test_the_day_lies_within_the_month(day: str, flags: int) -> None:
    found = judged(says(10, f"Thanh toán trước ngày {day}."), says(10))
    assert len(found) == flags


@pytest.mark.parametrize(("now", "flags"), [(10, 1), (9, 1), (11, 0)])
def test_whoever_moved_kept_the_promise(now: int, flags: int) -> None:
    assert len(judged(says(10, "Xong trong tháng 02."), says(now))) == flags


def test_a_spent_budget_owes_nothing_and_last_year_s_words_are_not_asked() -> None:
    assert judged(says(100, "Xong trong tháng 02."), says(100)).empty
    assert flagged(cases(course(says(10, "Xong trong tháng 01.")), Rules())[1], Rules()).empty


@pytest.mark.parametrize(("completion", "flags"), [(60, 1), (61, 0)])
def test_the_other_forms_keep_their_promises_too(completion: int, flags: int) -> None:
    def work(done: int) -> Milestone:
        words = "Hoàn thành trong tháng 02."
        return Milestone("A", "A.1", "A.1-1", "strategy", None, (), Decimal(done), words)

    evidence = course(says(10), says(10))
    january, february = evidence.months
    months = (
        replace(january, milestones=(work(60),)),
        replace(february, milestones=(work(completion),)),
    )
    assert len(flagged(cases(replace(evidence, months=months), Rules())[1], Rules())) == flags


def test_long_words_are_cut_between_words() -> None:
    found = judged(says(10, "Xong trong tháng 02. " + "nghiệm thu " * 40), says(10))
    said = dict(found["facts"].iloc[0])["said"]
    assert len(said) <= LONGEST + 2
    assert said.endswith(("nghiệm …", "thu …"))
