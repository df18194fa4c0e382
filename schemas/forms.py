"""The forms (biểu): each declared once; workbook, reader, table and expectations come from here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, PlainSerializer, PlainValidator

from schemas.findings import Severity

FORM_VERSION = "1"
"""Written into the hidden sheet; raised whenever a declaration below changes."""

HIDDEN = "_dondoc"
"""The sheet that says what the workbook is: a key in column A, its value in column B."""
KEY_VERSION, KEY_UNIT, KEY_PERIOD, KEY_SIGNATURE = "form_version", "unit", "period", "signature"

GUIDE = "Hướng dẫn"
"""The first sheet of a blank workbook."""
CORRECTIONS = "Cần sửa"
"""The first sheet of a returned workbook; it lists the findings."""

DONG = Decimal("0.000001")
"""One đồng in triệu đồng: the smallest amount that exists; amounts are rounded to it."""


def dong(amount: Decimal) -> int:
    """Whole đồng of an amount in triệu đồng."""
    return round(amount * 1_000_000)


LARGEST_AMOUNT = Decimal(1_000_000_000)
"""triệu đồng; no ministry spends more in a year, and sums in đồng stay exact in 53 bits."""

EARLIEST_DATE = date(2016, 1, 1)
"""The IT tasks reported on began in 2016 (the mission); an earlier date is a slip."""


class Kind(StrEnum):
    """What a cell holds, and so how it is read, stored, written and validated."""

    CODE = "code"
    TEXT = "text"
    MONEY = "money"  # triệu đồng, Decimal, whole đồng
    INTEGER = "integer"
    PERCENT = "percent"  # 0..100
    DATE = "date"
    CHOICE = "choice"


NUMERIC = frozenset({Kind.MONEY, Kind.INTEGER, Kind.PERCENT})


@dataclass(frozen=True)
class Field:
    """One column: its name in code, its label on paper (the contract), and what may stand there."""

    name: str
    label: str
    kind: Kind
    hint: str = ""
    """One line for the clerk: what to type here."""
    required: bool = False
    prefilled: bool = False
    """Known to the ministry: written and locked in the blank workbook."""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    earliest: date | None = None
    choices: tuple[str, ...] = ()
    width: int = 14
    """Column width in the workbook, in characters."""
    absent: bool = False
    """The whole column may be missing (`?` in the design's registry)."""


@dataclass(frozen=True)
class Check:
    """One expectation on every row, in Great Expectations' words.

    `rule` is also the key of the Vietnamese sentence; `cell` names the field that is marked.
    Columns may be fields of the form or facts that validation lays beside them
    (`rules/facts.py` lists these). A rule named in `unless` silences this check where it marks
    a cell that this one looks at, so that a clerk reads one sentence for one mistake.
    """

    rule: str
    expectation: str
    arguments: Mapping[str, Any]
    cell: str
    severity: Severity = Severity.ERROR
    unless: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)  # each is its own, and quick to look up what is known of it
class Form:
    """One sheet: `key` is what the registry's column Biểu says, `sheet` the sheet's name."""

    name: str
    key: str
    sheet: str
    title: str
    fields: tuple[Field, ...]
    checks: tuple[Check, ...] = ()
    per_deliverable: bool = False
    """An activity may take several rows, its code with a suffix (`X.2-1`)."""

    def __getitem__(self, name: str) -> Field:
        """The field of that name; raises KeyError where there is none."""
        return self._named[name]

    @cached_property
    def _named(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.fields}


CHOICES = ("Chưa", "Đang thực hiện", "Đã hoàn thành")
DONE = CHOICES[-1]
SOURCES = ("Chi thường xuyên", "Đầu tư công", "CTMTQG", "ODA")

_DIFFICULTY = Field(
    "difficulty",
    "Khó khăn, vướng mắc",
    Kind.TEXT,
    "Nêu ngắn gọn nguyên nhân chậm, nếu có.",
    width=32,
)
_SOLUTION = Field(
    "solution", "Đề xuất, giải pháp", Kind.TEXT, "Việc sẽ làm, ai làm, xong khi nào.", width=32
)


def _money(
    name: str,
    label: str,
    hint: str,
    *,
    minimum: Decimal = Decimal(0),
    required: bool = False,
    prefilled: bool = False,
) -> Field:
    return Field(
        name,
        label,
        Kind.MONEY,
        hint,
        required=required,
        prefilled=prefilled,
        minimum=minimum,
        maximum=LARGEST_AMOUNT,
        width=13,
    )


