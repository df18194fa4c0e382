"""The corpus: every file of `tests/data/workbooks/` is read as the answer beside it says, which was
worked out from what was laid into the file (`tests/corpus/`) and never from what was read."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus import CORPUS, every_case
from corpus.page import shown
from ministry import CLOSING, Ministry
from rules.directory import Directory
from rules.identify import Clues, Placed, identify
from schemas.forms import FORMS
from schemas.reading import ReadWorkbook
from schemas.settings import Reading
from tasks.apart import Reader
from tasks.registry import read_registry
from tasks.workbooks import read

pytestmark = pytest.mark.figures

FILES = sorted(path for path in CORPUS.iterdir() if path.with_name(f"{path.name}.json").exists())


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(Reading()) as one:
        yield one


def found_in(found: ReadWorkbook) -> dict[str, Any]:
    """What was read, in the words of an answer."""
    forms: dict[str, list[dict[str, Any]]] = {}
    for sheet in found.sheets:
        for row in sheet.rows:
            values = {name: shown(value) for name, value in row.values.items()}
            its = {"sheet": row.sheet, "row": row.number, "code": row.code, "values": values}
            forms.setdefault(row.form, []).append(its)
    told = [[f.rule, f.sheet, f.cell, str(f.severity)] for f in found.all_findings]
    return {
        "forms": {form.name: forms[form.name] for form in FORMS if form.name in forms},
        "findings": sorted(told, key=lambda one: list(map(str, one))),
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_read_as_its_answer_says(path: Path, reader: Reader) -> None:
    answer = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
    found = found_in(read(path.read_bytes(), path.name, FORMS, reader=reader))
    assert found["findings"] == answer["findings"]
    assert found["forms"] == answer["forms"]


PLACED = [path for path in FILES if '"unit"' in path.with_name(f"{path.name}.json").read_text()]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Directory:
    path = tmp_path_factory.mktemp("registry") / "registry.xlsx"
    Ministry(4).write_registry(path)
    return Directory(read_registry(path)[0])


@pytest.mark.parametrize("path", PLACED, ids=lambda path: path.name)
def test_a_file_is_placed_as_its_answer_says(
    path: Path, reader: Reader, directory: Directory
) -> None:
    answer = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
    found = read(path.read_bytes(), path.name, FORMS, reader=reader)
    place = identify(found, directory, Clues(), CLOSING)
    assert isinstance(place, Placed)
    assert (place.units, str(place.period)) == ((answer["unit"],), answer["period"])


def test_the_corpus_is_what_its_maker_says() -> None:
    cases = every_case()
    assert [case.file for case in cases] == [path.name for path in FILES]
    for case in cases:
        assert (CORPUS / f"{case.file}.json").read_text("utf-8") == case.answer_text, case.file


def test_the_corpus_is_large_and_its_files_are_small(
    record_property: Callable[[str, object], None],
) -> None:
    answers = [json.loads(path.with_name(f"{path.name}.json").read_text("utf-8")) for path in FILES]
    rows = sum(len(its) for answer in answers for its in answer["forms"].values())
    told = sum(len(answer["findings"]) for answer in answers)
    kinds = len({path.suffix for path in FILES})
    record_property(
        "figures", f"corpus: {len(FILES)} files, {kinds} extensions, {rows} rows, {told} findings"
    )
    assert len(FILES) >= 100
    assert sum(path.stat().st_size for path in CORPUS.iterdir()) < 3 * 2**20
