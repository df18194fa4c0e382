"""The registry (registry.xlsx): units, contacts, activities, ledger, declared as forms are."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol, TypeVar

from schemas.forms import FORMS, LARGEST_AMOUNT, SOURCES, Field, Form, Kind


class Role(StrEnum):
    """What a contact does, as the registry's column Vai trò says it."""

    SUBMITTER = "Người nộp"
    HEAD = "Thủ trưởng đơn vị"
    LEADER = "Lãnh đạo"
    DIGEST = "Nhận bản tin"


class Entry(StrEnum):
    """The kind of a ledger row, as the registry's column Loại says it."""

    ASSIGNED = "Giao"
    ADJUSTMENT = "Điều chỉnh"
    CARRIED = "Chuyển nguồn"


_UNIT = Field("unit", "Mã đơn vị", Kind.CODE, required=True)
_ACTIVITY = Field("code", "Mã nhiệm vụ", Kind.CODE, required=True)


def _year(name: str, label: str, *, optional: bool) -> Field:
    return Field(
        name,
        label,
        Kind.INTEGER,
        required=not optional,
        minimum=Decimal(2000),
        maximum=Decimal(2100),
        absent=optional,
    )


UNITS = Form(
    "units",
    "Đơn vị",
    "Đơn vị",
    "Đơn vị",
    (
        Field("code", "Mã đơn vị", Kind.CODE, required=True),
        Field("name", "Tên đơn vị", Kind.TEXT, required=True, width=40),
        Field("parent", "Đơn vị cấp trên", Kind.CODE, absent=True),
        Field("type", "Loại", Kind.TEXT, absent=True),
    ),
)
CONTACTS = Form(
    "contacts",
    "Liên hệ",
    "Liên hệ",
    "Liên hệ",
    (
        Field("unit", "Mã đơn vị", Kind.CODE, "Để trống: người của toàn cơ quan.", absent=True),
        Field("name", "Họ tên", Kind.TEXT, required=True, width=26),
        Field("position", "Chức vụ", Kind.TEXT, absent=True, width=26),
        Field("email", "Email", Kind.TEXT, required=True, width=34),
        Field("role", "Vai trò", Kind.CHOICE, required=True, choices=tuple(Role), width=20),
    ),
)
ACTIVITIES = Form(
    "activities",
    "Nhiệm vụ",
    "Nhiệm vụ",
    "Nhiệm vụ",
    (
        _ACTIVITY,
        Field("name", "Tên nhiệm vụ", Kind.TEXT, required=True, width=60),
        _UNIT,
        Field("source", "Nguồn vốn", Kind.CHOICE, required=True, choices=SOURCES, width=18),
        Field(
            "forms",
            "Biểu",
            Kind.TEXT,
            f"Một hay nhiều biểu, cách nhau bằng dấu chấm phẩy: {'; '.join(f.key for f in FORMS)}.",
            required=True,
            width=22,
        ),
        Field("due_date", "Hạn hoàn thành", Kind.DATE, absent=True),
        Field(
            "approved_total",
            "Tổng mức được duyệt",
            Kind.MONEY,
            "Của cả dự án, triệu đồng.",
            absent=True,
            minimum=Decimal(0),
            maximum=LARGEST_AMOUNT,
        ),
        _year("first_year", "Năm bắt đầu", optional=True),
        _year("last_year", "Năm kết thúc", optional=True),
    ),
)
LEDGER = Form(
    "ledger",
    "Dự toán",
    "Dự toán",
    "Dự toán",
    (
        _year("year", "Năm", optional=False),
        _ACTIVITY,
        Field("entry", "Loại", Kind.CHOICE, required=True, choices=tuple(Entry)),
        Field(
            "amount",
            "Số tiền",
            Kind.MONEY,
            "Triệu đồng; điều chỉnh giảm thì ghi số âm.",
            required=True,
            minimum=-LARGEST_AMOUNT,
            maximum=LARGEST_AMOUNT,
        ),
        Field("day", "Ngày", Kind.DATE, absent=True),
        Field("decision", "Số văn bản", Kind.TEXT, absent=True, width=24),
    ),
)
SHEETS: tuple[Form, ...] = (UNITS, CONTACTS, ACTIVITIES, LEDGER)


