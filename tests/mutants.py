# ruff: noqa: T201 - it prints
"""Says how many changes of the code the tests noticed, after `mutmut run`; fails where too few.

`python tests/mutants.py LEAST`: the least share in percent, of the rules and of the tasks each. See
docs/mutation.md.
"""

import json
import sys
from collections import Counter
from pathlib import Path

FOLDER = Path("mutants")
SURVIVED, UNTESTED = 0, 33  # how a run of the tests ended; anything else noticed the change


def main(least: float) -> int:
    """Prints a line for each module and each folder; the survivors by name."""
    whole: dict[str, Counter[str]] = {}
    survivors: list[str] = []
    for path in sorted(FOLDER.glob("*/*.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        tried = {name: code for name, code in codes.items() if code is not None}
        if not tried:
            continue
        left = [name for name, code in tried.items() if code in {SURVIVED, UNTESTED}]
        survivors += left
        counted = {"tried": len(tried), "killed": len(tried) - len(left)}
        its = whole.setdefault(path.parent.name, Counter())
        its.update(counted, skipped=len(codes) - len(tried))
        name = f"{path.parent.name}/{path.name.removesuffix('.py.meta')}"
        print(f"{name:30} {len(tried):5} {counted['killed'] / len(tried):7.1%}")
    print(*survivors, sep="\n")
    shares = {folder: 100 * its["killed"] / its["tried"] for folder, its in whole.items()}
    for folder, its in whole.items():
        print(
            f"{folder}: {its['killed']} of {its['tried']} noticed: {shares[folder]:.1f} %; "
            f"{its['skipped']} not tried"
        )
    return int(not shares or min(shares.values()) < least)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
