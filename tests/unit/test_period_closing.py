"""The closing month 2021-13: where it stands, what it counts, how it is told from January."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from figures import evidence, figure
from hypothesis import given
from hypothesis import strategies as st

from rules.budget import budgets
from rules.directory import Directory
from rules.facts import frame
from rules.forecast import outlooks
from rules.identify import Clues, Placed, Unplaced, identify
from rules.judge import judge
from rules.pace import expected
from rules.past import past_figures
from rules.workdays import deadline
from schemas.errors import DondocError
from schemas.forecast import Method
from schemas.forms import DISBURSEMENT, SOURCES, Row
from schemas.period import Period
from schemas.quality import SubmittedRow
from schemas.reading import ReadSheet, ReadWorkbook, Signed
from schemas.registry import Activity, Budget, Entry, LedgerRow, Registry, Unit
from schemas.settings import Pace, Rules, Schedule

NOVEMBER, DECEMBER, CLOSING = Period(2021, 11), Period(2021, 12), Period(2021, 13)
JANUARY = Period(2022, 1)
FEBRUARY_3 = date(2022, 2, 3)


# --- where it stands ----------------------------------------------------------------------------


def test_it_stands_between_december_and_january_as_text_too() -> None:
    order = [NOVEMBER, DECEMBER, CLOSING, JANUARY]
    assert sorted({*order}) == order
    assert sorted({str(one) for one in order}) == list(map(str, order))
    assert Period.parse("2021-13") == CLOSING


def test_no_month_s_shift_leads_to_it() -> None:
    assert (CLOSING.shift(-1), CLOSING.shift(0), CLOSING.shift(1)) == (DECEMBER, CLOSING, JANUARY)
    assert (CLOSING.shift(-2), CLOSING.shift(2)) == (NOVEMBER, Period(2022, 2))
    assert (DECEMBER.shift(1), JANUARY.shift(-1)) == (JANUARY, DECEMBER)
    assert Period.ended_before(date(2022, 2, 1)) == JANUARY


@given(st.builds(Period, st.integers(2000, 2099), st.integers(1, 13)), st.integers(1, 40))
def test_who_looks_back_meets_it_after_each_december(period: Period, months: int) -> None:
    seen = [*period.back(months)]
    assert seen == sorted(set(seen))
    assert [p for p in seen if not p.is_closing] == [period.shift(-n) for n in range(months, 0, -1)]
    closed = {p.year for p in seen if p.is_closing}
    assert closed == {p.year for p in seen if p.month == 12 and p.closing < period}


def test_it_runs_through_january_and_is_due_five_working_days_later() -> None:
    assert (CLOSING.first_day, CLOSING.last_day) == (date(2022, 1, 1), date(2022, 1, 31))
    assert deadline(CLOSING, Schedule()) == deadline(JANUARY, Schedule()) == date(2022, 2, 11)
    assert (CLOSING.months_left, DECEMBER.months_left, NOVEMBER.months_left) == (0, 0, 1)


def test_it_is_called_by_its_name() -> None:
    assert CLOSING.label == "kỳ chỉnh lý quyết toán năm 2021"
    assert CLOSING.title == "kỳ chỉnh lý quyết toán năm 2021 (đến hết ngày 31/01/2022)"
    assert DECEMBER.title == DECEMBER.label == "tháng 12 năm 2021"


@pytest.mark.parametrize(
    ("view", "month"),
    [("2021-Q3", "2021-09"), ("2021-H1", "2021-06"), ("2021-9M", "2021-09"), ("2021", "2021-13")],
)
def test_who_needs_a_month_is_told_which_one_a_view_ends_with(view: str, month: str) -> None:
    with pytest.raises(DondocError, match=f"từng tháng.*hãy ghi .*{month}"):
        Period.parse(view)


# --- what it counts -----------------------------------------------------------------------------


def activities(*sources: str) -> tuple[Activity, ...]:
    return tuple(Activity(s, s, "A", s, ("disbursement",)) for s in sources)


def adjusted(amount: int, day: date, source: str) -> LedgerRow:
    return LedgerRow(2021, source, Entry.ADJUSTMENT, Decimal(amount), day, None, 2)


@pytest.mark.parametrize("source", SOURCES)
def test_january_s_decisions_count_for_all_but_recurrent_money(source: str) -> None:
    ledger = (
        adjusted(1, date(2021, 12, 31), source),
        adjusted(10, date(2022, 1, 1), source),
        adjusted(100, date(2022, 1, 31), source),
        adjusted(1000, date(2022, 2, 1), source),
    )
    registry = Registry("v", (), (), activities(source), ledger)
    assert budgets(registry, DECEMBER)[source].adjustment == 1
    recurrent = source == "Chi thường xuyên"
    assert budgets(registry, CLOSING)[source].adjustment == (1 if recurrent else 111)
    assert budgets(registry, CLOSING, late=SOURCES)[source].adjustment == 111
    assert budgets(registry, CLOSING, late=())[source].adjustment == 1


def test_money_carried_over_belongs_to_one_year_only() -> None:
    ledger = tuple(
        LedgerRow(year, "ODA", entry, Decimal(amount), None, None, 2)
        for year, entry, amount in (
            (2021, Entry.ASSIGNED, 100),
            (2021, Entry.CARRIED, 7),
            (2022, Entry.ASSIGNED, 200),
            (2022, Entry.CARRIED, 30),
        )
    )
    registry = Registry("v", (), (), activities("ODA"), ledger)
    assert budgets(registry, CLOSING)["ODA"] == Budget(Decimal(100), Decimal(7))
    assert budgets(registry, JANUARY)["ODA"] == Budget(Decimal(200), Decimal(30))


@pytest.mark.parametrize(("name", "share"), [("linear", "1"), ("quarters", "0.95")])
def test_its_pace_is_the_year_s(name: str, share: str) -> None:
    pace = Pace.model_validate({"name": name})
    assert expected(13, pace) == expected(12, pace) == Fraction(share)


def test_its_flags_ask_for_nothing_more_each_month_and_see_the_whole_year() -> None:
    figures = [figure("A", "A.1", 1000, 500), figure("A", "A.2", 1000, 950)]
    months = {n: Decimal(500) for n in range(10, 13)}
    alone = Rules.model_validate({"repeat": {"enabled": False}})
    flags = judge(evidence(figures, {"A.1": months}, CLOSING), alone)
    found = {(f.activity, f.rule): f for f in flags}
    assert set(found) == {(None, "below-pace"), ("A.1", "below-pace"), ("A.1", "stalled")}
    below = found["A.1", "below-pace"]
    assert (below.expected, below.shortfall) == (0.95, Decimal(450))
    assert below.needed_per_month is None


def test_its_forecast_is_what_was_reported() -> None:
    found = outlooks({}, {}, 2021, 13, {"A": 0.97})["A"]
    assert (found.rate, found.low, found.high, found.method) == (0.97, 0.97, 0.97, Method.REPORTED)


def test_past_figures_may_be_of_it() -> None:
    head = "year,month,unit,activity,source,budget,disbursed_to_date\n"
    figures, wrong = past_figures(f"{head}2020,13,A,,,10,9\n".encode())
    assert [(f.year, f.month) for f in figures] == [(2020, 13)]
    assert not wrong


@pytest.mark.parametrize(
    ("source", "one", "told"),
    [
        ("Chi thường xuyên", CLOSING, False),
        ("Chi thường xuyên", DECEMBER, True),
        ("Đầu tư công", CLOSING, True),
    ],
)
def test_recurrent_money_need_not_rise_in_it(source: str, one: Period, told: bool) -> None:
    (activity,) = activities(source)
    values = {field.name: None for field in DISBURSEMENT.fields} | {"disbursed": Decimal(50)}
    row = Row("disbursement", source, "S", 7, values, {})
    known = activity, Budget(Decimal(100)), Decimal(50)
    table = frame(DISBURSEMENT, [SubmittedRow("s", "f", "A", one, row, *known)], Rules())
    assert table["rise_unfinished"].notna().tolist() == [told]
    assert table["rise_unexplained"].tolist() == [0]  # a drop is a drop whenever it comes


# --- told from January --------------------------------------------------------------------------

REGISTRY = Registry(
    "v",
    (Unit("VP", "Văn phòng"),),
    (),
    (Activity("X.1", "Một", "VP", "ODA", ("disbursement",)),),
    (),
)


def place(
    name: str = "VP.xlsx",
    titles: Sequence[str] = (),
    *,
    signed: str | None = None,
    asked: Period | None = None,
    awaited: bool = True,
    today: date = FEBRUARY_3,
) -> Placed | Unplaced:
    hidden = Signed("1", "VP", signed, "00") if signed else None
    sheets = (ReadSheet("disbursement", "S", (), (), {"code": "A"}),)
    read = ReadWorkbook(name, "xlsx", hidden, tuple(titles), sheets)
    clues = Clues(asked, closing=frozenset({CLOSING} if awaited else ()))
    return identify(read, Directory(REGISTRY), clues, today)


def period(found: Placed | Unplaced) -> Period | str:
    """Where it was placed, else why not."""
    return found.period if isinstance(found, Placed) else found.findings[-1].rule


OWN_TITLES = {p: (f"Kỳ báo cáo: {p.title}",) for p in (CLOSING, JANUARY)}


@pytest.mark.parametrize("one", [CLOSING, JANUARY])
def test_each_form_of_ours_is_placed_where_it_belongs(one: Period) -> None:
    assert period(place(titles=OWN_TITLES[one], signed=str(one))) == one
    assert period(place(titles=OWN_TITLES[one])) == one
    assert period(place(signed=str(one))) == one
    assert period(place(f"VP-{one}.xlsx")) == one


@pytest.mark.parametrize(
    ("one", "other"), [(CLOSING, JANUARY), (JANUARY, CLOSING)], ids=["closing", "january"]
)
def test_who_mixes_the_two_up_is_asked(one: Period, other: Period) -> None:
    assert period(place(f"VP-{other}.xlsx", signed=str(one))) == "periods-disagree"
    assert period(place(titles=OWN_TITLES[other], signed=str(one))) == "periods-disagree"
    assert period(place(titles=OWN_TITLES[one], asked=other)) == "other-period"


@pytest.mark.parametrize(
    "title",
    [
        "BÁO CÁO GIẢI NGÂN KỲ CHỈNH LÝ QUYẾT TOÁN NĂM 2021",
        "Tình hình giải ngân trong thời gian chỉnh lý quyết toán (đến hết ngày 31/01/2022)",
        "Số liệu chỉnh lý quyết toán ngân sách năm 2021, lập ngày 03/02/2022",
        "Lũy kế hết thời gian chỉnh lý, đến ngày 31 tháng 01 năm 2022",
        "Báo cáo tháng 13/2021",
        "Kỳ báo cáo: 2021-13",
    ],
)
def test_titles_that_name_it(title: str) -> None:
    assert period(place(titles=[title])) == CLOSING


@pytest.mark.parametrize(
    "name",
    ["2021-13", "202113", "t13-2021", "chinh ly 2021", "Chỉnh lý quyết toán 31.01.2022",
     "CLQT_nam_2021", "chinh-ly-quyet-toan-thang-01-nam-2022"],
)  # fmt: skip
def test_file_names_that_name_it(name: str) -> None:
    assert period(place(f"VP {name}.xlsx")) == CLOSING


def test_a_last_day_alone_names_either_where_both_are_awaited() -> None:
    titles = ["Số liệu lũy kế đến hết ngày 31/01/2022"]
    found = place(titles=titles)
    assert period(found) == "closing-or-january"
    assert "2021-13 (kỳ chỉnh lý quyết toán năm 2021)" in found.findings[0].message
    assert period(place(titles=titles, awaited=False)) == JANUARY
    for one in (CLOSING, JANUARY):
        assert period(place(titles=titles, asked=one)) == one
        assert period(place(titles=titles, signed=str(one))) == one
        assert period(place(f"VP {one}.xlsx", titles)) == one
    assert period(place(titles=["Kỳ báo cáo: 31/01/2022"])) == "closing-or-january"
    assert period(place(titles=["Số liệu đến hết ngày 31/12/2021"])) == DECEMBER


def test_it_may_come_in_january_but_not_before() -> None:
    assert period(place(signed="2021-13", today=date(2022, 1, 1))) == CLOSING
    assert period(place(signed="2021-13", today=date(2021, 12, 31))) == "future-period"
