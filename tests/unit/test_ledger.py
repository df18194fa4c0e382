"""One decision on money, however its number is written and wherever it stands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.budget import adds_up, budgets, first_period
from rules.ledger import bare_number, doubts, merged, number_of
from schemas.period import Period
from schemas.registry import RECURRENT, Activity, Entry, LedgerRow, Recorded, Registry

OFFICER = Recorded("Vũ Đức Thắng", "thang", date(2021, 11, 9), datetime(2021, 11, 9, tzinfo=UTC))
NUMBERS = ("12/QĐ-UBDT", "05/QĐ-UBDT", "112/QĐ-UBDT", "12/QĐ-BTC")


def registry(*ledger: LedgerRow) -> Registry:
    activities = tuple(
        Activity(code, code, "A", "ODA", ("disbursement",)) for code in ("A.1", "A.2")
    )
    return Registry("0" * 64, (), (), activities, ledger)


def typed(
    decision: str | None, amount: str = "-200", day: date | None = date(2021, 10, 5), row: int = 9
) -> LedgerRow:
    """A row of registry.xlsx."""
    return LedgerRow(2021, "A.1", Entry.ADJUSTMENT, Decimal(amount), day, decision, row)


def decided(row: LedgerRow, **changes: object) -> LedgerRow:
    """The same, decided in the program."""
    return replace(row, **{"row": None, "recorded": OFFICER} | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "written",
    [
        "12/QĐ-UBDT",
        " 12 / qđ – ubdt ",
        "Số 12/QD-UBDT",
        "QĐ số: 012/QĐ-UBDT",
        "Quyết định số 12/QĐ-UBDT ngày 05/10/2021",
        "12/QÐ-UBDT, ngày 5/10",  # the Icelandic letter, as some keyboards give it
        "１２/QĐ－UBDT",
        "12/QĐ-UBDT (giả định)",
    ],
)
def test_a_number_is_known_however_it_is_written(written: str) -> None:
    assert number_of(written) == number_of("12/QĐ-UBDT") == "12/qd-ubdt"


def test_a_number_is_stored_without_what_stands_before_it() -> None:
    assert bare_number("  Quyết định  số: 755/QĐ-UBDT ") == "755/QĐ-UBDT"
    assert bare_number("755/QĐ-UBDT ngày 9/11") == "755/QĐ-UBDT ngày 9/11"


def test_other_numbers_are_other_decisions() -> None:
    written = (*NUMBERS, "120/QĐ-UBDT", "12/QĐ-UBDT-1", "12a/QĐ-UBDT", "2/QĐ-UBDT", "Ngày Tết 1")
    assert len({number_of(one) for one in written}) == len(written)


def test_a_decision_of_both_counts_as_registry_xlsx_has_it() -> None:
    sheet = typed("12/QĐ-UBDT", "-200")
    mine = decided(sheet, decision="Số 12/qđ-ubdt", amount=Decimal(-300))
    both = merged(registry(sheet), [mine])
    assert (both.ledger, both.superseded) == ((sheet,), (mine,))
    (told,) = doubts(registry(sheet), [mine], "registry.xlsx")
    assert told.rule == "decision-differs"
    for part in ("-200", "-300", "dòng 9", "Vũ Đức Thắng", "A.1", "05/10/2021"):
        assert part in told.message
    assert not list(doubts(registry(sheet), [decided(sheet)], "registry.xlsx"))


def test_what_another_key_has_is_another_decision() -> None:
    sheet = typed("12/QĐ-UBDT")
    others = [
        decided(sheet, year=2022),
        decided(sheet, activity="A.2"),
        decided(sheet, entry=Entry.CARRIED),
        decided(sheet, decision="13/QĐ-UBDT"),
    ]
    assert merged(registry(sheet), others).ledger == (sheet, *others)


def test_a_row_without_number_that_may_be_the_same_is_told_of() -> None:
    sheet, mine = typed(None), decided(typed("12/QĐ-UBDT"))
    assert merged(registry(sheet), [mine]).ledger == (sheet, mine)
    assert [f.rule for f in doubts(registry(sheet), [mine], "r")] == ["decision-without-number"]
    elsewhere = decided(typed("12/QĐ-UBDT", "-201"))
    assert not list(doubts(registry(sheet), [elsewhere], "r"))


def test_a_decision_on_an_activity_that_is_gone_is_left_out_and_told_of() -> None:
    mine = decided(typed("12/QĐ-UBDT"), activity="A.9")
    assert merged(registry(), [mine]) == registry()
    assert [f.rule for f in doubts(registry(), [mine], "r")] == ["decided-unknown-activity"]
    assert budgets(merged(registry(), [mine]), Period(2021, 12))["A.1"].current == 0


_SPELLINGS = st.sampled_from(
    [
        lambda n: n,
        str.lower,
        lambda n: f"Số {n}",
        lambda n: n.replace("/", " / "),
        lambda n: n.replace("Đ", "D"),
        lambda n: f"0{n}",
        lambda n: f"{n} ngày 05/10/2021",
    ]
)
_DECISIONS = st.lists(
    st.tuples(
        st.sampled_from(NUMBERS),
        st.sampled_from(["A.1", "A.2"]),
        st.decimals(-1000, 1000, places=6),
        st.dates(date(2021, 1, 1), date(2021, 12, 31)),
    ),
    unique_by=lambda d: d[:2],
    max_size=6,
)


@given(_DECISIONS, st.data())
def test_decided_in_the_program_and_read_from_the_sheet_is_as_either_alone(
    decisions: Sequence[tuple[str, str, Decimal, date]], data: st.DataObject
) -> None:
    rows = [
        LedgerRow(2021, code, Entry.ADJUSTMENT, amount, day, number, n)
        for n, (number, code, amount, day) in enumerate(decisions, 6)
    ]
    mine = [decided(r, decision=data.draw(_SPELLINGS)(r.decision or "")) for r in rows]
    sheet = data.draw(st.permutations(rows))
    in_program = data.draw(st.permutations(mine))
    moved = data.draw(st.lists(st.sampled_from(rows), unique=True)) if rows else []
    rest = [m for m, r in zip(mine, rows, strict=True) if r not in moved]
    ways = [
        registry(*sheet),
        merged(registry(), in_program),
        merged(registry(*sheet), in_program),
        merged(registry(*moved), in_program),
        merged(registry(*moved), rest),
        merged(merged(registry(*moved), in_program), in_program),
    ]
    for month in (1, 6, 9, 12):
        first, *others = (budgets(way, Period(2021, month)) for way in ways)
        assert all(other == first for other in others)
    assert all(len(way.ledger) == len(rows) for way in ways)


def test_what_a_year_s_rows_add_up_to_and_when_a_decision_begins_to_count() -> None:
    rows = [typed("1/QĐ", "5"), typed("2/QĐ", "-2", None), decided(typed("3/QĐ", "7"), year=2022)]
    a1, a2 = (Activity(code, "NV", "A", RECURRENT, ()) for code in ("A.1", "A.2"))
    assert adds_up(rows, 2021, a1) == 3
    assert adds_up(rows, 2021, a2) == 0
    late = typed("4/QĐ", "77", date(2022, 1, 10))
    assert adds_up([*rows, late], 2021, a1) == 3  # no period of the year counts it
    assert adds_up([*rows, late], 2021, replace(a1, source="Đầu tư công")) == 80
    assert first_period(date(2021, 10, 31), 2021, "ODA") == Period(2021, 10)
    assert first_period(date(2021, 11, 1), 2021, "ODA") == Period(2021, 11)
    assert first_period(date(2020, 12, 1), 2021, "ODA") == Period(2021, 1)
    january = (date(2022, 1, 1), 2021)
    assert first_period(*january, "Đầu tư công", ["Đầu tư công"]) == Period(2021, 13)
    assert first_period(*january, "Chi thường xuyên", ["Đầu tư công"]) is None
