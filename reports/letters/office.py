"""Says what every letter of the office has: number, date, addressees, signature, recipients."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from reports.letters.measures import BLANK, rule_indent
from reports.letters.template import spaced
from reports.numbers import long_date
from schemas.period import Period
from schemas.settings import Body, Paper
from schemas.texts import say

COUNT_BY_HEAD = 6
"""More units than this are not named under Kính gửi one by one, but listed in the annex."""


def office(
    body: Body,
    letter: Paper,
    period: Period,
    key: str,
    units: Sequence[str],
    due: date,
) -> dict[str, Any]:
    """The facts of heading, addressees and end; `key` is what `letter.numbers` knows the letter
    by, `units` the names of those whose heads it goes to, `due` tells the month of an open date."""
    signed = letter.dates.get(str(period))
    number = letter.numbers.get(str(period), {}).get(key)
    many = len(units) > 1
    addressees = [say("letter.head", unit=unit) for unit in units]
    if len(units) > COUNT_BY_HEAD:
        addressees, many = [say("letter.heads")], False
    last = len(addressees) - 1
    grounds = [text.strip().rstrip(".;,") for text in letter.grounds]
    return {
        "superior": letter.superior.upper(),
        "body": body.name,
        "body_caps": body.name.upper(),
        "finance": body.finance,
        "place": body.place,
        "date": long_date(signed) if signed else _open(due),
        "number": f"{number:02d}" if number else spaced(BLANK),
        "symbol": letter.symbol,
        "year": period.year,
        "period": period.label,
        "last_day": long_date(period.last_day),
        "addressee": "" if many else addressees[0],
        "addressees": [
            {"text": f"{text}{'.' if n == last else ';'}"} for n, text in enumerate(addressees)
        ],
        "grounds": [f"{text}{'.' if n + 1 == len(grounds) else ';'}"
                    for n, text in enumerate(grounds)],
        "signature": [line.upper() for line in letter.signature],
        "signer": letter.signer,
        "recipients": letter.recipients,
        "kept": letter.kept.strip().rstrip("."),
        "contact": _contact(body),
    }  # fmt: skip


def _contact(body: Body) -> str:
    if not body.contact or body.finance in body.contact:
        return body.contact or body.finance
    return f"{body.finance} ({body.contact})"


def indent(body: Body) -> int:
    """Of the rule beneath the issuing body's name, twips."""
    return rule_indent(body.name)


def _open(day: date) -> Any:
    """`ngày      tháng 11 năm 2021`, as an office leaves it before somebody signs."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return spaced(say("letter.open-date", blank=BLANK, month=month, year=day.year))


def counted(number: int) -> str:
    """A count as offices write it: `03`, `40`."""
    return f"{number:02d}"
