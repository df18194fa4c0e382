# ruff: noqa: T201 - it prints
"""How long a Word letter takes, and its PDF.

    .venv/bin/python benchmarks/letters.py [LETTERS]

The urging letter with 1, 5 and 40 slow activities, and the reminder: (a) as `report` makes them,
from a template compiled once, and (b) as docxtpl's own tutorial does, which opens, patches and
compiles the template for each letter; the consolidated report of ministries of several sizes, five
activities a unit; then (c) LibreOffice on a batch in one run.
"""

import io
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

HOUSE = Path(__file__).parents[1]
sys.path[:0] = [str(HOUSE), str(HOUSE / "tests")]

from docxtpl.template import DocxTemplate  # noqa: E402

import consolidated  # noqa: E402
import drafted  # noqa: E402
from reports.letters.fields import REMINDER, URGING, Kind  # noqa: E402
from reports.letters.template import WordTemplate, built_in  # noqa: E402
from tasks import libreoffice  # noqa: E402

MILLI = 1000


def main() -> None:
    """Prints the medians."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    began = time.perf_counter()
    for kind in (URGING, REMINDER):
        drafted.ready(kind)
    print(f"{count} letters each; medians in ms a letter; both templates are ready after "
          f"{(time.perf_counter() - began) * MILLI:.0f} ms")  # fmt: skip
    makers: dict[str, tuple[Kind, Callable[[], bytes]]] = {
        **{
            f"urging, {n} activities": (URGING, lambda n=n: drafted.urging(n))  # type: ignore[misc]
            for n in (1, 5, 40)
        },
        "reminder, 5 units": (REMINDER, lambda: drafted.reminder([f"Vụ {n}" for n in range(5)])),
    }
    for name, (kind, make) in makers.items():
        facts = _facts(make)
        ours = _median(make, count)
        theirs = _median(lambda kind=kind, facts=facts: _plainly(kind, facts), max(count // 10, 3))  # type: ignore[misc]
        print(f"  {name:24} {ours:7.1f}   docxtpl as in its tutorial {theirs:7.1f}")
    for units in (4, 100, 1000):
        month = consolidated.of_size(units)
        composed = _median(lambda month=month: consolidated.report(month), 3)  # type: ignore[misc]
        print(f"  {f'consolidated report, {units} units':34} {composed:9.0f} ms")
    batch = {str(n): drafted.urging(5) for n in range(count)}
    began = time.perf_counter()
    made = libreoffice.to_pdf(batch)
    took = time.perf_counter() - began
    print(
        f"  {len(made)} PDFs in one run of LibreOffice: {took:.1f} s"
        if made
        else "  no LibreOffice"
    )
    print(f"Python {platform.python_version()}, {platform.machine()}")


def _facts(make: Callable[[], bytes]) -> dict[str, Any]:
    """What a letter is filled in with."""
    seen: list[dict[str, Any]] = []

    def render(_: WordTemplate, facts: dict[str, Any], indent: int) -> bytes:
        seen.append({**facts, "issuers_rule_indent": indent})
        return b""

    with patch.object(WordTemplate, "render", render):
        make()
    return seen[0]


def _plainly(kind: Kind, facts: dict[str, Any]) -> None:
    document = DocxTemplate(io.BytesIO(built_in(kind)))
    document.render(facts, autoescape=True)
    document.save(io.BytesIO())


def _median(make: Callable[[], object], times: int) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        make()
        took.append((time.perf_counter() - began) * MILLI)
    return statistics.median(took)


if __name__ == "__main__":
    main()
