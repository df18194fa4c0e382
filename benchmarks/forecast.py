"""The back-test of the forecast on real series: error and coverage per kind and month.

`python benchmarks/forecast.py FILE... [--from YEAR]`, known by their columns: the General
Statistics Office's annexes (level, body, printed_pct_of_plan), Spain's execution of budgets
(obligated over credits), Georgia's (spent over the approved year's plan), or those that `history
import` takes (whole units only). Each file is a past.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

HOUSE = Path(__file__).parents[1]
sys.path.insert(0, str(HOUSE))

import numpy as np  # noqa: E402

from rules.forecast import Kind, outlooks  # noqa: E402
from rules.pattern import METHODS  # noqa: E402
from schemas.forecast import Courses  # noqa: E402

MONTHS = (6, 8, 9, 10)
FIRST = 2017
Row = Mapping[str, str]


def _rate(row: Row) -> tuple[str, str, float] | None:
    """Kind, body and rate of a row; None of one that is no body's month."""
    if "disbursed_to_date" in row:
        return "imported", row["unit"], float(row["disbursed_to_date"]) / float(row["budget"])
    if "printed_pct_of_plan" in row:
        if row["level"] in {"ministry", "province"} and row["printed_pct_of_plan"]:
            return row["level"], row["body"], float(row["printed_pct_of_plan"]) / 100
    elif "obligated_to_date_keur" in row:
        wanted = (row["sector"], row["scope"], row["level"]) == ("OOAA", "nonfinancial", "body")
        if wanted and float(row["budget_keur"] or 0) > 0 and row["obligated_to_date_keur"]:
            rate = float(row["obligated_to_date_keur"]) / float(row["budget_keur"])
            return "spain", row["body"], rate
    elif row["scope"] == "total" and row["unit_id"] != "GE-TOTAL":
        plan = float(row["approved_year_plan_gel"] or 0)
        if plan > 0:
            return "georgia", row["unit_id"], float(row["spent_to_date_gel"]) / plan
    return None


def read(path: Path) -> dict[str, dict[str, dict[int, dict[int, float]]]]:
    """Kind -> unit -> year -> month -> rate."""
    found: dict[str, dict[str, dict[int, dict[int, float]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(dict))
    )
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            if known := _rate(row):
                kind, body, rate = known
                found[kind][body][int(row["year"])][int(row["month"])] = rate
    return found


def ends(courses: Courses, year: int, month: int) -> tuple[dict[str, float], Mapping[str, float]]:
    """Standing and outcome of the units that have both."""
    both = {u: its[year] for u, its in courses.items() if {month, 12} <= its.get(year, {}).keys()}
    return {u: c[month] for u, c in both.items()}, {u: c[12] for u, c in both.items()}


def table(kind: str, courses: Courses, first: int) -> Iterator[str]:
    """A line a month."""
    last = max(year for its in courses.values() for year in its)
    for month in MONTHS:
        errors: dict[str, list[float]] = defaultdict(list)
        held: list[bool] = []
        for year in range(first, last + 1):
            now, outcome = ends(courses, year, month)
            past = Kind(courses)
            for method, make in METHODS.items():
                made = {u: make(past, u, year, month, r) for u, r in now.items()}
                errors[method] += [abs(e - outcome[u]) for u, e in made.items() if e is not None]
            for unit, one in outlooks(courses, {}, year, month, now).items():
                errors["told"].append(abs(one.rate - outcome[unit]))
                if one.low is not None and one.high is not None:
                    held.append(one.low <= outcome[unit] <= one.high)
        shown = " ".join(f"{name} {100 * np.mean(e):.1f}" for name, e in errors.items() if e)
        kept = f"{np.mean(held):.0%} of {len(held)}" if held else "none told"
        yield f"{kind:9} {month:2}: {shown}; held {kept}\n"


def main(arguments: list[str]) -> None:
    """Print a table per file."""
    first = FIRST
    if "--from" in arguments:
        at = arguments.index("--from")
        first = int(arguments[at + 1])
        del arguments[at : at + 2]
    for path in map(Path, arguments):
        sys.stdout.write(f"{path.name}, from {first}: error in points, what the interval held\n")
        for kind, courses in read(path).items():
            sys.stdout.writelines(table(kind, courses, first))


if __name__ == "__main__":
    main(sys.argv[1:])
