"""What reading a workbook gives: the cells of its sheets, then its forms as rows, what identifies
it, and what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.findings import Finding, Severity
from schemas.forms import Row

Place = tuple[int, int]
"""Row and column of a cell, from 0."""

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, from 0, all inclusive."""


@dataclass(frozen=True)
class Problem:
    """What is to be told of a cell: a rule of the findings, and what it holds, as text. An ERROR
    means that it could not be understood; with less its value was taken, as `meant` says."""

    rule: str
    value: str
    severity: Severity = Severity.ERROR
    meant: str = ""


@dataclass(frozen=True)
class Grid:
    """A sheet's cells from A1 on: str, float, int, bool, date, datetime, `""` where empty."""

    sheet: str
    cells: Sequence[Sequence[object]]
    flaws: Mapping[Place, Problem] = field(default_factory=dict)
    """Formulas that were never calculated, and error values: both look empty."""
    shares: frozenset[Place] = frozenset()
    """Cells shown as a percentage: 50% is held as 0.5."""
    fonts: Mapping[Place, str] = field(default_factory=dict)
    """Typeface of the cells set in one of before Unicode (`.VnTime`, `VNI-Times`), no others."""
    linked: frozenset[Place] = frozenset()
    """Formulas whose value was brought from another file; it is never opened."""
    merged: tuple[Area, ...] = ()
    visible: bool = True
    far: bool = False
    """It reaches beyond the bounds of reading, and `cells` is empty."""

    def value(self, row: int, column: int) -> object:
        """What a cell holds, `""` beyond the edge."""
        cells = self.cells[row]
        return cells[column] if column < len(cells) else ""


@dataclass(frozen=True)
class Book:
    """A file's sheets as they lie in it, whatever its format."""

    format: str
    """`xlsx`, `xlsm`, `xls`, `xlsb`, `ods`, `csv`, `html`, `xml`, `docx`; by content."""
    sheets: tuple[Grid, ...]
    macros: bool = False
    """It carries macros, which nothing here ever runs."""
    from_1904: bool = False
    """A bare number in a column of dates counts days from 01/01/1904, not from 1900."""


@dataclass(frozen=True)
class Skipped:
    """A row that is no data (`number` from 1), and why: a key of `[skipped]` in the texts."""

    sheet: str
    number: int
    reason: str


@dataclass(frozen=True)
class Signed:
    """The hidden sheet as it stands in the workbook; nothing in it is verified yet."""

    form_version: str
    unit: str
    period: str
    signature: str


@dataclass(frozen=True)
class ReadSheet:
    """One form as it was found: `form` its name in code, `sheet` the sheet's name in the file.

    Money is triệu đồng in whole đồng. A cell that could not be understood is None in its row and
    has an error in `findings`.
    """

    form: str
    sheet: str
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    columns: Mapping[str, str]
    """Field name -> column letters; empty where no header was found."""
    header: int | None = None
    """The header's (last) row, from 1."""
    unit_of_money: str = "triệu đồng"
    """What the sheet says its amounts are in."""
    skipped: tuple[Skipped, ...] = ()

    def bad(self, row: Row) -> frozenset[str]:
        """The fields of a row whose cells have a finding already."""
        if not self.findings:
            return frozenset()
        cells = {finding.cell for finding in self.findings}
        return frozenset(name for name in row.columns if row.cell(name) in cells)


@dataclass(frozen=True)
class ReadWorkbook:
    """A whole file; one that could not be read has a finding and no sheets."""

    name: str
    format: str = ""
    """As in `Book`; empty where the file could not be read."""
    signed: Signed | None = None
    title_texts: tuple[str, ...] = ()
    """What stands above the headers, a line per row of the sheet, each line once."""
    sheets: tuple[ReadSheet, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Of the whole file; those of the sheets are with the sheets."""

    @property
    def unread(self) -> tuple[Finding, ...]:
        """Why the file could not be read; empty where it could."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Those of the whole file, then those of its sheets."""
        return (*self.findings, *(f for sheet in self.sheets for f in sheet.findings))
