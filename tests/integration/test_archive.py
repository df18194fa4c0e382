"""What is kept in the archive, many files at a time."""

import threading
from pathlib import Path
from unittest.mock import patch

import pytest

from tasks import archive

SMALL, LARGE = b"a%d", b"b" * (archive._PIECE + 1)


def test_all_are_on_disk_when_the_block_ends(tmp_path: Path) -> None:
    contents = [*(SMALL % n for n in range(100)), LARGE, SMALL % 1]
    with archive.keeping(tmp_path) as keep:
        names = [keep(content) for content in contents]
    assert [archive.fetch(tmp_path, name) for name in names] == contents
    assert len(list(archive.every(tmp_path))) == 101


def test_what_could_not_be_written_is_told_when_the_block_ends(tmp_path: Path) -> None:
    write = archive.write_whole

    def fails(path: Path, content: bytes) -> None:
        if content in {SMALL % 3, LARGE}:
            raise OSError(5, "Input/output error")
        write(path, content)

    ended = []
    with (
        patch.object(archive, "write_whole", fails),
        pytest.raises(OSError, match="Input/output"),
        archive.keeping(tmp_path) as keep,
    ):
        ended += [keep(content) for content in (LARGE, *(SMALL % n for n in range(100)))]
    assert len(ended) == 101
    assert len(list(archive.every(tmp_path))) == 99


def test_no_more_are_under_way_than_the_memory_is_meant_for(tmp_path: Path) -> None:
    waiting, most = 0, 0
    lock = threading.Lock()
    write = archive.write_whole

    def slow(path: Path, content: bytes) -> None:
        nonlocal waiting
        write(path, content)
        with lock:
            waiting -= 1

    with patch.object(archive, "write_whole", slow), archive.keeping(tmp_path) as keep:
        for number in range(200):
            keep(SMALL % number)
            with lock:
                waiting += 1
                most = max(most, waiting)
    assert most <= archive._UNDER_WAY + 1
