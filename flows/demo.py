"""The main job on the sample: October 2021 of the examples' ministry, as real flow runs."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from flows.create import create
from schemas.board import Board
from schemas.errors import DondocError
from schemas.listening import Listening
from tasks import sample
from tasks.board import board
from tasks.catcher import catching
from tasks.desk import Desk
from tasks.server import free_port, prepare, server

MARK = ".dondoc-demo"
"""Says that a folder is a demo's own, to be replaced by the next one."""


def demo(workspace: Path, tell: Callable[[str], None]) -> tuple[Board, int]:
    """Play the sample's month; the board at its end, and how many mails left.

    Everything is real: a Prefect server, the flows as runs on it, workbooks filled in as clerks
    do, an SMTP conversation with a server that keeps what it gets. `tell` hears what happens.
    """
    _clear(workspace)
    story = sample.story()
    period, mail = str(story.period), workspace / "mail"
    tell("Khởi động máy chủ Prefect và máy chủ thư thử nghiệm")
    with server(workspace, Listening(port=free_port())) as url, catching(mail) as settings:
        os.environ.update(settings, PREFECT_API_URL=url)
        prepare(workspace)
        tell("Lập vùng làm việc mẫu, chín tháng đầu năm")
        create(workspace, sample=True)
        _play(workspace, story, period, tell)
    with Desk(workspace, story.closing) as desk:
        return board(desk, story.period), len(list(mail.iterdir()))


def _play(workspace: Path, story: sample.Story, period: str, tell: Callable[[str], None]) -> None:
    from flows.approve import approve  # noqa: PLC0415 - Prefect reads the environment set above
    from flows.collect import collect  # noqa: PLC0415
    from flows.deliver import deliver  # noqa: PLC0415
    from flows.monthly_report import monthly_report  # noqa: PLC0415
    from flows.open_period import open_period  # noqa: PLC0415
    from flows.remind import remind  # noqa: PLC0415

    tell(f"{story.opening:%d/%m}: mở kỳ, gửi biểu mẫu cho các đơn vị")
    open_period(workspace, period, story.opening)
    deliver(workspace, period, story.opening)
    for day, arrivals in story.days():
        with Desk(workspace, day) as desk:
            for arrival in arrivals:
                sample.mail_in(desk, story, arrival)
        tell(f"{day:%d/%m}: nhận báo cáo của {', '.join(a.unit for a in arrivals) or '(không ai)'}")
        collect(workspace, period, day)
        remind(workspace, period, day)
        deliver(workspace, period, day)
    tell(f"{story.closing:%d/%m}: lập báo cáo tháng, phê duyệt, gửi đi")
    monthly_report(workspace, period, story.closing)
    approve(workspace, story.approver, period, today=story.closing)
    deliver(workspace, period, story.closing)


def _clear(workspace: Path) -> None:
    if (workspace / MARK).exists():
        shutil.rmtree(workspace)
    elif workspace.exists() and any(workspace.iterdir()):
        raise DondocError(f"Thư mục {workspace} không trống; hãy chọn thư mục khác.")
    workspace.mkdir(parents=True, exist_ok=True)
    (workspace / MARK).touch()
