"""Decides what one amount means that a person typed, where nothing beside it can be asked."""

from decimal import Decimal

from rules import notation
from rules.numbers import show, spell
from schemas.errors import DondocError
from schemas.forms import DONG, LARGEST_AMOUNT


def amount(words: str) -> Decimal:
    """The amount in triệu đồng, in Vietnamese (`-1.234,5`), English (`1,234.5`) or plain notation
    (`1234.5`), a unit of money behind it allowed (`2 tỷ`).

    Raises DondocError, naming what to type instead, where it is no number, may be two (`1.234`),
    has parts of a đồng, or is beyond all money.
    """
    found = notation.read(words)
    if found is None or found.share:
        raise DondocError(
            f"Số tiền “{words}” không phải là số; hãy ghi triệu đồng, ví dụ 1234,5 hoặc -300."
        )
    if found.grouped is not None:
        plain, grouped = spell(found.number), spell(found.grouped)
        raise DondocError(
            f"Số tiền “{words}” có thể hiểu là {plain} hoặc {grouped}; hãy ghi {grouped} nếu dấu "
            f"là phân cách hàng nghìn, {plain}0 nếu là phần thập phân."
        )
    meant = found.number * (Decimal(1) if found.scale is None else found.scale)
    if abs(meant) > LARGEST_AMOUNT:
        raise DondocError(f"Số tiền {show(meant)} triệu đồng quá lớn; đơn vị tính là triệu đồng.")
    if meant % DONG:
        raise DondocError(f"Số tiền {show(meant)} triệu đồng lẻ dưới một đồng; hãy kiểm tra lại.")
    return meant + 0
