"""Touches Great Expectations: validates a whole batch in one run per form, back to the cell."""

import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from reports.findings import finding
from rules.checks import checks
from rules.doubts import doubted
from rules.shortlist import shortlist
from schemas.findings import Finding, Severity
from schemas.forms import FORMS, Check, Form
from schemas.quality import Batch, Plan, Quality, Run, SubmittedRow
from schemas.settings import Checks, Rules
from schemas.texts import say
from tasks.crew import Work

LARGEST_SHEET = 1000
"""Rows of one sheet of one submission that are validated; the largest unit has some dozens, and
Great Expectations takes a second for each few thousand failing cells."""

_DEFAULTS = Checks()

_PLACE = "vị trí"
"""The column that failures are mapped back by: unique, and told by the Data Docs."""
_BULK = ("unexpected_list", "unexpected_index_list")
"""Every failing value; the account keeps the first `_SHOWN` for its page."""
_SHOWN = 20
_GRAVITY = {Severity.ERROR: "critical", Severity.WARNING: "warning", Severity.INFO: "info"}


def great_expectations() -> ModuleType:
    """The library, imported at first use (3 to 8 s of CPU), its telemetry off."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it imports sre_constants
        import great_expectations as gx  # noqa: PLC0415
    logging.getLogger("great_expectations").propagate = False  # it tells of its every folder
    return gx


def context(gx: ModuleType) -> Any:
    """A fresh ephemeral context without progress bars; never shared (issue 12209 of theirs)."""
    fresh = gx.get_context(mode="ephemeral")
    fresh.variables.progress_bars = {"globally": False}
    fresh.enable_analytics(enable=False)
    return fresh


def imported() -> bool:
    """Whether this process has the library already: then it needs no other to validate."""
    return "great_expectations" in sys.modules


def _imports(_: None) -> Callable[[None], None]:
    def bring(_: None) -> None:
        great_expectations()

    return bring


def _validates(asked: tuple[Batch, Rules, Checks]) -> Callable[[None], Quality]:
    batch, rules, thresholds = asked
    return lambda _: validate(batch.rows, rules, thresholds, batch.plans, batch.beside)


IMPORT = Work("tasks.quality:IMPORT", _imports, shared=None, item=None, result=None)
"""The library, in another process, before there is anything to validate."""
VALIDATE = Work(
    "tasks.quality:VALIDATE",
    _validates,
    shared=tuple[Batch, Rules, Checks],
    item=None,
    result=Quality,
)


def validate(
    rows: Sequence[SubmittedRow],
    rules: Rules,
    thresholds: Checks = _DEFAULTS,
    plans: Sequence[Plan] = (),
    beside: Sequence[SubmittedRow] = (),
) -> Quality:
    """The findings on the rows of all submissions of a batch, in ONE run per form; `plans` and what
    was reported `beside` the batch are what its rows are compared with.

    A batch of several periods takes one run per form and period, so that the Data Docs of a
    period tell of that period. Findings are in the order of sheets, rows and columns, at most
    `MOST_FINDINGS` of one submission. Raises RuntimeError where Great Expectations did not
    evaluate a check: nothing that was not looked at may pass.
    """
    rows = doubted(rows, thresholds, plans, beside)
    found: dict[str, list[Finding]] = {r.submission: [] for r in rows}
    runs = []
    for form in FORMS:
        of_form = [r for r in rows if r.row.form == form.name]
        of_form = list(_within_limit(form, of_form, found))
        for period in sorted({r.period for r in of_form}):
            batch = [r for r in of_form if r.period == period]
            failures, result = _run(form, batch, rules)
            runs.append(Run(period, form.name, len(batch), result))
            for number, check in _told(form, batch, failures):
                found[batch[number].submission].append(finding(form, check, batch[number]))
    return Quality({key: shortlist(findings) for key, findings in found.items()}, tuple(runs))


@dataclass(frozen=True)
class _Failure:
    row: int
    check: Check


def _run(form: Form, rows: Sequence[SubmittedRow], rules: Rules) -> tuple[list[_Failure], str]:
    """One run over rows of one form and period: what failed, and the library's own account."""
    from rules.facts import frame  # noqa: PLC0415 - pandas only when there is something to check

    gx = great_expectations()
    table = frame(form, rows, rules)
    places = [f"{i}: {r.file}, dòng {r.row.number}" for i, r in enumerate(rows, 1)]
    table[_PLACE] = places
    declared = checks(form)
    here = context(gx)
    suite = here.suites.add(gx.ExpectationSuite(name=form.name))
    suite.expectations = [_expectation(gx, form, i, check) for i, check in enumerate(declared)]
    suite.save()
    asset = here.data_sources.add_pandas("dondoc").add_dataframe_asset(form.name)
    definition = gx.ValidationDefinition(
        name=form.name, data=asset.add_batch_definition_whole_dataframe("batch"), suite=suite
    )
    result = here.validation_definitions.add(definition).run(
        batch_parameters={"dataframe": table},
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": [_PLACE],
            "return_unexpected_index_query": False,
        },
    )
    number = {place: i for i, place in enumerate(places)}
    failures = [_Failure(number[place], check) for place, check in _failures(result, declared)]
    for answer in result.results:
        for bulk in _BULK:
            answer.result[bulk] = answer.result.get(bulk, [])[:_SHOWN]
    return failures, str(result)


