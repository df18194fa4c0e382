"""What the system and the program call things is said in the words of who reads it."""

import errno
import os
from datetime import UTC, datetime

import pytest

from reports.watched import sentence
from schemas.watch import Fact, Lapse
from tasks.storage import why

AT = datetime(2021, 11, 10, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "code",
    [
        errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT,
        errno.EIO, errno.EEXIST, errno.EISDIR, errno.ENOTDIR,
    ],
)  # fmt: skip
def test_a_common_fault_of_files_is_not_in_english(code: int) -> None:
    told = why(OSError(code, os.strerror(code)))
    assert told
    assert os.strerror(code) not in told


def test_another_fault_is_said_as_the_system_says_it() -> None:
    assert why(OSError(errno.EMLINK, os.strerror(errno.EMLINK))) == os.strerror(errno.EMLINK)
    assert why(OSError("?")) == "OSError"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("refused: Chưa cấu hình máy chủ thư.", "(Chưa cấu hình máy chủ thư)"),
        ("failed: ValueError", "(lỗi của chương trình: ValueError)"),
        ("interrupted", "(bị dừng giữa chừng)"),
    ],
)
def test_a_run_that_did_not_end_well_is_told_without_our_own_words(outcome: str, said: str) -> None:
    facts: dict[str, Fact] = {"flow": "collect", "at": AT, "count": 1, "outcome": outcome}
    told = sentence(Lapse("failed", facts))
    assert said in told
    assert "“Thu và kiểm tra báo cáo”" in told
    assert not any(word in told for word in ("collect", "refused", "failed", "interrupted"))
