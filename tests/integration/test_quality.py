import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rules.checks import checks
from rules.facts import frame
from rules.shortlist import MOST_FINDINGS
from schemas.findings import Severity
from schemas.forms import (
    CHOICES,
    DISBURSEMENT,
    DONE,
    EARLIEST_DATE,
    FORMS,
    IT,
    LARGEST_AMOUNT,
    SOURCES,
    STRATEGY,
    Form,
    Row,
)
from schemas.period import Period
from schemas.quality import Batch, Before, Quality, SubmittedRow
from schemas.registry import Activity, Budget
from schemas.settings import Checks, Rules
from tasks import quality
from tasks.crew import Aside
from tasks.data_docs import BUILD, build_docs
from tasks.quality import LARGEST_SHEET, validate

OCTOBER = Period(2021, 10)
BUDGET = Budget(assigned=Decimal(900), carried=Decimal(300), adjustment=Decimal(-200))
DONG = Decimal("0.000001")

GOOD: Mapping[str, Mapping[str, Any]] = {
    "disbursement": {
        "code": "X.1",
        "name": "Đề án",
        "source": SOURCES[0],
        "budget_assigned": Decimal(1200),
        "budget_adjustment": Decimal(-200),
        "budget_current": Decimal(1000),
        "disbursed": Decimal(800),
        "estimate": Decimal(950),
    },
    "it": {
        "code": "X.1",
        "acceptance": DONE,
        "acceptance_date": date(2021, 5, 1),
        "handover": DONE,
        "handover_date": date(2021, 6, 1),
        "settlement": DONE,
        "settlement_value": Decimal(500),
    },
    "strategy": {"code": "X.1", "completion": Decimal(50), "workshops": 2},
}


def submitted(
    form: Form,
    key: str = "one",
    number: int = 7,
    values: Mapping[str, Any] | None = None,
    **known: Any,
) -> SubmittedRow:
    content = {**{f.name: None for f in form.fields}, **GOOD[form.name], **(values or {})}
    columns = {f.name: chr(ord("A") + i) for i, f in enumerate(form.fields)}
    row = Row(form.name, content["code"] or "", form.sheet, number, content, columns)
    activity = Activity("X.1", "Đề án", "VT", SOURCES[0], (form.name,))
    given: dict[str, Any] = {"period": OCTOBER, "activity": activity, "budget": BUDGET, **known}
    return SubmittedRow(key, f"{key}.xlsx", "VT", row=row, **given)


@dataclass(frozen=True)
class Case:
    """A row and the findings it must have, as `rule@cell`."""

    name: str
    form: Form
    values: Mapping[str, Any]
    expected: tuple[str, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)


def total(amount: int) -> dict[str, Any]:
    return {"activity": Activity("X.1", "x", "VT", "ODA", ("it",), approved_total=Decimal(amount))}


