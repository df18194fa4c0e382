"""Lays out the page of the outbox: every message of the month as it will leave."""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from reports.numbers import short_date
from reports.pages.rendering import pieces
from reports.pages.tables import Cell, Row, count, row, table
from schemas.notices import Address, Delivery
from schemas.pages import Notice
from schemas.period import Period
from schemas.settings import Body
from schemas.texts import say


class _Letter(NamedTuple):
    """One notice as the officer reads it before approving."""

    id: str
    heading: str
    facts: list[tuple[str, str]]
    attachments: list[tuple[str, str]]
    frame: str
    html: str


def outbox_page(
    body: Body,
    period: Period,
    notices: Sequence[Notice],
    names: Mapping[str, str],
    files: Mapping[str, str],
    pages: Mapping[str, str],
    banner: str = "",
) -> Iterator[bytes]:
    """What waits for approval first, with recipients, subject, attachments and the mail itself in
    a frame that runs nothing; then what is approved and has not left; then a line for the rest.

    `names` of the units by code, `files` where an attachment lies, as seen from the page, `pages`
    where a unit's page lies. The page comes in pieces.
    """
    waiting = [one for one in notices if one.waits]
    approved = [one for one in notices if one.unsent and not one.waits]
    readable = [one for one in approved if one.html]
    return pieces(
        "outbox",
        body,
        say("page.outbox-title", period=period.label),
        [
            ("#cho-duyet", say("page.waiting")),
            ("#da-duyet", say("page.approved")),
            ("#tat-ca", say("page.every")),
            (month_file(period), say("page.to-month")),
        ],
        mails=True,
        banner=banner,
        sentence=say("page.outbox-sentence", waiting=len(waiting), approved=len(approved))
        + (f" {say('page.outbox-approve', period=period)}" if waiting else ""),
        waiting=(_letter(one, names, files) for one in waiting),
        approved=(_letter(one, names, files) for one in readable),
        rest=say("page.outbox-rest", count=len(approved) - len(readable))
        if len(approved) > len(readable)
        else None,
        every=table(
            "tat-ca-bang",
            say("page.every-caption"),
            "kind:s unit:name subject:text recipients:text state:s attachments:n error:s",
            (_line(one, names, pages) for one in notices),
        ),
    )


def month_file(period: Period) -> str:
    """The name of a period's page."""
    return f"bao-cao-{period}.html"


def state_of(one: Notice) -> str:
    """The states of its messages: one where all are in it, else how many are in each."""
    states = [e.state for e in one.envelopes]
    if not states:
        return say("page.nobody")
    counted = {s: states.count(s) for s in Delivery if s in states}
    if len(counted) == 1:
        return say(f"delivery.{states[0]}")
    return ", ".join(f"{say(f'delivery.{s}')} ({n})" for s, n in counted.items())


def _line(one: Notice, names: Mapping[str, str], pages: Mapping[str, str]) -> Row:
    href = f"#thu-{one.id}" if one.html else ""
    unit = Cell(names.get(one.unit or "", ""), href=pages.get(one.unit or "", ""))
    return row(
        Cell(say(f"notice.{one.kind}"), href=href),
        unit,
        one.subject,
        ", ".join(e.email for e in one.envelopes),
        state_of(one),
        count(len(one.attachments)),
        "; ".join(e.error for e in one.envelopes if e.error),
        anchor="" if one.html else f"thu-{one.id}",  # where a unit's page leads to
    )


def _letter(one: Notice, names: Mapping[str, str], files: Mapping[str, str]) -> _Letter:
    kind, unit = say(f"notice.{one.kind}"), names.get(one.unit or "", "")
    facts = [
        (say("page.column.subject"), one.subject),
        (say("page.column.to"), _people(one.to)),
        (say("page.column.cc"), _people(one.cc)),
        (say("page.column.state"), state_of(one)),
        (say("page.column.due"), short_date(one.due)),
        (say("page.column.error"), "; ".join(e.error for e in one.envelopes if e.error)),
    ]
    return _Letter(
        f"thu-{one.id}",
        f"{kind}: {unit}" if unit else kind,
        [(label, said) for label, said in facts if said],
        [(name, quote(files.get(name, ""))) for name in one.attachments],
        say("page.frame", subject=one.subject),
        _with_pictures(one),
    )


def _people(addresses: Sequence[Address]) -> str:
    return ", ".join(f"{a.name} <{a.email}>" if a.name else a.email for a in addresses)


def _with_pictures(one: Notice) -> str:
    """The mail with its inline pictures in it, where a mail program would find them beside it."""
    pictures = {
        picture.name: f"data:{picture.mime};base64,{base64.b64encode(picture.content).decode()}"
        for picture in one.images
    }
    return re.sub(r'src="cid:([^"]+)"', lambda m: f'src="{pictures.get(m[1], "")}"', one.html)
