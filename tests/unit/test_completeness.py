import unicodedata
from dataclasses import replace
from decimal import Decimal

import pytest

from rules.completeness import complete
from rules.shortlist import shortlist
from schemas.findings import Finding, Severity
from schemas.forms import DISBURSEMENT, IT, STRATEGY, Form, Row
from schemas.reading import ReadSheet
from schemas.registry import Activity

FILE = "VT-2021-10.xlsx"


def activity(code: str, name: str, form: Form = DISBURSEMENT) -> Activity:
    return Activity(code, name, "VT", "Chi thường xuyên", (form.name,))


def row(number: int, code: str, name: str = "", form: Form = DISBURSEMENT) -> Row:
    values = {"code": code or None, "name": name or None}
    return Row(form.name, code, form.sheet, number, values, {"code": "B", "name": "C"})


def sheet(*rows: Row, form: Form = DISBURSEMENT, name: str | None = None) -> ReadSheet:
    title = name or form.sheet
    its = tuple(replace(one, sheet=title) for one in rows)
    return ReadSheet(form.name, title, its, (), {"code": "B", "name": "C"})


BOTH = (activity("X.1", "Hội nghị tổng kết"), activity("X.2", "Đề án chuyển đổi số"))


def outcome(
    *rows: Row, activities: tuple[Activity, ...] = BOTH, form: Form = DISBURSEMENT
) -> tuple[list[str], list[tuple[str, str | None]]]:
    kept, findings = complete([sheet(*rows, form=form)], {form.name: activities}, FILE)
    assert all((f.file, f.sheet) == (FILE, form.sheet) for f in findings)
    return [r.code for r in kept[form.name]], [(f.rule, f.cell) for f in findings]


def test_a_complete_sheet_has_no_finding() -> None:
    assert outcome(row(7, "X.1"), row(8, "X.2")) == (["X.1", "X.2"], [])


def test_an_activity_missing_from_the_sheet_is_named_without_a_cell() -> None:
    assert outcome(row(7, "X.1")) == (["X.1"], [("missing-activity", None)])
    _, (finding,) = complete([sheet(row(7, "X.1"))], {"disbursement": BOTH}, FILE)
    assert "X.2 (Đề án chuyển đổi số)" in finding.message
    assert finding.severity is Severity.ERROR


def test_the_later_of_two_rows_of_one_activity_is_marked() -> None:
    codes, findings = outcome(row(7, "X.1"), row(8, "X.2"), row(9, "X.1"), row(10, "X.1"))
    assert codes == ["X.1", "X.2", "X.1", "X.1"]
    assert findings == [("duplicate-activity", "B9"), ("duplicate-activity", "B10")]


def test_a_code_in_other_letters_is_ours_and_told() -> None:
    codes, findings = outcome(row(7, "x.1"), row(8, "X.2"))
    assert (codes, findings) == (["X.1", "X.2"], [("recognised-by-name", "B7")])


def test_a_row_of_another_unit_is_marked_and_dropped() -> None:
    codes, findings = outcome(row(7, "X.1"), row(8, "Y.1"), row(9, "X.2"))
    assert codes == ["X.1", "X.2"]
    assert findings == [("foreign-activity", "B8")]


def test_a_sheet_that_the_unit_need_not_send_is_foreign_row_by_row() -> None:
    assert outcome(row(7, "X.1"), activities=()) == ([], [("foreign-activity", "B7")])


@pytest.mark.parametrize(
    ("form", "code", "rules"),
    [
        (STRATEGY, "X.2-1", []),
        (STRATEGY, "X.2-1-b", []),
        (STRATEGY, "X.21", ["foreign-activity", "missing-activity"]),
        (STRATEGY, "X.3-1", ["foreign-activity", "missing-activity"]),
        (DISBURSEMENT, "X.2-1", ["foreign-activity", "missing-activity"]),
    ],
)
def test_only_the_strategy_takes_a_row_per_deliverable(
    form: Form, code: str, rules: list[str]
) -> None:
    own = (activity("X.2", "Đề án", form),)
    _, findings = outcome(row(7, code, form=form), activities=own, form=form)
    assert [rule for rule, _ in findings] == rules


def test_a_deliverable_belongs_to_the_longest_registered_code() -> None:
    own = (activity("X-1", "Rộng", STRATEGY), activity("X-1-2", "Hẹp", STRATEGY))
    told = sheet(row(7, "X-1-2-1", form=STRATEGY), form=STRATEGY)
    _, findings = complete([told], {"strategy": own}, FILE)
    assert [(f.rule, "X-1 (Rộng)" in f.message) for f in findings] == [("missing-activity", True)]


@pytest.mark.parametrize(
    "name",
    ["Đề án chuyển đổi số", "  đề án\u00a0CHUYỂN  đổi số "],
)
def test_an_empty_code_is_recognised_by_the_name(name: str) -> None:
    typed = row(8, "", unicodedata.normalize("NFD", name))
    kept, (finding,) = complete([sheet(row(7, "X.1"), typed)], {"disbursement": BOTH}, FILE)
    assert kept["disbursement"][1].code == kept["disbursement"][1].values["code"] == "X.2"
    assert kept["disbursement"][1].values["name"] == typed.values["name"]
    assert (finding.rule, finding.severity, finding.cell) == (
        "recognised-by-name",
        Severity.INFO,
        "B8",
    )


