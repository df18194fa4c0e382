"""Draws a form with lines in it and lays it out the way clerks do: what is meant is known, and what
is written may be almost anything that means it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from corpus.before_unicode import tcvn3, vni
from corpus.layout import footer, letterhead
from corpus.page import Page, names
from schemas.forms import FORMS, Field, Form, Kind
from schemas.reading import Book, Grid, Problem
from schemas.synonyms import synonyms

NAMES = (
    "Số hóa hồ sơ người có uy tín", "Tập huấn cán bộ làm công tác dân tộc",
    "Duy trì cổng thông tin điện tử", "Điều tra thực trạng kinh tế - xã hội",
    "Hỗ trợ đầu tư hạ tầng xã đặc biệt khó khăn", "Biên soạn tài liệu tuyên truyền pháp luật",
    "Cải tạo trụ sở làm việc", "Mua sắm thiết bị", "Chi khác", "Đề án “Hỗ trợ bình đẳng giới”",
)  # fmt: skip
WORDS = (
    "Chờ thẩm định hồ sơ", "Đang lựa chọn nhà thầu", "Thiết bị về chậm do dịch bệnh",
    "Trình cấp có thẩm quyền phê duyệt", "Không", "Không có", "Chưa", "- Chậm hồ sơ\n- Thiếu vốn",
    "Hoàn thành trong tháng 11/2021", "=A1+B1", "+ Khẩn trương giải ngân", "120", "Quý IV",
)  # fmt: skip
JUNK = ("STT", "Ghi chú", "Chủ đầu tư", "Tỷ lệ (%)", "Số tháng trước")
UNITS = {
    "Đơn vị tính: đồng": Decimal(1_000_000),
    "ĐVT: nghìn đồng": Decimal(1000),
    "(Đơn vị tính: Triệu đồng)": Decimal(1),
    "Đơn vị: tỷ đồng": Decimal("0.001"),
}
STYLES = ("cell", "vietnamese", "english", "spaced", "plain comma", "plain point")
DATE_STYLES = ("cell", "serial", "%d/%m/%Y", "%d.%m.%y", "%Y-%m-%d", "ngày %d tháng %m năm %Y")
_SPACE = {"vietnamese": ".", "english": ",", "spaced": " "}


@dataclass(frozen=True, repr=False)
class Drawn:
    """A sheet and what it means: row number -> values by field."""

    form: Form
    page: Page

    def __repr__(self) -> str:
        rows = [f"{i}: {line}" for i, line in enumerate(self.page.grid, 1) if any(line)]
        looks = f"merged {self.page.merged}, fonts {set(self.page.fonts.values())}"
        return "\n" + "\n".join([f"{self.form.name} on {self.page.name!r}, {looks}", *rows])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # as Hypothesis shows a failing example

    @property
    def meant(self) -> dict[int, dict[str, Any]]:
        return {row: values for _, row, values in self.page.taken}


@st.composite
def drawn(draw: DrawFn, forms: Sequence[Form] = FORMS) -> Drawn:
    """A form with its lines under noise of points 3 and 4."""
    form = draw(st.sampled_from(forms))
    page = Page(draw(st.sampled_from((form.sheet, form.sheet.upper(), "Sheet1", "Biểu 01"))))
    row = letterhead(page) if draw(st.booleans()) else draw(st.integers(1, 3))
    factor = Decimal(1)
    if draw(st.booleans()):
        said, factor = draw(st.sampled_from(sorted(UNITS.items())))
        page.put(row, 6, said)
        row += 1
    columns = _columns(draw, form)
    left = draw(st.integers(1, 3))
    row = _header(draw, page, form, columns, row, left)
    if draw(st.booleans()):
        page.put(row, left, *(f"({i})" for i in range(1, len(columns) + 1)))
        row += 1
    writers = [_Column(draw, form, name, factor) for name in columns]
    for i in range(draw(st.integers(1, 5))):
        row = _between(draw, page, form, columns, row, left)
        _line(draw, page, form, columns, row, left, writers, i)
        row += 1
    _legacy(draw, page)
    if draw(st.booleans()):
        page.put(row, left + columns.index("name") if "name" in columns else left, "Tổng cộng")
        _sum(page, form, columns, row, left)
        row += 1
    if draw(st.booleans()):
        footer(page, row + 1)
    if draw(st.booleans()):
        page.put(row - 1, left + len(columns) + 1, "đã đối chiếu")
    page.hidden_columns |= {left + 1} if draw(st.booleans()) else set()
    return Drawn(form, page)


def _columns(draw: DrawFn, form: Form) -> tuple[str, ...]:
    optional = [f.name for f in form.fields if not f.required and f.name != "name"]
    dropped = set(draw(st.lists(st.sampled_from(optional), max_size=3)))
    columns = [name for name in names(form) if name not in dropped]
    columns += draw(st.lists(st.sampled_from(JUNK), max_size=2, unique=True))
    moved = draw(st.integers(0, 3))
    if moved == 3:
        return tuple(draw(st.permutations(columns)))
    return tuple(columns)


def _header(
    draw: DrawFn, page: Page, form: Form, columns: Sequence[str], row: int, left: int
) -> int:
    """The labels, over one row or two; gives the row below."""
    look = draw(st.sampled_from(LOOKS))
    known = {f.name: f.label for f in form.fields}
    also = synonyms(form.name) if _one_in(draw, 3) else {}
    labels = [
        look(draw(st.sampled_from((known[name], *also.get(name, ()))))) if name in known else name
        for name in columns
    ]
    deep = draw(st.booleans())
    if not deep:
        page.put(row, left, *labels)
        return row + 1
    money = [i for i, n in enumerate(columns) if n in known and form[n].kind is Kind.MONEY]
    grouped = [i for i in money if i + 1 in money or i - 1 in money][:2]
    pair = grouped if len(grouped) == 2 and grouped[1] == grouped[0] + 1 else []
    for i, label in enumerate(labels):
        if i in pair:
            page.put(row + 1, left + i, label)
        else:
            page.put(row, left + i, label).merge(row, left + i, row + 1, left + i)
    if pair:
        page.put(row, left + pair[0], "Số tiền")
        page.merge(row, left + pair[0], row, left + pair[1])
    return row + 2


def _broken(label: str) -> str:
    return label.replace(" ", "\n", 1)


def _apart(label: str) -> str:
    return normalize("NFD", label)


def _spaced(label: str) -> str:
    return f" {label.replace(' ', chr(0xA0))}\u200b "


def _starred(label: str) -> str:
    return f"{label} *"


def _between(
    draw: DrawFn, page: Page, form: Form, columns: Sequence[str], row: int, left: int
) -> int:
    """What may stand before a line: nothing, a blank row, a heading, a sub-total."""
    kind = draw(st.sampled_from(("", "", "", "blank", "heading", "number", "subtotal")))
    if not kind:
        return row
    name = left + (columns.index("name") if "name" in columns else 0)
    if kind == "heading":
        page.put(row, name, "II. Chi thường xuyên")
        _sum(page, form, columns, row, left)
    elif kind == "number":
        page.put(row, left + columns.index("code"), "I")
        if "name" in columns:
            page.put(row, name, "Chi đầu tư phát triển")
    elif kind == "subtotal":
        page.put(row, name, "Cộng I")
        _sum(page, form, columns, row, left)
    return row + 1


def _sum(page: Page, form: Form, columns: Sequence[str], row: int, left: int) -> None:
    for i, name in enumerate(columns):
        if name == "disbursed":
            page.put(row, left + i, 4321.5)


class _Column:
    """How one column is written: a clerk keeps to one way, but for a slip."""

    def __init__(self, draw: DrawFn, form: Form, name: str, factor: Decimal) -> None:
        self.name = name
        self.field = next((f for f in form.fields if f.name == name), None)
        self.factor = factor
        self.style = draw(st.sampled_from(STYLES))
        self.dates = draw(st.sampled_from(DATE_STYLES))
        self.slips = draw(st.booleans())
        self.grouped_in_thousandths = draw(st.booleans())
        self.shown_as_share = draw(st.booleans())

    def meant(self, draw: DrawFn, i: int) -> Any:
        """A value of the column."""
        field = self.field
        if field is None:
            return None
        if field.kind is Kind.CODE:
            return f"DV01.{i + 1}"
        if field.name == "name":
            return NAMES[i] if draw(st.integers(0, 9)) else None
        if not field.required and draw(st.integers(0, 3)) == 0:
            return None
        return _VALUES[field.kind](draw, field, self)

    def written(self, draw: DrawFn, value: Any) -> Any:  # noqa: PLR0911 - a way out per kind
        """Something that means the value."""
        field = self.field
        if field is None or value is None:
            return draw(st.sampled_from((None, None, ""))) if field else _junk(draw)
        if field.kind is Kind.DATE:
            if self.dates == "serial":
                return (value - date(1899, 12, 30)).days
            return value if self.dates == "cell" else value.strftime(self.dates)
        if value == 0 and _one_in(draw, 4):
            # in a column that may be empty a dash says that it is
            dashes = ("-", "–") if field.required else ()
            return draw(st.sampled_from((*dashes, "không", "Chưa", 0, "0")))
        if field.kind is Kind.PERCENT and _one_in(draw, 2):
            return f"{number(value, self.style)}{draw(st.sampled_from(('%', ' %')))}"
        if isinstance(value, Decimal):
            factor = self.factor if field.kind is Kind.MONEY else Decimal(1)
            style = draw(st.sampled_from(STYLES)) if self.slips and _one_in(draw, 3) else self.style
            return number(value * factor, style, draw(st.integers(0, 5)))
        if field.kind is Kind.CHOICE:
            return draw(st.sampled_from(CASES))(value)
        plain = field.kind is Kind.CODE or _one_in(draw, 2)
        return value if plain else draw(st.sampled_from((_apart, _spaced)))(value)


def _one_in(draw: DrawFn, count: int) -> bool:
    return draw(st.integers(1, count)) == count


def _junk(draw: DrawFn) -> Any:
    return draw(st.sampled_from((None, 1, "x", "1.234", 45.5, "Vụ Tổng hợp")))


def number(value: Decimal, style: str, odd: int = 0) -> Any:
    """An amount in a style; `odd` dresses it as clerks do."""
    if style == "cell":
        return int(value) if value == value.to_integral_value() else float(value)
    digits = f"{abs(value).normalize():f}"
    whole, _, rest = digits.partition(".")
    if style in _SPACE:
        whole = f"{int(whole):,}".replace(",", _SPACE[style])
    point = "." if style in ("english", "plain point") else ","
    text = f"{whole}{point}{rest}" if rest else whole
    if value < 0:
        return (f"({text})", f"-{text}", f"−{text}")[odd % 3]
    dressed = (text, f" {text} ", f"\u200b{text}", f"+{text}", f"{text}\u00a0")
    return dressed[odd % len(dressed)] if odd else text


def _money(draw: DrawFn, field: Field, column: _Column) -> Decimal:
    # a few decimals, and often three: where groups and decimals look alike
    places = 3 if column.grouped_in_thousandths else draw(st.sampled_from((0, 0, 1, 2, 3, 6)))
    top = draw(st.sampled_from((10, 1000, 9999, 3_000_000)))
    amount = Decimal(draw(st.integers(0, top * 10**places))).scaleb(-places)
    negative = field.minimum is not None and field.minimum < 0 and draw(st.booleans())
    return -amount if negative else amount


def _day(draw: DrawFn, field: Field, column: _Column) -> date:
    return date(2017, 1, 1) + timedelta(days=draw(st.integers(0, 2200)))


def _percent(draw: DrawFn, field: Field, column: _Column) -> Decimal:
    return Decimal(draw(st.integers(0, 200))) / 2


_VALUES: dict[Kind, Any] = {
    Kind.MONEY: _money,
    Kind.DATE: _day,
    Kind.PERCENT: _percent,
    Kind.INTEGER: lambda draw, field, column: Decimal(draw(st.integers(0, 1000))),
    Kind.CHOICE: lambda draw, field, column: draw(st.sampled_from(field.choices)),
    Kind.TEXT: lambda draw, field, column: draw(st.sampled_from(WORDS)),
}


def _line(
    draw: DrawFn,
    page: Page,
    form: Form,
    columns: Sequence[str],
    row: int,
    left: int,
    writers: Sequence[_Column],
    i: int,
) -> None:
    line = {name: w.meant(draw, i) for name, w in zip(columns, writers, strict=True)}
    written = {n: w.written(draw, line[n]) for n, w in zip(columns, writers, strict=True)}
    page.line(row, form, columns, line, written, left=left)
    for column, (name, writer) in enumerate(zip(columns, writers, strict=True), left):
        if writer.shown_as_share and name == "completion":
            page.cells[row, column] = float(line[name] / 100)
            page.formats[row, column] = "0.0%"
        elif line[name] and _one_in(draw, 40) and isinstance(line[name], Decimal):
            page.flaws[row, column] = Problem("uncalculated-formula", "")
            del page.cells[row, column]


def _legacy(draw: DrawFn, page: Page) -> None:
    """The texts of the lines in an encoding before Unicode, in its typeface or not."""
    typeface = draw(st.sampled_from(("", "", "", *BEFORE_UNICODE)))
    if not typeface:
        return
    rows = {row for _, row, _ in page.taken}
    texts = {value for _, _, values in page.taken for value in values.values()}
    for place, value in page.cells.items():
        if place[0] in rows and isinstance(value, str) and value in texts:
            page.cells[place] = BEFORE_UNICODE[typeface](value)
            page.fonts[place] = typeface


@dataclass(frozen=True)
class DrawnColumn:
    """The cells of one column, and what they mean."""

    field: Field
    cells: tuple[Any, ...]
    meant: tuple[Any, ...]
    budgets: tuple[Decimal | None, ...]


@st.composite
def columns(draw: DrawFn) -> DrawnColumn:
    """A column of figures or dates in one way of writing, with slips, and its rows' budgets."""
    form = draw(st.sampled_from(FORMS))
    named = [f.name for f in form.fields if f.kind in (Kind.MONEY, Kind.DATE)]
    column = _Column(draw, form, draw(st.sampled_from(named)), Decimal(1))
    meant = [column.meant(draw, i) for i in range(draw(st.integers(1, 6)))]
    cells = [column.written(draw, value) for value in meant]
    shares = st.decimals(Decimal("0.3"), Decimal(3), places=2)
    budgets = [
        value / draw(shares) if isinstance(value, Decimal) and value > 0 else None
        for value in meant
    ]
    field = form[column.name]
    return DrawnColumn(field, tuple(cells), tuple(meant), tuple(budgets))


Write = Callable[[str], str]
BEFORE_UNICODE: dict[str, Write] = {".VnTime": tcvn3, "VNI-Times": vni}
LOOKS: tuple[Write, ...] = (str, str.upper, _broken, _apart, _spaced, _starred)
CASES: tuple[Write, ...] = (str, str.upper, str.lower, _apart, _spaced)


def book(*pages: Page, from_1904: bool = False) -> Book:
    """The pages as a reader of formats gives them."""
    return Book("xlsx", tuple(map(_grid, pages)), from_1904=from_1904)


def _grid(page: Page) -> Grid:
    return Grid(
        page.name,
        page.grid,
        shares=frozenset((r - 1, c - 1) for (r, c), shape in page.formats.items() if "%" in shape),
        fonts={(r - 1, c - 1): typeface for (r, c), typeface in page.fonts.items()},
        flaws={(r - 1, c - 1): problem for (r, c), problem in page.flaws.items()},
        merged=tuple((r - 1, c - 1, lr - 1, lc - 1) for r, c, lr, lc in page.merged),
        visible=page.visible,
    )
