"""The parameters that flows share, described for whoever fills in Prefect's form."""

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

from schemas.period import PATTERN

Workspace = Annotated[Path, Field(description="Thư mục vùng làm việc (chứa dondoc.toml).")]
PeriodText = Annotated[
    str,
    Field(pattern=PATTERN, description="Kỳ báo cáo dạng NĂM-THÁNG, ví dụ 2021-10."),
]
Today = Annotated[
    date | None,
    Field(description="Ngày làm việc dùng để tính hạn; để trống là hôm nay."),
]
Late = Annotated[
    bool,
    Field(description="Vẫn cho gửi dù đã quá muộn so với kỳ báo cáo."),
]
