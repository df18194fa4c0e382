"""Gathers one sheet's cells into a `Grid`, within the bounds of rows, columns and merged areas."""

from collections.abc import Iterable
from math import isfinite
from typing import TYPE_CHECKING

from schemas.reading import Area, Grid, Place, Problem
from tasks.formats import Refused
from tasks.formats.bounds import at_most
from tasks.formats.numberformats import PERCENT, SCALED, before_unicode, valued

if TYPE_CHECKING:
    from schemas.settings import Reading


class Sheet:
    """A sheet while it is read; whatever holds something beyond the bounds makes it `far`."""

    def __init__(self, name: str, limits: "Reading", *, visible: bool = True) -> None:
        self.name, self.visible, self.far = name, visible, False
        self._limits = limits
        self._most_rows, self._most_columns = limits.rows, limits.columns
        self._cells: list[list[object]] = []
        self._flaws: dict[Place, Problem] = {}
        self._shares: list[Place] = []
        self._fonts: dict[Place, str] = {}
        self._linked: list[Place] = []
        self._merged: list[Area] = []

    def put(self, row: int, column: int, value: object) -> None:
        """What a cell holds. A place that is filled twice is a damaged file: which of the two
        a program shows is anyone's guess."""
        if value is None or value == "":
            return
        if row >= self._most_rows or column >= self._most_columns:
            self.far = self.far or not (isinstance(value, str) and value.isspace())
            return
        cells = self._cells
        while len(cells) <= row:
            cells.append([])
        line = cells[row]
        missing = column - len(line)
        if missing < 0:
            if line[column] != "":
                raise Refused("unreadable")
            line[column] = value
        else:
            if missing:
                line.extend([""] * missing)
            line.append(value)

    def put_number(self, row: int, column: int, number: float, means: str, from_1904: bool) -> None:
        """A number as its format means it."""
        if not isfinite(number):
            self.flaw(row, column, "error-value", str(number))
        elif means == SCALED and number:
            self.flaw(row, column, "scaled-format", f"{number:.15g}")
        else:
            self.put(row, column, valued(number, means, from_1904))
            if means == PERCENT:
                self.share(row, column)

    def flaw(self, row: int, column: int, rule: str, value: str = "") -> None:
        """A cell whose value cannot be had."""
        if self.beyond(row, column):
            self.far = True
        else:
            self._flaws[row, column] = Problem(rule, value)

    def share(self, row: int, column: int) -> None:
        """A cell shown as a percentage."""
        self._shares.append((row, column))

    def font(self, row: int, column: int, name: str | None) -> None:
        """A cell's typeface; only those of before Unicode are kept."""
        if name and before_unicode(name):
            self._fonts[row, column] = name

    def link(self, row: int, column: int) -> None:
        """A formula that refers to another file."""
        self._linked.append((row, column))

    def merge(self, first_row: int, first_column: int, last_row: int, last_column: int) -> None:
        """Merged cells."""
        if not (0 <= first_row <= last_row and 0 <= first_column <= last_column):
            raise Refused("unreadable")
        if (first_row, first_column) != (last_row, last_column):
            self._merged.append((first_row, first_column, last_row, last_column))
            at_most(len(self._merged), self._limits.merged, "merged")

    def beyond(self, row: int, column: int) -> bool:
        """Whether a place is beyond the bounds."""
        return row >= self._most_rows or column >= self._most_columns

    def width(self, row: int) -> int:
        """How many cells of a row are there."""
        return len(self._cells[row]) if row < len(self._cells) else 0

    def grid(self) -> Grid:
        """The sheet as it was read."""
        if self.far:
            return Grid(self.name, (), visible=self.visible, far=True)
        return Grid(
            self.name,
            self._cells,
            self._flaws,
            frozenset(filter(self._is_within, self._shares)),
            {place: font for place, font in self._fonts.items() if self._is_within(place)},
            frozenset(filter(self._is_within, self._linked)),
            self._merged_within(),
            self.visible,
        )

    def _is_within(self, place: Place) -> bool:
        row, column = place
        flawed = place in self._flaws
        return flawed or (row < len(self._cells) and column < len(self._cells[row]))

    def _merged_within(self) -> tuple[Area, ...]:
        """The merged areas, cut to where the sheet holds anything: whoever walks over one walks
        over cells that are there. Areas that overlap are a damaged file."""
        last_row = max([len(self._cells), *(row + 1 for row, _ in self._flaws)]) - 1
        widths: Iterable[int] = (len(line) for line in self._cells)
        last_column = max([0, *widths, *(column + 1 for _, column in self._flaws)]) - 1
        cut = [
            (row, column, min(to_row, last_row), min(to_column, last_column))
            for row, column, to_row, to_column in self._merged
            if row <= last_row and column <= last_column
        ]
        covered = sum((r2 - r1 + 1) * (c2 - c1 + 1) for r1, c1, r2, c2 in cut)
        if covered > (last_row + 1) * (last_column + 1):
            raise Refused("unreadable")
        return tuple(cut)
