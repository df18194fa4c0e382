"""The settings of a workspace: `dondoc.toml`, overridden by `DONDOC_…` in the environment."""

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from schemas import secrets
from schemas.access import Role
from schemas.errors import SettingsError, nearest
from schemas.forms import SOURCES
from schemas.notices import ROUTINE, NoticeKind
from schemas.refusals import refusals
from schemas.registry import OPEN_IN_JANUARY, Denominator
from schemas.secrets import file_variable, variable

FILE = "dondoc.toml"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LOCAL = "local"
"""A Dask cluster of this machine alone, instead of a scheduler's address."""

Share = Annotated[Decimal, Field(ge=0, le=1)]
"""A fraction of a whole, 0..1."""


def _source(name: str) -> str:
    if name not in SOURCES:
        raise ValueError(f"không có nguồn vốn '{name}'; các nguồn vốn: {', '.join(SOURCES)}")
    return name


Source = Annotated[str, AfterValidator(_source)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(_Section):
    """The ministry, as its letters name it."""

    name: str = "Ủy ban Dân tộc"
    office: str = "Văn phòng Ủy ban"
    """Writes the urging letters."""
    finance: str = "Vụ Kế hoạch - Tài chính"
    """Consolidates the figures; units report to it."""
    leader: str = "Bộ trưởng, Chủ nhiệm"
    place: str = "Hà Nội"
    contact: str = ""
    """Who answers questions: name, telephone, e-mail; printed in every mail where given."""


class Paper(_Section):
    """A Word document that is registered and signed (Decree 30/2020/NĐ-CP)."""

    symbol: str = "UBDT-VP"
    """After the number: the body's, then the drafting unit's abbreviation."""
    superior: str = ""
    """The body above, over the issuing body's name; none of a ministry."""
    signature: tuple[str, ...] = ("TL. Bộ trưởng, Chủ nhiệm", "Chánh Văn phòng")
    """Lines of authority and title, printed in capitals."""
    signer: str = ""
    """Name of who signs; without one its place is left free."""
    recipients: tuple[str, ...] = ("Lãnh đạo Ủy ban (để báo cáo)", "Vụ Kế hoạch - Tài chính")
    """Under Nơi nhận, between "Như trên" and "Lưu"."""
    kept: str = "VT, KHTC (02)"
    """Where copies stay, and how many."""
    grounds: tuple[str, ...] = ()
    """Citations in full, without the mark at their end; none: the usual opening on the leaders'
    instruction."""
    numbers: dict[str, dict[str, Annotated[int, Field(ge=1)]]] = {}
    """Period -> unit (`nhac-nop` the reminder, `bao-cao` the report) -> the paper's number; without
    one its place is left free."""
    dates: dict[str, date] = {}
    """Period -> the papers' date; without one the day is left free."""


class Letter(Paper):
    """The Word letters that the office registers and signs."""

    pdf: bool = True
    """A PDF beside each letter and the consolidated report, where LibreOffice is installed."""
    zero_tens: Literal["linh", "lẻ"] = "linh"
    """What stands for missing tens where an amount is written in words: một trăm linh năm."""


class Consolidated(Paper):
    """The consolidated report (báo cáo tổng hợp) of the unit that consolidates the figures; with
    `superior` empty the ministry's own name stands above it."""

    symbol: str = "BC-KHTC"
    signature: tuple[str, ...] = ("Vụ trưởng",)
    recipients: tuple[str, ...] = (
        "Các Thứ trưởng, Phó Chủ nhiệm (để báo cáo)",
        "Văn phòng Ủy ban",
    )
    kept: str = "KHTC (02)"
    addressee: str = ""
    """Under Kính gửi; empty: the leader named in `[body]`."""


class Mail(_Section):
    """The way out. Without `host` nothing is sent and everything is kept."""

    host: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] = 465
    security: Literal["tls", "starttls", "none"] = "tls"
    """`none` is for loopback only."""
    user: str | None = None
    password: SecretStr | None = None
    """Not from the file: DONDOC_MAIL__PASSWORD, or a file of its own (`schemas/secrets.py`)."""
    sender: str | None = None
    """The From address; without one the address that logs in."""
    timeout: Annotated[int, Field(ge=1, le=60)] = 10
    """Seconds for each answer of the server."""
    in_doubt: Literal["resend", "hold"] = "resend"
    """What becomes of a message that the server may have taken, where its answer is not known:
    sent again under the same Message-ID, or held for a new approval."""
    retry_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    """Minutes before what was refused for now is tried again; twice as many each further time."""
    retry_hours: Annotated[int, Field(ge=1, le=240)] = 48
    """Hours after its first failure from which a message that fails again is refused for good."""
    per_connection: Annotated[int, Field(ge=0)] = 100
    """Messages on one connection; 0: any number."""
    per_minute: Annotated[int, Field(ge=0)] = 0
    """Messages in a minute; 0: any number."""
    test_to: str = ""
    """Test mode: every mail goes to this address and nowhere else, and says so."""

    @property
    def from_address(self) -> str | None:
        """The address that mails come from, None where none is known."""
        return self.sender or (self.user if self.user and "@" in self.user else None)

    @property
    def domain(self) -> str:
        """The domain of that address, for Message-IDs and the like."""
        return (self.from_address or "").rpartition("@")[2] or "dondoc.invalid"

    @model_validator(mode="after")
    def _plain_only_on_loopback(self) -> "Mail":
        if self.host and self.security == "none" and self.host not in LOOPBACK:
            raise ValueError(
                'security = "none" chỉ dùng cho máy chủ thư trên chính máy này; hãy đặt "tls" '
                'hoặc "starttls"'
            )
        return self


