# ruff: noqa: T201 - it prints
"""Says how many changed rules the tests noticed, after `mutmut run`; fails where too few.

`python tests/mutants.py LEAST`: the least share in percent. See docs/mutation.md.
"""

import json
import sys
from collections import Counter
from pathlib import Path

FOLDER = Path("mutants/rules")
SURVIVED, UNTESTED = 0, 33  # how a run of the tests ended; anything else noticed the change


def main(least: float) -> int:
    """Prints a line for each module, then the sum; the survivors by name."""
    whole: Counter[str] = Counter()
    survivors: list[str] = []
    for path in sorted(FOLDER.glob("*.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        tried = {name: code for name, code in codes.items() if code is not None}
        if not tried:
            continue
        left = [name for name, code in tried.items() if code in {SURVIVED, UNTESTED}]
        survivors += left
        whole.update(
            tried=len(tried), killed=len(tried) - len(left), skipped=len(codes) - len(tried)
        )
        share = (len(tried) - len(left)) / len(tried)
        print(f"{path.name.removesuffix('.py.meta'):24} {len(tried):5} {share:7.1%}")
    share = 100 * whole["killed"] / max(whole["tried"], 1)
    print(*survivors, sep="\n")
    print(
        f"{whole['killed']} of {whole['tried']} noticed: {share:.1f} %; "
        f"{whole['skipped']} not tried"
    )
    return int(share < least or not whole["tried"])


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
