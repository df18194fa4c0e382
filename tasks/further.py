"""Finds the cells that a flag rests on beside the figures of its own line: other months, other
forms, the unit's words. The rules do not know where their numbers stood; what they tell is looked
up in the stored rows."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from schemas.explanation import Further, Origin
from schemas.flags import Flag
from schemas.forms import DISBURSEMENT, FORMS, IT, STRATEGY, Form, Kind, Row
from schemas.period import Period
from tasks import submissions
from tasks.desk import Desk
from tasks.submissions import Stored, standing

Found = Iterator[Further | None]

_FORMS = {form.name: form for form in FORMS}
_STEPS = ("completion", "acceptance", "handover", "settlement")


class Cells:
    """The cells of the year's reports up to a period; read at the first flag that needs them."""

    def __init__(self, desk: Desk, period: Period) -> None:
        self.desk, self.period = desk, period
        self.due = {one.code: one.due_date for one in desk.registry.activities}

    def behind(self, flag: Flag, activities: Sequence[str]) -> tuple[Further, ...]:
        """The cells of one flag; `activities` are those that a flag on a whole unit speaks of."""
        its = [flag.activity] if flag.activity else activities
        return tuple(found for found in self._behind(flag, its) if found)

    def _behind(self, flag: Flag, its: Sequence[str]) -> Found:
        facts, month = dict(flag.facts), self.period.month
        match flag.rule:
            case "repeat":
                yield from self._paid(
                    flag, its, range(month - int(facts.get("months", 1)) + 1, month)
                )
            case "recovered":
                yield from self._paid(flag, its, (month - 1,))
            case "stalled":
                yield from self._paid(flag, its, range(self._since(its[0]), month))
            case "adjustment-pending":
                since = date.fromisoformat(facts["since_day"]).month
                months = range(since, month + 1)
                yield from (self._at(flag, DISBURSEMENT, its[0], m, "proposal") for m in months)
            case "estimate-implausible":
                yield from self._estimate(flag, its[0], facts)
            case "milestone-overdue":
                yield from self._milestone(flag, facts)
            case "promise-broken":
                yield from self._promise(flag, its[0], facts["said"].removesuffix(" …"))

    def _paid(self, flag: Flag, activities: Sequence[str], months: Sequence[int]) -> Found:
        for code in activities:
            yield from (self._at(flag, DISBURSEMENT, code, m, "disbursed") for m in months)

    def _since(self, code: str) -> int:
        """The month from which an activity's figure has not risen."""
        month = self.period.month
        known = self._figures(code)
        while month - 1 in known and month in known and known[month] <= known[month - 1]:
            month -= 1
        return month

    def _estimate(self, flag: Flag, code: str, facts: dict[str, str]) -> Found:
        month = self.period.month
        months = (month - 1, month) if facts.get("variant") == "changed" else (month,)
        yield from (self._at(flag, DISBURSEMENT, code, m, "estimate") for m in months)
        best = Decimal(facts["best_amount"]) if "best_amount" in facts else None
        known = {0: Decimal(0)} | self._figures(code)
        for one, after in pairwise(sorted(known)):
            if after == one + 1 and known[after] - known[one] == best:
                yield from self._paid(flag, [code], (one, after))
                return

    def _milestone(self, flag: Flag, facts: dict[str, str]) -> Found:
        month, part = self.period.month, facts["part"]
        for form in (IT, STRATEGY):
            if "due_day" in facts:
                yield self._at(flag, form, part, month, "due_date")
            for name in _STEPS:
                if facts.get("variant") != "step" or _label(form, name) == facts["step"]:
                    yield self._at(flag, form, part, month, name)
        row, _ = self._rows.get((STRATEGY.name, part, month), (None, None))
        due = None if row and row.values.get("due_date") else self.due.get(part)
        if due and "due_day" in facts:
            registry = Origin("registry.xlsx", self.desk.registry.version, "Nhiệm vụ", None, 0)
            label = STRATEGY["due_date"].label
            yield Further(flag.rule, label, part, self.period, Kind.DATE, due.isoformat(), registry)

    def _promise(self, flag: Flag, activity: str, said: str) -> Found:
        """Where the words stand, and what has not moved since."""
        month = self.period.month
        for form, code, its_month in self._places.get(activity, ()):
            if its_month != month - 1:
                continue
            row, _ = self._rows[form, code, its_month]
            words = " ".join(str(row.values.get("solution") or "").split())
            if not words.startswith(said):
                continue
            yield self._at(flag, _FORMS[form], code, month - 1, "solution")
            for name in ("disbursed", *_STEPS):
                yield self._at(flag, _FORMS[form], code, month - 1, name)
                yield self._at(flag, _FORMS[form], code, month, name)

    def _at(self, flag: Flag, form: Form, code: str, month: int, name: str) -> Further | None:
        """What stands in a field; None where there is no such field, or nothing stands there."""
        row, version = self._rows.get((form.name, code, month), (None, None))
        field = next((one for one in form.fields if one.name == name), None)
        if row is None or version is None or field is None or row.values.get(name) is None:
            return None
        value = row.values[name]
        text = value.isoformat() if isinstance(value, date) else str(value)
        origin = Origin(version.file, version.sha256, row.sheet, row.cell(name), version.version)
        period = Period(self.period.year, month)
        return Further(flag.rule, field.label, code, period, field.kind, text, origin)

    def _figures(self, code: str) -> dict[int, Decimal]:
        found = {
            month: self._rows[form, its, month][0].values["disbursed"]
            for form, its, month in self._places.get(code, ())
            if form == DISBURSEMENT.name and its == code
        }
        return {month: amount for month, amount in found.items() if amount is not None}

    @cached_property
    def _places(self) -> dict[str, list[tuple[str, str, int]]]:
        """Activity -> the keys of its own rows and of its parts', in the order of the rows."""
        places: dict[str, list[tuple[str, str, int]]] = {}
        for place in self._rows:
            for code in {place[1], place[1].rpartition("-")[0]}:
                places.setdefault(code, []).append(place)
        return places

    @cached_property
    def _rows(self) -> dict[tuple[str, str, int], tuple[Row, Stored]]:
        """(form, code, month) -> the row that counts, and the version that it stands in."""
        stands: dict[int, tuple[int, Stored]] = {}
        for month in range(1, self.period.month + 1):
            versions = submissions.of_period(self.desk, Period(self.period.year, month))
            stands |= {v.id: (month, v) for its in versions.values() if (v := standing(its))}
        recent = [n for n, (month, _) in stands.items() if month >= self.period.month - 1]
        return {
            (form.name, row.code, stands[number][0]): (row, stands[number][1])
            for form in FORMS
            for number, row in submissions.rows_of(
                self.desk, form.name, list(stands) if form is DISBURSEMENT else recent
            )
        }


def _label(form: Form, name: str) -> str | None:
    return next((field.label for field in form.fields if field.name == name), None)
