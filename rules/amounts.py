"""Decides which number each cell of a column means, by its neighbours and its row's budget too."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

from rules import notation
from rules.notation import ENGLISH, VIETNAMESE, Written
from rules.numbers import NOTHING, Meaning, fold, plain, show, spell, text
from schemas.findings import Severity
from schemas.forms import DONG, LARGEST_AMOUNT, WRONG_UNIT, Field, Kind
from schemas.reading import Problem

LARGEST_MONEY = LARGEST_AMOUNT * 1000
"""triệu đồng, still an int64 in đồng; up to here validation can say that đồng were typed."""

ZERO_WORDS = frozenset(
    fold(words)
    for words in (
        *("không", "không có", "không phát sinh", "chưa", "chưa có", "chưa phát sinh"),
        *("chưa giải ngân", "chưa thực hiện"),
    )
)
"""Words for nothing. Not among them: what only says that the number is not known yet."""

_HUNDRED = Decimal(100)
_WARNING = Severity.WARNING
_GROUPS = frozenset({"..", ",,"})


def amounts(
    cells: Sequence[object],
    field: Field,
    factor: Decimal = Decimal(1),
    *,
    shares: Collection[int] = (),
    budgets: Sequence[Decimal | None] = (),
) -> list[Meaning]:
    """The numbers of a column of money (in whole đồng), of percentages or of whole numbers.

    A text that fits two notations (`1.234`) takes the one that its neighbours agree on, else
    the smaller number where the larger is out of all proportion to the budget; said either way.
    """
    texts = {
        at: notation.read(cell) for at, cell in enumerate(cells) if isinstance(cell, str) and cell
    }
    shown = notation.notation(found for found in texts.values() if found)
    percent, money = field.kind is Kind.PERCENT, field.kind is Kind.MONEY
    column = _Column(
        field,
        factor,
        shown,
        points=percent and _points(cells, texts, shares),
        limit=LARGEST_MONEY if money else LARGEST_AMOUNT,
        sure=not percent and not shown & _GROUPS,
    )
    meant: list[Meaning] = []
    for at, cell in enumerate(cells):
        if type(cell) is float and column.sure and at not in shares and isfinite(cell):
            meant.append(column.bounded(Decimal(repr(cell)) * factor))
        elif cell is None or cell == "":
            meant.append((None, None))
        elif at in texts:
            budget = budgets[at] if at < len(budgets) else None
            meant.append(column.text(text(cell), texts[at], budget))
        else:
            meant.append(column.number(cell, shown_as_share=at in shares))
    return meant


@dataclass(frozen=True)
class _Column:
    field: Field
    factor: Decimal
    shown: frozenset[str]
    """What its texts show of their notation."""
    points: bool
    """A column of percentages whose plain numbers count in hundredths for certain."""
    limit: Decimal = LARGEST_AMOUNT
    sure: bool = False
    """Its numbers raise no doubt."""

    def number(self, cell: object, *, shown_as_share: bool) -> Meaning:
        """What a cell that is no text means."""
        if not isinstance(cell, int | float) or isinstance(cell, bool):
            return None, Problem("not-a-number", text(cell))
        number = Decimal(repr(cell))
        if not number.is_finite():
            return None, Problem("not-a-number", text(cell))
        if shown_as_share:
            number *= _HUNDRED
            if self.field.kind is Kind.PERCENT:
                return self.bounded(number)
            return None, Problem("not-a-number", f"{show(number)}%")
        return self.bounded(number * self.factor, self.doubt(number))

    def doubt(self, number: Decimal) -> Problem | None:
        """What is to be told of a number that may have become another one on its way."""
        if self.field.kind is Kind.PERCENT:
            if 0 < number < 1 or (number == 1 and not self.points):
                return _told("share-or-percent", spell(number), number * _HUNDRED, _WARNING)
            return None
        # a program that takes `.` for a decimal mark leaves 1.234.567 a text, but not 1.234
        if self.field.kind is Kind.MONEY and self.shown & _GROUPS:
            thousands = number * 1000
            if 1 <= abs(number) < 1000 and number % 1 and not thousands % 1:
                return _told("swapped-number", spell(number), thousands, _WARNING)
        return None

    def text(self, words: str, written: Written | None, budget: Decimal | None) -> Meaning:
        """What a cell of text means."""
        if written is None:
            return self.nothing(words)
        kind = self.field.kind
        foreign = written.share and kind is not Kind.PERCENT
        if foreign or (written.scale is not None and kind is not Kind.MONEY):
            return None, Problem("not-a-number", words)
        scale = self.factor if written.scale is None else written.scale
        number = self.decided(written, scale, budget)
        if number is None:
            return None, Problem("ambiguous-number", words)
        told = None
        if written.scale is not None:
            told = _told("unit-in-cell", words, (number * scale).quantize(DONG, ROUND_HALF_UP))
        elif written.grouped is not None or written.spaced or written.mark * 2 in self.shown:
            told = _told("read-as-number", words, number)
        elif kind is Kind.PERCENT and not written.share:
            told = self.doubt(number)
        return self.bounded(number * scale, told)

    def nothing(self, words: str) -> Meaning:
        """What is no number may be a sign or a word for nothing: zero in a required column."""
        if not words:
            return None, None
        dash = plain(words) in NOTHING
        if not dash and fold(words) not in ZERO_WORDS:
            return None, Problem("not-a-number", words)
        if self.field.required:
            return Decimal(0), _told("read-as-zero", words, Decimal(0))
        return None, None if dash else Problem("read-as-empty", words, Severity.INFO)

    def decided(self, written: Written, scale: Decimal, budget: Decimal | None) -> Decimal | None:
        """The number of a text, None where nothing decides between two, or its column speaks
        with two tongues. Nobody writes parts of a đồng."""
        vietnamese, english = bool(self.shown & VIETNAMESE), bool(self.shown & ENGLISH)
        mixed = vietnamese and english
        if written.grouped is None:
            return None if written.loose and mixed else written.number
        too_much = self.beyond(written.grouped * scale, budget)
        dong = self.field.kind is Kind.MONEY and scale == DONG
        if written.scale == DONG or (dong and not vietnamese and not english):
            return None if too_much else written.grouped
        if vietnamese is not english:
            if (written.mark == ".") is vietnamese:
                return None if too_much else written.grouped
            return None if dong else written.number
        if too_much and not mixed and not self.beyond(written.number * scale, budget):
            return written.number
        return None

    def beyond(self, number: Decimal, budget: Decimal | None) -> bool:
        """Whether so much cannot be meant."""
        if self.field.kind is Kind.PERCENT:
            return self.field.maximum is not None and abs(number) > self.field.maximum
        money = self.field.kind is Kind.MONEY
        return money and budget is not None and 0 < budget * WRONG_UNIT < abs(number)

    def bounded(self, number: Decimal, told: Problem | None = None) -> Meaning:
        """The number as it is stored, or why it cannot be."""
        if not -self.limit <= number <= self.limit:
            return None, Problem("too-large", show(number))
        if self.field.kind is Kind.INTEGER:
            whole = number.to_integral_value()
            return (
                (whole + 0, told) if whole == number else (None, Problem("not-whole", show(number)))
            )
        return number.quantize(DONG, ROUND_HALF_UP) + 0, told  # no negative zero


def _told(rule: str, value: str, meant: Decimal, severity: Severity = Severity.INFO) -> Problem:
    return Problem(rule, value, severity, spell(meant))


def _points(
    cells: Sequence[object], texts: Mapping[int, Written | None], shares: Collection[int]
) -> bool:
    """Whether a plain number of the column is more than 1."""
    return any(
        isinstance(cell, int | float) and cell > 1 and at not in shares
        for at, cell in enumerate(cells)
    ) or any(found and not found.share and found.number > 1 for found in texts.values())
