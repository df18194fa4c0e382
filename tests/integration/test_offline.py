"""A fresh clone is installed from its folder of wheels and plays the main job without a network."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
PYTHON = Path(sys.base_prefix) / "bin" / "python3"

NETWORK = """
set -euo pipefail
sent() { awk '$1 == "out:" { print $11 }' /proc/net/dev; }
ip link set lo up
ip link add out type veth peer name nowhere
ip link set out addrgenmode none up
ip link set nowhere addrgenmode none up
ip address add 192.0.2.1/24 dev out
ip route add default via 192.0.2.2
mount --bind ../resolv.conf "$(readlink -f /etc/resolv.conf)"
"""
"""A namespace with a loopback, and one way out that leads nowhere and counts what is sent on it: a
programme that asks for anything outside, its name to begin with, shows."""

JOB = """
echo "before $(sent)" >&2
{}
echo "after $(sent)" >&2
! getent hosts example.org
echo "asked $(sent)" >&2
"""


def _apart(folder: Path) -> list[str]:
    """How a command gets a network of its own; skips where that cannot be had."""
    if not (shutil.which("unshare") and shutil.which("ip")):
        pytest.skip("unshare (util-linux) or ip (iproute2) is not installed")
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", *user, "--net", "--mount"]
    trial = [*command, "bash", "-c", NETWORK]
    tried = subprocess.run(trial, cwd=folder, capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no network of its own can be had here: {tried.stderr.strip()}")
    return command


def _run(command: list[str], folder: Path, **environment: str) -> tuple[str, str, float]:
    begun = time.perf_counter()
    ran = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    return ran.stdout, ran.stderr, time.perf_counter() - begun


@pytest.mark.soak
def test_a_fresh_clone_is_installed_and_plays_the_main_job_without_a_network(
    tmp_path: Path, shown: Callable[..., None]
) -> None:
    clone, home = tmp_path / "dondoc", tmp_path / "home"
    home.mkdir()
    (tmp_path / "resolv.conf").write_text("nameserver 192.0.2.2\noptions timeout:1 attempts:1\n")
    apart = _apart(home)
    everywhere = {"PATH": os.environ["PATH"], "PYTHON": str(PYTHON), "LANG": "C.UTF-8"}
    _run(["git", "clone", "--quiet", str(HOUSE), str(clone)], tmp_path, **everywhere)
    *_, downloading = _run(["make", "wheelhouse", f"PYTHON={PYTHON}"], clone, **os.environ)
    wheels = list((clone / "wheels").iterdir())
    assert {path.suffix for path in wheels} == {".whl"}

    def offline(job: str) -> tuple[str, int, float]:
        script = NETWORK + JOB.format(job)
        bare = everywhere | {"HOME": str(home)}  # neither pip's settings nor its cache
        out, err, seconds = _run([*apart, "bash", "-c", script], clone, **bare)
        counted = dict(line.split() for line in err.splitlines() if len(line.split()) == 2)
        left = int(counted["after"]) - int(counted["before"])
        assert int(counted["asked"]) > int(counted["after"])  # what is sent would have shown
        return out, left, seconds

    _, asked, installing = offline('make --silent install WHEELS=wheels PYTHON="$PYTHON"')
    told, sent, playing = offline("make --silent demo")
    assert "58,41%" in told  # 51142.2 of 87555.4, see tests/unit/test_sample.py
    assert (asked, sent) == (0, 0)
    megabytes = sum(path.stat().st_size for path in wheels) / 1e6
    shown(
        "installation",
        "no network: a namespace of its own, from a fresh clone",
        "make install WHEELS=wheels and make demo do all that they do, and ask for nothing outside",
        f"{len(wheels)} wheels, {megabytes:.0f} MB, fetched in {downloading:.0f} s; installed in "
        f"{installing:.0f} s, the main job in {playing:.0f} s; packets sent: {asked + sent}",
    )
