"""The sample ministry is consistent, and the story that it tells is true of its figures."""

import re
import tomllib
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pydantic import BaseModel

from reports.blank import blank_workbook
from reports.numbers import percent
from rules.adjustments import proposals
from rules.budget import budgets
from rules.judge import judge
from rules.pace import expected
from rules.past import past_figures
from rules.rates import by_unit
from rules.rollup import calls_for_letter
from rules.workdays import deadline, is_working_day, shift
from schemas import settings
from schemas.board import ActivityFigure, rate
from schemas.errors import DondocError
from schemas.evidence import Evidence, Milestone, Month
from schemas.flags import Flag, FlagSeverity
from schemas.forms import CHOICES, DONE, FORMS, SOURCES, Line
from schemas.notices import ROUTINE
from schemas.period import Period
from schemas.registry import (
    FORM_BY_KEY,
    SHEETS,
    Activity,
    Contact,
    Entry,
    LedgerRow,
    Registry,
    Role,
    Unit,
)
from tasks.registry import read_registry
from tasks.sample import (
    EXAMPLES,
    HISTORY,
    Values,
    fill,
    registry_rows,
    reported,
    story,
    write_workspace,
)

ROWS = registry_rows()
STORY = story()
OCTOBER = STORY.period
MONTHS = [Period(2021, month) for month in range(1, OCTOBER.month + 1)]
SEPTEMBER = MONTHS[-2]
SETTINGS = settings.Settings(**tomllib.loads((EXAMPLES / settings.FILE).read_text("utf-8")))
RULES, SCHEDULE = SETTINGS.rules, SETTINGS.schedule
REGISTRY = Registry(
    version="",
    units=tuple(Unit(**row) for row in ROWS["units"]),
    contacts=tuple(Contact(**{**row, "role": Role(row["role"])}) for row in ROWS["contacts"]),
    activities=tuple(
        Activity(**{**row, "forms": tuple(FORM_BY_KEY[key] for key in row["forms"].split(";"))})
        for row in ROWS["activities"]
    ),
    ledger=tuple(
        LedgerRow(
            row["year"],
            row["code"],
            Entry(row["entry"]),
            row["amount"],
            row["day"],
            row["decision"],
            number,
        )
        for number, row in enumerate(ROWS["ledger"], 2)
    ),
)
CODES = [unit.code for unit in REGISTRY.units]
TOLD = {(unit, month): reported(unit, month) for unit in CODES for month in MONTHS}


def course(form: str) -> dict[str, dict[Period, Values]]:
    """Code -> month -> what was reported on that form."""
    found: dict[str, dict[Period, Values]] = {}
    for (_, month), told in TOLD.items():
        for code, row in told.get(form, {}).items():
            found.setdefault(code, {})[month] = row
    return found


def figures(month: Period) -> list[ActivityFigure]:
    budget = budgets(REGISTRY, month)
    return [
        ActivityFigure(
            unit=activity.unit,
            code=activity.code,
            name=activity.name,
            source=activity.source,
            budget=budget[activity.code],
            disbursed=row["disbursed"],
            last_month=None,
            estimate=row["estimate"],
            proposal=row["proposal"],
            difficulty=row["difficulty"],
            solution=row["solution"],
        )
        for activity in REGISTRY.activities
        if (row := TOLD[activity.unit, month].get("disbursement", {}).get(activity.code))
    ]


def flags(month: Period) -> list[Flag]:
    months = [Month(m, tuple(figures(m)), milestones(m)) for m in MONTHS if m <= month]
    decided = {row.activity: (row.day,) for row in REGISTRY.ledger if row.day}
    return list(judge(Evidence(tuple(months), decided=decided), RULES))


def milestones(month: Period) -> tuple[Milestone, ...]:
    due = {a.code: a.due_date for a in REGISTRY.activities}
    return tuple(
        Milestone(
            unit=unit,
            activity=code.partition("-")[0],
            code=code,
            form=form,
            due=row.get("due_date") or due.get(code),
            steps=tuple(
                (step, row[step])
                for step in ("acceptance", "handover", "settlement")
                if step in row
            ),
            completion=row.get("completion"),
            solution=row.get("solution"),
        )
        for unit in CODES
        for form in ("it", "strategy")
        for code, row in TOLD[unit, month].get(form, {}).items()
    )


def letters(month: Period) -> set[str]:
    found = flags(month)
    return {u for u in CODES if calls_for_letter(f for f in found if f.unit == u)}


