"""Reads registry.xlsx as plainly as can be: for the builds that are compared with ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from python_calamine import CalamineWorkbook

YEAR = 2021


@dataclass(frozen=True)
class Known:
    """What the ministry knows of a unit."""

    code: str
    name: str
    submitters: tuple[str, ...]
    heads: tuple[str, ...]
    budgets: Mapping[str, Decimal]
    """Activity -> its budget of the year, triệu đồng."""

    @property
    def number(self) -> int:
        """DV12 -> 12."""
        return int(self.code[2:])


def registry(path: Path) -> tuple[dict[str, Known], tuple[str, ...]]:
    """Unit -> what is known of it; who takes the digest."""
    book = CalamineWorkbook.from_path(path)
    units, contacts, activities, ledger = (
        [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
        for title in ("Đơn vị", "Liên hệ", "Nhiệm vụ", "Dự toán")
        for rows in [book.get_sheet_by_name(title).to_python()]
    )
    people: dict[tuple[object, object], list[str]] = {}
    for one in contacts:
        people.setdefault((one["Mã đơn vị"], one["Vai trò"]), []).append(str(one["Email"]))
    unit_of = {one["Mã nhiệm vụ"]: one["Mã đơn vị"] for one in activities}
    budgets: dict[object, dict[str, Decimal]] = {}
    for one in ledger:
        if one["Năm"] == YEAR:
            code = str(one["Mã nhiệm vụ"])
            budgets.setdefault(unit_of[code], {})[code] = Decimal(str(one["Số tiền"]))
    known = {
        code: Known(
            code,
            str(one["Tên đơn vị"]),
            tuple(people.get((code, "Người nộp"), ())),
            tuple(people.get((code, "Thủ trưởng đơn vị"), ())),
            budgets[code],
        )
        for one in units
        if (code := str(one["Mã đơn vị"])) in budgets
    }
    return known, (*people[("", "Lãnh đạo")], *people[("", "Nhận bản tin")])
