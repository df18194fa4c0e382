from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from rules.watch import instants, lapses
from schemas.notices import Delivery
from schemas.period import Period
from schemas.settings import Schedule, Watch
from schemas.watch import Arrived, Letters, Plan, Run, Seen

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2021, 11, 10)
NOW = datetime(2021, 11, 10, 10, tzinfo=ZONE)
SINCE = NOW - timedelta(days=1)
MINUTE = timedelta(minutes=1)
REMIND = Plan("remind", "0 8 * * *", "Asia/Ho_Chi_Minh")
COLLECT = Plan("collect", "*/15 * * * *", "Asia/Ho_Chi_Minh")
AT_EIGHT = datetime(2021, 11, 10, 8, tzinfo=ZONE)

LIMITS = Watch()
CALM = Seen(TODAY, SINCE, NOW, (), (), (), (), ())


def run(began: datetime, minutes: float | None = 1, outcome: str = "done", flow: str = "") -> Run:
    ended = None if minutes is None else began + minutes * MINUTE
    return Run(flow or "remind", began, ended, outcome if ended else "")


def told(seen: Seen, limits: Watch = LIMITS) -> list[str]:
    return [one.kind for one in lapses(seen, limits, Schedule())]


def of(plan: Plan, *runs: Run) -> Seen:
    return replace(CALM, plans=(plan,), runs=runs)


def test_nothing_to_tell_is_as_planned() -> None:
    assert told(CALM) == []


@pytest.mark.parametrize(
    ("late", "expected"), [(0, []), (30, []), (30.1, ["missed"]), (-0.1, ["missed"])]
)
def test_a_run_begins_within_half_an_hour_of_its_time(late: float, expected: list[str]) -> None:
    """One that had ended before its time was another's."""
    assert told(of(REMIND, run(AT_EIGHT + late * MINUTE, 0.05))) == expected


def test_a_run_under_way_stands_for_those_that_it_cancels() -> None:
    """Of one flow one run goes at a time on the server."""
    began = SINCE - 30 * MINUTE
    long = run(began, 23 * 60, flow="collect")
    assert told(of(COLLECT, long)) == ["missed"]
    (missed,) = lapses(of(COLLECT, long), Watch(), Schedule())
    assert missed.facts["first"] == began + timedelta(hours=23)
    assert missed.facts["last"] == NOW - 30 * MINUTE
    assert missed.facts["count"] == 5  # 08:30, 08:45, 09:00, 09:15, 09:30


def test_a_run_that_died_stands_for_none() -> None:
    assert told(of(COLLECT, run(SINCE, None, flow="collect"))) == ["missed", "unfinished"]


def test_two_watches_in_a_row_look_at_each_instant_once() -> None:
    seen = []
    for day in range(3):
        one = replace(of(COLLECT), since=SINCE + timedelta(days=day), now=NOW + timedelta(days=day))
        (lapse,) = lapses(one, Watch(), Schedule())
        seen.append((lapse.facts["count"], lapse.facts["first"], lapse.facts["last"]))
    counts = [count for count, _, _ in seen]
    assert counts == [96, 96, 96]
    for (_, _, last), (_, first, _) in pairwise(seen):
        assert isinstance(first, datetime)
        assert isinstance(last, datetime)
        assert first - last == 15 * MINUTE


def test_what_may_still_begin_is_left_to_the_next_watch() -> None:
    late = replace(of(REMIND), now=AT_EIGHT + 29 * MINUTE, since=AT_EIGHT - 60 * MINUTE)
    assert told(late) == []
    assert told(replace(late, now=AT_EIGHT + 30 * MINUTE)) == ["missed"]


@pytest.mark.parametrize("outcome", ["refused: no server", "failed: ValueError", "interrupted"])
def test_a_run_that_did_not_end_well_is_told_with_its_last_outcome(outcome: str) -> None:
    earlier = run(AT_EIGHT - 60 * MINUTE, outcome="refused: something else")
    (lapse,) = lapses(of(REMIND, run(AT_EIGHT, outcome=outcome), earlier), Watch(), Schedule())
    assert (lapse.kind, lapse.facts["count"]) == ("failed", 2)
    assert lapse.facts["outcome"] == outcome
    assert lapse.facts["at"] == AT_EIGHT


def test_a_failed_run_that_a_later_one_made_good_is_told_no_more() -> None:
    failed, good = run(AT_EIGHT, outcome="refused: no host"), run(AT_EIGHT + 15 * MINUTE)
    assert told(of(REMIND, failed, good)) == []
    assert told(of(REMIND, run(AT_EIGHT), run(AT_EIGHT + MINUTE, outcome="interrupted"))) == [
        "failed"
    ]
    other = run(AT_EIGHT + 15 * MINUTE, flow="collect")
    assert told(of(REMIND, failed, other)) == ["failed"]


def test_a_backup_that_failed_is_told_though_no_schedule_of_ours_runs_it() -> None:
    assert told(of(REMIND, run(AT_EIGHT), run(AT_EIGHT, outcome="refused: x", flow="backup"))) == [
        "failed"
    ]


