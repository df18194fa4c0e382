"""What reading a workbook gives: its sheets as rows, what identifies it, and what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.findings import Finding
from schemas.forms import Row


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

    def bad(self, row: Row) -> frozenset[str]:
        """The fields of a row whose cells have a finding already."""
        cells = {finding.cell for finding in self.findings}
        return frozenset(name for name in row.columns if row.cell(name) in cells)


@dataclass(frozen=True)
class ReadWorkbook:
    """A whole file; one that could not be read has a finding and no sheets."""

    name: str
    signed: Signed | None = None
    title_texts: tuple[str, ...] = ()
    """What stands above the headers, a line per row of the sheet, each line once."""
    sheets: tuple[ReadSheet, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Of the whole file; those of the sheets are with the sheets."""

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Those of the whole file, then those of its sheets."""
        return (*self.findings, *(f for sheet in self.sheets for f in sheet.findings))
