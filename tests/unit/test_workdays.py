"""Working days, against the days off of state offices and the properties of counting."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.workdays import deadline, is_too_late, is_working_day, reminder_offset, shift
from schemas.period import Period
from schemas.settings import Schedule

VIETNAM = Schedule()

DAYS_OFF = {  # Monday to Friday, day/month (domain notes, section 6)
    2021: "1/1 10/2 11/2 12/2 15/2 16/2 21/4 30/4 3/5 2/9 3/9",
    2022: "3/1 31/1 1/2 2/2 3/2 4/2 11/4 2/5 3/5 1/9 2/9",
    2023: "2/1 20/1 23/1 24/1 25/1 26/1 1/5 2/5 3/5 1/9 4/9",
    2024: "1/1 8/2 9/2 12/2 13/2 14/2 18/4 29/4 30/4 1/5 2/9 3/9",
    2025: "1/1 27/1 28/1 29/1 30/1 31/1 7/4 30/4 1/5 2/5 1/9 2/9",
    2026: "1/1 16/2 17/2 18/2 19/2 20/2 27/4 30/4 1/5 31/8 1/9 2/9 24/11",
}
WORKED_INSTEAD = {2024: "4/5", 2025: "26/4", 2026: "22/8"}

days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
schedules = st.builds(
    Schedule,
    days_off=st.lists(days, max_size=5).map(tuple),
    working_days=st.lists(days, max_size=5).map(tuple),
    deadline=st.integers(1, 20),
    late=st.integers(0, 15),
)
steps = st.integers(-40, 40)
unhurried = settings(deadline=None)  # a busy machine is no failure


def parse(year: int, text: str) -> set[date]:
    return {date(year, int(m), int(d)) for d, m in (word.split("/") for word in text.split())}


@pytest.mark.parametrize("year", DAYS_OFF)
def test_the_calendar_of_state_offices(year: int) -> None:
    whole = [date(year, 1, 1) + timedelta(days=n) for n in range(365 + (year % 4 == 0))]
    off = {d for d in whole if d.weekday() < 5 and not is_working_day(d, VIETNAM)}
    instead = {d for d in whole if d.weekday() >= 5 and is_working_day(d, VIETNAM)}
    assert off == parse(year, DAYS_OFF[year])
    assert instead == parse(year, WORKED_INSTEAD.get(year, ""))


def test_a_saturday_worked_for_a_day_off_of_the_year_beside_it() -> None:
    assert is_working_day(date(2019, 1, 5), VIETNAM)
    assert is_working_day(date(2014, 12, 27), VIETNAM)


def test_the_settings_know_better_than_the_calendar() -> None:
    friday, saturday = date(2026, 1, 2), date(2026, 1, 10)
    assert is_working_day(friday, VIETNAM)
    assert not is_working_day(saturday, VIETNAM)
    swapped = Schedule(days_off=(friday,), working_days=(saturday,))
    assert not is_working_day(friday, swapped)
    assert is_working_day(saturday, swapped)
    assert is_working_day(friday, Schedule(days_off=(friday,), working_days=(friday,)))


@pytest.mark.parametrize(
    ("period", "due"),
    [
        ("2021-01", date(2021, 2, 5)),
        ("2021-02", date(2021, 3, 5)),
        ("2021-04", date(2021, 5, 10)),  # 3/5 off
        ("2021-08", date(2021, 9, 9)),  # 2/9 and 3/9 off
        ("2021-10", date(2021, 11, 5)),
        ("2021-12", date(2022, 1, 10)),  # 3/1 off
        ("2022-01", date(2022, 2, 11)),  # Tết
        ("2024-04", date(2024, 5, 7)),  # 1/5 off, Saturday 4/5 worked
    ],
)
def test_the_deadline_is_the_fifth_working_day(period: str, due: date) -> None:
    assert deadline(Period.parse(period), VIETNAM) == due


def test_reminders_fall_on_their_days_and_on_no_others() -> None:
    october = Period(2021, 10)
    november = [date(2021, 11, d) for d in range(1, 31)]
    found = {d.day: reminder_offset(d, october, VIETNAM) for d in november}
    assert {day: n for day, n in found.items() if n is not None} == {2: -3, 5: 0, 8: 1, 10: 3}


def test_reminders_are_the_schedule_s() -> None:
    monthly = Schedule(deadline=1, reminders=(-1,))
    assert reminder_offset(date(2021, 10, 29), Period(2021, 10), monthly) == -1
    assert reminder_offset(date(2021, 11, 1), Period(2021, 10), monthly) is None


def test_too_late_begins_on_the_eleventh_working_day() -> None:
    due = date(2021, 11, 5)
    assert not is_too_late(due, date(2021, 11, 19), VIETNAM)  # Friday, the tenth
    assert not is_too_late(due, date(2021, 11, 21), VIETNAM)  # Sunday
    assert is_too_late(due, date(2021, 11, 22), VIETNAM)
    assert not is_too_late(due, date(2021, 11, 1), VIETNAM)


def test_with_no_grace_the_next_working_day_is_too_late() -> None:
    strict = Schedule(late=0)
    assert not is_too_late(date(2021, 11, 5), date(2021, 11, 7), strict)
    assert is_too_late(date(2021, 11, 5), date(2021, 11, 8), strict)


def test_steps_from_a_day_off() -> None:
    saturday = date(2021, 11, 6)
    assert shift(saturday, -1, VIETNAM) == date(2021, 11, 5)
    assert shift(saturday, 0, VIETNAM) == date(2021, 11, 8)
    assert shift(saturday, 1, VIETNAM) == date(2021, 11, 8)


@unhurried
@given(days, steps.filter(bool), schedules)
def test_a_shift_ends_on_a_working_day_with_as_many_between(
    day: date, n: int, schedule: Schedule
) -> None:
    end = shift(day, n, schedule)
    away = (end - day).days
    passed = [day + timedelta(days=d * (1 if n > 0 else -1)) for d in range(1, abs(away) + 1)]
    assert (away > 0) == (n > 0)
    assert is_working_day(end, schedule)
    assert sum(is_working_day(d, schedule) for d in passed) == abs(n)


@unhurried
@given(days, steps, steps, schedules)
def test_from_a_working_day_shifts_add_up_and_go_back(
    day: date, a: int, b: int, schedule: Schedule
) -> None:
    start = shift(day, 0, schedule)
    assert shift(shift(start, a, schedule), b, schedule) == shift(start, a + b, schedule)
    assert shift(shift(start, a, schedule), -a, schedule) == start


@unhurried
@given(st.builds(Period, st.integers(2015, 2035), st.integers(1, 12)), schedules)
def test_a_deadline_lies_in_the_months_after_and_has_its_reminder(
    period: Period, schedule: Schedule
) -> None:
    due = deadline(period, schedule)
    assert due > period.last_day
    assert reminder_offset(due, period, schedule) == 0
    assert not is_too_late(due, due, schedule)


@unhurried
@given(days, st.integers(-10, 40), schedules)
def test_too_late_counts_working_days(due: date, passed: int, schedule: Schedule) -> None:
    today = due + timedelta(days=passed)
    after = [due + timedelta(days=n) for n in range(1, passed + 1)]
    behind = sum(is_working_day(d, schedule) for d in after)
    assert is_too_late(due, today, schedule) == (behind > schedule.late)
