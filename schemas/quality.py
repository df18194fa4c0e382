"""What validation takes and gives: the rows of a whole batch, and its findings by submission."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.findings import Finding
from schemas.forms import Row, Values
from schemas.period import Period
from schemas.registry import Activity, Budget

Doubts = Mapping[tuple[str, str], Mapping[str, object]]
"""(rule, field) of a cell that a person should look at -> what its sentence tells: amounts in
triệu đồng, counts, words."""


@dataclass(frozen=True)
class Plan:
    """An activity's budget in the registry, whoever has reported on it."""

    activity: str
    unit: str
    budget: Budget


@dataclass(frozen=True, slots=True)
class Before:
    """The activity's last accepted row of the same year, with what its budget was then."""

    values: Values
    """By field name, as they stood in the workbook."""
    budget: Budget | None = None
    """As the ledger has it at the end of that month."""


@dataclass(frozen=True, slots=True)
class SubmittedRow:
    """One row of one submission, with what the ministry knows of its activity (triệu đồng)."""

    submission: str
    """The key of the submission; findings come back under it."""
    file: str
    unit: str
    period: Period
    row: Row
    activity: Activity | None = None
    budget: Budget | None = None
    """None where the activity is not known: nothing is compared then."""
    last: Decimal | None = None
    """The last accepted earlier cumulative figure of the same year."""
    earlier: Mapping[int, Decimal] = field(default_factory=dict)
    """Month -> accepted cumulative figure of the year's earlier months; `last` is the newest."""
    before: Before | None = None
    """None where no earlier month of the year was accepted."""
    doubts: Doubts = field(default_factory=dict)
    """What does not fit the months before or the rows beside (rules/doubts.py)."""
    bad: frozenset[str] = frozenset()
    """Fields whose cells already have a finding from reading; they get no second one."""

    def value(self, name: str) -> object:
        """The field's value; an empty text is None."""
        value = self.row.values.get(name)
        return None if value == "" else value


@dataclass(frozen=True)
class Batch:
    """What is validated in one go, with what it is compared with."""

    rows: tuple[SubmittedRow, ...]
    plans: tuple[Plan, ...] = ()
    """Of activities that nobody has reported on yet."""
    beside: tuple[SubmittedRow, ...] = ()
    """What was reported before the batch; it is not validated again."""


@dataclass(frozen=True)
class Run:
    """One Great Expectations run; `result` is its own account as JSON, for the Data Docs."""

    period: Period
    form: str
    rows: int
    result: str


@dataclass(frozen=True)
class Quality:
    """Findings by submission (each that was given has an entry), and the runs behind them."""

    findings: Mapping[str, tuple[Finding, ...]]
    runs: tuple[Run, ...]