D, LAST = Decimal, {"last": Decimal(700)}
WORDS = "Chậm mặt bằng"
SURGE = {"last": D(30), "earlier": {7: D(10), 8: D(20), 9: D(30)}}
CASES = [
    Case("good", DISBURSEMENT, {}),
    Case("good-it", IT, {}),
    Case("good-strategy", STRATEGY, {}),
    Case("no code", DISBURSEMENT, {"code": ""}, ("required@A7",)),
    Case("nothing disbursed is not zero", DISBURSEMENT, {"disbursed": None}, ("required@G7",)),
    Case("negative", DISBURSEMENT, {"disbursed": -DONG, "difficulty": WORDS}, ("negative@G7",)),
    Case("zero", DISBURSEMENT, {"disbursed": D(0), "difficulty": WORDS}),
    Case("negative proposal", DISBURSEMENT, {"proposal": D(-100)}),
    Case("largest", IT, {"settlement_value": LARGEST_AMOUNT}),
    Case("too large", IT, {"settlement_value": LARGEST_AMOUNT + DONG}, ("too-large@I7",)),
    Case("absurd", IT, {"settlement_value": D("1e308")}, ("too-large@I7",)),
    Case("source", DISBURSEMENT, {"source": "Vốn khác"}, ("not-a-choice@C7",)),
    # over the budget, by one đồng
    Case("all spent", DISBURSEMENT, {"disbursed": D(1000), "estimate": D(1000)}),
    Case(
        "over budget",
        DISBURSEMENT,
        {"disbursed": D(1000) + DONG, "estimate": D(1100)},
        ("over-budget@G7",),
    ),
    Case(
        "spent without a budget",
        DISBURSEMENT,
        {"disbursed": D(1), "budget_assigned": D(0), "budget_adjustment": D(0)}
        | {"budget_current": D(0)},
        ("over-budget@G7",),
        {"budget": Budget()},
    ),
    # another unit of money
    Case(
        "ten times",
        DISBURSEMENT,
        {"disbursed": D(10000), "estimate": D(10000)},
        ("over-budget@G7",),
    ),
    Case(
        "more than ten times",
        DISBURSEMENT,
        {"disbursed": D(10000) + DONG},
        ("unit-of-money@G7",),
    ),
    Case("in nghìn đồng", DISBURSEMENT, {"disbursed": D(800000)}, ("unit-of-money@G7",)),
    Case("in đồng", DISBURSEMENT, {"disbursed": D(800000000)}, ("unit-of-money@G7",)),
    Case("in đồng, too large", DISBURSEMENT, {"disbursed": D(10) ** 12}, ("unit-of-money@G7",)),
    Case("estimate in đồng", DISBURSEMENT, {"estimate": D(950000000)}, ("unit-of-money@H7",)),
    Case("proposal in đồng", DISBURSEMENT, {"proposal": D(-100000000)}, ("unit-of-money@I7",)),
    Case(
        "settlement in đồng",
        IT,
        {"settlement_value": D(500000000)},
        ("unit-of-money@I7",),
        total(600),
    ),
    # the estimate
    Case("estimate equal", DISBURSEMENT, {"estimate": D(800)}),
    Case(
        "estimate below",
        DISBURSEMENT,
        {"estimate": D(800) - DONG},
        ("estimate-below-disbursed@H7",),
    ),
    Case("no estimate", DISBURSEMENT, {"estimate": None}),
    # against the last accepted figure
    Case("rise", DISBURSEMENT, {"disbursed": D(700) + DONG}, (), LAST),
    Case("unchanged", DISBURSEMENT, {"disbursed": D(700)}, ("unchanged@G7",), LAST),
    Case(
        "unchanged but all spent",
        DISBURSEMENT,
        {"disbursed": D(1000), "estimate": None},
        (),
        {"last": D(1000)},
    ),
    Case("drop", DISBURSEMENT, {"disbursed": D(700) - DONG}, ("cumulative-drop@G7",), LAST),
    Case("explained drop", DISBURSEMENT, {"disbursed": D(690), "difficulty": WORDS}, (), LAST),
    Case(
        "drop below zero",
        DISBURSEMENT,
        {"disbursed": D(-1), "solution": WORDS},
        ("negative@G7",),
        LAST,
    ),
    # budgets as the registry has them
    Case(
        "budget differs",
        DISBURSEMENT,
        {"budget_assigned": D(900), "budget_adjustment": D(0), "budget_current": D(900)},
        ("budget-differs@D7", "budget-differs@E7", "budget-differs@F7"),
    ),
    Case(
        "budget by one đồng",
        DISBURSEMENT,
        {"budget_current": D(1000) + DONG},
        ("budget-differs@F7",),
    ),
    Case("budget cells empty", DISBURSEMENT, {"budget_assigned": None, "budget_current": None}),
    Case(
        "activity unknown",
        DISBURSEMENT,
        {"budget_current": D(5)},
        (),
        {"budget": None, "activity": None},
    ),
    # what does not fit the months before: tests/unit/test_doubts.py has each side of each line
    Case(
        "plan moved without a decision",
        DISBURSEMENT,
        {"budget_current": D(990)},
        ("plan-moved@F7",),
        {"last": D(700), "before": Before(GOOD["disbursement"], BUDGET)},
    ),
    Case("surge", DISBURSEMENT, {}, ("surge@G7",), SURGE),
    Case(
        "jump beyond what was left",
        DISBURSEMENT,
        {},
        ("jump-beyond-left@G7",),
        {"last": D(100), "before": Before({}, Budget(assigned=D(700)))},
    ),
    Case("estimate beyond", DISBURSEMENT, {"estimate": D(1001)}, ("estimate-over-budget@H7",)),
    Case("estimate proposed", DISBURSEMENT, {"estimate": D(1001), "proposal": D(1)}),
    Case(
        "digits swapped, all the same an error",
        DISBURSEMENT,
        {"disbursed": D(748)},
        ("cumulative-drop@G7", "transposed-digits@G7"),
        {"last": D(784)},
    ),
    Case(
        "digits of the budget swapped",
        DISBURSEMENT,
        {"budget_assigned": D(2134), "budget_adjustment": D(-234)},
        ("transposed-digits@D7",),
        {"budget": Budget(D(934), D(300), D(-234))},
    ),
    # low without words: October's line is 43/60 of the budget times 0.9 = 645 triệu đồng
    Case("on the low line", DISBURSEMENT, {"disbursed": D(645)}),
    Case("low", DISBURSEMENT, {"disbursed": D(645) - DONG}, ("unexplained-low@J7",)),
    Case("low, difficulty", DISBURSEMENT, {"disbursed": D(100), "difficulty": WORDS}),
    Case("low, solution", DISBURSEMENT, {"disbursed": D(100), "solution": WORDS}),
    Case(
        "low, error value",
        DISBURSEMENT,
        {"disbursed": D(100)},
        (),
        {"bad": frozenset({"difficulty"})},
    ),
    # a cell that reading has marked
    Case("read badly", DISBURSEMENT, {"disbursed": None}, (), {"bad": frozenset({"disbursed"})}),
    Case(
        "date read badly",
        IT,
        {"acceptance_date": None},
        (),
        {"bad": frozenset({"acceptance_date"})},
    ),
    # milestones
    Case("step not chosen", IT, {"settlement": None}, ("required@H7",)),
    Case("step not a choice", IT, {"acceptance": "Rồi"}, ("not-a-choice@D7",)),
    Case("same day", IT, {"handover_date": date(2021, 5, 1)}),
    Case(
        "handover earlier",
        IT,
        {"handover_date": date(2021, 4, 30)},
        ("handover-before-acceptance@G7",),
    ),
    Case(
        "handover without acceptance",
        IT,
        {"acceptance": CHOICES[1], "acceptance_date": None},
        ("handover-before-acceptance@F7",),
    ),
    Case(
        "settlement without handover",
        IT,
        {"handover": CHOICES[1], "handover_date": None},
        ("settlement-before-handover@H7",),
    ),
    Case(
        "acceptance alone",
        IT,
        {"handover": CHOICES[0], "handover_date": None} | {"settlement": CHOICES[1]},
    ),
    Case("first date", IT, {"acceptance_date": EARLIEST_DATE}),
    Case("too early", IT, {"acceptance_date": date(2015, 12, 31)}, ("date-too-early@E7",)),
    Case("year 21", IT, {"handover_date": date(21, 6, 1)}, ("date-too-early@G7",)),
    Case("last day", IT, {"handover_date": date(2021, 10, 31)}),
    Case("after the period", IT, {"handover_date": date(2021, 11, 1)}, ("date-after-period@G7",)),
    Case(
        "acceptance after the period",
        IT,
        {"acceptance_date": date(2021, 11, 1)},
        ("date-after-period@E7",),
    ),
    Case(
        "undated",
        IT,
        {"acceptance_date": None, "handover_date": None},
        ("missing-date@E7", "missing-date@G7"),
    ),
    Case("total reached", IT, {}, (), total(500)),
    Case("above total", IT, {}, ("settlement-above-total@I7",), total(499)),
    # the strategy
    Case("nothing done", STRATEGY, {"completion": D(0)}),
    Case("all done", STRATEGY, {"completion": D(100)}),
    Case("below 0", STRATEGY, {"completion": D("-0.01")}, ("completion-out-of-range@E7",)),
    Case("above 100", STRATEGY, {"completion": D("100.01")}, ("completion-out-of-range@E7",)),
    Case("no completion", STRATEGY, {"completion": None}, ("required@E7",)),
    Case("workshops", STRATEGY, {"workshops": -1}, ("negative@G7",)),
    Case("due after the period", STRATEGY, {"due_date": date(2025, 12, 31)}),
]


