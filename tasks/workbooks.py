"""Touches workbooks: reads a file's forms with python-calamine; whatever is wrong is a finding."""

import io
import logging
from collections.abc import Mapping, Sequence
from decimal import Decimal
from zipfile import ZipFile

from python_calamine import PasswordError, SheetVisibleEnum, load_workbook

from reports.blank import HIDDEN, KEY_PERIOD, KEY_SIGNATURE, KEY_UNIT, KEY_VERSION
from reports.guide import GUIDE
from rules.layout import carries, read_grid
from rules.numbers import fold, show, text
from schemas.findings import Finding, Severity
from schemas.forms import Form, Kind
from schemas.reading import Grid, ReadSheet, ReadWorkbook, Signed
from schemas.texts import say
from tasks.apart import Apart, read_apart
from tasks.sheetxml import MOST_ROWS, SheetXml

log = logging.getLogger("dondoc")

LARGEST_FILE = 20 * 2**20
"""Bytes of a file; a unit's workbook has some 20 KB."""
LARGEST_UNPACKED = 200 * 2**20
"""Bytes of an .xlsx or .ods once unpacked: a guard against a file made to fill the memory."""

NEVER_FORMS = frozenset(map(fold, (GUIDE, HIDDEN, "Cần sửa")))
"""Sheets that are ours but no forms; the last one lists the findings in a returned workbook."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK"
_MAGIC = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"RIFF", "picture"),
    (b"{\\rtf", "word"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
)
_MEMBERS = (("word/", "word"), ("ppt/", "presentation"))
_OPEN_DOCUMENT = (
    (b"opendocument.text", "word"),
    (b"opendocument.presentation", "presentation"),
    (b"opendocument.graphics", "picture"),
)
_MANIFEST = "META-INF/manifest.xml"
_STREAMS = (("WordDocument", "word"), ("PowerPoint Document", "presentation"))


class _Refused(Exception):  # noqa: N818 - inside this module only, becomes a finding
    def __init__(self, rule: str, **values: str) -> None:
        self.rule, self.values = rule, values


def read(
    content: bytes, name: str, forms: Sequence[Form], *, every_row: bool = False
) -> ReadWorkbook:
    """The forms found in a workbook (.xlsx, .xlsb, .xls, .ods), wherever they stand in it.

    A form's sheet is the one of its name, else one whose header has all its required columns.
    Never raises for what a file is or holds: such a file comes back with one finding.
    `every_row` is for lists without headings and signatures, see `rules.layout.read_grid`.
    """
    try:
        _look_at(content)
        opened = _Opened(content)
        grids = [(form, sheet, opened.grid(sheet, form)) for form, sheet in opened.placed(forms)]
        signed = opened.signed()
    except _Refused as refused:
        return _refusal(name, refused.rule, **refused.values)
    except PasswordError:
        return _refusal(name, "encrypted")
    except Exception as error:  # the border: whatever a broken file does to three parsers
        log.info("%s cannot be read: %s", name, type(error).__name__)
        return _refusal(name, "unreadable")
    sheets = []
    titles: dict[str, None] = {}
    for form, sheet, grid in grids:
        if grid is None:
            sheets.append(_too_long(form, sheet, name))
        else:
            found, above = read_grid(grid, form, name, every_row=every_row)
            sheets.append(found)
            titles |= dict.fromkeys(above)
    return ReadWorkbook(name, "", signed, tuple(titles), tuple(sheets))


def _refusal(name: str, rule: str, **values: str) -> ReadWorkbook:
    message = say(f"finding.{rule}", **values)
    return ReadWorkbook(name, findings=(Finding(rule, Severity.ERROR, message, name),))


def _too_long(form: Form, sheet: str, name: str) -> ReadSheet:
    message = say("finding.too-many-rows", sheet=sheet, limit=show(Decimal(MOST_ROWS)))
    finding = Finding("too-many-rows", Severity.ERROR, message, name, sheet)
    return ReadSheet(form.name, sheet, (), (finding,), {})


class _InHere:
    """An .xlsx, read in this process."""

    def __init__(self, content: bytes) -> None:
        self._book = load_workbook(io.BytesIO(content))
        self.sheet_names = self._book.sheet_names
        self.visible = frozenset(
            s.name for s in self._book.sheets_metadata if s.visible == SheetVisibleEnum.Visible
        )

    def cells(self, sheet: str) -> Sequence[Sequence[object]]:
        """The sheet's cells from A1 on."""
        rows = self._book.get_sheet_by_name(sheet)
        return rows.to_python(skip_empty_area=False, nrows=MOST_ROWS)


