"""Whose each row of a workbook of several units is, and who hears of what is wrong in it."""

from collections.abc import Sequence

import pytest

from rules.directory import Directory
from rules.portions import portions, without_unit_rows
from schemas.findings import Finding, Severity
from schemas.forms import Row
from schemas.reading import ReadSheet, ReadWorkbook, Skipped
from schemas.registry import Activity, Registry, Unit

FORM = ("disbursement", "strategy")
DIRECTORY = Directory(
    Registry(
        "v",
        (Unit("C", "Cục"), Unit("A", "Vụ A", "C"), Unit("B", "Vụ B", "C")),
        (),
        (
            Activity("A.1", "Hội nghị", "A", "ODA", FORM),
            Activity("A.2", "Đề án", "A", "ODA", FORM),
            Activity("B.1", "Hội nghị", "B", "ODA", FORM),
            Activity("B.2", "Tập huấn", "B", "ODA", FORM),
        ),
        (),
    )
)


def row(number: int, code: str, name: str = "", form: str = "disbursement") -> Row:
    return Row(form, code, "S", number, {"name": name}, {"code": "A", "disbursed": "G"})


def finding(cell: str | None) -> Finding:
    return Finding("r", Severity.ERROR, "…", "f", "S", cell)


def sheet(
    rows: Sequence[Row], cells: Sequence[str | None] = (), form: str = "disbursement"
) -> ReadSheet:
    return ReadSheet(form, "S", tuple(rows), tuple(map(finding, cells)), {"code": "A"})


def shares(*sheets: ReadSheet) -> dict[str, list[tuple[list[str], list[str | None]]]]:
    """Unit -> of each sheet the cells of its codes and those of its findings."""
    parts = portions(ReadWorkbook("f", "xlsx", sheets=sheets), ("A", "B"), DIRECTORY)
    return {
        unit: [
            ([f"A{r.number}" for r in part.rows], [f.cell for f in part.findings])
            for part in read.sheets
        ]
        for unit, read in parts.items()
    }


def test_a_single_unit_has_the_whole_workbook() -> None:
    read = ReadWorkbook("f", "xlsx", sheets=(sheet([row(2, "B.1"), row(3, "?")]),))
    assert portions(read, ("A",), DIRECTORY) == {"A": read}


def test_codes_tell_whose_a_row_is_and_its_findings_follow_it() -> None:
    rows = [row(2, "A.1"), row(3, "B.1"), row(4, "a.2")]
    assert shares(sheet(rows, ["G2", "G3", "AA4"])) == {
        "A": [(["A2", "A4"], ["G2", "AA4"])],
        "B": [(["A3"], ["G3"])],
    }


def test_a_deliverable_is_its_activitys() -> None:
    rows = [row(2, "A.1-1", form="strategy"), row(3, "B.1-2", form="strategy")]
    assert shares(sheet(rows, form="strategy")) == {"A": [(["A2"], [])], "B": [(["A3"], [])]}


def test_a_name_tells_where_there_is_no_code_and_one_unit_has_it() -> None:
    rows = [row(2, "A.1"), row(3, "", "tập huấn"), row(4, "A.2")]
    assert shares(sheet(rows)) == {"A": [(["A2", "A4"], [])], "B": [(["A3"], [])]}


@pytest.mark.parametrize(
    ("rows", "a", "b"),
    [
        (["A.1", "?", "A.2", "B.1"], [2, 3, 4], [5]),
        (["A.1", "?", "", "B.1"], [2, 3, 4], [3, 4, 5]),
        (["?", "B.1", "A.1"], [4], [2, 3]),
        (["A.1", "B.1", "?"], [2], [3, 4]),
        (["?", "?"], [2, 3], [2, 3]),
    ],
)
def test_a_row_that_tells_nothing_is_put_to_the_units_next_to_it(
    rows: list[str], a: list[int], b: list[int]
) -> None:
    told = sheet([row(n, code, "Hội nghị") for n, code in enumerate(rows, 2)], ["G3"])
    parts = shares(told)
    assert [cells for cells, _ in parts["A"]] == [[f"A{n}" for n in a]]
    assert [cells for cells, _ in parts["B"]] == [[f"A{n}" for n in b]]
    assert parts["A"][0][1] == (["G3"] if 3 in a else [])
    assert parts["B"][0][1] == (["G3"] if 3 in b else [])


def test_what_is_wrong_with_a_sheet_goes_to_all_that_stand_on_it() -> None:
    of_a = sheet([row(2, "A.1")], [None, "C1"])
    of_both = sheet([row(2, "A.1"), row(3, "B.1")], [None, "C1"])
    of_none = sheet([], [None])
    assert shares(of_a, of_both, of_none) == {
        "A": [(["A2"], [None, "C1"]), (["A2"], [None, "C1"]), ([], [None])],
        "B": [([], []), (["A3"], [None, "C1"]), ([], [None])],
    }


@pytest.mark.parametrize(
    ("code", "name", "heads"),
    [
        ("", "Vụ A", True),
        ("II", "VỤ  B", True),
        ("", "2. Vụ B", True),
        ("A", "Vụ A", True),
        ("", "Vụ A và các đơn vị", False),
        ("A.1", "Vụ A", False),
        ("", "", False),
    ],
)
def test_a_row_that_heads_a_unit_with_its_sums_is_no_activity(
    code: str, name: str, *, heads: bool
) -> None:
    given = ReadWorkbook("f", "xlsx", sheets=(sheet([row(2, code, name), row(3, "A.1")], ["G2"]),))
    (read,) = without_unit_rows(given, DIRECTORY).sheets
    assert [r.number for r in read.rows] == ([3] if heads else [2, 3])
    assert [f.cell for f in read.findings] == ([] if heads else ["G2"])
    assert read.skipped == ((Skipped("S", 2, "unit-row"),) if heads else ())