@pytest.fixture(scope="module")
def batch() -> Quality:
    """Every case a submission of its own, all in one batch."""
    rows = [submitted(c.form, key=c.name, values=c.values, **c.known) for c in CASES]
    return validate(rows, Rules())


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_each_rule_on_each_side_of_its_line(batch: Quality, case: Case) -> None:
    findings = batch.findings[case.name]
    assert [f"{f.rule}@{f.cell}" for f in findings] == list(case.expected)
    assert {(f.file, f.sheet) for f in findings} <= {(f"{case.name}.xlsx", case.form.sheet)}


def test_another_process_finds_the_same_and_builds_the_pages(
    batch: Quality, tmp_path: Path
) -> None:
    rows = [submitted(c.form, key=c.name, values=c.values, **c.known) for c in CASES]
    aside = Aside()
    aside.begin(quality.IMPORT, None, None)
    beside = aside.begin(quality.VALIDATE, (Batch(tuple(rows)), Rules(), Checks()), None)()
    assert beside.findings == batch.findings
    aside.begin(BUILD, None, (beside.runs, OCTOBER, tmp_path / "quality"))()
    aside.dismiss()
    assert len([*(tmp_path / "quality").glob("validations/**/*.html")]) == len(FORMS)


def test_one_run_per_form_and_an_entry_per_submission(batch: Quality) -> None:
    assert list(batch.findings) == [c.name for c in CASES]
    assert [(r.form, r.rows) for r in batch.runs] == [
        (form.name, sum(c.form is form for c in CASES)) for form in FORMS
    ]