class Mailbox(_Section):
    """The mailbox that units mail their workbooks to, over IMAP. Without `host` only the folder
    `inbox/` is looked into."""

    host: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    """`none` is for loopback only."""
    user: str | None = None
    password: SecretStr | None = None
    """Not from the file: DONDOC_MAILBOX__PASSWORD, or a file of its own."""
    folder: str = "INBOX"
    done: str | None = None
    """Folder that a message is moved to once it is archived; without one it stays where it is."""
    timeout: Annotated[int, Field(ge=1, le=300)] = 30
    """Seconds for each answer of the server."""
    largest: Annotated[int, Field(ge=1, le=500)] = 50
    """MB of a message; a larger one is told of and left where it is."""

    @model_validator(mode="after")
    def _plain_only_on_loopback(self) -> "Mailbox":
        if self.host and self.security == "none" and self.host not in LOOPBACK:
            raise ValueError(
                'security = "none" chỉ dùng cho máy chủ thư trên chính máy này; hãy đặt "tls" '
                'hoặc "starttls"'
            )
        return self

    @model_validator(mode="after")
    def _port_of_its_own(self) -> "Mailbox":
        if self.security == "starttls" and self.port == 993:
            raise ValueError('cổng 993 dùng security = "tls"; với "starttls" hãy đặt port = 143')
        return self

    @model_validator(mode="after")
    def _another_folder(self) -> "Mailbox":
        if self.done == self.folder:
            raise ValueError("done phải là thư mục khác với folder")
        return self


def _scheduler(address: str) -> str:
    if address in {"", LOCAL}:
        return address
    with suppress(ValueError):  # what is no port
        its = urlsplit(address)
        here = its.scheme == "tcp" and its.hostname in LOOPBACK
        if its.port and (here or its.scheme == "tls"):
            return address
    raise ValueError(
        f"'{address}' không phải bộ điều phối Dask dùng được; hãy đặt \"{LOCAL}\", "
        '"tls://MÁY:CỔNG", hoặc "tcp://127.0.0.1:CỔNG" trên chính máy này'
    )