def _pair(larger: str, smaller: str) -> dict[str, Any]:
    return {
        "column_A": larger,
        "column_B": smaller,
        "or_equal": True,
        "ignore_row_if": "either_value_is_missing",
    }


def _equal(one: str, other: str) -> dict[str, Any]:
    return {"column_A": one, "column_B": other, "ignore_row_if": "either_value_is_missing"}


_AT_LEAST = "ExpectColumnPairValuesAToBeGreaterThanB"
_EQUAL = "ExpectColumnPairValuesToBeEqual"
_SLIP = frozenset({"unit-of-money", "negative"})
_BAD_DATE = frozenset({"date-too-early", "date-after-period"})

PLANS = ("budget_assigned", "budget_current")
"""The cells that hold a plan, without the one that holds its change."""
BUDGETS = (*PLANS, "budget_adjustment")

WRONG_UNIT = 10
"""An amount more than ten times what it is measured by (the budget, the approved total) is
typed in another unit: no body overspends so much, and the next unit is 1,000 times smaller."""


def _unit_of_money(fact: str, cell: str) -> Check:
    arguments = {"column": fact, "max_value": WRONG_UNIT}
    return Check("unit-of-money", "ExpectColumnValuesToBeBetween", arguments, cell)


def _never(rule: str, fact: str, value: int, cell: str) -> Check:
    """A warning on `cell` where the fact has that value."""
    arguments = {"column": fact, "value_set": [value]}
    return Check(rule, "ExpectColumnValuesToNotBeInSet", arguments, cell, Severity.WARNING)


def doubt(rule: str, cell: str) -> str:
    """The fact that is 1 where `rules/doubts.py` doubts that cell by that rule, else 0."""
    return f"{cell}_{rule.replace('-', '_')}"


def _doubted(rule: str, cell: str, unless: frozenset[str] = frozenset()) -> Check:
    return replace(_never(rule, doubt(rule, cell), 1, cell), unless=unless)


_MISPLACED = frozenset({"plans-exchanged", "plan-of-another", "transposed-digits"})
_BEYOND = _SLIP | {"over-budget"}