@dataclass(frozen=True, slots=True)
class Unit:
    """A department or subordinate body that reports (đơn vị)."""

    code: str
    name: str
    parent: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A person and what they do; `unit` None is the whole body."""

    unit: str | None
    name: str
    position: str | None
    email: str
    role: Role


@dataclass(frozen=True, slots=True)
class Activity:
    """What money is given for (nhiệm vụ, đề án, dự án); amounts in triệu đồng."""

    code: str
    name: str
    unit: str
    source: str
    forms: tuple[str, ...]
    """Names of the forms it is reported on (`disbursement`, `it`, `strategy`)."""
    due_date: date | None = None
    approved_total: Decimal | None = None
    first_year: int | None = None
    last_year: int | None = None

    def runs_in(self, year: int) -> bool:
        """Whether the activity is reported on in that budget year."""
        return (self.first_year or year) <= year <= (self.last_year or year)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Who recorded something in the program: the name as said, the system's login, and when."""

    by: str
    login: str
    on: date
    """The business date."""
    at: datetime


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One decision on money: known by year, activity, entry and decision number. Its origin is a
    row of registry.xlsx, or who recorded it in the program."""

    year: int
    activity: str
    entry: Entry
    amount: Decimal
    day: date | None
    decision: str | None
    row: int | None
    """Where it stands in the sheet Dự toán; None: decided in the program."""
    recorded: Recorded | None = None
    """Who decided it in the program; None: it was read from registry.xlsx."""


RECURRENT = "Chi thường xuyên"
OPEN_IN_JANUARY = tuple(source for source in SOURCES if source != RECURRENT)
"""The funding sources whose plan of the year may be adjusted until 31 January of the next."""


class Denominator(StrEnum):
    """What a rate divides by. One paid amount has two true rates: 31/8/2025 the country's was
    46.3 % of the year's plan and 39.9 % of the total plan."""

    TOTAL = "total"
    """The current budget, with what was carried over."""
    PLAN = "plan"
    """The plan of the year: assigned and adjusted, without what was carried over."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What an activity may spend at a period's end, in triệu đồng; adjustments are those decided
    on or before the last day."""

    assigned: Decimal = Decimal(0)
    carried: Decimal = Decimal(0)
    adjustment: Decimal = Decimal(0)
    judged_by: Denominator = Denominator.TOTAL

    @property
    def current(self) -> Decimal:
        """Assigned, carried over and adjusted: what may be spent."""
        return self.plan + self.carried

    @property
    def plan(self) -> Decimal:
        """The plan of the year: assigned and adjusted."""
        return self.assigned + self.adjustment

    @property
    def denominator(self) -> Decimal:
        """What the activity's rate divides by."""
        return self.plan if self.judged_by is Denominator.PLAN else self.current

    @property
    def shown_as_assigned(self) -> Decimal:
        """What the form shows under Dự toán giao: assigned and carried over."""
        return self.assigned + self.carried


class OfUnit(Protocol):
    """What belongs to a unit."""

    @property
    def unit(self) -> str | None:
        """The unit's code."""


T = TypeVar("T", bound=OfUnit)


def by_unit(ones: Iterable[T]) -> Mapping[Any, tuple[T, ...]]:
    """Unit -> its own, in their order; the keys are what `unit` is of these."""
    found: dict[str | None, list[T]] = {}
    for one in ones:
        found.setdefault(one.unit, []).append(one)
    return {unit: tuple(its) for unit, its in found.items()}


@dataclass(frozen=True)
class Registry:
    """One version of registry.xlsx; `version` is the SHA-256 of the file."""

    version: str
    units: tuple[Unit, ...]
    contacts: tuple[Contact, ...]
    activities: tuple[Activity, ...]
    ledger: tuple[LedgerRow, ...]
    """One row a decision, wherever it was recorded."""
    superseded: tuple[LedgerRow, ...] = ()
    """What was decided in the program and stands in registry.xlsx too, whose row counts."""

    def unit(self, code: str) -> Unit:
        """The unit of that code; raises KeyError where there is none."""
        return self._units[code]

    def activities_of(self, unit: str, year: int) -> tuple[Activity, ...]:
        """What the unit reports on in that year, in the registry's order."""
        return tuple(a for a in self._activities.get(unit, ()) if a.runs_in(year))

    def reporting_units(self, year: int) -> tuple[Unit, ...]:
        """The units that have anything to report in that year, in the registry's order."""
        active = {a.unit for a in self.activities if a.runs_in(year)}
        return tuple(u for u in self.units if u.code in active)

    def of_activities(self, codes: Collection[str]) -> "Registry":
        """The registry as if it had these activities alone."""
        return replace(
            self,
            activities=tuple(a for a in self.activities if a.code in codes),
            ledger=tuple(row for row in self.ledger if row.activity in codes),
        )

    def contacts_of(self, unit: str | None, *roles: Role) -> tuple[Contact, ...]:
        """Those who hold one of the roles for the unit (None: for any), each address once."""
        its = self.contacts if unit is None else self._contacts.get(unit, ())
        found = {c.email.casefold(): c for c in reversed(its) if c.role in roles}
        return tuple(reversed(found.values()))

    @cached_property
    def _units(self) -> Mapping[str, Unit]:
        return {unit.code: unit for unit in reversed(self.units)}

    @cached_property
    def _activities(self) -> Mapping[str, tuple[Activity, ...]]:
        return by_unit(self.activities)

    @cached_property
    def _contacts(self) -> Mapping[str | None, tuple[Contact, ...]]:
        return by_unit(self.contacts)


FORM_BY_KEY = {form.key: form.name for form in FORMS}
"""What the registry's column Biểu may name -> the form's name."""