def test_what_the_rows_beside_say_is_told_with_its_cell(beside: Quality) -> None:
    told = {key: [f"{f.rule}@{f.cell}" for f in its] for key, its in beside.findings.items()}
    assert told == {
        "one": ["plans-exchanged@F7", "plans-exchanged@F8", "same-as-another@H9"],
        "other": ["plan-of-another@F7"],
        "again": ["column-again@G7"],
    }
    (finding,) = beside.findings["other"]
    assert "đúng bằng dự toán của nhiệm vụ X.3 (đơn vị VT)" in finding.message
    (finding,) = beside.findings["again"]
    assert "ở 3 trong 3 nhiệm vụ vẫn đang tăng đến kỳ trước (ô G7, G8, G9)" in finding.message
    assert {f.severity for its in beside.findings.values() for f in its} == {Severity.WARNING}


@pytest.fixture(scope="module")
def beside() -> Quality:
    """Two rows of one workbook with each other's plans, a row of another with one of the first,
    a copied estimate, and a column that is last month's."""
    plans = {"X.1": D(1000), "X.2": D(2000), "X.3": D(3000), "Y.1": D(4000)}

    def row(key: str, number: int, code: str, shown: str, **values: Any) -> SubmittedRow:
        figures = {"code": code, "budget_assigned": plans[shown], "budget_adjustment": D(0)}
        figures |= {"budget_current": plans[shown], "disbursed": plans[code] * 4 / 5}
        figures |= {"estimate": None, **values}
        unit = Budget(assigned=plans[code])
        return submitted(DISBURSEMENT, key, number, figures, budget=unit)

    again = [
        submitted(
            DISBURSEMENT,
            "again",
            7 + n,
            {"code": f"Z.{n}", "disbursed": D(700 + n)},
            last=D(700 + n),
            earlier={8: D(600), 9: D(700 + n)},
        )
        for n in range(3)
    ]
    rows = [
        row("one", 7, "X.1", "X.2"),
        row("one", 8, "X.2", "X.1", estimate=D("1987.5")),
        row("one", 9, "X.3", "X.3", disbursed=D(1950), estimate=D("1987.5")),
        row("other", 7, "Y.1", "X.3"),
    ]
    return validate([*rows, *again], Rules())


