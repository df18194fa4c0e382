"""How a year ended, unit by unit, and whose past the body's own pace goes by."""

from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest

from tasks import evidence, forecast, history, trial


def test_each_unit_ended_as_its_closing_month_says_else_as_december_does() -> None:
    one, two, three = ((Decimal(10), Decimal(n)) for n in (1, 2, 3))
    december: trial.Sums = {("A", None): one, ("A", "A.1"): one, ("B", None): two}
    closing: trial.Sums = {("A", None): three}
    assert trial._closed(december, closing) == {("A", None): three, ("B", None): two}
    assert trial._closed({}, closing) == closing
    assert trial._closed(december, {}) == december


def test_the_own_pace_goes_by_the_body_s_own_units(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {("A", 2020, 9): (Decimal(10), Decimal(3)), ("A", 2020, 12): (Decimal(10), Decimal(10))}
    stranger = {
        ("X", 2020, 9): (Decimal(900), Decimal(890)),
        ("X", 2020, 12): (Decimal(900), Decimal(900)),
    }
    monkeypatch.setattr(forecast, "submitted", lambda _: ({}, {}))
    monkeypatch.setattr(history, "imported", lambda _: own | stranger)
    units = (SimpleNamespace(code="A", type=None),)
    past = evidence.Past(SimpleNamespace(registry=SimpleNamespace(units=units)))  # type: ignore[arg-type]
    assert past.shares(2021)[9] == {2020: Fraction(3, 10)}
    assert set(past.courses) == {"A", "X"}  # kinds are still compared with all
