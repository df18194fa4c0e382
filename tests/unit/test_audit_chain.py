"""The chain of the audit log: whatever is done to its rows is found, and nothing else."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.audit import GENESIS, changes, damages, sealed, unlike
from schemas.integrity import Act, Entry, Head

WHEN = datetime(2021, 11, 10, 8, 30, 0, 5, tzinfo=UTC)


def chain(length: int) -> list[Entry]:
    rows: list[Entry] = []
    for number in range(1, length + 1):
        previous = rows[-1].hash if rows else GENESIS
        row = Entry(
            number, WHEN, date(2021, 11, 10), "adjust", "Vũ Đức Thắng", "thang",
            f"2021 VP.{number}", {"budget": "10"}, {"budget": str(10 + number)}, previous,
        )  # fmt: skip
        rows.append(replace(row, hash=sealed(row)))
    return rows


def head(rows: list[Entry]) -> Head:
    return Head(rows[-1].number, rows[-1].hash)


def kinds(rows: list[Entry], noted: Head | None, known: str | None = None) -> list[str]:
    return [one.kind for one in damages(rows, noted, known)]


@pytest.mark.parametrize("length", [1, 2, 7])
def test_a_whole_chain_has_no_damage(length: int) -> None:
    rows = chain(length)
    assert kinds(rows, head(rows)) == []
    assert all(kinds(rows, head(rows), row.hash) == [] for row in rows)
    assert kinds([], None) == []


CHANGED: dict[str, Any] = {
    "at": WHEN.replace(microsecond=6), "on": date(2021, 11, 11), "what": "excuse",
    "by": "Vũ Đức Thăng", "login": "an", "subject": "2021 VP.9", "before": {"budget": "11"},
    "after": {},
}  # fmt: skip


@pytest.mark.parametrize("field", CHANGED)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_any_change_is_found_at_its_row(field: str, place: int) -> None:
    rows = chain(4)
    noted = head(rows)
    rows[place] = replace(rows[place], **{field: CHANGED[field]})
    assert [(d.kind, d.facts["number"]) for d in damages(rows, noted)] == [
        ("audit-altered", place + 1)
    ]


def test_a_change_that_is_sealed_anew_breaks_the_link_to_the_next_row() -> None:
    rows = chain(4)
    noted = head(rows)
    rows[1] = replace(rows[1], by="ai đó")
    rows[1] = replace(rows[1], hash=sealed(rows[1]))
    assert [(d.kind, d.facts["number"]) for d in damages(rows, noted)] == [("audit-link", 3)]


def test_the_newest_row_sealed_anew_is_not_the_one_that_was_noted() -> None:
    rows = chain(4)
    noted = head(rows)
    rows[3] = replace(rows[3], by="ai đó")
    rows[3] = replace(rows[3], hash=sealed(rows[3]))
    assert kinds(rows, noted) == ["audit-head"]


@pytest.mark.parametrize(
    ("taken", "first", "last"), [([0], 1, 1), ([1, 2], 2, 3), ([3], 4, 4), ([0, 1, 2, 3], 1, 4)]
)
def test_missing_rows_are_named(taken: list[int], first: int, last: int) -> None:
    rows = chain(4)
    left = [row for place, row in enumerate(rows) if place not in taken]
    assert [(d.kind, d.facts) for d in damages(left, head(rows))] == [
        ("audit-missing", {"first": first, "last": last})
    ]


def test_two_rows_in_each_others_place_are_found() -> None:
    rows = chain(4)
    noted = head(rows)
    rows[1], rows[2] = replace(rows[2], number=2), replace(rows[1], number=3)
    assert {"audit-altered", "audit-link"} <= set(kinds(rows, noted))


def test_a_chain_written_anew_is_betrayed_by_a_head_kept_elsewhere() -> None:
    rows, before = chain(4), chain(3)[-1].hash
    forged = [replace(row, by="ai đó") for row in rows]
    for place, row in enumerate(forged):
        chained = replace(row, previous=forged[place - 1].hash if place else GENESIS)
        forged[place] = replace(chained, hash=sealed(chained))
    assert kinds(forged, head(forged)) == []
    assert kinds(forged, head(forged), before) == ["audit-other-chain"]


def test_rows_without_a_noted_head_are_suspicious() -> None:
    assert kinds(chain(2), None) == ["audit-head"]


def act(number: int, **facts: str) -> Act:
    """What the table has of the n-th adjustment."""
    its = {"amount": str(number), "decision": f"{number}/QĐ", "day": "2021-11-02"} | facts
    return Act("adjust", f"2021 VP.{number}", its, WHEN)


def logged(*acts: Act) -> list[Entry]:
    return [
        Entry(
            n, WHEN, WHEN.date(), one.what, "An", "an", one.subject, {}, {**one.facts, "x": 1}, ""
        )
        for n, one in enumerate(acts, 1)
    ]


def told(entries: list[Entry], acts: list[Act]) -> list[str]:
    return [one.kind for one in unlike(entries, acts)]


def test_acts_and_log_that_say_the_same_are_whole_in_any_order() -> None:
    acts = [act(1), act(2), act(2)]
    other = Entry(9, WHEN, WHEN.date(), "deliver", "", "an", "", {}, {"sent": 1}, "")
    assert told([*logged(*acts), other], acts[::-1]) == []
    assert told([], acts) == []  # made before there was a log


@pytest.mark.parametrize("fact", ["amount", "decision", "day"])
def test_an_act_that_was_changed_is_told_of_on_both_sides(fact: str) -> None:
    found = told(logged(act(1), act(2)), [act(1), act(2, **{fact: "?"})])
    assert found == ["adjust-changed", "adjust-unlogged"]


def test_an_act_that_was_deleted_or_slipped_in_is_told_of() -> None:
    assert told(logged(act(1), act(2), act(2)), [act(1), act(2)]) == ["adjust-changed"]
    assert told(logged(act(1)), [act(1), act(3)]) == ["adjust-unlogged"]
    before = replace(act(3), at=WHEN - timedelta(microseconds=1))
    assert told(logged(act(1)), [act(1), before]) == []


FACTS = st.dictionaries(st.text(max_size=3), st.integers(0, 2) | st.none(), max_size=4)


@given(FACTS, FACTS)
def test_a_change_leads_from_the_one_state_to_the_other(
    first: dict[str, int | None], second: dict[str, int | None]
) -> None:
    before, after = changes(first, second)
    kept = {name: value for name, value in first.items() if name not in before}
    assert kept | dict(after) == second
    assert all(first[name] == value for name, value in before.items())
    assert (before, after) == ({}, {}) if first == second else before or after