def test_every_check_is_tried_and_compares_columns_that_are_there(beside: Quality) -> None:
    tried = {(c.form.name, *rule.split("@")) for c in CASES for rule in c.expected}
    tried |= {("disbursement", f.rule, "") for its in beside.findings.values() for f in its}
    for form in FORMS:
        declared = {check.rule for check in checks(form)}
        assert {rule for name, rule, _ in tried if name == form.name} <= declared
        table = frame(form, [submitted(form)], Rules())
        for check in checks(form):
            named = {check.arguments.get(a) for a in ("column", "column_A", "column_B")} - {None}
            assert named <= set(table.columns)
    assert {rule for _, rule, _ in tried} == {c.rule for form in FORMS for c in checks(form)}


@pytest.mark.parametrize(
    ("name", "severity", "words"),
    [
        ("over budget", Severity.ERROR, "là 1.000,000001 triệu đồng, vượt dự toán sau điều chỉnh"),
        ("in nghìn đồng", Severity.ERROR, "ghi 800.000, quá lớn so với dự toán 1.000 triệu đồng"),
        ("in nghìn đồng", Severity.ERROR, "nhập theo nghìn đồng;"),
        ("in đồng", Severity.ERROR, "nhập theo đồng;"),
        ("settlement in đồng", Severity.ERROR, "600 triệu đồng, có thể đã nhập theo đồng;"),
        ("drop", Severity.ERROR, "thấp hơn 700 triệu đồng đã báo cáo"),
        ("unchanged", Severity.WARNING, "vẫn là 700 triệu đồng"),
        ("estimate below", Severity.ERROR, "nhỏ hơn số đã giải ngân lũy kế 800 triệu đồng"),
        ("budget by one đồng", Severity.WARNING, "khác số đang theo dõi 1.000 triệu đồng"),
        ("above total", Severity.WARNING, "vượt tổng mức được duyệt 499 triệu đồng"),
        ("after the period", Severity.ERROR, "01/11/2021, sau ngày cuối kỳ báo cáo 31/10/2021"),
        ("too early", Severity.ERROR, "31/12/2015, sớm hơn ngày sớm nhất được nhận là 01/01/2016"),
        ("source", Severity.ERROR, "Chi thường xuyên; Đầu tư công; CTMTQG; ODA"),
        ("absurd", Severity.ERROR, "ghi 1,00E+308"),
        ("above 100", Severity.ERROR, "ghi 100,01;"),
        ("low", Severity.WARNING, "Nhiệm vụ X.1 giải ngân thấp"),
        ("undated", Severity.WARNING, "“Ngày nghiệm thu” để trống"),
        ("negative", Severity.ERROR, "ghi -0,000001, nhỏ hơn mức thấp nhất được nhận là 0;"),
    ],
)
def test_a_sentence_names_what_stands_there_and_what_it_is_compared_with(
    batch: Quality, name: str, severity: Severity, words: str
) -> None:
    finding = batch.findings[name][0]
    assert words in finding.message
    assert finding.severity is severity


def test_each_budget_cell_is_compared_with_the_registry_s_amount_for_it(batch: Quality) -> None:
    limits = [
        re.findall(r"số đang theo dõi (\S+) triệu", f.message)[0]
        for f in batch.findings["budget differs"]
    ]
    assert limits == ["1.200", "-200", "1.000"]


