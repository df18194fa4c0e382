"""Decides how the pages' tables are filled: a cell with what it is sorted by, a row, a column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

from reports.denominator import ratio
from reports.explained import excuse, sentence
from reports.explained import severity as severity_of
from reports.numbers import NOTHING, money, percent, short_date
from schemas.findings import Finding
from schemas.flags import Flag, Matter, gravest
from schemas.pages import Month
from schemas.period import Period
from schemas.submission import Received
from schemas.texts import say

LISTED = 1500
"""Rows of one table at the most: of more activities each unit's page shows its own."""

Column = tuple[str, str]
"""Label, and how its cells stand: `n` figures, `w` a word that is never broken, `text` long."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows; sorted by `value` (a number, '' for none) where it is not None."""

    text: str
    value: str | None = None
    href: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line; `more` is what else the search finds it by."""

    cells: tuple[Cell, ...]
    anchor: str = ""
    more: str = ""


@dataclass(frozen=True)
class Table:
    """All that the template needs of a table."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def long(self) -> bool:
        """Whether a search in it is of use."""
        return len(self.rows) > 10

    @property
    def tall(self) -> bool:
        """Whether it scrolls in a window of its own."""
        return len(self.rows) > 40


def table(name: str, caption: str, columns: str, rows: Iterable[Row]) -> Table:
    """A table with the columns of the catalogue: `"unit:name budget:n rate:n"`; text
    columns have a class too, or a telephone breaks their words."""
    heads = [column.partition(":") for column in columns.split()]
    return Table(
        name, caption, tuple((say(f"page.column.{n}"), kind) for n, _, kind in heads), tuple(rows)
    )


def row(*cells: Cell | str, anchor: str = "", more: str = "") -> Row:
    """A line of cells; a text alone is a cell that is sorted by what it says."""
    return Row(tuple(c if isinstance(c, Cell) else Cell(c) for c in cells), anchor, more)


def amount(value: Decimal | None) -> Cell:
    """triệu đồng to the đồng."""
    return Cell(money(value), "" if value is None else f"{value:f}")


def share(rate: float | None, *, reported: bool = True) -> Cell:
    """A rate, two decimals of percent."""
    return Cell(ratio(rate, reported=reported), "" if rate is None else repr(rate))


def count(number: int) -> Cell:
    """How many; none is a dash."""
    return Cell(str(number) if number else NOTHING, str(number))


def severity(flags: Sequence[Flag]) -> Cell:
    """The gravest of some flags, sorted by gravity."""
    found = gravest(flags)
    if found is None:
        return Cell("", "0")
    order = str(1 + list(type(found)).index(found))
    return Cell(say(f"severity.{found}"), order, tag=str(found))


def flags(its: Iterable[tuple[Flag, Cell, str]]) -> Iterable[Row]:
    """(flag, its unit, its activity's name) -> a line each."""
    for flag, unit, name in its:
        yield row(
            unit,
            flag.activity or "",
            name,
            say(f"flag.{flag.rule}.title"),
            _severity(flag),
            sentence(flag),
            Cell(percent(flag.actual), "" if flag.actual is None else repr(flag.actual)),
            Cell(percent(flag.expected), "" if flag.expected is None else repr(flag.expected)),
            amount(flag.shortfall),
            amount(flag.needed_per_month),
            _beside(flag),
        )


def _severity(flag: Flag) -> Cell:
    """How grave one flag is; good news is the mildest of all."""
    if flag.matter is Matter.PRAISE:
        return Cell(severity_of(flag), "0", tag="praise")
    return severity([flag])


def _beside(flag: Flag) -> str:
    """Why a flag makes no letter, where it makes none for a reason of its own."""
    if flag.excused:
        return excuse(flag.excused)
    return say("summary.small") if flag.small else ""


def findings(its: Iterable[Finding]) -> Iterable[Row]:
    """Where each stands, how grave it is, and what to do."""
    for one in its:
        order = str(list(type(one.severity)).index(one.severity))
        yield row(
            one.file or "",
            one.sheet or "",
            Cell(one.cell or ""),
            Cell(say(f"severity.{one.severity}"), order, tag=str(one.severity)),
            one.message,
            say(f"check.{one.rule}"),
        )


def versions(its: Iterable[Received]) -> Iterable[Row]:
    """What came, when, and what became of it."""
    for one in its:
        yield row(
            str(one.version),
            one.file,
            say(f"state.{one.state}"),
            Cell(short_date(one.received_on), str(one.received_on.toordinal())),
            say("summary.stands") if one.stands else "",
            count(len(one.findings)),
            one.sha256,
        )


def months_table(months: Sequence[Month]) -> Table:
    """The figures behind the course of the year."""
    return table(
        "dien-bien-so-lieu",
        say("page.trend.title"),
        "month:s budget:n disbursed:n rate:n",
        (
            row(
                Cell(Period(m.year, m.month).label.capitalize(), str(m.year * 100 + m.month)),
                amount(m.budget),
                amount(m.disbursed),
                share(m.rate),
            )
            for m in sorted(months, key=lambda m: (m.year, m.month))
        ),
    )


def unit_file(code: str) -> str:
    """The name of a unit's page."""
    return f"{code}.html"


def to_unit(code: str) -> str:
    """From the period's page to a unit's."""
    return f"units/{quote(unit_file(code))}"


def to_notice(number: int) -> str:
    """To a notice on the page of the outbox."""
    return f"outbox.html#thu-{number}"
