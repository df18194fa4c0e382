"""What the rounds come to: medians, slopes, the targets met or missed; table, chart and JSON."""

import json
import platform
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from builds import FLOOR, MONTH, ON_A_SERVER, OURS, SERVED, STRAIGHTFORWARD, Round, Stage

LOW, HIGH = 250, 1000
"""Units between which a further one's cost is measured; the straightforward build has its own."""
HIGHER = 2000
"""Units up to which it is measured by Dask, from HIGH on: a smaller month spreads less of it."""
PREFECT = 3.0
"""Seconds that a command may take for importing Prefect, and as many for talking to its server."""
OVER_FLOOR = 1.5
SPREAD = {
    "reading": ("tasks.intake:READ",),
    "making forms": ("tasks.forms:FORM",),
    "rendering": ("tasks.letters:LETTER", "tasks.pages:UNIT_PAGE"),
}
"""What both cores should be busy with -> the work that is spread over them."""
LIBRARIES = (
    "prefect", "great-expectations", "pandas", "sqlalchemy", "yagmail", "xlsxwriter",
    "python-calamine", "docxtpl",
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A target of the issue, what was measured, and whether that meets it; None: not measured."""

    name: str
    wanted: str
    measured: float | None
    unit: str
    met: bool | None

    def line(self) -> str:
        """A row of the table."""
        if self.measured is None:
            return f"| {self.name} | {self.wanted} | not measured | |"
        figure = f"{self.measured:,.2f} {self.unit}".strip()
        return f"| {self.name} | {self.wanted} | {figure} | {'met' if self.met else '**missed**'} |"


class Results:
    """All rounds of one benchmark."""

    def __init__(self, rounds: Sequence[Round]) -> None:
        self.rounds = rounds

    # --- medians --------------------------------------------------------------------------------

    def of(self, build: str, count: int, database: str = "SQLite") -> list[Round]:
        """The rounds of one kind."""
        return [
            one for one in self.rounds
            if (one.build, one.count, one.database) == (build, count, database)
        ]  # fmt: skip

    def median(self, its: Sequence[Round], what: Callable[[Round], float]) -> float:
        """Over rounds; KeyError where there are none."""
        if not its:
            raise KeyError
        return statistics.median(what(one) for one in its)

    def whole(self, build: str, count: int, database: str = "SQLite") -> float:
        """Seconds of the month, every import included."""
        return self.median(self.of(build, count, database), lambda one: one.whole.wall)

    def stage(self, build: str, count: int, name: str, of: str = "wall") -> float:
        """Of one stage; one that a build has not takes no time."""
        nothing = Stage(0.0)
        return self.median(
            self.of(build, count), lambda one: float(getattr(one.stages.get(name, nothing), of))
        )

    def counts(self, build: str) -> list[int]:
        """The sizes at which it was measured, on SQLite."""
        return sorted({
            one.count for one in self.rounds
            if (one.build, one.database) == (build, "SQLite")
        })  # fmt: skip

    def slope(self, build: str, stages: Sequence[str], of: str = "wall") -> float:
        """Seconds that a further unit costs in these stages."""
        low, high = (100, LOW) if build == STRAIGHTFORWARD else (LOW, HIGH)
        more = sum(self.stage(build, high, s, of) - self.stage(build, low, s, of) for s in stages)
        return more / (high - low)

    def allowed(self, count: int, prefect: float = PREFECT) -> float:
        """Seconds that the whole month of ours may take: by the floor, and for its imports."""
        return OVER_FLOOR * self.whole(FLOOR, count) + prefect * len(MONTH)

    # --- targets --------------------------------------------------------------------------------

    def targets(self) -> Iterator[Target]:
        """Those of the issue, in its order."""
        least, most = (lambda a, b: a >= b), (lambda a, b: a <= b)

        def target(
            name: str,
            wanted: str,
            bound: float | Callable[[], float],
            holds: Callable[[float, float], bool],
            measure: Callable[[], float],
            unit: str = "",
        ) -> Target:
            try:
                measured, limit = measure(), bound() if callable(bound) else bound
            except (KeyError, ZeroDivisionError):
                return Target(name, wanted, None, unit, None)
            return Target(name, wanted, measured, unit, holds(measured, limit))

        largest = max(self.counts(OURS), default=0)

        def against(stages: Sequence[str]) -> float:
            return self.slope(STRAIGHTFORWARD, stages) / self.slope(OURS, stages)

        yield target("a further unit, collect to deliver", ">= 25 times less than straightforward",
                     25, least, lambda: against(MONTH[1:]), "times")  # fmt: skip
        yield target("a further unit, the whole month", ">= 10 times less", 10, least,
                     lambda: against(MONTH), "times")  # fmt: skip
        for build, prefect in ((OURS, PREFECT), (SERVED, 2 * PREFECT)):
            yield target(
                f"1,000 units, {build}", f"<= 1.5 x floor + {prefect * len(MONTH):.0f} s",
                lambda prefect=prefect: self.allowed(HIGH, prefect),  # type: ignore[misc]
                most, lambda build=build: self.whole(build, HIGH), "s",  # type: ignore[misc]
            )  # fmt: skip
        yield target(
            "10,000 units", "<= 11 x 1,000", 11, most,
            lambda: self.whole(OURS, 10_000) / self.whole(OURS, HIGH), "times",
        )  # fmt: skip
        for count, limit in ((HIGH, 600), (10_000, 1536)):
            yield target(
                f"peak memory at {count:,}", f"< {limit} MB", limit, most,
                lambda count=count: self.median(  # type: ignore[misc]
                    self.of(OURS, count), lambda one: one.whole.memory
                ), "MB",
            )  # fmt: skip
        for doing, works in SPREAD.items():
            yield target(
                f"cores busy while {doing}, at 1,000", ">= 1.6", 1.6, least,
                lambda works=works: self._busy(works), "cores",  # type: ignore[misc]
            )  # fmt: skip
        yield target("sending, of a bare loop", ">= 0.8", 0.8, least, self._sending)
        yield target("--help", "< 0.4 s", 0.4, most,
                     lambda: self.stage(OURS, HIGH, "--help") or 1 / 0, "s")  # fmt: skip
        yield target("status at 1,000", "< 1.2 s", 1.2, most,
                     lambda: self.stage(OURS, HIGH, "status"), "s")  # fmt: skip
        yield target(f"collect, nothing new, at {largest:,}", "< 5 s", 5, most,
                     lambda: self.stage(OURS, largest, "collect, nothing new"), "s")  # fmt: skip
        yield target(
            f"collect, one new among {largest:,}", "<= 1.2 x among 10", 1.2, most,
            lambda: self.stage(OURS, largest, "collect, one new")
            / self.stage(OURS, 10, "collect, one new"), "times",
        )  # fmt: skip
        yield target(
            "report again after one changed unit, at 1,000", "<= 15 % of the first", 0.15, most,
            lambda: self.stage(OURS, HIGH, "report, again") / self.stage(OURS, HIGH, "report"),
        )  # fmt: skip
        yield target(
            "task runs at 1,000, more than at 250", "0", 0, most,
            lambda: self.median(self.of(SERVED, HIGH), lambda one: one.task_runs)
            - self.median(self.of(SERVED, LOW), lambda one: one.task_runs),
        )  # fmt: skip

    def _busy(self, works: Sequence[str]) -> float:
        """Cores that worked, of those that were there while it was spread over them."""
        wall, cpu = (
            sum(self.stage(OURS, HIGH, one, of) for one in works) for of in ("wall", "cpu")
        )
        return cpu / wall

    def _sending(self) -> float:
        """Messages a second, ours over the bare loop's; what `deliver` takes for one is not
        sending."""
        bare = self.stage(FLOOR, HIGH, "deliver") / self.of(FLOOR, HIGH)[0].messages
        ours = self.stage(OURS, HIGH, "deliver") - self.stage(OURS, HIGH, "deliver, one")
        return bare / (ours / (self.of(OURS, HIGH)[0].messages - 1))

    # --- what is written ------------------------------------------------------------------------

    def table(self) -> str:
        """Markdown: every build and size, the slopes, the targets."""
        return "\n".join(
            (*self._months(), "", *self._slopes(), "", *self._targets(), "", machine())
        )

    def _kinds(self) -> list[tuple[str, int, str]]:
        return sorted({(one.build, one.count, one.database) for one in self.rounds})

    def _months(self) -> Iterator[str]:
        names = [*MONTH, "status", "collect, nothing new", "collect, one new", "report, again"]
        yield "Medians, in seconds; the whole includes every import. Processor and memory are"
        yield "those of the commands, without what servers and the workers of Dask or Prefect take."
        yield ""
        yield f"| build | units | database | rounds | whole | {' | '.join(names)} | CPU / wall | MB | messages | connections | flow runs | task runs |"  # noqa: E501
        yield "| --- " * (len(names) + 11) + "|"
        for build, count, database in self._kinds():
            its = self.of(build, count, database)
            stages = [
                f"{statistics.median(found):.1f}" if found else ""
                for name in names
                for found in [[one.stages[name].wall for one in its if name in one.stages]]
            ]
            wall, cpu, memory = (
                self.median(its, lambda one, of=of: getattr(one.whole, of))  # type: ignore[misc]
                for of in ("wall", "cpu", "memory")
            )
            busy = f"{cpu / wall:.2f} | {memory:.0f}" if cpu else "|"
            runs = f"{its[0].flow_runs} | {its[0].task_runs}" if build in ON_A_SERVER else "|"
            yield (
                f"| {build} | {count:,} | {database} | {len(its)} | {wall:.1f} | "
                f"{' | '.join(stages)} | {busy} | {its[0].messages:,} | "
                f"{its[0].connections:,} | {runs} |"
            )

    def _slopes(self) -> Iterator[str]:
        yield "A further unit, in milliseconds (between 250 and 1,000 units; the straightforward"
        yield "build between 100 and 250, from which it is drawn further):"
        yield ""
        yield f"| build | {' | '.join(MONTH)} | whole | 1,000 units |"
        yield "| --- " * (len(MONTH) + 3) + "|"
        for build in (STRAIGHTFORWARD, FLOOR, OURS, SERVED):
            try:
                its = [self.slope(build, [stage]) * 1000 for stage in MONTH]
                whole = self.drawn(build, HIGH)
            except KeyError:
                continue
            cells = " | ".join(f"{one:.1f}" for one in (*its, sum(its)))
            yield f"| {build} | {cells} | {whole:.0f} s |"

    def drawn(self, build: str, count: int) -> float:
        """Seconds at a size: as measured, or further by the slope."""
        known = self.counts(build)
        if count in known:
            return self.whole(build, count)
        return self.whole(build, known[-1]) + self.slope(build, MONTH) * (count - known[-1])

    def _targets(self) -> Iterator[str]:
        yield "| target | wanted | measured | |"
        yield "| --- | --- | --- | --- |"
        yield from (one.line() for one in self.targets())

    def write(self, folder: Path) -> None:
        """Table, chart, and every round."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "month.md").write_text(self.table() + "\n", "utf-8")
        kept = {
            "machine": machine(),
            "targets": [asdict(one) for one in self.targets()],
            "rounds": [json.loads(one.line()) for one in self.rounds],
        }
        text = json.dumps(kept, ensure_ascii=False, indent=1)
        (folder / "month.json").write_text(text + "\n", "utf-8")
        self._chart(folder / "month.png")

    def _chart(self, path: Path) -> None:
        """Seconds by units, both by powers of ten; what was not measured is dashed."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 4.2), dpi=150, layout="constrained")
        axes = figure.subplots()
        styles = {STRAIGHTFORWARD: ("#A63603", "s"), SERVED: ("#92C5DE", "o"),
                  OURS: ("#2166AC", "o"), FLOOR: ("#595959", "^")}  # fmt: skip
        for build, (colour, marker) in styles.items():
            if not (counts := self.counts(build)):
                continue
            walls = [self.whole(build, count) for count in counts]
            axes.plot(counts, walls, marker=marker, color=colour, label=build)
            if build == STRAIGHTFORWARD and LOW in counts:
                further = [counts[-1], HIGH, 10_000]
                axes.plot(further, [self.drawn(build, one) for one in further], "--", color=colour)
        axes.set(xscale="log", yscale="log", xlabel="units", ylabel="seconds for the whole month")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter("{x:,.0f}")
        axes.grid(which="major", color="#EFEFEF")
        axes.legend(frameon=False)
        figure.savefig(path, metadata={"Software": None})


def machine() -> str:
    """Processor, system and versions, in one line."""
    said = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in said if line.startswith("model name")]
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    processor = f"{len(models)} x {models[0]}" if models else platform.machine()
    return f"{processor}, {platform.system()}, Python {platform.python_version()}, {libraries}"
