"""A person lets quarantined files in: a row that says who, and when."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from prefect import flow
from pydantic import Field

from tasks import quarantine
from tasks.desk import at_desk


@flow(name="release", persist_result=False)
def release(
    workspace: Path,
    numbers: Annotated[Sequence[int], Field(min_length=1)],
    by: Annotated[str, Field(min_length=1)],
    today: date | None = None,
) -> int:
    """Cho qua các tệp đang bị cách ly; lần thu tiếp theo sẽ đọc các tệp này.

    Args:
        workspace: Thư mục vùng làm việc, chứa dondoc.toml; đã đặt sẵn, không cần sửa.
        numbers: Số của các tệp, xem bằng lệnh dondoc quarantine list.
        by: Họ tên người cho qua.
        today: Ngày làm việc dùng để tính hạn; để trống: hôm nay.
    """
    with at_desk("release", workspace, today) as desk:
        return quarantine.release(desk, numbers, by)