def test_registry_rows_hold_what_their_sheets_require() -> None:
    for form in SHEETS:
        for row in ROWS[form.name]:
            for field in form.fields:
                if field.required:
                    assert row[field.name] is not None, (form.name, row)
                if field.choices:
                    assert row[field.name] in field.choices
    assert len({row["code"] for row in ROWS["activities"]}) == len(ROWS["activities"])
    known = [(row.year, row.activity, row.entry, row.decision) for row in REGISTRY.ledger]
    assert len(set(known)) == len(known)
    codes = {activity.code for activity in REGISTRY.activities}
    assert {row.activity for row in REGISTRY.ledger if row.entry is Entry.ASSIGNED} == codes
    assert {activity.unit for activity in REGISTRY.activities} == set(CODES)


def test_the_ministry_is_the_one_of_the_mission() -> None:
    assert CODES == ["VP", "TTTT", "HVDT", "KHTC"]
    it = [a for a in REGISTRY.activities if "it" in a.forms]
    strategy = [a for a in REGISTRY.activities if "strategy" in a.forms]
    assert len(it) == 4
    assert (it[0].first_year, it[0].last_year) == (2018, 2022)
    assert {a.unit for a in strategy} <= {"VP", "KHTC"}
    assert 25 <= len(REGISTRY.activities) - len(it) - len(strategy) <= 27
    assert {a.source for a in REGISTRY.activities} == set(SOURCES)
    assert all(a.runs_in(2021) and "disbursement" in a.forms for a in REGISTRY.activities)


def test_everyone_can_be_written_to_and_nobody_is_real() -> None:
    for unit in CODES:
        assert REGISTRY.contacts_of(unit, Role.SUBMITTER)
        assert REGISTRY.contacts_of(unit, Role.HEAD)
    assert [c.unit for c in REGISTRY.contacts_of(None, Role.LEADER)] == [None]
    assert [c.unit for c in REGISTRY.contacts_of(None, Role.DIGEST)] == ["KHTC"]
    assert all(c.email.endswith("@ubdt.example") for c in REGISTRY.contacts)
    assert all("giả định" in row["type"] for row in ROWS["units"])
    assert all("giả định" in row["decision"] for row in ROWS["ledger"])


def test_every_activity_has_figures_for_every_month_but_the_missing_unit() -> None:
    for unit in CODES:
        for month in MONTHS:
            silent = month == OCTOBER and unit in STORY.missing
            assert TOLD[unit, month] == {} if silent else TOLD[unit, month]
            for form in () if silent else FORMS:
                codes = {a.code for a in REGISTRY.activities_of(unit, 2021) if form.name in a.forms}
                rows = set(TOLD[unit, month].get(form.name, {}))
                assert {code.partition("-")[0] for code in rows} == codes, (unit, month, form.name)
                assert form.per_deliverable or rows == codes


def test_money_stays_within_the_budget_and_the_estimate_above_what_is_spent() -> None:
    for month in MONTHS:
        for f in figures(month):
            assert f.estimate is not None
            room = f.budget.current + max(f.proposal or Decimal(0), Decimal(0))
            assert 0 <= f.disbursed <= f.budget.current, (month, f.code)
            assert f.disbursed <= f.estimate <= room, (month, f.code)


def test_a_cumulative_figure_falls_once_and_says_why() -> None:
    falls = [
        (code, later, rows[later]["difficulty"])
        for code, rows in course("disbursement").items()
        for earlier, later in pairwise(rows)
        if rows[later]["disbursed"] < rows[earlier]["disbursed"]
    ]
    assert [(code, str(month)) for code, month, _ in falls] == [("HVDT.03", "2021-06")]
    assert all(words for _, _, words in falls)


def test_clerks_give_cause_and_remedy_wherever_the_rate_is_low() -> None:
    for month in MONTHS:
        line = expected(month.month, RULES.pace) * Fraction(RULES.below_pace.low)
        for f in figures(month):
            if Fraction(f.disbursed) < line * Fraction(f.budget.current):
                assert f.difficulty, (str(month), f.code)
                assert f.solution, (str(month), f.code)


def test_milestones_come_in_order_and_never_go_back() -> None:
    steps = ("acceptance", "handover", "settlement")
    for code, rows in course("it").items():
        for month, row in rows.items():
            states = [CHOICES.index(row[step]) for step in steps]
            assert states == sorted(states, reverse=True), (code, str(month))
            done = [row[f"{s}_date"] for s in steps[:2] if row[s] == DONE]
            assert all(done)
            assert done == sorted(done)
            assert all(day <= month.last_day for day in done)
            assert (row["settlement_value"] is not None) == (row["settlement"] == DONE)
        for earlier, later in pairwise(rows.values()):
            for step in steps:
                assert CHOICES.index(earlier[step]) <= CHOICES.index(later[step])
                if earlier[step] == DONE:
                    assert earlier.get(f"{step}_date") == later.get(f"{step}_date")