class Crew(_Section):
    """Who does the pieces of a large run beside the process that runs it."""

    scheduler: Annotated[str, AfterValidator(_scheduler)] = ""
    """The Dask scheduler whose workers do them in a run on a Prefect server: its address (`tls://`,
    or `tcp://` on the loopback), or `local` for a cluster of this machine's cores that lives as
    long as the run; empty: this machine's cores, without Dask."""


class Reading(_Section):
    """How much of a file is read before it is refused; a unit's workbook has some 20 KB."""

    seconds: Annotated[int, Field(ge=1, le=600)] = 20
    """For one file, in the process that reads it."""
    memory: Annotated[int, Field(ge=256, le=16384)] = 1024
    """MB of address space of the process that reads."""
    open_files: Annotated[int, Field(ge=32, le=1024)] = 64
    """Files that process may hold open."""
    largest_file: Annotated[int, Field(ge=1, le=500)] = 20
    """MB of a file."""
    largest_unpacked: Annotated[int, Field(ge=1, le=5000)] = 200
    """MB of what a compressed file holds."""
    largest_ratio: Annotated[int, Field(ge=10)] = 200
    """Times that a compressed file may grow when unpacked, beyond its first MB."""
    archive_files: Annotated[int, Field(ge=1, le=1000)] = 100
    """Files of a zip archive or a message, nested ones counted."""
    archive_depth: Annotated[int, Field(ge=1, le=10)] = 3
    """Archives and messages within each other."""
    sheets: Annotated[int, Field(ge=1)] = 60
    rows: Annotated[int, Field(ge=100, le=1_048_576)] = 9_999
    """Of a sheet."""
    columns: Annotated[int, Field(ge=26, le=16_384)] = 702
    """Of a sheet: up to ZZ."""
    shared_strings: Annotated[int, Field(ge=1000)] = 200_000
    merged: Annotated[int, Field(ge=100)] = 20_000
    """Merged areas of a sheet."""
    styles: Annotated[int, Field(ge=100)] = 70_000
    """Cell formats; Excel itself allows 65,490."""


class Schedule(_Section):
    """The month's calendar, in working days."""

    deadline: Annotated[int, Field(ge=1, le=20)] = 5
    """The deadline is this working day after the period's end."""
    reminders: tuple[int, ...] = (-3, 0, 1, 3)
    """Working days around the deadline on which units are reminded."""
    heads_from: int = 3
    """From this offset on, the unit's head is reminded too."""
    report: int = 3
    """The monthly report is due so many working days after the deadline."""
    late: Annotated[int, Field(ge=0)] = 10
    """A notice due more working days ago than this is not sent, unless told `--late`."""
    days_off: tuple[date, ...] = ()
    """Days off that the calendar of Vietnam does not know (a decision of the year)."""
    working_days: tuple[date, ...] = ()
    """Days worked instead."""
    closing_month: bool = False
    """Whether a run without a named period, in February, takes the closing month of the year before
    (`2021-13`) beside January; named, it is always taken."""


def _domain(name: str) -> str:
    plain = name.strip().casefold().removeprefix("@")
    if not plain or "@" in plain:
        raise ValueError("ghi tên miền, ví dụ ubdt.vn")
    return plain


class Approval(_Section):
    """What may leave without a person's word each time, and who answers for that."""

    standing: tuple[NoticeKind, ...] = ()
    answerable: str = ""

    @model_validator(mode="after")
    def _routine_only(self) -> "Approval":
        if wrong := [k.value for k in self.standing if k not in ROUTINE]:
            raise ValueError(f"{', '.join(wrong)} luôn phải do một người phê duyệt từng lần")
        if self.standing and not self.answerable:
            raise ValueError("phê duyệt thường trực phải ghi người chịu trách nhiệm (answerable)")
        return self


class Person(_Section):
    """Somebody who works with the workspace, known by the login of the operating system."""

    name: Annotated[str, Field(min_length=1)]
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    deputies: tuple[str, ...] = ()
    """Logins that may act in this person's name."""