def _expectation(gx: ModuleType, form: Form, number: int, check: Check) -> Any:
    kind = getattr(gx.expectations, check.expectation)
    return kind(
        **check.arguments,
        severity=_GRAVITY[check.severity],
        description=f"{form[check.cell].label}: {check.rule}",
        meta={"check": number},
    )


def _failures(result: Any, declared: Sequence[Check]) -> Iterator[tuple[str, Check]]:
    """Where each check fails; an answer that does not answer is no success."""
    answers = {r.expectation_config.meta["check"]: r for r in result.results}
    for number, check in enumerate(declared):
        answer = answers.get(number)
        if answer is None or "unexpected_count" not in answer.result:
            raise RuntimeError(f"Great Expectations did not evaluate {check.rule}")
        failing = answer.result.get("unexpected_index_list") or []
        if answer.result["unexpected_count"] != len(failing) or answer.success is bool(failing):
            raise RuntimeError(f"Great Expectations contradicts itself on {check.rule}")
        for failure in failing:
            yield failure[_PLACE], check


def _told(
    form: Form, rows: Sequence[SubmittedRow], failures: Sequence[_Failure]
) -> list[tuple[int, Check]]:
    """The failures that a clerk hears of, by row and column."""
    order = {field.name: i for i, field in enumerate(form.fields)}
    marked: dict[tuple[int, str], set[str]] = {}
    for failure in failures:
        marked.setdefault((failure.row, failure.check.cell), set()).add(failure.check.rule)

    def heard(failure: _Failure) -> bool:
        looked_at = _looked_at(failure.check, order)
        rules = {rule for cell in looked_at for rule in marked.get((failure.row, cell), ())}
        return not (rules & failure.check.unless or looked_at & rows[failure.row].bad)

    told = [(f.row, f.check) for f in failures if heard(f)]
    return sorted(told, key=lambda f: (rows[f[0]].row.number, order[f[1].cell]))


def _looked_at(check: Check, fields: Mapping[str, int]) -> set[str]:
    """The fields a check looks at: the one it marks, and those that it compares."""
    named = (check.arguments.get(a) for a in ("column", "column_A", "column_B"))
    return {check.cell, *(name for name in named if name is not None and name in fields)}


def _within_limit(
    form: Form, rows: Sequence[SubmittedRow], found: Mapping[str, list[Finding]]
) -> Iterator[SubmittedRow]:
    """The first rows of each submission; one finding tells of a sheet that is longer."""
    count: dict[str, int] = {}
    for row in rows:
        count[row.submission] = nth = count.get(row.submission, 0) + 1
        if nth <= LARGEST_SHEET:
            yield row
        elif nth == LARGEST_SHEET + 1:
            message = say("finding.too-many-rows", sheet=row.row.sheet, limit=LARGEST_SHEET)
            cell = row.row.cell(form.fields[0].name)
            found[row.submission].append(
                Finding("too-many-rows", Severity.ERROR, message, row.file, row.row.sheet, cell)
            )
