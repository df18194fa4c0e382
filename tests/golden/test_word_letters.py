"""The Word letters as text: each paragraph and row with its measures.

Run as a script it writes the snapshots in `word_letters/` anew; read the difference.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
sys.path[:0] = [str(HOUSE), str(HOUSE / "tests")]

import consolidated  # noqa: E402
import drafted  # noqa: E402
from schemas.board import State  # noqa: E402
from wordfile import Letter, Paragraph, W  # noqa: E402

SNAPSHOTS = Path(__file__).parent / "word_letters"
SILENT = {"Vụ Tổng hợp": State.MISSING, "Thanh tra": State.RETURNED}


def letters() -> dict[str, bytes]:
    return {
        "urging-1": drafted.urging(1),
        "urging-3-long-name": drafted.urging(3, drafted.LONG),
        "urging-whole-unit": drafted.urging(0),
        "reminder-1": drafted.reminder(),
        "reminder-2": drafted.reminder(SILENT),
        "report": consolidated.report(),
        "report-nothing-known": consolidated.report(consolidated.nothing()),
    }


def shown(content: bytes) -> str:
    """A line for each paragraph: style, size, looks, alignment, gap, indents, then what it says."""
    return "\n".join(_lines(Letter(content))) + "\n"


def _lines(letter: Letter) -> Iterator[str]:
    for node in letter.body.node.iter(W + "p", W + "tr", W + "sectPr"):
        if node.tag == W + "tr":
            yield "-- row"
        elif node.tag == W + "sectPr":
            yield "== section ends"
        elif (one := Paragraph(node)).text:
            looks = "; ".join(f"{run.size:g} {run.style}".strip() for run in one.runs if run.text)
            place = f"{one.align} +{one.before:g}pt {one.left:.0f}/{one.first:.0f}mm"
            style = one.at("pPr/pStyle")
            yield f"[{f'{style}: ' if style else ''}{looks} | {place}] {one.text}"
        elif one.find("pPr/pBdr") is not None:
            yield f"[rule | {one.left:.1f}mm]"


@pytest.mark.parametrize("name", list(letters()))
def test_letters_read_as_their_snapshots(name: str) -> None:
    kept = (SNAPSHOTS / f"{name}.txt").read_text("utf-8")
    assert shown(letters()[name]) == kept, "run `make golden` and read the difference"


def write_snapshots() -> None:
    SNAPSHOTS.mkdir(exist_ok=True)
    for name, content in letters().items():
        (SNAPSHOTS / f"{name}.txt").write_text(shown(content), "utf-8")


if __name__ == "__main__":
    write_snapshots()