def test_a_settlement_stays_within_the_approved_total() -> None:
    total = {a.code: a.approved_total for a in REGISTRY.activities}
    values = {
        (code, row["settlement_value"])
        for code, rows in course("it").items()
        for row in rows.values()
        if row["settlement_value"] is not None
    }
    assert values
    assert all(value <= (total[code] or 0) for code, value in values)


def test_the_strategy_goes_forward_and_its_workshops_add_up() -> None:
    rows = course("strategy")
    for code, months in rows.items():
        for earlier, later in pairwise(months.values()):
            assert 0 <= earlier["completion"] <= later["completion"] <= 100, code
        for month, row in months.items():
            parts = [r[month] for c, r in rows.items() if c.startswith(f"{code}-") and month in r]
            if parts:
                assert row["workshops"] == sum(part["workshops"] for part in parts)
            assert "-" not in code or row["name"]
    assert {"KHTC.01-1", "KHTC.01-2", "VP.06-2"} <= rows.keys()


def test_all_text_is_nfc_and_every_file_is_read() -> None:
    files = sorted(path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.rglob("*.*"))
    assert files == sorted(
        [
            *("README.md", "dondoc.toml", "new-workspace.toml", "october.toml"),
            *("figures.csv", "history.csv", "it.csv", "strategy.csv"),
            *(f"registry/{form.name}.csv" for form in SHEETS),
        ]
    )
    for name in files:
        text = (EXAMPLES / name).read_text("utf-8")
        assert unicodedata.is_normalized("NFC", text), name


def test_the_past_years_are_whole_and_say_that_they_are_invented() -> None:
    figures, wrong = past_figures(HISTORY.read_bytes())
    assert wrong == []
    assert {(f.unit, f.year, f.month) for f in figures} == {
        (code, year, month) for code in CODES for year in (2019, 2020) for month in range(1, 13)
    }
    for earlier, later in zip(figures, figures[len(CODES) :], strict=False):
        if earlier.year == later.year:
            assert earlier.disbursed_to_date < later.disbursed_to_date < later.budget
    first, *lines = HISTORY.read_text("utf-8").splitlines()
    assert first.endswith(",note")
    assert all(line.endswith(",số liệu giả định") for line in lines)


def test_the_ledger_has_each_case_that_the_budget_knows() -> None:
    at_end = {month: budgets(REGISTRY, month) for month in (Period(2021, 6), OCTOBER)}
    assert {c: b.carried for c, b in at_end[OCTOBER].items() if b.carried} == {
        "VP.02": Decimal("1150.4")
    }
    moved = {c: b.adjustment for c, b in at_end[OCTOBER].items() if b.adjustment}
    assert moved == {"VP.04": Decimal(-800), "HVDT.02": Decimal(800)}
    assert not any(b.adjustment for b in at_end[Period(2021, 6)].values())
    later = [row for row in REGISTRY.ledger if row.day and row.day > OCTOBER.last_day]
    assert {row.activity for row in later} == {"VP.04", "TTTT.04"}
    assert sum(row.amount for row in later) == 0


def test_two_units_are_low_and_one_has_recovered() -> None:
    now, before = flags(OCTOBER), flags(SEPTEMBER)
    assert letters(OCTOBER) == set(STORY.low)
    was_low = {f.unit for f in before if calls_for_letter([f])}
    reported = {f.unit for f in figures(OCTOBER)}
    assert (was_low & reported) - letters(OCTOBER) == set(STORY.recovered)
    whole = {f.unit: f.severity for f in now if f.activity is None and f.rule == "below-pace"}
    assert whole == dict.fromkeys(STORY.low, FlagSeverity.LOW)
    for f in figures(OCTOBER):
        if f.unit in STORY.recovered:
            assert (f.rate or 0) >= 0.9 * float(expected(OCTOBER.month, RULES.pace)), f.code
    assert "HVDT" not in letters(SEPTEMBER)


def test_the_readme_tells_the_rates_of_the_figures() -> None:
    readme = (EXAMPLES / "README.md").read_text("utf-8")
    for month, units in ((OCTOBER, ("VP", "TTTT", "KHTC")), (SEPTEMBER, ("KHTC",))):
        sums = by_unit(figures(month))
        for unit in units:
            budget, disbursed = sums[unit]
            assert percent(rate(disbursed, budget)) in readme, (unit, month)