def test_a_name_that_is_not_exactly_one_activity_is_left_without_a_code() -> None:
    twins = (activity("X.1", "Hội nghị"), activity("X.2", "hội nghị"))
    codes, findings = outcome(row(7, "", "Hội nghị"), activities=twins)
    assert codes == [""]
    assert findings == [("missing-activity", None), ("missing-activity", None)]
    assert outcome(row(7, "X.1"), row(8, "X.2"), row(9, "", "Lạ"))[0] == ["X.1", "X.2", ""]


def test_the_sheets_of_a_form_make_one_report() -> None:
    own = {"disbursement": (*BOTH, activity("X.3", "Cổng"))}
    sheets = [sheet(row(7, "X.1"), name="Quý IV"), sheet(row(4, "X.2"), name="Bổ sung")]
    kept, findings = complete(sheets, own, FILE)
    assert [(r.code, r.sheet) for r in kept["disbursement"]] == [
        ("X.1", "Quý IV"),
        ("X.2", "Bổ sung"),
    ]
    assert [(f.rule, f.sheet) for f in findings] == [("missing-activity", "Quý IV")]
    assert "X.3" in findings[0].message


def test_a_row_that_another_sheet_repeats_counts_once_and_is_told() -> None:
    first = replace(row(7, "X.1", "Hội nghị"), values={"name": "Hội nghị", "disbursed": Decimal(5)})
    again = replace(row(4, "X.1"), values={"name": "hội nghị ", "disbursed": Decimal("5.0")})
    sheets = [sheet(first, row(8, "X.2")), sheet(again, name="Bổ sung")]
    kept, (finding,) = complete(sheets, {"disbursement": BOTH}, FILE)
    assert [(r.code, r.sheet) for r in kept["disbursement"]] == [
        ("X.1", "Giải ngân"),
        ("X.2", "Giải ngân"),
    ]
    where = (finding.rule, finding.severity, finding.sheet, finding.cell)
    assert where == ("repeated-row", Severity.INFO, "Bổ sung", "B4")
    assert "Giải ngân, ô B7" in finding.message


@pytest.mark.parametrize("said", [Decimal("5.000001"), None])
def test_a_row_that_another_sheet_tells_otherwise_is_an_error(said: Decimal | None) -> None:
    first = replace(row(7, "X.1"), values={"disbursed": Decimal(5)})
    other = replace(row(4, "X.1"), values={"disbursed": said})
    sheets = [sheet(first, row(8, "X.2")), sheet(other, name="Bổ sung")]
    _, (finding,) = complete(sheets, {"disbursement": BOTH}, FILE)
    where = (finding.rule, finding.severity, finding.sheet, finding.cell)
    assert where == ("duplicate-activity", Severity.ERROR, "Bổ sung", "B4")
    assert "Giải ngân, ô B7" in finding.message


def test_nothing_is_missed_on_a_sheet_without_columns_nor_lost_from_the_one_beside_it() -> None:
    unread = ReadSheet("disbursement", "Bổ sung", (), (), {})
    assert complete([unread], {"disbursement": BOTH}, FILE) == ({"disbursement": ()}, ())
    kept, findings = complete([unread, sheet(row(7, "X.1"))], {"disbursement": BOTH}, FILE)
    assert [r.code for r in kept["disbursement"]] == ["X.1"]
    assert findings == ()


def test_a_missing_sheet_is_one_finding_not_one_per_activity() -> None:
    expected = {"disbursement": BOTH, "it": (activity("X.3", "Cổng", IT),), "strategy": ()}
    kept, findings = complete([sheet(row(7, "X.1"), row(8, "X.2"))], expected, FILE)
    assert list(kept) == ["disbursement"]
    assert [(f.rule, f.sheet, f.cell) for f in findings] == [
        ("missing-sheet", "Nhiệm vụ CNTT", None)
    ]


def finding(severity: Severity, number: int) -> Finding:
    return Finding("r", severity, str(number), FILE)


def test_a_shortlist_keeps_everything_up_to_its_length() -> None:
    three = tuple(finding(Severity.INFO, n) for n in range(3))
    assert shortlist(three, most=3) == three


def test_a_shortlist_keeps_the_gravest_in_order_and_counts_the_rest() -> None:
    given = [
        finding(Severity.WARNING, 0),
        finding(Severity.ERROR, 1),
        finding(Severity.INFO, 2),
        finding(Severity.WARNING, 3),
        finding(Severity.ERROR, 4),
    ]
    *kept, more = shortlist(given, most=3)
    assert kept == [given[0], given[1], given[4]]
    assert (more.rule, more.severity, more.file) == ("more-findings", Severity.WARNING, FILE)
    assert " 2 " in more.message


def test_findings_name_the_sheet_as_the_file_does() -> None:
    renamed = Row("disbursement", "Y.1", "GIẢI NGÂN ", 7, {"code": "Y.1"}, {"code": "A"})
    told = sheet(renamed, name=renamed.sheet)
    _, findings = complete([told], {"disbursement": BOTH}, FILE)
    assert {f.sheet for f in findings} == {"GIẢI NGÂN "}
    assert len(findings) == 3