class Access(_Section):
    """Who may do what. Without people the name after `--by` is recorded as said."""

    people: dict[str, Person] = {}
    page: bool = False
    """Whether approvals and the like are taken from Prefect's page, which knows no login."""

    @model_validator(mode="after")
    def _told_apart(self) -> "Access":
        said = [" ".join(person.name.casefold().split()) for person in self.people.values()]
        if len(set(said)) < len(said):
            raise ValueError("hai người trùng họ tên; hãy ghi thêm đơn vị hoặc chức vụ sau họ tên")
        return self


class Tripwires(_Section):
    """What holds a batch of letters for a person's second look, kind by kind."""

    times: Annotated[Decimal, Field(ge=1)] = Decimal(3)
    """More than so many times the letters of the last period that had any of the kind."""
    share: Annotated[Decimal, Field(gt=1)] = Decimal(2)
    """So many times the last period's share of units that get an urging letter."""
    few: Annotated[int, Field(ge=0)] = 10
    """Letters up to which a batch is not compared with the last period's."""
    most: Annotated[int, Field(ge=1)] = 2000
    """Letters of one kind in one period, whatever the last had."""
    domains: tuple[Annotated[str, AfterValidator(_domain)], ...] = ()
    """Mail domains, with all below them, that letters may go to; none: any."""


