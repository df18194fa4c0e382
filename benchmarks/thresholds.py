"""The back-test of the flags' thresholds on a real series, through the product's own command.

`python benchmarks/thresholds.py FILE`, the General Statistics Office's annexes (level, body, plan
and realised in tỷ đồng). Each kind of body becomes a workspace with the series as imported
history; each setting is tried on the years that one may choose by, and on those that it is then
judged by.
"""

import csv
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[1]
sys.path.insert(0, str(HOUSE))

from flows.ask import backtest  # noqa: E402
from flows.create import create  # noqa: E402
from flows.history import history  # noqa: E402
from schemas.backtest import RuleScore  # noqa: E402
from schemas.flags import FlagSeverity  # noqa: E402
from schemas.history import COLUMNS  # noqa: E402

KINDS = ("ministry", "province")
CHOSEN_BY, JUDGED_BY = range(2012, 2017), range(2017, 2022)
TRIED = (
    ("below-pace", "low", "below_pace.low", ("0.7", "0.8", "0.85", "0.9", "0.95", "1")),
    ("below-pace", "critical", "below_pace.critical", ("0.4", "0.5", "0.6", "0.7", "0.8")),
    ("below-average", "low", "below_average.low", ("0.4", "0.5", "0.6", "0.7", "0.8", "0.9")),
    ("below-pace", "low", "from_month", ("3", "4", "6", "7", "9")),
    ("below-pace", "low", "pace.name", ("quarters", "linear")),
)
"""Rule, severity from which its flags are counted, setting, its values."""


def import_file(source: Path, kind: str, target: Path) -> None:
    """Write the bodies of a kind in the columns that `history import` takes, triệu đồng."""
    with (
        source.open(encoding="utf-8-sig", newline="") as lines,
        target.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in csv.DictReader(lines):
            if row["level"] == kind and row["plan_implied_bnvnd"] and row["realised_to_date_bnvnd"]:
                amounts = [
                    f"{row[name]}e3" for name in ("plan_implied_bnvnd", "realised_to_date_bnvnd")
                ]
                writer.writerow([row["year"], row["month"], row["body"], "", "", *amounts])


def told(one: RuleScore) -> str:
    """Flags, precision, recall, caught, lead."""
    lead = f"{one.lead:.1f}" if one.lead is not None else "-"
    return (
        f"{one.counts.flagged} | {one.counts.precision or 0:.0%} | "
        f"{one.counts.recall or 0:.0%} | {one.caught}/{one.low_ends} | {lead}"
    )


def today(workspace: Path) -> Iterator[str]:
    """A line a rule and severity, as the settings are."""
    for years in (CHOSEN_BY, JUDGED_BY):
        test, _ = backtest(workspace, list(years), (), None)
        months = [one.counts[FlagSeverity.WATCH] for one in test.units.months]
        judged = sum(one.flagged + one.unflagged for one in months)
        low = sum(one.flagged_low + one.unflagged_low for one in months)
        yield f"{years[0]}-{years[-1]}: {judged} judged, {low / judged:.0%} ended low\n"
        for one in test.units.rules:
            yield f"| {one.rule or 'any'} | {one.severity} | {told(one)} |\n"


def others(workspace: Path) -> Iterator[str]:
    """A line a value of a setting; chosen by, judged by."""
    for rule, severity, setting, values in TRIED:
        yield f"{rule} from {severity}: flags | precision | recall | caught | lead, twice\n"
        for value in values:
            cells = []
            for years in (CHOSEN_BY, JUDGED_BY):
                _, tried = backtest(workspace, list(years), [f"{setting}={value}"], None)
                scores = tried.units.rules if tried else ()
                wanted = rule, FlagSeverity(severity)
                found = (told(one) for one in scores if (one.rule, one.severity) == wanted)
                cells.append(next(found, "0 | - | 0% | 0 | -"))
            yield f"| `{setting}={value}` | {' | '.join(cells)} |\n"


def only_thresholds(workspace: Path) -> None:
    """Switch off what the tried settings do not touch and what takes most of the time."""
    file = workspace / "dondoc.toml"
    text = file.read_text("utf-8")
    for rule in ("unlikely_to_finish", "repeat"):
        text = text.replace(f"[rules.{rule}]\n", f"[rules.{rule}]\nenabled = false\n")
    file.write_text(text, "utf-8")


def main(file: Path) -> None:
    """Print a table per kind."""
    with tempfile.TemporaryDirectory() as scratch:
        for kind in KINDS:
            workspace, past = Path(scratch, kind), Path(scratch, f"{kind}.csv")
            create(workspace, sample=False)
            import_file(file, kind, past)
            history(workspace, past, None)
            sys.stdout.write(f"{kind}\n")
            sys.stdout.writelines(today(workspace))
            only_thresholds(workspace)
            sys.stdout.writelines(others(workspace))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
