"""Writes the urging letter to the head of a unit that spends too slowly."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from reports.denominator import beside, beside_rate, key, named, rated
from reports.explained import grounds, sentence
from reports.mails.amounts import (
    ROUNDED,
    asked,
    compared,
    funds,
    leading,
    levels,
    monthly,
    rounded,
    signed,
    whole,
)
from reports.mails.rendering import labelled, render
from reports.numbers import long_date, percent, short_date
from schemas.board import ActivityFigure, Board, UnitStatus
from schemas.explanation import Explanation
from schemas.flags import Flag, FlagSeverity, Matter
from schemas.notices import Mail, NoticeKind
from schemas.period import Period
from schemas.registry import Unit
from schemas.settings import Body
from schemas.texts import say


def urging(
    body: Body,
    unit: Unit,
    period: Period,
    board: Board,
    flags: Sequence[Flag],
    answer_by: date,
    pace_origin: str,
    expected: float,
    explained: Sequence[Explanation] = (),
    adjustable: Collection[str] = (),
) -> Mail:
    """The letter to an accepted unit's head, complete in itself.

    `flags` are the unit's that call for a letter, `expected` the pace's rate at the period's end,
    `explained` where the unit's figures come from, `adjustable` the funding sources whose budgets
    may still be adjusted by `answer_by`. What the board flags beside money is told in one list.
    "Yêu cầu" is said to subordinate units; criticism (phê bình) is never written by a machine.
    """
    gravest, short, needed = leading(flags), asked(flags), monthly(flags)
    others = [f for f in board.unit(unit.code).flags if f.matter is Matter.OTHER]
    origin = {one.activity: one for one in explained}
    listed = [a for a in board.of(unit.code) if a.code in gravest]
    meant = listed or list(board.of(unit.code))
    own = whole(flags)
    names: dict[str, object] = {
        "unit": unit.name,
        "body": body.name,
        "finance": body.finance,
        "year": period.year,
        "count": len(listed),
        "shortfall": rounded(short),
        "answer_by": long_date(answer_by),
        "funds": funds([a.source for a in meant], adjustable),
        "what": say(f"mail.urging.{'listed' if listed else 'all'}", count=len(listed)),
        "next": period.shift(1).label,
        "until": short_date(date(period.year, 12, 31)),
        "needed": rounded(needed),
    }
    requests = ["finish", "report-result"] if needed is None else ["speed-up", "report"]
    if names["funds"]:
        requests.append("adjust")
    closing = "closing-" if period.is_closing else ""
    if closing:
        requests = ["closing-report", "closing-rest"]  # nothing more can be paid
    return render(
        NoticeKind.URGING,
        body,
        say("mail.urging.subject", unit=unit.name, period=period.label),
        greeting=say("mail.urging.greeting", **names),
        title=say(f"mail.urging.{closing}title", **names),
        finding=_finding(body, board, board.unit(unit.code), expected, names),
        whole=say("mail.urging.whole-unit") if own else None,
        of_unit=own,
        listing=say("mail.urging.list", **names) if listed else None,
        cards=[_card(a, gravest[a.code], flags, origin.get(a.code)) for a in listed],
        total=None
        if short is None
        else say(f"mail.urging.{'sum' if listed else 'whole'}", **names),
        note=beside(
            say("mail.urging.note", origin=pace_origin, levels=levels(flags, expected)), board
        ),
        also=say("mail.urging.also", **names),
        noted=[_noted(flag) for flag in others],
        request=say(f"mail.urging.{closing}request", **names),
        requests=[say(f"mail.urging.{request}", **names) for request in requests],
        where=say("mail.urging.where", **names),
        close=say("mail.urging.close", **names),
    )


def _noted(flag: Flag) -> str:
    """A flag beside money, as an item of the letter's list."""
    title = say(f"flag.{flag.rule}.title")
    said = sentence(flag, places=ROUNDED)
    return say("mail.urging.noted", activity=flag.activity, title=title, sentence=said)


def _finding(
    body: Body, board: Board, status: UnitStatus, expected: float, names: Mapping[str, object]
) -> str:
    """What the unit has paid, against the body's average and the pace."""
    return say(
        "mail.urging.finding",
        **names,
        last_day=long_date(board.period.last_day),
        disbursed=rounded(status.disbursed_to_date),
        budget=rounded(status.budget_current),
        basis=named(board.basis(status.code)),
        rate=percent(status.rate) + beside_rate(board, status.code),
        average=compared(status.rate, board.totals.rate, "average", body.name),
        pace=compared(status.rate, expected, "pace", body.name),
    )


def _card(
    activity: ActivityFigure, flag: Flag, flags: Sequence[Flag], explained: Explanation | None
) -> dict[str, Any]:
    """One slow activity: heading, why it is flagged, figures, what they rest on, and what the unit
    itself wrote."""
    own = [f for f in flags if f.activity == activity.code]
    severity = max((f.severity for f in own), key=tuple(FlagSeverity).index)
    figures = {
        key(activity.budget.judged_by): rounded(activity.budget.denominator),
        "disbursed": rounded(activity.disbursed),
        "rate": rated(activity.rate, activity.budget.judged_by),
        "expected": percent(flag.expected),
        "shortfall": rounded(flag.shortfall),
    }
    if flag.needed_per_month is not None:
        figures["needed"] = rounded(flag.needed_per_month)
    unstated = say("mail.label.unstated")
    words = {"grounds": grounds(explained)} if explained else {}
    words |= {
        "difficulty": activity.difficulty or unstated,
        "solution": activity.solution or unstated,
    }
    if activity.proposal:
        words["proposal"] = signed(activity.proposal)
    return {
        "code": activity.code,
        "name": activity.name,
        "severity": say(f"severity.{severity}"),
        "titles": [say(f"flag.{f.rule}.title") for f in own],
        "figures": labelled(**figures),
        "words": labelled(**words),
    }
