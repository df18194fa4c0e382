"""Decides what each cell of one column means, together with its neighbours."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from rules.amounts import amounts
from rules.choices import choice
from rules.dates import days
from rules.numbers import NOTHING, Meaning, plain, text
from schemas.forms import NUMERIC, Field, Kind


def meanings(
    cells: Sequence[object],
    column: Field,
    factor: Decimal = Decimal(1),
    *,
    shares: Collection[int] = (),
    budgets: Sequence[Decimal | None] = (),
    from_1904: bool = False,
) -> list[Meaning]:
    """What the cells of a column mean, each with what is to be told of it. A cell with an error
    is None.

    `cells` are as a reader gives them; `factor` is what one of the column's units is in triệu
    đồng; `shares` the indices of cells shown as a percentage; `budgets` what each row's amount
    is measured by, in triệu đồng; `from_1904` the epoch of bare day numbers. Bounds of the field
    are not looked at, but for numbers beyond what can be stored.
    """
    if column.kind in NUMERIC:
        return amounts(cells, column, factor, shares=shares, budgets=budgets)
    if column.kind is Kind.DATE:
        return days(cells, from_1904=from_1904)
    if column.kind is Kind.CHOICE:
        return [choice("" if cell is None else cell, column) for cell in cells]
    return [_words(cell, column.kind) for cell in cells]


def _words(cell: object, kind: Kind) -> Meaning:
    written = "" if cell is None else text(cell, lines=kind is Kind.TEXT)
    shown = plain(written)
    if shown in NOTHING:
        return None, None
    return shown if kind is Kind.CODE else written, None
