"""Writes the digest of one unit: its month for its head, with nobody else's figures."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from reports.denominator import beside, named, ratio
from reports.explained import excuse, severity
from reports.explained import sentence as told
from reports.mails.amounts import ROUNDED, compared, is_low, leading, rounded, signed
from reports.mails.digest import ROWS
from reports.mails.rendering import places, render
from reports.numbers import percent, short_date
from schemas.board import ActivityFigure, Board, State, UnitStatus
from schemas.changes import Changes
from schemas.flags import Flag, FlagSeverity, Matter
from schemas.notices import Mail, NoticeKind
from schemas.settings import Body
from schemas.texts import say

_GRAVITY = tuple(FlagSeverity)
_CHANGES = ("newly_low", "worse", "better", "recovered", "silent")


def unit_digest(
    body: Body,
    board: Board,
    unit: UnitStatus,
    changes: Changes,
    expected: float,
    last_rate: float | None,
) -> Mail:
    """The unit's month: three sentences, what changed, four numbers, its flags, findings and
    proposals; of the body only the average that it is compared with.

    `board` and `changes` are the whole month's, `expected` is the pace's rate at the period's end,
    `last_rate` the unit's own one month earlier, None where it is not known.
    """
    period = board.period
    its = board.of(unit.code)
    own = replace(board, activities=its)
    flags = sorted(
        (f for f in unit.flags if f.matter is not Matter.PRAISE),
        key=lambda f: (-_GRAVITY.index(f.severity), -f.asked),
    )
    reported = unit.state is State.ACCEPTED
    empty = "" if unit.rate is not None else "-undefined" if reported else "-empty"
    subjects = [*_by_subject(flags, its)]
    proposing = [(a, a.proposal) for a in its if a.proposal]
    return render(
        NoticeKind.DIGEST,
        body,
        say(
            f"mail.unit-digest.subject{empty}",
            period=period.label,
            unit=unit.name,
            rate=percent(unit.rate),
        ),
        template="unit-digest",
        title=say("mail.unit-digest.title", period=period.label, unit=unit.name),
        sentences=[
            _how_much(body, own, unit, expected, last_rate),
            _how_reported(board, unit),
            _how_slow(unit, its, flags),
        ],
        changes=[*_changed(unit, changes)],
        numbers=_numbers(unit, flags),
        flags=subjects[:ROWS],
        more_flags=_more(len(subjects), "flags"),
        findings=places(unit.findings[:ROWS]),
        more_findings=_more(len(unit.findings), "findings"),
        proposals=[(a.code, a.name, signed(amount)) for a, amount in proposing[:ROWS]],
        more_proposals=_more(len(proposing), "proposals"),
        note=beside(say("mail.digest.note", expected=percent(expected)), own),
    )


def _how_much(
    body: Body, own: Board, unit: UnitStatus, expected: float, last_rate: float | None
) -> str:
    said = {
        "unit": unit.name,
        "last_day": short_date(own.period.last_day),
        "disbursed": rounded(unit.disbursed_to_date),
        "budget": rounded(unit.budget_current),
    }
    if unit.state is not State.ACCEPTED:
        return say("mail.unit-digest.silent", body=body.name, **said)
    if unit.rate is None:
        return say("mail.unit-digest.undefined", **said)
    others = ((expected, "pace"), (own.totals.rate, "average"), (last_rate, "last-month"))
    comparisons = [
        compared(unit.rate, rate, what, body.name) for rate, what in others if rate is not None
    ]
    return say(
        "mail.unit-digest.rate",
        basis=named(own.basis()),
        rate=percent(unit.rate),
        comparisons="; ".join(comparisons),
        **said,
    )


def _how_reported(board: Board, unit: UnitStatus) -> str:
    deadline = short_date(board.deadline)
    if unit.state is State.ACCEPTED:
        return say(f"mail.unit-digest.{'late' if unit.late else 'in-time'}", deadline=deadline)
    state = say(f"state.{unit.state}").lower()
    return say("mail.unit-digest.state", state=state, deadline=deadline)


def _how_slow(unit: UnitStatus, its: Sequence[ActivityFigure], flags: Sequence[Flag]) -> str:
    if unit.state is not State.ACCEPTED:
        return say("mail.unit-digest.none-judged")
    if slow := _slow(flags):
        shortfall = rounded(sum((f.asked for f in slow.values()), Decimal(0)))
        return say("mail.unit-digest.slow", count=len(slow), shortfall=shortfall)
    if any(is_low(f) and f.matter is Matter.MONEY for f in flags):
        return say("mail.unit-digest.slow-whole")
    judged = sum(activity.budget.denominator > 0 for activity in its)
    return say("mail.unit-digest.none-slow", activities=judged)


def _slow(flags: Sequence[Flag]) -> dict[str, Flag]:
    """Activity -> that one of its low flags which asks for most."""
    return leading([f for f in flags if is_low(f)])


def _changed(unit: UnitStatus, changes: Changes) -> Iterator[str]:
    for kind in _CHANGES:
        if unit.code in getattr(changes, kind):
            yield say(f"mail.unit-digest.changed.{kind.replace('_', '-')}")
    own = [one for one in changes.revisions if one.unit == unit.code]
    for one in own[:ROWS]:
        yield say(
            "mail.unit-digest.changed.revised",
            activity=one.activity,
            period=one.period.label,
            reported=rounded(one.reported),
            now=rounded(one.now),
        )
    if more := _more(len(own), "revisions"):
        yield more


def _numbers(unit: UnitStatus, flags: Sequence[Flag]) -> list[tuple[str, str]]:
    large = {
        "rate": ratio(unit.rate, reported=unit.state is State.ACCEPTED),
        "disbursed": rounded(unit.disbursed_to_date),
        "budget": rounded(unit.budget_current),
        "slow": str(len(_slow(flags))),
    }
    return [(number, say(f"mail.unit-digest.big-{what}")) for what, number in large.items()]


def _by_subject(
    flags: Sequence[Flag], its: Sequence[ActivityFigure]
) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Each activity once, or the whole unit, the gravest first; with what is said of it: how grave
    and by which rule, the sentence, the excuse or nothing."""
    names = {a.code: f"{a.code}: {a.name}" for a in its}
    for code in dict.fromkeys(flag.activity for flag in flags):
        about = names.get(code or "", code or say("explain.whole-unit"))
        yield (
            about,
            [
                (
                    f"{severity(flag)}; {say(f'flag.{flag.rule}.title')}",
                    told(flag, ROUNDED),
                    excuse(flag.excused) if flag.excused else "",
                )
                for flag in flags
                if flag.activity == code
            ],
        )


def _more(count: int, what: str) -> str:
    """How many a list leaves out; empty where it leaves out none."""
    return say(f"mail.unit-digest.more-{what}", count=count - ROWS) if count > ROWS else ""
