"""Writes the corpus: `tests/data/workbooks/NAME`, and beside each file what should be read in it.

python tests/data/make_workbooks.py            what programs here write, and every answer
python tests/data/make_workbooks.py --office   what LibreOffice writes, too
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

from corpus import CORPUS, every_case  # noqa: E402


def main() -> None:
    """Writes every file anew; one that no case speaks of any more is taken away."""
    CORPUS.mkdir(exist_ok=True)
    office = "--office" in sys.argv[1:]
    cases = every_case()
    known = {name for case in cases for name in (case.file, f"{case.file}.json")}
    for path in CORPUS.iterdir():
        if path.name not in known:
            path.unlink()
    for case in cases:
        if office or not case.by_office:
            (CORPUS / case.file).write_bytes(case.make())
        (CORPUS / f"{case.file}.json").write_text(case.answer_text, "utf-8")
    size = sum(path.stat().st_size for path in CORPUS.iterdir())
    print(f"{len(cases)} workbooks, {size / 2**20:.1f} MB with their answers")  # noqa: T201


if __name__ == "__main__":
    main()