def test_october_shows_each_rule_once() -> None:
    now = {(f.activity, f.rule): f for f in flags(OCTOBER) if f.activity}
    assert [a for a, rule in now if rule == "no-disbursement"] == ["VP.04"]
    assert now["VP.04", "no-disbursement"].severity is FlagSeverity.CRITICAL
    assert [a for a, rule in now if rule == "stalled"] == ["TTTT.06"]
    assert now["TTTT.06", "stalled"].severity is FlagSeverity.LOW
    assert now["TTTT.06", "below-pace"].severity is FlagSeverity.WATCH  # only the stop tells
    small = [f for f in now.values() if f.small]
    assert {f.activity for f in small} == {"VP.07"}
    assert now["VP.07", "below-pace"].severity is FlagSeverity.CRITICAL
    assert now["TTTT.02", "below-pace"].severity is FlagSeverity.CRITICAL


def test_october_shows_what_else_stands_out() -> None:
    now = {(f.activity or f.unit, f.rule): f for f in flags(OCTOBER)}
    others = {"milestone-overdue", "adjustment-pending", "promise-broken", "recovered"}
    assert {key for key in now if key[1] in others} == {
        ("VP.06", "milestone-overdue"),
        ("KHTC.03", "adjustment-pending"),
        ("KHTC.06", "adjustment-pending"),
        ("TTTT.06", "promise-broken"),
        ("KHTC", "recovered"),
    }
    assert dict(now["VP.06", "milestone-overdue"].facts)["part"] == "VP.06-2"
    estimates = [key[0] for key in now if key[1] == "estimate-implausible"]
    assert estimates == ["VP.01", "VP.02", "VP.04", "VP.05", "VP.07", "TTTT.02"]
    repeated = {key[0] for key in now if key[1] == "repeat"}
    assert {"VP", "TTTT", "TTTT.03"} <= repeated
    assert not repeated & {"VP.05", "KHTC", "TTTT.06"}  # watched, recovered, low only now
    assert now["TTTT.03", "repeat"].severity is FlagSeverity.CRITICAL
    assert now["TTTT.03", "below-pace"].severity is FlagSeverity.LOW


def test_only_the_named_unit_proposes_an_adjustment_and_it_balances() -> None:
    proposed = {(m, f.code): f.proposal for m in MONTHS for f in figures(m) if f.proposal}
    assert {m for m, _ in proposed} == {SEPTEMBER, OCTOBER}
    assert {code.partition(".")[0] for _, code in proposed} == set(STORY.proposes)
    assert len(proposed) == 4
    pace = expected(OCTOBER.month, SETTINGS.rules.pace)
    found = proposals(figures(OCTOBER), OCTOBER, pace, SETTINGS.adjustments.before)
    assert {line.activity for line in found.lines} == {code for _, code in proposed}
    assert [found.total.given, found.total.left] == [150, 0]
    assert [line.activity for line in found.doubtful] == ["KHTC.03"]  # another source gives back


def test_the_days_of_the_story() -> None:
    assert STORY.deadline == date(2021, 11, 5)
    assert {a.unit for a in STORY.arrivals} | set(STORY.missing) == set(CODES)
    assert not {a.unit for a in STORY.arrivals} & set(STORY.missing)
    assert {a.unit for a in STORY.arrivals if a.day > STORY.deadline} == {"TTTT"}
    assert [a.day for a in STORY.arrivals] == sorted(a.day for a in STORY.arrivals)
    vp = [(a.day, a.mistakes) for a in STORY.arrivals if a.unit == "VP"]
    assert vp == [(date(2021, 11, 4), True), (STORY.deadline, False)]
    days = [STORY.opening, *(day for day, _ in STORY.days())]
    assert days == sorted(days)
    assert all(is_working_day(day, SCHEDULE) for day in days)
    assert STORY.deadline == deadline(OCTOBER, SCHEDULE)
    assert {shift(STORY.deadline, n, SCHEDULE) for n in SCHEDULE.reminders} < set(days)
    assert STORY.closing == shift(STORY.deadline, SCHEDULE.report, SCHEDULE)
    told = TOLD["VP", OCTOBER]
    for wrong in STORY.mistakes:
        assert told[wrong.form][wrong.code][wrong.field] != wrong.value


def blank(unit: str, month: Period) -> bytes:
    """The workbook as it goes out: what the registry knows, one line per activity."""
    budget = budgets(REGISTRY, month)
    lines = {
        form.name: [
            Line(
                {
                    "code": a.code,
                    "name": a.name,
                    "source": a.source,
                    "budget_assigned": budget[a.code].shown_as_assigned,
                    "budget_adjustment": budget[a.code].adjustment,
                    "budget_current": budget[a.code].current,
                }
            )
            for a in REGISTRY.activities_of(unit, month.year)
            if form.name in a.forms
        ]
        for form in FORMS
    }
    return blank_workbook(
        settings.Body(),
        REGISTRY.unit(unit),
        month,
        month.last_day + timedelta(days=5),
        {name: rows for name, rows in lines.items() if rows},
        "signature",
    )