def _address(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", text):
        raise ValueError("ghi địa chỉ thư, ví dụ quantri@ubdt.vn")
    return text


class Watch(_Section):
    """What `dondoc watch` tells of, and whom."""

    recipients: tuple[Annotated[str, AfterValidator(_address)], ...] = ()
    """Who gets its mail each day; to name somebody is the standing approval of that mail."""
    begin_within: Annotated[int, Field(ge=1, le=1440)] = 30
    """Minutes after its time within which a scheduled run must have begun."""
    unapproved_days: Annotated[int, Field(ge=0)] = 2
    """Working days after the day it was due up to which a draft may wait for its approval."""
    unanswered_hours: Annotated[int, Field(ge=1)] = 24
    """Hours after which what a unit sent is told of as unanswered, unread, in quarantine, or to be
    placed."""
    backup_days: Annotated[int, Field(ge=0)] = 2
    """Days after the last `dondoc backup` from which its absence is told, once there was one; 0:
    never."""


class Pace(_Section):
    """The share of the year's budget expected by the end of a month."""

    name: Literal["linear", "quarters", "own"] = "quarters"
    """`own`: the share of a year's end that the body had usually paid by then, times the last of
    `quarters`."""
    years: Annotated[int, Field(ge=1, le=10)] = 2
    """Past years that `own` needs; with fewer the pace is `otherwise`."""
    otherwise: Literal["linear", "quarters"] = "quarters"
    quarters: tuple[Share, Share, Share, Share] = (
        Decimal("0.20"),
        Decimal("0.40"),
        Decimal("0.60"),
        Decimal("0.95"),
    )
    """Targets at the quarters' ends; between them in equal monthly steps."""
    origin: str = "mốc tiến độ chung: 60% đến hết quý III, 95% cả năm; các tháng khác chia đều"
    """Where the targets come from; printed beside the rule in explanations."""

    @model_validator(mode="after")
    def _rising(self) -> "Pace":
        if list(self.quarters) != sorted(self.quarters):
            raise ValueError("mức phải đạt cuối quý sau không được thấp hơn quý trước")
        return self


def _day_of_year(text: str) -> str:
    try:
        datetime.strptime(f"{text}/2000", "%d/%m/%Y")  # noqa: DTZ007 - a day, no instant
    except ValueError:
        raise ValueError("không phải ngày/tháng, ví dụ 15/11") from None
    return text


class Adjustments(_Section):
    """The procedure of adjusting budgets."""

    before: dict[Source, Annotated[str, AfterValidator(_day_of_year)]] = {
        "Chi thường xuyên": "15/11"
    }
    """Funding source -> the day of the year before which the law wants its budgets adjusted
    (recurrent: Luật NSNN 2015, Điều 53); later is told of, not refused."""


class NoDisbursement(_Section):
    """Nothing spent of a budget that exists; always `critical`."""

    enabled: bool = True


def _refuse_disorder(low: Decimal, critical: Decimal) -> None:
    if critical > low:
        raise ValueError("critical không được lớn hơn low")


class BelowPace(_Section):
    """The rate is under the share of the year that the pace expects."""

    enabled: bool = True
    low: Share = Decimal("0.9")
    """Below this share of the expected rate a flag is `low`; between it and 1 `watch`."""
    critical: Share = Decimal("0.5")
    """Below half of the line the press writes "rất thấp" (domain notes, section 4)."""

    @model_validator(mode="after")
    def _graver_comes_later(self) -> "BelowPace":
        _refuse_disorder(self.low, self.critical)
        return self


class BelowAverage(_Section):
    """A unit's rate is under an average, weighted by money."""

    enabled: bool = True
    scopes: Annotated[tuple[Literal["body", "source", "kind"], ...], Field(min_length=1)] = (
        "body",
    )
    """Averages compared with: of the whole body, of each funding source (with the unit's own rate
    of that source), of the units of its kind (the registry's column Loại)."""
    low: Share = Decimal("0.5")
    """Below this share of the average a unit is `low`; between it and 1 `watch`."""
    peers: Annotated[int, Field(ge=1)] = 3
    """Fewest accepted units with a budget that make an average worth comparing with."""


class Target(_Section):
    """A share of the year's budget that must be spent by the end of a month."""

    month: Annotated[int, Field(ge=1, le=12)]
    share: Share
    origin: str
    """Who set it; printed beside the rule."""
    year: Annotated[int, Field(ge=2000, le=2100)] | None = None
    """Of that year only; it then takes the place of the same month's target of every year."""

    def __str__(self) -> str:
        month = f"{self.month}/{self.year}" if self.year else str(self.month)
        return f"{month}: {_text(self.share)} ({self.origin})"


class BelowTarget(_Section):
    """The rate is under the last target that is due."""

    enabled: bool = True
    targets: tuple[Target, ...] = (
        Target(month=9, share=Decimal("0.60"), origin="mục tiêu của Chính phủ đến hết quý III"),
        Target(month=12, share=Decimal("0.95"), origin="mục tiêu của Chính phủ cả năm"),
    )
    low: Share = Decimal("0.9")
    """Below this share of the target a flag is `low`; between it and 1 `watch`."""
    critical: Share = Decimal("0.5")
    """Below this share of the target a flag is `critical`."""

    @model_validator(mode="after")
    def _graver_comes_later(self) -> "BelowTarget":
        _refuse_disorder(self.low, self.critical)
        return self

    @model_validator(mode="after")
    def _one_a_month(self) -> "BelowTarget":
        named = [(target.year, target.month) for target in self.targets]
        if len(set(named)) < len(named):
            raise ValueError("mỗi tháng chỉ ghi một mục tiêu")
        return self


class UnlikelyToFinish(_Section):
    """The forecast of a unit's year stays under the year's target: `low` where the whole 80 %
    interval does, `watch` where there is no interval and the foretold rate does."""

    enabled: bool = True
    critical: Share = Decimal("0.5")
    """The interval's upper end under this share of the year's target is `critical`."""


class Repeat(_Section):
    """Flagged `low` or worse for months running: one step graver than the gravest flag."""

    enabled: bool = True
    months: Annotated[int, Field(ge=2, le=12)] = 3
    """Months running, this one among them."""


class EstimateImplausible(_Section):
    """The unit's own estimate of the year is hard to believe."""

    enabled: bool = True
    months: Annotated[int, Field(ge=1, le=11)] = 6
    """Fewest months whose rise is known, before a needed pace is compared with the best of them."""
    times: Annotated[Decimal, Field(gt=0)] = Decimal(2)
    """Times the activity's best month so far that a month may have to bring."""
    change: Share = Decimal("0.3")
    """Share of the budget that an estimate may change by from one month to the next, where the
    budget stayed."""


class MilestoneOverdue(_Section):
    """A deliverable, or an IT project's acceptance, handover or settlement, is past its date; or
    the money is paid and acceptance has not begun."""

    enabled: bool = True
    paid: Share = Decimal(1)
    """Share of the budget paid from which acceptance must have begun, in an IT project that ends
    in the year."""


class AdjustmentPending(_Section):
    """A proposal to adjust the budget waits for a decision."""

    enabled: bool = True
    months: Annotated[int, Field(ge=2, le=12)] = 2
    """Months running that the form has shown a proposal, this one among them."""


class PromiseBroken(_Section):
    """The date that last month's solution named has passed, and nothing has moved."""

    enabled: bool = True


class Recovered(_Section):
    """A unit that was low last month and is not now."""

    enabled: bool = True


class Stalled(_Section):
    """The cumulative figure has not risen for months."""

    enabled: bool = True
    months: Annotated[int, Field(ge=1, le=11)] = 2
    """Months without a rise that are flagged `watch`."""
    low_months: Annotated[int, Field(ge=1, le=12)] = 3
    """Months without a rise that are flagged `low`."""

    @model_validator(mode="after")
    def _graver_comes_later(self) -> "Stalled":
        if self.low_months < self.months:
            raise ValueError("low_months không được nhỏ hơn months")
        return self


class Rules(_Section):
    """The rules' switches and thresholds; rates are fractions, money triệu đồng."""

    year_target: Share = Decimal("0.95")
    """What the year must reach; "needed per month" counts up to it (Government's line)."""
    small_amount: Annotated[Decimal, Field(ge=0)] = Decimal(50)
    """triệu đồng; a current budget below it is flagged but never a reason for a letter."""
    from_month: Annotated[int, Field(ge=1, le=12)] = 3
    """First month judged against the pace: the end of the first quarter, when the first target is
    due; before it the year's budget is still being allocated (practice)."""
    denominators: dict[Source, Denominator] = {}
    """Funding source -> `total` (the current budget, with what was carried over; where none is
    named) or `plan` (the plan of the year, without it): what rates divide by."""
    open_in_january: tuple[Source, ...] = OPEN_IN_JANUARY
    """Funding sources whose adjustments decided in January of the next year still count in the
    closing month; of the others those decided by 31 December."""
    pace: Pace = Pace()
    no_disbursement: NoDisbursement = NoDisbursement()
    below_pace: BelowPace = BelowPace()
    below_target: BelowTarget = BelowTarget()
    below_average: BelowAverage = BelowAverage()
    unlikely_to_finish: UnlikelyToFinish = UnlikelyToFinish()
    stalled: Stalled = Stalled()
    repeat: Repeat = Repeat()
    estimate_implausible: EstimateImplausible = EstimateImplausible()
    milestone_overdue: MilestoneOverdue = MilestoneOverdue()
    adjustment_pending: AdjustmentPending = AdjustmentPending()
    promise_broken: PromiseBroken = PromiseBroken()
    recovered: Recovered = Recovered()

    def value(self, name: str) -> str:
        """A setting by its dotted name (`below_pace.low`), as text: `0.9`, however it was typed."""
        value = attrgetter(name)(self)
        return "; ".join(map(_text, value)) if isinstance(value, tuple) else _text(value)


def _text(value: object) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


class Checks(_Section):
    """When a figure that may be right is still worth a person's look (warnings of validation).

    Origin of the amounts: tried on one half of the bodies in three published monthly series
    (Vietnam's statistics office, Spain's IGAE, Georgia's Treasury), counted on the other half.
    """

    beyond_left: Share = Decimal("0.1")
    """Of last month's budget: so far must a rise go beyond what was left of it, where a later
    decision covers the rise; money of a new decision is seldom paid in the same month."""
    surge_times: Annotated[Decimal, Field(ge=1)] = Decimal(5)
    """A rise of so many times the largest monthly rise before it in the year."""
    surge_rises: Annotated[int, Field(ge=1, le=11)] = 3
    """Fewest months that rose before it; with fewer there is nothing to compare with."""
    surge_share: Share = Decimal("0.1")
    """Of the current budget; a smaller rise is never called a surge."""
    same_digits: Annotated[int, Field(ge=1, le=20)] = 4
    """Digits, without the zeros at both ends, that two activities may share only by copying."""
    again_rising: Annotated[int, Field(ge=2)] = 3
    """Fewest activities that rose last month and stand still now: the column was sent again."""
    again_share: Annotated[Decimal, Field(gt=0, le=1)] = Decimal("0.9")
    """Of the activities that rose last month."""


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("không có múi giờ này, ví dụ Asia/Ho_Chi_Minh")
    return name


class _Told(PydanticBaseSettingsSource):
    """A source that is asked once for all that it has."""

    def __init__(
        self, settings_cls: type[BaseSettings], told: Callable[[], dict[str, Any]]
    ) -> None:
        super().__init__(settings_cls)
        self.told = told

    def get_field_value(self, _field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Nothing by itself: secrets lie in sections too."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        return self.told()


def plain_environment(said: dict[str, Any]) -> dict[str, Any]:
    """What the environment sets, without the names of the secrets' files."""
    for name in secret_names():
        *sections, last = name.split(".")
        place: Any = said
        for section in sections:
            place = place.get(section, {})
        place.pop(f"{last}_file", None)
    return said


class Settings(BaseSettings):
    """Everything that a workspace may set. Unknown keys are refused by name."""

    model_config = SettingsConfigDict(
        env_prefix="DONDOC_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    language: Literal["vi", "en"] = "vi"
    """What mails, documents and the terminal are written in; the forms are Vietnamese."""
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Ho_Chi_Minh"
    database_url: SecretStr | None = None
    """Not from the file: PostgreSQL instead of the workspace's `dondoc.db`."""
    server_auth: SecretStr | None = None
    """Not from the file: `user:password` that Prefect's server and page ask for."""
    body: Body = Body()
    letter: Letter = Letter()
    consolidated: Consolidated = Consolidated()
    mail: Mail = Mail()
    mailbox: Mailbox = Mailbox()
    reading: Reading = Reading()
    crew: Crew = Crew()
    schedule: Schedule = Schedule()
    approval: Approval = Approval()
    access: Access = Access()
    tripwires: Tripwires = Tripwires()
    watch: Watch = Watch()
    adjustments: Adjustments = Adjustments()
    rules: Rules = Rules()
    checks: Checks = Checks()

    @property
    def standing(self) -> tuple[NoticeKind, ...]:
        """The kinds that leave without a person's word each time."""
        watched = (NoticeKind.WATCH,) if self.watch.recipients else ()
        return (*self.approval.standing, *watched)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment overrides the file, whose content comes as keyword arguments; secrets
        may have files of their own."""
        return (
            _Told(settings_cls, lambda: plain_environment(env_settings())),
            _Told(settings_cls, lambda: secrets.files(secret_names())),
            init_settings,
        )


def load(workspace: Path) -> Settings:
    """The settings of a workspace; raises SettingsError naming the key that is wrong."""
    said = content(workspace)
    written_down = dict(_leaves(said, ""))
    for name in secret_names():
        if name in written_down:
            raise SettingsError(
                f"{FILE} không được chứa {name}; hãy đặt biến môi trường {variable(name)}, hoặc "
                f"ghi vào một tệp riêng (quyền 0600) và nêu tệp đó ở {file_variable(name)}."
            )
    _refuse_unknown_variables()
    try:
        return Settings(**said)
    except ValidationError as error:
        raise SettingsError(_sentence(error, f"{FILE} hoặc DONDOC_…")) from error


def written(workspace: Path) -> dict[str, Any]:
    """What `dondoc.toml` itself says, by dotted name, as plain JSON; `load` has refused secrets."""
    return dict(_leaves(content(workspace), ""))


def _leaves(section: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in section.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            plain = isinstance(value, str | int | bool)
            yield f"{prefix}{name}", value if plain else str(value)


def file_of(workspace: Path) -> Path:
    """Where the settings stand; raises SettingsError where they do not."""
    path = workspace / FILE
    if not path.is_file():
        raise SettingsError(
            f"Không thấy {FILE} trong {workspace}; hãy chạy 'dondoc init' hoặc chỉ rõ --workspace."
        )
    return path


def content(workspace: Path) -> dict[str, Any]:
    """What `dondoc.toml` says, not looked at yet; raises SettingsError where it cannot be read."""
    path = file_of(workspace)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{FILE} sai cú pháp: {error}.") from error


def secret_names(model: type[BaseModel] = Settings, prefix: str = "") -> list[str]:
    """Every setting that is a secret, by its dotted name."""
    found = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += secret_names(kind, f"{prefix}{name}.")
        elif SecretStr in get_args(kind):
            found.append(f"{prefix}{name}")
    return found


def _refuse_unknown_variables() -> None:
    secret_files = {file_variable(name) for name in secret_names()}
    for name in os.environ:
        if name in secret_files:
            continue
        if name.startswith("DONDOC_ACCESS"):  # or anybody could name himself an officer
            raise SettingsError(
                f"Phần [access] chỉ đặt được trong {FILE}; hãy bỏ biến môi trường {name}."
            )
        if name.startswith("DONDOC_"):
            model: type[BaseModel] | None = Settings
            for part in name.removeprefix("DONDOC_").lower().split("__"):
                known = model.model_fields if model else {}
                if part not in known:
                    hint = nearest(name, [variable(key) for key in names()])
                    raise SettingsError(
                        f"Không có thiết lập nào tên {name} (biến môi trường){hint}."
                    )
                kind = known[part].annotation
                model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def names(model: type[BaseModel] = Settings, prefix: str = "") -> list[str]:
    """Every setting by its dotted name, `rules.below_pace.low`; the fields of a list's entries
    follow the list, `rules.below_target.targets.month`."""
    found = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        inside = isinstance(kind, type) and issubclass(kind, BaseModel)
        found += [] if inside else [f"{prefix}{name}"]
        for one in (kind, *get_args(kind)):
            if isinstance(one, type) and issubclass(one, BaseModel):
                found += names(one, f"{prefix}{name}.")
    return found


def changed(rules: Rules, changes: Sequence[str]) -> Rules:
    """The rules with some settings changed, each as `below_pace.low=0.8` (a value as in TOML).

    Raises SettingsError where a name is unknown, naming the nearest, or a value does not fit.
    """
    content = rules.model_dump()
    for change in changes:
        name, equals, text = (part.strip() for part in change.partition("="))
        if not equals:
            raise SettingsError(
                f"“{change}” không đúng dạng tên=giá trị, ví dụ below_pace.low=0.8."
            )
        *sections, last = name.removeprefix("rules.").split(".")
        try:
            value = tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
        except tomllib.TOMLDecodeError:
            value = text
        place: Any = content
        for section in sections:
            place = place.setdefault(section, {}) if isinstance(place, dict) else None
        if not isinstance(place, dict):
            hint = nearest(f"rules.{name.removeprefix('rules.')}", names())
            raise SettingsError(f"Không có thiết lập nào tên {name}{hint}.")
        place[last] = value
    try:
        return Rules.model_validate(content)
    except ValidationError as error:
        raise SettingsError(_sentence(error, "--set", "rules.")) from error


def _sentence(error: ValidationError, where: str, within: str = "") -> str:
    """One sentence for all that is wrong with what was set there."""
    return f"Thiết lập không dùng được ({where}): {'; '.join(refusals(error, names(), within))}."