@pytest.mark.parametrize(
    ("last", "days", "expected"),
    [
        (None, 2, []),
        (date(2021, 11, 9), 2, []),
        (date(2021, 11, 8), 2, ["no-backup"]),
        (date(2021, 11, 8), 3, []),
        (date(2021, 1, 1), 0, []),
    ],
)
def test_a_backup_is_missed_where_there_was_one(
    last: date | None, days: int, expected: list[str]
) -> None:
    assert told(replace(CALM, backed_up=last), Watch(backup_days=days)) == expected


def test_mails_without_a_file_and_a_damaged_log_are_told() -> None:
    assert told(replace(CALM, fileless=2, log_damages=1)) == ["fileless", "log-damaged"]


def test_a_persons_flow_that_was_refused_is_the_persons() -> None:
    refused = run(AT_EIGHT, outcome="refused: --by", flow="approve")
    assert told(of(REMIND, run(AT_EIGHT), refused)) == []


def test_runs_before_the_last_watch_have_been_told() -> None:
    old = run(SINCE - MINUTE, outcome="failed: ValueError")
    assert told(of(REMIND, run(AT_EIGHT), old)) == []


@pytest.mark.parametrize(("ago", "expected"), [(29, []), (30, ["unfinished"])])
def test_a_run_that_says_nothing_for_half_an_hour(ago: int, expected: list[str]) -> None:
    plan = replace(REMIND, cron="0 8 1 1 *")
    assert told(of(plan, run(NOW - ago * MINUTE, None))) == expected


@pytest.mark.parametrize(
    ("due", "expected"), [(date(2021, 11, 9), ["no-report"]), (TODAY, []), (date(2021, 11, 11), [])]
)
def test_a_report_is_missed_the_day_after_it_was_due(due: date, expected: list[str]) -> None:
    assert told(replace(CALM, unreported=((Period(2021, 10), due),))) == expected


def letters(state: Delivery, due: date = TODAY) -> Seen:
    return replace(CALM, letters=(Letters("urging", "2021-10", state, due, 3),))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (Delivery.SENDING, ["lease"]),
        (Delivery.HELD, ["held"]),
        (Delivery.FAILED, ["undelivered"]),
        (Delivery.REFUSED, ["refused"]),
        (Delivery.BOUNCED, ["bounced"]),
        (Delivery.DRAFT, []),
        (Delivery.APPROVED, []),
    ],
)
def test_a_message_that_did_not_leave(state: Delivery, expected: list[str]) -> None:
    assert told(letters(state)) == expected


@pytest.mark.parametrize(
    ("due", "expected"),
    [(date(2021, 11, 8), []), (date(2021, 11, 7), ["unapproved"])],
)  # fmt: skip
def test_a_draft_waits_two_working_days_at_most(due: date, expected: list[str]) -> None:
    """8 November was a Monday: from the Sunday before it the second working day is the 9th."""
    assert told(letters(Delivery.DRAFT, due)) == expected


@pytest.mark.parametrize(
    ("due", "expected"), [(date(2021, 10, 27), []), (date(2021, 10, 26), ["too-late"])]
)
def test_an_approved_letter_that_is_too_late_is_told(due: date, expected: list[str]) -> None:
    assert told(letters(Delivery.APPROVED, due)) == expected


def arrived(*hours: float, waits: str = "unanswered") -> Seen:
    return replace(CALM, arrived=tuple(Arrived(waits, timedelta(hours=h)) for h in hours))


def test_what_a_unit_sent_waits_a_day_at_most() -> None:
    assert told(arrived(23.9)) == []
    (lapse,) = lapses(arrived(24, 30.5, 3), Watch(), Schedule())
    assert lapse.facts == {"count": 2, "hours": 30}
    both = replace(CALM, arrived=(*arrived(25).arrived, *arrived(25, waits="quarantined").arrived))
    assert told(both) == ["unanswered", "quarantined"]


def test_every_limit_is_a_setting() -> None:
    limits = Watch(begin_within=60, unapproved_days=0, unanswered_hours=2)
    assert told(of(REMIND, run(AT_EIGHT + 59 * MINUTE)), limits) == []
    assert told(letters(Delivery.DRAFT, date(2021, 11, 9)), limits) == ["unapproved"]
    assert told(letters(Delivery.DRAFT, TODAY), limits) == []
    assert told(arrived(2), limits) == ["unanswered"]


def shown(found: Sequence[datetime]) -> list[str]:
    return [f"{one.astimezone(ZONE):%d %H:%M}" for one in found]


def test_the_instants_of_a_day() -> None:
    plan = Plan("open-period", "0 7 1 * *", "Asia/Ho_Chi_Minh")
    assert shown([*instants(plan, SINCE, NOW + timedelta(days=60))]) == ["01 07:00", "01 07:00"]
    assert shown([*instants(REMIND, AT_EIGHT, AT_EIGHT + timedelta(days=1))]) == ["11 08:00"]
    assert [*instants(REMIND, AT_EIGHT - timedelta(days=1), AT_EIGHT)] == [AT_EIGHT]
