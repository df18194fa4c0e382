"""The back-test of the forecast on real series: error and coverage per kind and month.

`python benchmarks/forecast.py SERIES.csv [FIRST_YEAR]`, with columns level, body, year, month and
printed_pct_of_plan, as of the General Statistics Office's monthly annexes.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from rules.forecast import METHODS, Kind, outlooks
from schemas.forecast import Courses

MONTHS = (6, 8, 9, 10)


def read(path: Path) -> dict[str, dict[str, dict[int, dict[int, float]]]]:
    """Kind -> unit -> year -> month -> rate."""
    found: dict[str, dict[str, dict[int, dict[int, float]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(dict))
    )
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["level"] in {"ministry", "province"} and row["printed_pct_of_plan"]:
                course = found[row["level"]][row["body"]][int(row["year"])]
                course[int(row["month"])] = float(row["printed_pct_of_plan"]) / 100
    return found


def ends(courses: Courses, year: int, month: int) -> tuple[dict[str, float], Mapping[str, float]]:
    """Standing and outcome of the units that have both."""
    both = {u: its[year] for u, its in courses.items() if {month, 12} <= its.get(year, {}).keys()}
    return {u: c[month] for u, c in both.items()}, {u: c[12] for u, c in both.items()}


def main(path: Path, first: int) -> None:
    """Print the table."""
    kinds = read(path)
    last = max(y for courses in kinds.values() for its in courses.values() for y in its)
    sys.stdout.write(
        f"{path.name}, years {first}-{last}, error in points, coverage of the interval\n"
    )
    for kind, courses in kinds.items():
        for month in MONTHS:
            errors: dict[str, list[float]] = defaultdict(list)
            held: list[bool] = []
            for year in range(first, last + 1):
                now, outcome = ends(courses, year, month)
                pool = Kind(courses)
                for method, make in METHODS.items():
                    made = {u: make(pool, u, year, month, r) for u, r in now.items()}
                    errors[method] += [
                        abs(e - outcome[u]) for u, e in made.items() if e is not None
                    ]
                for unit, one in outlooks(courses, {}, year, month, now).items():
                    errors["chosen"].append(abs(one.rate - outcome[unit]))
                    if one.low is not None and one.high is not None:
                        held.append(one.low <= outcome[unit] <= one.high)
            shown = " ".join(f"{name} {100 * np.mean(e):.1f}" for name, e in errors.items())
            sys.stdout.write(
                f"{kind:9} {month:2}: {shown}; held {np.mean(held):.0%} of {len(held)}\n"
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2017)
