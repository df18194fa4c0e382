"""Looks whether all ran as planned, and says so: silence never has to be read as good news."""

from datetime import date
from pathlib import Path

from prefect import flow

from schemas.watch import Watched
from tasks.artifacts import show_watch
from tasks.desk import at_desk
from tasks.watch import look_around, tell


@flow(name="watch", persist_result=False)
def watch(workspace: Path, today: date | None = None) -> Watched:
    """Kiểm tra mọi việc có chạy theo kế hoạch không; ghi watch.json, watch.txt và gửi thư báo.

    Args:
        workspace: Thư mục vùng làm việc, chứa dondoc.toml; đã đặt sẵn, không cần sửa.
        today: Ngày làm việc dùng để tính hạn; để trống: hôm nay.
    """
    with at_desk("watch", workspace, today) as desk:
        found = tell(desk, look_around(desk))
        show_watch(found)
    return found
