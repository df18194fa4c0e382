"""Decides which days are worked, and so when reports are due, urged for, or too late to mail."""

from datetime import date, timedelta
from functools import cache

from holidays import HolidayBase, country_holidays

from schemas.period import Period
from schemas.settings import Schedule

_DAY = timedelta(days=1)
ANSWER_DAYS = 5
"""Working days that an urged unit has to answer, counted from the day the report is due."""
REPORT_DAYS = 2
"""The same of a unit that is to send its report at last."""


@cache
def _calendar(year: int) -> HolidayBase:
    # One finished calendar per year: the library's own grows as it is asked, and a second thread
    # may ask while a year is half filled in.
    return country_holidays("VN", years=year, expand=False)


def is_working_day(day: date, schedule: Schedule) -> bool:
    """Whether state offices work on `day`.

    The schedule's own days come first (a day in both lists is worked), then the calendar of
    Vietnam: Labour Code 45/2019/QH14, articles 111 and 112, and the yearly exchanges of days.
    """
    if day in schedule.working_days:
        return True
    return day not in schedule.days_off and _calendar(day.year).is_working_day(day)


def shift(day: date, n: int, schedule: Schedule) -> date:
    """The n-th working day strictly after `day`, or strictly before it where n is negative.

    `day` itself never counts, worked or not, so from a day off one step ahead is the next
    working day and one step back the last. n = 0 is `day` where it is worked, else the next
    working day: a term that ends on a day off runs on (Civil Code 2015, article 148).
    """
    if n == 0:
        return day if is_working_day(day, schedule) else shift(day, 1, schedule)
    step = _DAY if n > 0 else -_DAY
    left = abs(n)
    while left:
        day += step
        left -= is_working_day(day, schedule)
    return day


def deadline(period: Period, schedule: Schedule) -> date:
    """The last day on which a report of `period` is in time; always a working day."""
    return shift(period.last_day, schedule.deadline, schedule)


def report_due(due: date, schedule: Schedule) -> date:
    """The day on which the monthly report, with its letters, is due; `due` is the deadline."""
    return shift(due, schedule.report, schedule)


def answer_by(due: date, schedule: Schedule, days: int = ANSWER_DAYS) -> date:
    """The working day by which a unit that gets a letter has to answer; `due` is the deadline."""
    return shift(report_due(due, schedule), days, schedule)


def reminder_offset(today: date, period: Period, schedule: Schedule) -> int | None:
    """The reminder of `period` that is due on `today`, in working days from the deadline."""
    due = deadline(period, schedule)
    for offset in schedule.reminders:
        if shift(due, offset, schedule) == today:
            return offset
    return None


def is_too_late(due: date, today: date, schedule: Schedule) -> bool:
    """Whether a notice due on `due` has more than `schedule.late` working days behind it."""
    return today >= shift(due, schedule.late + 1, schedule)
