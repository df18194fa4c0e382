"""The dossier (hồ sơ) of a month: all that its documents are made of, gathered once and kept, so
that they can be made again when everything else has moved on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator

from schemas.adjustments import Proposals
from schemas.board import Board
from schemas.changes import Changes
from schemas.course import Stand
from schemas.explanation import Explanation
from schemas.forms import Row, once, tagged, untagged
from schemas.notices import Address
from schemas.pages import Month, Notice
from schemas.period import Period
from schemas.registry import OPEN_IN_JANUARY, LedgerRow, Unit
from schemas.settings import Body, Consolidated, Letter
from schemas.submission import Received
from schemas.texts import Wording, say, shipped

RowsByForm = Mapping[str, tuple[tuple[str, Row], ...]]
"""Form name -> (unit, row)."""


def _kept(rows: RowsByForm) -> Any:
    return {form: ([unit, *_plain(row)] for unit, row in its) for form, its in rows.items()}


def _plain(row: Row) -> Iterable[Any]:
    return row.code, row.sheet, row.number, tagged(row.values), dict(row.columns)


def _again(kept: Any) -> RowsByForm:
    return {
        form: tuple(
            (unit, Row(form, code, sheet, number, untagged(values), once(columns)))
            for unit, code, sheet, number, values, columns in its
        )
        for form, its in kept.items()
    }


@dataclass(frozen=True)
class Template:
    """A template as it was: what it is called, and its bytes' SHA-256 in the archive."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Addressees:
    """Who a notice goes to, and who gets a copy."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...]


@dataclass(frozen=True)
class Dossier:
    """One month as it was reported. No clock, no login, no secret is in it; amounts in triệu đồng.

    Documents are made from it alone: what is not here cannot show in them.
    """

    board: Board
    told: Mapping[str, tuple[Explanation, ...]]
    """Unit -> what its figures rest on."""
    changes: Changes
    proposals: Proposals
    received: tuple[Received, ...]
    """Every version of the period, in the registry's order."""
    rows: Annotated[RowsByForm, PlainSerializer(_kept, when_used="json"), PlainValidator(_again)]
    """The rows of the versions that count, in the registry's order."""
    pace: tuple[float, ...]
    """What the pace asks for by each month's end, fractions from January to the closing month."""
    pace_origin: str
    """Where the targets at the quarters' ends come from."""
    months: tuple[Month, ...]
    """The body's course, this year and last."""
    courses: Mapping[str, tuple[Month, ...]]
    """The same by unit."""
    month_before: tuple[tuple[str, str, Stand], ...]
    """Unit, funding source, and where it stood one month before."""
    decided: tuple[LedgerRow, ...]
    """The year's adjustments that count by the period's end."""
    it_years: tuple[int, int] | None
    """First and last year of the IT projects, None where the registry does not say."""
    units: Mapping[str, Unit]
    """Every unit of the registry by code, in its order."""
    activities: Mapping[str, str]
    """Every activity's name by code."""
    addressees: Mapping[str, Addressees]
    """Unit -> who its urging letter goes to; '' who the digest goes to."""
    own_digests: Mapping[str, tuple[Address, ...]]
    """Unit -> the heads who take the digest of it."""
    last_rates: Mapping[str, float | None]
    """Unit -> its rate one month earlier, where it takes a digest of its own."""
    registry: str
    """SHA-256 of the registry.xlsx."""
    body: Body
    letter: Letter
    consolidated: Consolidated
    due: date
    """When the report's papers are due: the date that its letters bear."""
    mailed_from: date
    """When its mails are due; the business date where it was told to be late."""
    answer_by: date
    report_by: date
    """The days by which a letter wants an answer, and a missing report."""
    overdue: bool
    """Whether the deadline was over."""
    templates: Mapping[str, Template]
    """File -> the template: of every kind of Word letter, and the workspace's own of mails."""
    language: str
    """What all but the Word letters, Vietnamese by decree, is written in."""
    speech: Mapping[str, Wording]
    """Language -> every sentence as it was."""
    data_docs: bool
    """Whether the validation's own pages lay beside it."""
    pace_used: str = "quarters"
    """Which pace that is: in place of `own` another, where too few years are known."""
    adjustable: tuple[str, ...] = ()
    """The funding sources whose budgets may still be adjusted by `answer_by`."""
    open_in_january: tuple[str, ...] = OPEN_IN_JANUARY
    """The funding sources of which the closing month counts what is decided in it."""
    test_to: str = ""
    """The one address that all mail went to in test mode; empty: to those it is for."""
    headings: tuple[int, ...] = ()
    """The pages of the consolidated report's headings as it was printed; none: it was not."""
    notices: tuple[Notice, ...] = ()
    """The period's notices once its own were drafted, without what they say."""

    @property
    def period(self) -> Period:
        """The month."""
        return self.board.period

    @property
    def expected(self) -> float:
        """The pace's rate at the period's end."""
        return self.pace[self.period.month - 1]

    @property
    def pace_source(self) -> str:
        """What that rests on, in the language spoken: the targets, or what goes without them."""
        if self.pace_used == "quarters":
            return self.pace_origin
        return say(f"pace.{self.pace_used}")

    def wording(self, language: str) -> Wording:
        """What it is said in; a sentence that came only later is said as it is now."""
        then, now = self.speech[language], shipped(language)
        return Wording(language, {**now.sentences, **then.sentences}, symbols=then.symbols)