DISBURSEMENT = Form(
    name="disbursement",
    key="Giải ngân",
    sheet="Giải ngân",
    title="BÁO CÁO TÌNH HÌNH GIẢI NGÂN",
    fields=(
        Field("code", "Mã nhiệm vụ", Kind.CODE, required=True, prefilled=True, width=12),
        Field("name", "Tên nhiệm vụ", Kind.TEXT, prefilled=True, width=38),
        Field("source", "Nguồn vốn", Kind.CHOICE, choices=SOURCES, prefilled=True, width=15),
        _money(
            "budget_assigned",
            "Dự toán giao",
            "Gồm dự toán giao trong năm và số chuyển nguồn; đã điền sẵn.",
            prefilled=True,
        ),
        _money(
            "budget_adjustment",
            "Điều chỉnh",
            "Các quyết định điều chỉnh đến hết kỳ báo cáo; đã điền sẵn.",
            prefilled=True,
            minimum=-LARGEST_AMOUNT,
        ),
        _money(
            "budget_current",
            "Dự toán sau điều chỉnh",
            "Dự toán giao cộng điều chỉnh; đã điền sẵn.",
            prefilled=True,
        ),
        _money(
            "disbursed",
            "Giải ngân lũy kế",
            "Số đã thanh toán từ ngày 01/01 đến hết kỳ báo cáo; chưa giải ngân thì ghi 0.",
            required=True,
        ),
        _money(
            "estimate",
            "Ước thực hiện cả năm",
            "Số đơn vị dự kiến giải ngân đến hết năm, không nhỏ hơn số lũy kế.",
        ),
        _money(
            "proposal",
            "Đề xuất điều chỉnh",
            "Số đề nghị tăng (dương) hoặc giảm (âm) dự toán.",
            minimum=-LARGEST_AMOUNT,
        ),
        _DIFFICULTY,
        _SOLUTION,
    ),
    checks=(
        _unit_of_money("disbursed_per_budget", "disbursed"),
        _unit_of_money("estimate_per_budget", "estimate"),
        _unit_of_money("proposal_per_budget", "proposal"),
        Check(
            "over-budget",
            _AT_LEAST,
            _pair("registry_budget_current", "disbursed"),
            "disbursed",
            unless=_SLIP,
        ),
        Check(
            "estimate-below-disbursed",
            _AT_LEAST,
            _pair("estimate", "disbursed"),
            "estimate",
            unless=_SLIP,
        ),
        Check(
            "cumulative-drop",
            "ExpectColumnValuesToBeBetween",
            {"column": "rise_unexplained", "min_value": 0},
            "disbursed",
            unless=_SLIP,
        ),
        Check(
            "budget-differs",
            _EQUAL,
            _equal("budget_assigned", "registry_budget_assigned"),
            "budget_assigned",
            Severity.WARNING,
            unless=_MISPLACED | {"plan-moved"},
        ),
        Check(
            "budget-differs",
            _EQUAL,
            _equal("budget_adjustment", "registry_budget_adjustment"),
            "budget_adjustment",
            Severity.WARNING,
            unless=_MISPLACED | {"plan-moved"},
        ),
        Check(
            "budget-differs",
            _EQUAL,
            _equal("budget_current", "registry_budget_current"),
            "budget_current",
            Severity.WARNING,
            unless=_MISPLACED | {"plan-moved"},
        ),
        *(_doubted("plan-moved", cell, _MISPLACED) for cell in BUDGETS),
        *(_doubted("plans-exchanged", cell) for cell in PLANS),
        *(_doubted("plan-of-another", cell) for cell in PLANS),
        _doubted("jump-beyond-left", "disbursed", _BEYOND),
        _doubted("surge", "disbursed", _BEYOND | {"jump-beyond-left"}),
        _doubted("estimate-over-budget", "estimate", _SLIP | {"estimate-below-disbursed"}),
        *(_doubted("same-as-another", cell, _SLIP) for cell in ("disbursed", "estimate")),
        *(_doubted("transposed-digits", cell) for cell in (*PLANS, "disbursed", "estimate")),
        _never("unexplained-low", "low_without_words", 1, "difficulty"),
        _never("unchanged", "rise_unfinished", 0, "disbursed"),
        _doubted("column-again", "disbursed"),
    ),
)

IT = Form(
    name="it",
    key="CNTT",
    sheet="Nhiệm vụ CNTT",
    title="BÁO CÁO NHIỆM VỤ ỨNG DỤNG CÔNG NGHỆ THÔNG TIN",
    fields=(
        Field("code", "Mã nhiệm vụ", Kind.CODE, required=True, prefilled=True, width=12),
        Field("name", "Tên nhiệm vụ", Kind.TEXT, prefilled=True, width=38),
        Field("product", "Sản phẩm", Kind.TEXT, "Sản phẩm đã có đến kỳ báo cáo.", width=30),
        Field("acceptance", "Nghiệm thu", Kind.CHOICE, required=True, choices=CHOICES, width=14),
        Field(
            "acceptance_date",
            "Ngày nghiệm thu",
            Kind.DATE,
            "Ngày ký biên bản nghiệm thu, dạng ngày/tháng/năm.",
            earliest=EARLIEST_DATE,
            width=12,
        ),
        Field("handover", "Bàn giao", Kind.CHOICE, required=True, choices=CHOICES, width=14),
        Field(
            "handover_date",
            "Ngày bàn giao",
            Kind.DATE,
            "Không trước ngày nghiệm thu.",
            earliest=EARLIEST_DATE,
            width=12,
        ),
        Field(
            "settlement",
            "Thanh quyết toán",
            Kind.CHOICE,
            required=True,
            choices=CHOICES,
            width=14,
        ),
        _money("settlement_value", "Giá trị quyết toán", "Giá trị được phê duyệt quyết toán."),
        _DIFFICULTY,
        _SOLUTION,
    ),
    checks=(
        Check(
            "handover-before-acceptance",
            _AT_LEAST,
            _pair("handover_date", "acceptance_date"),
            "handover_date",
            unless=_BAD_DATE,
        ),
        Check(
            "handover-before-acceptance",
            _AT_LEAST,
            _pair("acceptance_done", "handover_done"),
            "handover",
        ),
        Check(
            "settlement-before-handover",
            _AT_LEAST,
            _pair("handover_done", "settlement_done"),
            "settlement",
        ),
        Check(
            "date-after-period",
            _AT_LEAST,
            _pair("period_end", "acceptance_date"),
            "acceptance_date",
        ),
        Check(
            "date-after-period",
            _AT_LEAST,
            _pair("period_end", "handover_date"),
            "handover_date",
        ),
        Check(
            "settlement-above-total",
            _AT_LEAST,
            _pair("approved_total", "settlement_value"),
            "settlement_value",
            Severity.WARNING,
            unless=_SLIP,
        ),
        _unit_of_money("settlement_per_total", "settlement_value"),
        _never("missing-date", "acceptance_undated", 1, "acceptance_date"),
        _never("missing-date", "handover_undated", 1, "handover_date"),
    ),
)

