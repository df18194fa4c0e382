# ruff: noqa: T201 - it prints
"""The month, measured side by side: ours, the floor under it, and the straightforward build.

    .venv/bin/python benchmarks/month.py [--quick | --gate | --largest] [--rounds N] [--into DIR]

Rounds that were measured already are kept in build/bench/rounds.jsonl and not made again; remove
the folder to begin anew. `--quick` takes few units and one round. `--gate` prints the ratio of ours
to the floor at 200 units, and ends with 1 where ours takes longer than the target allows.
`--largest` adds one round of ours and of the floor at 10,000 units. What is measured goes to
benchmarks/results/.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

HOUSE = Path(__file__).parents[1]
sys.path[:0] = [str(HOUSE), str(HOUSE / "tests")]

import noting  # noqa: E402
import results  # noqa: E402
from builds import (  # noqa: E402
    DASK,
    FLOOR,
    ON_A_SERVER,
    OURS,
    SERVED,
    STRAIGHTFORWARD,
    TWO,
    Bench,
    Outcome,
    Round,
    compare,
)  # fmt: skip

import postgresql  # noqa: E402
from schemas.listening import Listening  # noqa: E402
from tasks.server import free_port, own_password, server  # noqa: E402

SEED = 2021
INTO = HOUSE / "benchmarks" / "results"


@dataclass(frozen=True)
class Plan:
    """Which months are made: build, units, database."""

    months: tuple[tuple[str, int, str], ...]
    rounds: int


FULL = Plan(
    (
        (OURS, 10, "SQLite"),
        (FLOOR, 250, "SQLite"), (OURS, 250, "SQLite"), (SERVED, 250, "SQLite"),
        (STRAIGHTFORWARD, 100, "SQLite"),
        (FLOOR, 1000, "SQLite"), (OURS, 1000, "SQLite"), (SERVED, 1000, "SQLite"),
        (STRAIGHTFORWARD, 250, "SQLite"),
        (FLOOR, 1000, "PostgreSQL"), (OURS, 1000, "PostgreSQL"),
    ),
    rounds=3,
)  # fmt: skip
FURTHER = Plan(
    (
        *((build, count, "SQLite") for count in (250, 1000) for build in DASK),
        (next(iter(DASK)), results.HIGHER, "SQLite"),
        (SERVED, 250, "PostgreSQL"), (TWO, 250, "PostgreSQL"),
    ),
    rounds=1,
)  # fmt: skip
"""Past one machine, as far as one machine can show it."""
QUICK = Plan(
    (
        (STRAIGHTFORWARD, 12, "SQLite"), (FLOOR, 12, "SQLite"), (OURS, 12, "SQLite"),
        (SERVED, 12, "SQLite"), (OURS, 100, "SQLite"), *((build, 100, "SQLite") for build in DASK),
        (TWO, 12, "PostgreSQL"),
    ),
    rounds=1,
)  # fmt: skip
GATE = Plan(((FLOOR, 200, "SQLite"), (OURS, 200, "SQLite")), rounds=3)
LARGEST = Plan(((FLOOR, 10_000, "SQLite"), (OURS, 10_000, "SQLite")), rounds=1)


def main() -> None:
    """Makes what was not made yet, compares, and prints the table."""
    told = _told()
    plan = QUICK if told.quick else GATE if told.gate else FULL
    plan = Plan(plan.months, told.rounds or plan.rounds)
    folder: Path = told.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "rounds.jsonl"
    plans = [plan, *([FURTHER] if plan.months == FULL.months else ()),
             *([LARGEST] if told.largest else ())]  # fmt: skip
    wanted = [one for its in plans for one in _wanted(its)]
    done = [Round.kept(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    left = [one for one in wanted if one not in {_key(d) for d in done}]
    with ExitStack() as stack:
        bench = _bench(stack, folder, {build for (build, _, _), _ in left})
        if any(database == "PostgreSQL" for (_, _, database), _ in left):
            address = stack.enter_context(postgresql.running(folder / "postgresql"))
        for (build, count, database), number in left:
            here = bench
            if database == "PostgreSQL":
                here = replace(bench, database=postgresql.new(address))
            made, outcome = here.month(build, count, number)
            _same(folder / f"outcome-{count}.json", outcome, build)
            done.append(made)
            with kept.open("a") as lines:
                lines.write(made.line() + "\n")
            print(f"{build}, {count} units, {database}, round {number}: {made.whole.wall:.1f} s, "
                  f"{made.whole.cpu:.1f} s of CPU, {made.whole.memory:.0f} MB",
                  flush=True)  # fmt: skip
    found = results.Results([one for one in done if _key(one) in wanted])
    if told.gate:
        ours, floor, allowed = found.whole(OURS, 200), found.whole(FLOOR, 200), found.allowed(200)
        print(f"200 units: ours {ours:.1f} s, {ours / floor:.2f} times the floor; "
              f"allowed are {allowed:.1f} s")  # fmt: skip
        sys.exit(ours > allowed)
    found.write(told.into or (folder / "results" if told.quick else INTO))
    print(found.table())


Key = tuple[tuple[str, int, str], int]


def _wanted(plan: Plan) -> Iterator[Key]:
    """Round by round, so that no build has the machine in another state than the others."""
    for number in range(1, plan.rounds + 1):
        for month in plan.months[:: 1 if number % 2 else -1]:
            yield month, number


def _key(one: Round) -> Key:
    return (one.build, one.count, one.database), one.number


def _bench(stack: ExitStack, folder: Path, builds: set[str]) -> Bench:
    """Recipes noted and a Prefect server running where a build needs them."""
    if not (folder / f"recipes-{SEED}.pickle").exists():
        noting.note(folder, SEED)
    url = auth = ""
    if builds & ON_A_SERVER:
        url = stack.enter_context(server(folder / "server", Listening(port=free_port())))
        auth = own_password(folder / "server").read_text()
    return Bench(folder, SEED, url, auth)


def _same(kept: Path, outcome: Outcome, build: str) -> None:
    """The month is what it was by whichever build made it first."""
    if kept.exists():
        compare(json.loads(kept.read_text("utf-8")), outcome, ("the first", build))
    else:
        kept.write_text(json.dumps(outcome, ensure_ascii=False), "utf-8")


def _told() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    for name in ("quick", "gate", "largest"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--into", type=Path)
    parser.add_argument("--folder", type=Path, default=HOUSE / "build" / "bench")
    return parser.parse_args()


if __name__ == "__main__":
    main()
