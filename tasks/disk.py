"""Touches the disk under a workspace: its room, its kind, its clock, and who may read it."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from schemas.secrets import OTHERS

ROOM = 2**30
"""Bytes that should be free: a month of a large ministry with its archive and a backup's copy."""
NETWORK = frozenset({"afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "nfs", "nfs4", "smb3"})
"""File systems on which SQLite's locks cannot be relied on."""

MOUNTS = Path("/proc/self/mountinfo")


def free(workspace: Path) -> int:
    """Bytes that are free."""
    return shutil.disk_usage(workspace).free


def kind(workspace: Path) -> str:
    """What kind of file system it is, as the kernel calls it; empty where it does not say."""
    try:
        lines = MOUNTS.read_text("utf-8").splitlines()
    except OSError:
        return ""
    found = [(Path(line.split()[4]), line.partition(" - ")[2].split()[0]) for line in lines]
    under = [one for one in found if workspace.resolve().is_relative_to(one[0])]
    return max(under, key=lambda one: len(one[0].parts))[1] if under else ""


def ahead(workspace: Path) -> float:
    """Seconds that the disk's clock, which is another machine's on a network, is ahead of ours."""
    with tempfile.NamedTemporaryFile(dir=workspace, prefix=".dondoc-") as probe:
        return Path(probe.name).stat().st_mtime - time.time()


def open_to_others(workspace: Path) -> Iterator[Path]:
    """What others than the owner have any right to, unless the workspace's folder itself keeps
    them out. What is to be shared, or laid in by others, is left aside."""
    if not workspace.stat().st_mode & OTHERS:
        return
    for folder, folders, names in os.walk(workspace):
        at = Path(folder)
        if at == workspace:
            folders[:] = [name for name in folders if name not in {"inbox", "reports"}]
        for path in (at / name for name in (*folders, *names)):
            if not path.is_symlink() and path.lstat().st_mode & OTHERS:
                yield path
