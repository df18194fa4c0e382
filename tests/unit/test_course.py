from datetime import date
from decimal import Decimal

from rules.course import course, since
from schemas.board import Board, Since, State, Totals, UnitStatus
from schemas.course import Stand
from schemas.period import Period

OCTOBER = Period(2021, 10)


def _sums(**given: tuple[float, float]) -> dict[tuple[str, int, int], tuple[Decimal, Decimal]]:
    """`A_2021_10=(budget, disbursed)`."""
    sums = {}
    for key, (budget, disbursed) in given.items():
        unit, year, month = key.split("_")
        sums[unit, int(year), int(month)] = (Decimal(str(budget)), Decimal(str(disbursed)))
    return sums


def test_months_are_sums_of_whoever_is_known_with_their_number() -> None:
    its = course(OCTOBER, _sums(A_2021_9=(100, 40), B_2021_9=(50, 10), A_2021_10=(100, 60)), {})
    assert its.months == {
        9: Stand(Decimal(150), Decimal(50)), 10: Stand(Decimal(100), Decimal(60)),
    }  # fmt: skip
    assert its.reporting == {9: 2, 10: 1}
    assert its.last_month == {
        "A": Stand(Decimal(100), Decimal(40)), "B": Stand(Decimal(50), Decimal(10)),
    }  # fmt: skip


def test_within_a_month_counts_who_is_known_at_both_its_ends() -> None:
    its = course(
        OCTOBER,
        _sums(A_2021_1=(9, 5), A_2021_9=(9, 6), A_2021_10=(9, 8), B_2021_10=(9, 7)),
        {},
    )
    assert its.within == {1: Decimal(5), 10: Decimal(2)}


def test_what_comes_after_the_period_is_not_looked_at() -> None:
    its = course(OCTOBER, _sums(A_2021_10=(9, 8), A_2021_11=(9, 9)), {})
    assert set(its.months) == {10}


def test_last_year_is_compared_over_the_same_units_or_not_at_all() -> None:
    whole = _sums(A_2021_10=(9, 8), A_2020_10=(10, 7), B_2020_10=(90, 1))
    its = course(OCTOBER, whole, {})
    assert its.last_year == {10: Stand(Decimal(10), Decimal(7))}
    part = course(OCTOBER, whole | _sums(C_2021_10=(5, 5)), {})
    assert part.last_year == {}
    assert part.last_year_units["A"] == Stand(Decimal(10), Decimal(7))


def test_january_and_the_closing_month_look_back_within_their_year() -> None:
    sums = _sums(A_2020_12=(9, 9), A_2021_1=(9, 1), A_2021_12=(9, 8), A_2021_13=(9, 9))
    assert course(Period(2021, 1), sums, {}).last_month == {}
    closing = course(Period(2021, 13), sums, {})
    assert closing.last_month == {"A": Stand(Decimal(9), Decimal(8))}
    assert closing.within[13] == Decimal(1)


def _board(**units: tuple[int, int] | None) -> Board:
    """`A=(budget, disbursed)`; None: has not reported."""
    return Board(
        OCTOBER,
        date(2021, 11, 5),
        Totals(*[Decimal(0)] * 3),
        tuple(
            UnitStatus(code, code, State.ACCEPTED, False, Decimal(its[0]), Decimal(its[1]))
            if its
            else UnitStatus(code, code, State.MISSING, False, Decimal(500), None)
            for code, its in units.items()
        ),
    )


def test_the_rate_is_compared_with_that_of_the_same_units_one_month_before() -> None:
    last = {code: Stand(Decimal(100), Decimal(paid)) for code, paid in (("A", 40), ("C", 90))}
    now = _board(A=(100, 50), B=(300, 0), C=None)
    assert since(now, last) == Since(0.5, 0.4, 1, joined=("B",), gone=("C",))
    assert since(_board(B=(300, 0)), last) is None
    assert since(_board(A=(0, 0)), last) is None


def test_nobody_fell_so_the_whole_did_not_fall() -> None:
    last = {"A": Stand(Decimal(100), Decimal(40)), "B": Stand(Decimal(100), Decimal(60))}
    told = since(_board(A=(100, 50), B=None), last)
    assert told is not None
    assert told.rate == 0.5
    assert told.last_rate == 0.4
    assert since(_board(A=(100, 50), B=(100, 60)), last) == Since(0.55, 0.5, 2)
