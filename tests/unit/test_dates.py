"""Columns of dates: a day is understood rightly, or its cell says what is in doubt."""

from collections.abc import Sequence
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.columns import meanings
from rules.dates import EPOCHS, SERIALS
from schemas.findings import Severity
from schemas.forms import IT
from schemas.reading import Problem

FIELD = IT["acceptance_date"]
MORNING = datetime(2021, 10, 31, 8, 30)  # noqa: DTZ001 - as a cell holds it
DAY = date(2021, 10, 31)


def days(*cells: object, from_1904: bool = False) -> list[object]:
    return [day for day, _ in meanings(cells, FIELD, from_1904=from_1904)]


def told(*cells: object, from_1904: bool = False) -> list[str]:
    read = meanings(cells, FIELD, from_1904=from_1904)
    return [problem.rule if problem else "" for _, problem in read]


@pytest.mark.parametrize(
    "written",
    [
        *("31/10/2021", "31.10.2021", "31-10-2021", "31 / 10 / 2021", "2021-10-31", "2021/10/31"),
        *("ngày 31 tháng 10 năm 2021", "Ngày 31/10/2021", "31 tháng 10, 2021", "31 THÁNG 10 2021"),
        *(
            "31/10/2021 00:00:00",
            "2021-10-31T08:30",
            "31/10/2021 8:30 AM",
            "\u00a031/10/2021\u200b",
        ),
        *("３１/10/2021", DAY, MORNING),
    ],
)
def test_a_date_is_read_in_silence(written: object) -> None:
    assert meanings([written], FIELD) == [(DAY, None)]


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("31/10/21", "read-as-date"),
        ("31.10.21", "read-as-date"),
        ("20211031", "read-as-date"),
        ("31102021", "read-as-date"),
        (20211031, "read-as-date"),
        (20211031.0, "read-as-date"),
        ("10/31/2021", "read-as-date"),
        ("tháng 10/2021", "month-only"),
        ("Tháng 10 năm 2021", "month-only"),
        ("T10/2021", "month-only"),
        ("10/2021", "month-only"),
        ("2021-10", "month-only"),
        (44500, "serial-date"),
        (44500.75, "serial-date"),
    ],
)
def test_what_is_read_otherwise_says_as_which_day(written: object, rule: str) -> None:
    ((day, problem),) = meanings([written], FIELD)
    assert day == DAY
    assert problem is not None
    assert (problem.rule, problem.severity, problem.meant) == (rule, Severity.INFO, "31/10/2021")


@pytest.mark.parametrize(
    "written",
    [
        *("31/02/2021", "00/10/2021", "1/2.2021", "2021-31-10", "31/10", "tháng 10", "năm 2021"),
        *("quý III/2021", "10/21", "13/2021", "x", "đã xong", "31/10/20211", "31/10/0021"),
        *("10/10 và 12/10/2021", "2021-10-31T17:00:00Z", "44500", "5102021", "31/10/2121"),
        *(True, time(1), 45, 2021, 10.2021, float("nan"), float("inf"), date(1900, 1, 5)),
    ],
)
def test_anything_else_is_no_date(written: object) -> None:
    ((day, problem),) = meanings([written], FIELD)
    assert day is None
    assert problem is not None
    assert (problem.rule, problem.severity) == ("not-a-date", Severity.ERROR)


def test_signs_for_nothing() -> None:
    assert meanings(["", "-", "–", None, " "], FIELD) == [(None, None)] * 5
    assert meanings(["chưa"], FIELD) == [
        (None, Problem("read-as-empty", "chưa", Severity.INFO)),
    ]


@pytest.mark.parametrize("from_1904", [False, True])
def test_day_numbers_of_both_epochs_on_both_sides_of_the_line(from_1904: bool) -> None:
    first, last = ((day - EPOCHS[from_1904]).days for day in SERIALS)
    assert days(first, last, last + 0.5, from_1904=from_1904) == [*SERIALS, SERIALS[1]]
    assert told(first - 1, last + 1, from_1904=from_1904) == ["not-a-date"] * 2


def test_the_epochs_are_1462_days_apart() -> None:
    assert days(44469) == days(44469 - 1462, from_1904=True) == [date(2021, 9, 30)]


def test_texts_are_day_first_until_one_of_them_cannot_be() -> None:
    assert days("05/10/2021", "31/10/2021") == [date(2021, 10, 5), DAY]
    assert told("05/10/2021", "31/10/2021") == ["", ""]
    mixed = ("05/10/2021", "10/31/2021", "05/05/2021", "31/10/2021", "2021-05-10")
    assert told(*mixed) == ["swapped-date", "read-as-date", "", "", ""]
    assert days(*mixed) == [None, DAY, date(2021, 5, 5), DAY, date(2021, 5, 10)]


def test_date_cells_beside_texts_above_the_twelfth_may_be_swapped() -> None:
    cells = (date(2021, 5, 10), date(2021, 5, 5), date(2021, 5, 13), date(2021, 5, 12))
    assert told(*cells, "13/10/2021") == ["doubtful-date", "", "", "doubtful-date", ""]
    assert told(*cells, "12/10/2021") == [""] * 5
    assert meanings([*cells[:1], "31/10/2021"], FIELD)[0] == (
        date(2021, 5, 10),
        Problem("doubtful-date", "10/05/2021", Severity.WARNING, "05/10/2021"),
    )


DATES = st.dates(date(2011, 1, 1), date(2099, 12, 31))
DAY_FIRST = (
    *("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%y", "%Y-%m-%d", "%Y%m%d", "%d%m%Y", "%d/%m/%Y 00:00"),
    *("ngày %d tháng %m năm %Y", "%d tháng %m, %Y", "cell", "serial"),
)


def _written(day: date, style: str) -> object:
    if style == "cell":
        return day
    return (day - EPOCHS[False]).days if style == "serial" else f"{day:{style}}"


def _right_or_told(meant: Sequence[date], cells: Sequence[object]) -> None:
    for day, (read, problem) in zip(meant, meanings(cells, FIELD), strict=True):
        assert read == day if problem is None else True


@given(st.lists(st.tuples(DATES, st.sampled_from(DAY_FIRST)), max_size=8))
def test_never_another_day(column: list[tuple[date, str]]) -> None:
    meant = [day for day, _ in column]
    cells = [_written(day, style) for day, style in column]
    assert days(*cells) == meant
    _right_or_told(meant, cells)


@given(st.lists(DATES, max_size=8), DATES.filter(lambda day: day.day > 12))
def test_never_another_day_where_months_come_first(meant: list[date], sure: date) -> None:
    _right_or_told([*meant, sure], [f"{day:%m/%d/%Y}" for day in [*meant, sure]])


@given(st.lists(DATES, max_size=8), DATES.filter(lambda day: day.day > 12))
def test_never_another_day_where_a_program_took_texts_for_american(
    meant: list[date], sure: date
) -> None:
    cells = [
        day.replace(month=day.day, day=day.month) if day.day <= 12 else f"{day:%d/%m/%Y}"
        for day in [*meant, sure]
    ]
    _right_or_told([*meant, sure], cells)