def test_three_hundred_submissions_map_back_to_file_sheet_and_cell() -> None:
    rows, expected = [], {}
    for n in range(300):
        key = f"unit-{n:03}"
        mistakes = []
        for line in range(7, 17):
            wrong = (n * 7 + line) % 41 == 0
            rows.append(submitted(DISBURSEMENT, key, line, {"disbursed": None} if wrong else {}))
            if wrong:
                mistakes.append((f"{key}.xlsx", "required", "Giải ngân", f"G{line}"))
        wrong = n % 17 == 0
        rows.append(submitted(STRATEGY, key, 9, {"completion": Decimal(101 if wrong else 99)}))
        if wrong:
            mistakes.append((f"{key}.xlsx", "completion-out-of-range", "Chiến lược", "E9"))
        expected[key] = sorted(mistakes)
    outcome = validate(rows[::-1], Rules())
    told = {
        key: sorted((f.file, f.rule, f.sheet, f.cell) for f in findings)
        for key, findings in outcome.findings.items()
    }
    assert sum(map(len, expected.values())) > 80
    assert told == expected
    assert len(outcome.runs) == 2


def test_an_empty_batch_needs_no_run() -> None:
    assert validate([], Rules()) == Quality({}, ())


def test_a_batch_of_one() -> None:
    assert validate([submitted(IT)], Rules()).findings == {"one": ()}


def test_findings_come_in_the_order_of_sheets_rows_and_columns() -> None:
    rows = [
        submitted(STRATEGY, number=8, values={"completion": None}),
        submitted(DISBURSEMENT, number=9, values={"disbursed": None, "code": None}),
        submitted(DISBURSEMENT, number=7, values={"estimate": Decimal(-1)}),
    ]
    findings = validate(rows, Rules()).findings["one"]
    assert [(f.sheet, f.cell) for f in findings] == [
        ("Giải ngân", "H7"),
        ("Giải ngân", "A9"),
        ("Giải ngân", "G9"),
        ("Chiến lược", "E8"),
    ]


def test_rows_of_several_periods_are_judged_by_their_own() -> None:
    late, low = {"handover_date": date(2021, 11, 5)}, {"disbursed": Decimal(180)}
    rows = [
        submitted(IT, "october", values=late),
        submitted(IT, "november", values=late, period=OCTOBER.shift(1)),
        submitted(DISBURSEMENT, "march", values=low, period=Period(2021, 3)),
        submitted(DISBURSEMENT, "june", values=low, period=Period(2021, 6)),
    ]
    findings = validate(rows, Rules()).findings
    assert {key: [f.rule for f in found] for key, found in findings.items()} == {
        "october": ["date-after-period"],
        "november": [],
        "march": [],  # exactly on 0.20 * 0.9 of the budget
        "june": ["unexplained-low"],
    }


def test_no_word_is_asked_for_before_the_month_from_which_rules_judge() -> None:
    low = {"disbursed": Decimal(0)}
    rows = [
        submitted(DISBURSEMENT, str(month), values=low, period=Period(2021, month))
        for month in (2, 3)
    ]
    for rules, told in ((Rules(), ["3"]), (Rules(from_month=2), ["2", "3"])):
        findings = validate(rows, rules).findings
        assert [key for key, found in findings.items() if found] == told


def test_a_broken_file_is_cut_short_and_says_so_while_the_others_are_told_in_full() -> None:
    broken = {"code": "", "source": "?", "disbursed": Decimal(-1), "estimate": Decimal(-1)}
    rows = [submitted(DISBURSEMENT, "broken", n, broken) for n in range(7, 107)]
    rows.append(submitted(DISBURSEMENT, "other", 7, broken))
    findings = validate(rows, Rules()).findings
    # five a row: code, source, disbursed, estimate, and low without words
    assert len(findings["other"]) == 5
    assert len(findings["broken"]) == MOST_FINDINGS + 1
    assert findings["broken"][-1].rule == "more-findings"
    assert " 300 " in findings["broken"][-1].message


