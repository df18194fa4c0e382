"""What each fault did, as tests measured it: gathered into docs/reliability.md.

A test that shows a promise calls the fixture `shown`, which leaves a file in `build/reliability/`.
`python tests/reliability.py docs` takes these into `docs/reliability.json` (a test's new figure
in the place of its old one) and writes the page anew from it.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

HOUSE = Path(__file__).parents[1]
MEASURED = HOUSE / "build" / "reliability"
HEAD = HOUSE / "tests" / "data" / "reliability-head.md"


@dataclass(frozen=True, order=True)
class Shown:
    """One line of the table."""

    area: str
    """What the fault strikes: `delivery`, `collect`, `storage`, ..."""
    fault: str
    promise: str
    figure: str
    """What was counted, with how often it was tried."""
    test: str
    """The test's address in pytest."""
    day: str
    seed: int | None = None

    def keep(self) -> None:
        """Lay it where the page is gathered from; many processes may do so at once."""
        MEASURED.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256("\n".join(self.key).encode()).hexdigest()[:16]
        text = json.dumps(asdict(self), ensure_ascii=False)
        (MEASURED / f"{name}.json").write_text(text, "utf-8")

    @property
    def key(self) -> tuple[str, str, str]:
        """A later measurement of the same takes its place."""
        return self.area, self.fault, self.test


def page(lines: list[Shown]) -> str:
    """The page: its head, then a table for each area."""
    text = [HEAD.read_text("utf-8")]
    for area in dict.fromkeys(line.area for line in lines):
        text += [f"\n## {area[:1].upper()}{area[1:]}\n"]
        text += ["| fault | promise | measured | seed | day | test |", "| --- " * 6 + "|"]
        for line in lines:
            if line.area == area:
                cells = (line.fault, line.promise, line.figure, line.seed, line.day)
                told = (str("" if cell is None else cell).replace("|", "\\|") for cell in cells)
                text.append("| " + " | ".join((*told, f"`{line.test}`")) + " |")
    return "\n".join(text) + "\n"


def gathered(known: list[Mapping[str, object]]) -> list[Shown]:
    """What was known, and what was measured since."""
    new = [json.loads(path.read_text("utf-8")) for path in MEASURED.glob("*.json")]
    every = [Shown(**one) for one in (*known, *new)]
    return sorted({line.key: line for line in every}.values())


def main(folder: Path) -> None:
    """Bring both files of the folder up to date."""
    kept = folder / "reliability.json"
    known = json.loads(kept.read_text("utf-8")) if kept.exists() else []
    lines = gathered(known)
    rows = ",\n".join(json.dumps(asdict(line), ensure_ascii=False) for line in lines)
    kept.write_text(f"[\n{rows}\n]\n", "utf-8")
    (folder / "reliability.md").write_text(page(lines), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
