# ruff: noqa: T201 - it prints
"""Asks pip-audit for known vulnerabilities of what a lock names; fails where there are any.

`python tests/vulnerable.py LOCK` (`make audit`). pip-audit says "none known" also where it found
no database to ask: here that is said, and nothing is claimed.
"""

import json
import subprocess
import sys
from typing import Any

UNREACHABLE = "the database of vulnerabilities cannot be reached from here, nothing was audited"


def told(answer: str) -> tuple[list[str], int]:
    """What pip-audit's answer (JSON; nothing where it broke off) amounts to, and the exit status:
    1 where something is vulnerable."""
    packages: list[dict[str, Any]] = json.loads(answer)["dependencies"] if answer else []
    audited = [one for one in packages if "vulns" in one]
    if not audited:
        return [UNREACHABLE], 0
    lines = [
        f"{one['name']} {one['version']}: {its['id']}, mended in {' or '.join(its['fix_versions'])}"
        for one in audited
        for its in one["vulns"]
    ]
    left = [one["name"] for one in packages if "vulns" not in one]
    known = f"{len(lines)} known vulnerabilities in {len(audited)} packages"
    return [*lines, f"{known}; not audited: {', '.join(left) or 'none'}"], int(bool(lines))


def main(lock: str) -> int:
    """Prints a line for each vulnerability, then what was looked at."""
    asking = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
    ran = subprocess.run(
        [sys.executable, "-m", "pip_audit", *asking, "--requirement", lock],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False,
    )  # fmt: skip
    lines, status = told(ran.stdout)
    print(*lines, sep="\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
