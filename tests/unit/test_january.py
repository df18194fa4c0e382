"""The year's first month: what it is compared with, and what is not judged yet."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from reports.mails.digest import sentences
from rules.rates import totals
from rules.views import look
from schemas.board import Board, Look, State, UnitStatus
from schemas.changes import Changes
from schemas.flags import FlagSeverity
from schemas.period import Period, View
from schemas.settings import Body
from tasks import changes

JANUARY = Period(2022, 1)
BODY = Body(name="Ủy ban Dân tộc", finance="Vụ Kế hoạch - Tài chính")


def board(period: Period, **states: State) -> Board:
    units = tuple(
        UnitStatus(
            *(code, f"Vụ {code}", state, False, Decimal(100)),
            Decimal(5) if state is State.ACCEPTED else None,
        )
        for code, state in states.items()
    )
    return Board(period, date(2022, 2, 8), totals(units), units, judged_from=3)


@pytest.fixture
def year_before(monkeypatch: pytest.MonkeyPatch) -> dict[str, State]:
    """The states in which the year before ended; the view that is asked for is the whole year."""
    states = {"A": State.ACCEPTED, "B": State.ACCEPTED, "C": State.MISSING}

    def ended(_: object, view: View) -> Look:
        assert view == View(2021, "")
        return look(view, board(Period(2021, 13), **states), None)

    monkeypatch.setattr(changes, "look", ended)
    monkeypatch.setattr(changes, "revisions", lambda *_: [])
    return states


DESK: Any = object()


def test_who_reported_at_the_year_s_end_and_not_in_january_is_silent(
    year_before: dict[str, State],
) -> None:
    now = board(JANUARY, A=State.ACCEPTED, B=State.MISSING, C=State.MISSING)
    assert changes.since_last_month(DESK, now).silent == ("B",)
    year_before.update(dict.fromkeys(year_before, State.MISSING))
    assert changes.since_last_month(DESK, now) == Changes()  # nothing is known of that year


@pytest.mark.parametrize(("month", "said"), [(1, True), (2, True), (3, False), (13, False)])
def test_the_digest_says_from_when_the_pace_judges(month: int, said: bool) -> None:
    now = board(Period(2022, month), A=State.ACCEPTED)
    low: dict[str, FlagSeverity] = {}
    sentence = sentences(BODY, now, low, 0.1)[-1]
    assert ("Tiến độ giải ngân chỉ xét từ tháng 3." in sentence) is said
    first = sentences(BODY, replace(now, judged_from=1), low, 0.1)[-1]
    assert "chỉ xét từ" not in first


def test_nothing_reported_in_a_view_is_not_told_as_nothing_paid() -> None:
    view = View(2021, "Q3")
    silent = board(view.last, A=State.MISSING)
    assert look(view, silent, {}).disbursed is None
    one = board(view.last, A=State.ACCEPTED, B=State.MISSING)
    assert look(view, one, {"A": Decimal(2)}).disbursed == 3
    assert look(view, one, {}).disbursed is None