class _Opened:
    """One workbook while it is open."""

    def __init__(self, content: bytes) -> None:
        self._xml = None
        self._book: _InHere | Apart
        if content.startswith(_ZIP) and (xml := SheetXml(ZipFile(io.BytesIO(content)))).known:
            self._xml = xml
            self._book = _InHere(content)
        else:
            self._book = read_apart(content, MOST_ROWS)

    def placed(self, forms: Sequence[Form]) -> list[tuple[Form, str]]:
        """The forms that are there, each with its sheet."""
        named = {fold(sheet): sheet for sheet in reversed(self._book.sheet_names)}
        found = {f.name: named[fold(f.sheet)] for f in forms if fold(f.sheet) in named}
        free = [
            sheet
            for sheet in self._book.sheet_names
            if sheet in self._book.visible
            and fold(sheet) not in NEVER_FORMS
            and sheet not in found.values()
        ]
        for sheet in free:
            if len(found) < len(forms) and not self._is_far(sheet):
                grid = Grid(sheet, self._book.cells(sheet))
                columns = {f.name: carries(grid, f) for f in forms}
                likeliest = max(columns, key=lambda name: columns[name])
                if columns[likeliest] and likeliest not in found:
                    found[likeliest] = sheet
        return [(f, found[f.name]) for f in forms if f.name in found]

    def grid(self, sheet: str, form: Form) -> Grid | None:
        """The sheet, None where it reaches too far to be read."""
        if self._xml is None:
            return Grid(sheet, self._book.cells(sheet))
        if self._is_far(sheet):
            return None
        percent = any(f.kind is Kind.PERCENT for f in form.fields)
        shares = self._xml.shares(sheet) if percent else frozenset()
        return Grid(sheet, self._book.cells(sheet), self._xml.flaws(sheet), shares)

    def signed(self) -> Signed | None:
        """What the hidden sheet says."""
        if HIDDEN not in self._book.sheet_names or self._is_far(HIDDEN):
            return None
        said: Mapping[str, str] = {
            text(row[0]): text(row[1]) for row in self._book.cells(HIDDEN) if len(row) > 1
        }
        keys = (KEY_VERSION, KEY_UNIT, KEY_PERIOD, KEY_SIGNATURE)
        return Signed(*(said.get(key, "") for key in keys))

    def _is_far(self, sheet: str) -> bool:
        return self._xml is not None and self._xml.is_far(sheet)


def _look_at(content: bytes) -> None:
    """Refuses what is no workbook, told by content and never by the file's name."""
    if not content.strip(b"\0 \r\n\t"):
        raise _Refused("empty-file")
    if len(content) > LARGEST_FILE:
        raise _Refused("too-big", limit=f"{LARGEST_FILE // 2**20} MB")
    if content.startswith(_OLE):
        _look_at_ole(content)
    elif content.startswith(_ZIP):
        _look_at_zip(content)
    else:
        kind = next((kind for magic, kind in _MAGIC if content.startswith(magic)), None)
        raise _Refused("not-a-workbook", kind=say(f"kind.{kind or _plain_kind(content)}"))


def _look_at_ole(content: bytes) -> None:
    """An old Office file: what it is stands in its directory, in UTF-16."""
    if _stream("EncryptedPackage") in content:
        raise _Refused("encrypted")
    if _stream("Workbook") in content or _stream("Book") in content:
        return
    kind = next((kind for stream, kind in _STREAMS if _stream(stream) in content), "other")
    raise _Refused("not-a-workbook", kind=say(f"kind.{kind}"))


def _stream(name: str) -> bytes:
    return f"{name}\0".encode("utf-16-le")


def _look_at_zip(content: bytes) -> None:
    with ZipFile(io.BytesIO(content)) as package:
        members = package.namelist()
        if sum(member.file_size for member in package.infolist()) > LARGEST_UNPACKED:
            raise _Refused("too-big", limit=f"{LARGEST_UNPACKED // 2**20} MB")
        if any(member.startswith("xl/") for member in members):
            return
        manifest = package.read(_MANIFEST) if _MANIFEST in members else b""
        if b"encryption-data" in manifest or "encrypted-package" in members:
            raise _Refused("encrypted")
        mime = package.read("mimetype") if "mimetype" in members else b""
        if b"opendocument.spreadsheet" in mime:
            return
    kinds = [kind for word, kind in _OPEN_DOCUMENT if word in mime]
    kinds += [k for start, k in _MEMBERS if any(member.startswith(start) for member in members)]
    raise _Refused("not-a-workbook", kind=say(f"kind.{kinds[0] if kinds else 'archive'}"))


def _plain_kind(content: bytes) -> str:
    return "other" if b"\0" in content[:1024] else "text"