def cells(content: bytes) -> dict[tuple[str, str], Any]:
    book = load_workbook(BytesIO(content))
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value not in (None, "")
    }


def line(found: dict[tuple[str, str], Any], sheet: str, code: str) -> list[Any]:
    """The values of a line, in the form's order of columns."""
    row = next(c[1:] for (s, c), v in found.items() if s == sheet and c[0] == "A" and v == code)
    return [found.get((sheet, f"{column}{row}")) for column in "ABCDEFGHIJK"]


def test_a_filled_workbook_keeps_what_was_given_and_holds_what_the_clerk_reports() -> None:
    before = cells(blank("VP", OCTOBER))
    after = cells(fill(blank("VP", OCTOBER), "VP", OCTOBER))
    assert before.items() <= after.items()
    assert line(after, "Giải ngân", "VP.02")[3:8] == [18750.4, 0, 18750.4, 9412.65, 16200]
    acceptance, handover = line(after, "Nhiệm vụ CNTT", "VP.01")[4::2][:2]
    assert (acceptance.date(), handover.date()) == (date(2021, 9, 24), date(2021, 10, 15))
    overall, part = (line(after, "Chiến lược", code) for code in ("VP.06", "VP.06-2"))
    assert overall[4] == 70
    assert part[1].startswith("Hội thảo vùng Tây Bắc")
    assert part[6] == 2


def test_the_faulty_version_differs_in_the_mistakes_and_nowhere_else() -> None:
    good, bad = (cells(fill(blank("VP", OCTOBER), "VP", OCTOBER, wrong)) for wrong in (False, True))
    changed = {place: bad[place] for place in bad if bad[place] != good.get(place)}
    assert good.keys() == bad.keys()
    assert Counter(sheet for sheet, _ in changed) == {"Giải ngân": 2, "Nhiệm vụ CNTT": 2}
    assert {968_300_000, "đang đối chiếu với Kho bạc"} < set(changed.values())


@pytest.mark.parametrize("unit", CODES)
def test_every_unit_fills_its_september(unit: str) -> None:
    content = fill(blank(unit, SEPTEMBER), unit, SEPTEMBER)
    found = cells(content)
    for code, row in TOLD[unit, SEPTEMBER]["disbursement"].items():
        assert Decimal(str(line(found, "Giải ngân", code)[6])) == row["disbursed"]


def test_the_missing_unit_has_nothing_to_fill_in() -> None:
    with pytest.raises(DondocError, match="HVDT"):
        fill(blank("HVDT", OCTOBER), "HVDT", OCTOBER)


def test_the_workspace_can_be_opened(tmp_path: Path) -> None:
    write_workspace(tmp_path / "ministry")
    assert settings.load(tmp_path / "ministry").approval.standing == ROUTINE
    registry, warnings = read_registry(tmp_path / "ministry" / "registry.xlsx")
    assert replace(registry, version="") == REGISTRY
    assert warnings == ()


def test_the_template_of_a_new_workspace_names_every_setting_with_its_default() -> None:
    text = (EXAMPLES / "new-workspace.toml").read_text("utf-8")
    as_it_is = settings.Settings(**tomllib.loads(text))
    assert as_it_is.approval.standing == ROUTINE
    assert as_it_is.rules == settings.Rules()
    assert as_it_is.schedule == settings.Schedule()
    content = tomllib.loads(re.sub(r"(?m)^# (?=\w+ = )", "", text))
    whole = settings.Settings(**content)
    assert whole.rules == settings.Rules()
    assert whole.schedule == settings.Schedule()
    assert whole.body == settings.Body()
    only_from_the_environment = {"database_url", "mail.password", "mailbox.password", "server_auth"}
    assert names(whole) - named(content, names(whole)) == only_from_the_environment


def names(model: BaseModel, prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name in type(model).model_fields:
        value = getattr(model, name)
        below = names(value, f"{prefix}{name}.") if isinstance(value, BaseModel) else set()
        found |= below or {prefix + name}
    return found


def named(content: dict[str, Any], known: set[str], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in content.items():
        inside = isinstance(value, dict) and prefix + name not in known  # else a setting itself
        found |= named(value, known, f"{prefix}{name}.") if inside else {prefix + name}
    return found
