"""Composes the urging letter (công văn đôn đốc): what the e-mail says, for number and signature."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from reports.amount_in_words import in_words
from reports.denominator import beside_rate, named, note
from reports.explained import explanations, sentence
from reports.letters.office import counted, indent, office
from reports.letters.template import WordTemplate
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
from reports.numbers import long_date, percent
from schemas.board import ActivityFigure, Board, rate
from schemas.explanation import Explanation
from schemas.flags import Flag, Matter
from schemas.forms import dong
from schemas.period import Period
from schemas.registry import Unit
from schemas.settings import Body, Letter
from schemas.texts import say


def urging_letter(
    template: WordTemplate,
    body: Body,
    letter: Letter,
    unit: Unit,
    board: Board,
    flags: Sequence[Flag],
    due: date,
    answer_by: date,
    *,
    pace_origin: str,
    expected: float,
    explained: Sequence[Explanation],
    adjustable: Collection[str],
) -> bytes:
    """The .docx to an accepted unit's head; the same facts give the same bytes.

    `flags` are the unit's that call for a letter, `due` the day the letter is due, `answer_by` a
    working day, `pace_origin` what the pace rests on, `expected` its rate at the period's end,
    `explained` where the unit's figures come from, `adjustable` the funding sources whose budgets
    may still be adjusted by `answer_by`. What the board flags beside money is told in the annex.
    """
    status = board.unit(unit.code)
    gravest, short, needed = leading(flags), asked(flags), monthly(flags)
    listed = [a for a in board.of(unit.code) if a.code in gravest]
    meant = listed or list(board.of(unit.code))
    budget = sum((a.budget.denominator for a in listed), Decimal(0))
    disbursed = sum((a.disbursed for a in listed), Decimal(0))
    told = [one for one in explained if one.activity is None or one.activity in gravest]
    facts = office(body, letter, board.period, unit.code, [unit.name], due) | {
        "unit": unit.name,
        "code": unit.code,
        "count": counted(len(listed)),
        "disbursed": rounded(status.disbursed_to_date),
        "budget": rounded(status.budget_current),
        "disbursed_words": _words(status.disbursed_to_date, letter),
        "budget_words": _words(status.budget_current, letter),
        "shortfall_words": _words(short, letter),
        "denominator": named(board.basis(unit.code)),
        "rate": percent(status.rate) + beside_rate(board, unit.code),
        "against_average": compared(status.rate, board.totals.rate, "average", body.name),
        "against_pace": compared(status.rate, expected, "pace", body.name),
        "shortfall": "" if short is None else rounded(short),
        "needed": rounded(needed),
        "ahead": "" if needed is None else _ahead(board.period, needed),
        "funds": funds([a.source for a in meant], adjustable),
        "whole": whole(flags),
        "levels": levels(flags, expected),
        "closing": board.period.is_closing,
        "what": _what(len(listed)),
        "answer_by": long_date(answer_by),
        "origin": pace_origin,
        "denominator_note": note(board),
        "activities": [
            _row(number, a, gravest[a.code], flags) for number, a in enumerate(listed, 1)
        ],
        "total_budget": rounded(budget),
        "total_disbursed": rounded(disbursed),
        "total_rate": percent(rate(disbursed, budget)),
        "total_shortfall": rounded(short),
        "total_needed": rounded(needed),
        "noted": [_noted(f) for f in status.flags if f.matter is Matter.OTHER],
        "explanation": _lines(told, board.period),
    }
    return template.render(facts, indent(body))


def _words(amount: Decimal | None, letter: Letter) -> str:
    """The amount as the figure beside it is rounded, in words: for a line "Bằng chữ"."""
    if amount is None:
        return ""
    shown = amount.quantize(Decimal(1).scaleb(-ROUNDED), ROUND_HALF_UP)
    return f"{in_words(dong(shown), letter.zero_tens)} đồng"


def _noted(flag: Flag) -> str:
    """A flag beside money, as an item of the annex's list."""
    title = say(f"flag.{flag.rule}.title")
    said = sentence(flag, places=ROUNDED)
    return say("mail.urging.noted", activity=flag.activity or flag.unit, title=title, sentence=said)


def _ahead(period: Period, amount: Decimal) -> str:
    """What the months that are left must pay."""
    key = "letter.ahead-last" if period.months_left == 1 else "letter.ahead"
    return say(key, month=period.shift(1).label, amount=rounded(amount))


def _what(count: int) -> str:
    key = {0: "no-activity", 1: "one-activity"}.get(count, "activities")
    return say(f"letter.{key}", count=counted(count))


def _row(number: int, one: ActivityFigure, flag: Flag, flags: Sequence[Flag]) -> dict[str, Any]:
    """One slow activity: its figures, and what the unit itself wrote."""
    unstated = say("mail.label.unstated")
    titles = [say(f"flag.{f.rule}.title") for f in flags if f.activity == one.code]
    return {
        "number": number,
        "code": one.code,
        "name": one.name,
        "budget": rounded(one.budget.denominator),
        "disbursed": rounded(one.disbursed),
        "rate": percent(one.rate),
        "expected": percent(flag.expected),
        "shortfall": rounded(flag.shortfall),
        "needed": rounded(flag.needed_per_month),
        "warning": "; ".join(titles),
        "difficulty": one.difficulty or unstated,
        "solution": one.solution or unstated,
        "proposal": say("letter.proposal", amount=signed(one.proposal)) if one.proposal else "",
    }


def _lines(explained: Sequence[Explanation], period: Period) -> list[dict[str, Any]]:
    """The lines of `dondoc explain`: how deep each is set in, and whether it heads a part."""
    lines, heading = [], True
    for text in explanations(explained, period):
        if text:
            depth = len(text) - len(text.lstrip())
            lines.append({"text": text, "depth": depth, "heading": heading and depth == 0})
        heading = not text
    return lines