def test_a_sheet_too_long_is_validated_to_the_limit_and_says_so() -> None:
    rows = [submitted(DISBURSEMENT, "long", n) for n in range(7, 7 + LARGEST_SHEET)]
    assert validate(rows, Rules()).findings == {"long": ()}
    rows.append(submitted(DISBURSEMENT, "long", 7 + LARGEST_SHEET, {"disbursed": None}))
    rows.append(submitted(DISBURSEMENT, "other", 7, {"disbursed": None}))
    findings = validate(rows, Rules()).findings
    assert [(f.rule, f.cell, f.severity) for f in findings["long"]] == [
        ("too-many-rows", f"A{7 + LARGEST_SHEET}", Severity.ERROR)
    ]
    assert [f.rule for f in findings["other"]] == ["required"]


def test_a_check_that_was_not_evaluated_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = replace(IT.checks[0], arguments={**IT.checks[0].arguments, "column_A": "nowhere"})
    monkeypatch.setattr(quality, "checks", lambda _: (nowhere,))
    with pytest.raises(RuntimeError, match="did not evaluate handover-before-acceptance"):
        validate([submitted(IT)], Rules())


@pytest.mark.parametrize(("success", "count"), [(True, 1), (False, 0), (False, 2)])
def test_an_answer_at_odds_with_itself_raises(success: bool, count: int) -> None:
    failing = [{quality._PLACE: "1: A.xlsx, dòng 7"}] if count else []
    answer = SimpleNamespace(
        expectation_config=SimpleNamespace(meta={"check": 0}),
        success=success,
        result={"unexpected_count": count, "unexpected_index_list": failing},
    )
    with pytest.raises(RuntimeError, match="contradicts itself"):
        list(quality._failures(SimpleNamespace(results=[answer]), IT.checks[:1]))


def test_the_module_imports_neither_pandas_nor_great_expectations() -> None:
    code = (
        "import sys, tasks.quality, tasks.data_docs;"
        "print(*{'pandas', 'great_expectations'} & set(sys.modules))"
    )
    root = Path(quality.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True)
    assert done.stdout.strip() == b""


def test_data_docs_stand_offline_and_replace_the_earlier_ones(
    batch: Quality, tmp_path: Path
) -> None:
    folder = tmp_path / "reports" / "2021-10" / "quality"
    build_docs(batch.runs, OCTOBER, folder)
    (folder / "stale.html").write_text("cũ", encoding="utf-8")
    evil = submitted(IT, "<script>alert(1)", values={"acceptance": "<img src=//evil.example>"})
    index = build_docs(validate([evil], Rules()).runs, OCTOBER, folder)

    assert index == folder / "index.html"
    overview = index.read_text(encoding="utf-8")
    (link,) = re.findall(r'href="([^"]+)"', overview)
    page = folder / link
    assert sorted(p for p in folder.rglob("*") if p.is_file()) == sorted([index, page])
    text = page.read_text(encoding="utf-8")
    assert "tháng 10 năm 2021" in overview
    assert "Nghiệm thu: not-a-choice" in text
    assert "&lt;img src=//evil.example&gt;" in text
    fetching = r"<script|<link|<img|<iframe|@import|url\(|(?:src|href)=\"(?:https?:)?//"
    for content in (overview, text):
        assert "default-src 'none'" in content
        assert not re.search(fetching, content)
    targets = {t.partition("#")[0] for t in re.findall(r'href="([^"]*)"', text)} - {""}
    assert {page.parent.joinpath(t).resolve() for t in targets} == {index.resolve()}


def test_data_docs_tell_of_their_own_period_only(tmp_path: Path) -> None:
    rows = [submitted(IT), submitted(STRATEGY, period=OCTOBER.shift(1))]
    index = build_docs(validate(rows, Rules()).runs, OCTOBER, tmp_path / "quality")
    text = index.read_text(encoding="utf-8")
    assert "Nhiệm vụ CNTT" in text
    assert "Chiến lược" not in text
