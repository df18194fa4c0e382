"""What a benchmark's process is told to do, and what it answers."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SENDER = "dondoc@ubdt.vn"
DONG = 1_000_000
"""đồng in a triệu đồng."""


@dataclass(frozen=True)
class Job:
    """One month to be made: where the country lies, where to work, where mail goes."""

    country: str
    recipes: str
    seed: int
    folder: str
    port: int
    database: str

    @classmethod
    def told(cls) -> "Job":
        """The one on the command line."""
        return cls(**json.loads(sys.argv[1]))

    @property
    def new(self) -> Path:
        """The workspace before the month."""
        return Path(self.country) / "new"

    @property
    def filled(self) -> list[Path]:
        """The workbooks that came."""
        return sorted((Path(self.country) / "filled").iterdir())

    @property
    def forms(self) -> Path:
        """Where the units' forms are laid."""
        return Path(self.folder) / "forms"


@dataclass
class Answer:
    """What came of it: the time of each stage, the figures and the judgement."""

    stages: dict[str, float] = field(default_factory=dict)
    sums: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    flags: list[Any] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    messages: int = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what is done within."""
        began = time.perf_counter()
        yield
        self.stages[name] = self.stages.get(name, 0.0) + time.perf_counter() - began

    def give(self) -> None:
        """To whoever started the process."""
        sys.stdout.write(json.dumps(asdict(self)) + "\n")