STRATEGY = Form(
    name="strategy",
    key="Chiến lược",
    sheet="Chiến lược",
    title="BÁO CÁO THỰC HIỆN CHIẾN LƯỢC CÔNG TÁC DÂN TỘC",
    fields=(
        Field("code", "Mã công việc", Kind.CODE, required=True, prefilled=True, width=12),
        Field("name", "Nội dung công việc", Kind.TEXT, prefilled=True, width=38),
        Field("product", "Sản phẩm", Kind.TEXT, "Sản phẩm của công việc.", width=24),
        Field("due_date", "Hạn hoàn thành", Kind.DATE, "Dạng ngày/tháng/năm.", width=12),
        Field(
            "completion",
            "Tỷ lệ hoàn thành (%)",
            Kind.PERCENT,
            "Từ 0 đến 100.",
            required=True,
            minimum=Decimal(0),
            maximum=Decimal(100),
            width=12,
        ),
        Field(
            "legal_basis", "Căn cứ pháp lý", Kind.TEXT, "Văn bản cần cập nhật, nếu có.", width=28
        ),
        Field(
            "workshops",
            "Số hội thảo",
            Kind.INTEGER,
            "Số hội thảo đã tổ chức từ đầu năm.",
            minimum=Decimal(0),
            maximum=Decimal(1000),
            width=10,
        ),
        _DIFFICULTY,
        _SOLUTION,
    ),
    per_deliverable=True,
)

FORMS: tuple[Form, ...] = (DISBURSEMENT, IT, STRATEGY)
"""In the order of the workbook's sheets."""


_TAGS: Mapping[str, Callable[[str], Any]] = {"amount": Decimal, "day": date.fromisoformat}
"""What a value is kept under that JSON has no word for -> how it is read back."""


def tagged(values: Mapping[str, Any]) -> dict[str, Any]:
    """A row's values as JSON keeps them."""
    return {name: _tagged(value) for name, value in values.items()}


def untagged(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that were `tagged`."""
    return {
        name: next(_TAGS[tag](text) for tag, text in value.items())
        if isinstance(value, dict)
        else value
        for name, value in values.items()
    }


def _tagged(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"amount": str(value)}
    return {"day": value.isoformat()} if isinstance(value, date) else value


Values = Annotated[Mapping[str, Any], PlainSerializer(tagged), PlainValidator(untagged)]
"""Field name -> value: text, number, Decimal or date."""


def once(columns: Mapping[str, str]) -> Mapping[str, str]:
    """The same columns as another row's, where they are equal: most sheets are alike."""
    return _once(tuple(columns.items()))


@lru_cache(maxsize=1_000)
def _once(columns: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return dict(columns)


Columns = Annotated[Mapping[str, str], AfterValidator(once)]
"""Field name -> column letters."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a form as it was read: values by field name, with where they stood."""

    form: str
    code: str
    sheet: str
    number: int
    """The row's number in the sheet, from 1."""
    values: Values
    columns: Columns
    """So that `G7` can be said of every value."""

    def cell(self, name: str) -> str | None:
        """The address of a field's cell, `None` where the sheet has no such column."""
        column = self.columns.get(name)
        return f"{column}{self.number}" if column else None


@dataclass(frozen=True)
class Line:
    """One prefilled line of a blank workbook: values by field name (money in triệu đồng)."""

    values: Values = field(default_factory=dict)
    last_month: Decimal | None = None
    """Last accepted month's cumulative disbursement, shown as a guide beside the input cell."""
