"""Writes the trimmed tables of `tests/data/published/` anew from the files they are quoted from.

`python tests/data/trim_published.py FOLDER`: where the CSV files lie that the README there names.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).parent / "published"
Row = Mapping[str, str]


def spain(rows: Iterable[Row]) -> Iterator[Row]:
    """What was printed of each body and of all together at the years' ends, and in June 2018."""
    for row in rows:
        december = row["series"] == "december_final"
        june = (row["series"], row["month"]) == ("month", "6")
        if (december or june) and row["level"] != "ministry":
            yield row


def statistics(rows: Iterable[Row]) -> Iterator[Row]:
    """The ministries and the tiers from 2018, each month beside the plan of the month before.

    Only months in which that plan had not moved: by no more, that is, than the rounding of the
    realised amounts (0.0005 tỷ đồng) explains, from which the annex' plans are reckoned.
    """
    known = {(r["level"], r["body"], r["year"], int(r["month"])): r for r in rows}
    for (level, body, year, month), row in known.items():
        before = known.get((level, body, year, month - 1))
        if level == "province" or year < "2018" or before is None:
            continue
        plan, percent = before["plan_implied_bnvnd"], row["printed_pct_of_plan"]
        if (
            plan
            and percent
            and abs(Decimal(plan) - Decimal(row["plan_implied_bnvnd"]))
            <= _slack(before["printed_pct_of_plan"], percent)
        ):
            yield {**row, "plan_of_month_before_bnvnd": plan}


def _slack(*percents: str) -> Decimal:
    return Decimal("0.001") + sum(Decimal("0.05") / Decimal(p) for p in percents)


def press(rows: Iterable[Row]) -> Iterator[Row]:
    """The figures that print plan, paid amount and rate."""
    for row in rows:
        if row["plan_bn_vnd"] and row["disbursed_bn_vnd"] and row["rate_pct_printed"]:
            yield row


def ministries(rows: Iterable[Row]) -> Iterator[Row]:
    """All ministries and agencies in all years: whole, for investment, and recurrent."""
    for row in rows:
        if row["scope"] in {"total", "investment", "recurrent"}:
            yield row


TABLES = {
    "spain-2014-2018.csv": (
        "spain-bodies-monthly-2014-2018.csv",
        spain,
        """sector scope level body year month budget_keur obligated_to_date_keur paid_to_date_keur
        printed_obligated_pct printed_paid_of_obligated_pct""",
    ),
    "statistics-2018-2021.csv": (
        "gso-vn-monthly-2011-2021.csv",
        statistics,
        """level body year month plan_of_month_before_bnvnd realised_to_date_bnvnd
        printed_pct_of_plan""",
    ),
    "press-2021-2025.csv": (
        "published-vn.csv",
        press,
        "as_of body plan_bn_vnd disbursed_bn_vnd rate_pct_printed source_title source_url",
    ),
    "ministries-2011-2014.csv": (
        "vn-ministries-annual-2011-2014.csv",
        ministries,
        "body year scope estimate_mvnd final_mvnd",
    ),
}


def main(folder: Path) -> None:
    """Write each table, and say how long it is."""
    for name, (source, trim, columns) in TABLES.items():
        with (folder / source).open(encoding="utf-8-sig", newline="") as lines:
            kept = list(trim(csv.DictReader(lines)))
        with (HERE / name).open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(
                out, columns.split(), extrasaction="ignore", lineterminator="\n"
            )
            writer.writeheader()
            writer.writerows(kept)
        print(f"{name}: {len(kept)} rows")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
