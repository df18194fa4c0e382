"""Says why a setting was refused: pydantic's reasons in a sentence, without the value, which may be
a secret."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from schemas.errors import nearest

_REASONS = {
    "missing": "chưa ghi thiết lập này",
    "greater_than": "phải lớn hơn {gt}",
    "greater_than_equal": "không được nhỏ hơn {ge}",
    "less_than": "phải nhỏ hơn {lt}",
    "less_than_equal": "không được lớn hơn {le}",
    "literal_error": "chỉ nhận {expected}",
    "enum": "chỉ nhận {expected}",
    "too_short": "phải có ít nhất {min_length} mục",
    "too_long": "chỉ được có {max_length} mục",
    "finite_number": "phải là một số",
    "value_error": "{error}",
}
_KINDS = {
    "int": "phải là số nguyên",
    "decimal": "phải là một số, ví dụ 0.9",
    "float": "phải là một số, ví dụ 0.9",
    "bool": "phải là true hoặc false",
    "string": "phải là chữ đặt trong dấu nháy",
    "date": "phải là ngày dạng năm-tháng-ngày, ví dụ 2021-12-31",
    "tuple": "phải là danh sách trong ngoặc vuông",
    "dict": "phải là một mục gồm các thiết lập bên trong",
    "model": "phải là một mục gồm các thiết lập bên trong",
}
"""By the first word of an error's type: `decimal_parsing`, `int_from_float`."""


def refusals(error: ValidationError, known: Sequence[str], within: str = "") -> Iterator[str]:
    """`rules.below_pace.low: không được lớn hơn 1`, one for each setting that is wrong; of a name
    that is none the nearest of the `known`, below `within`."""
    for item in error.errors(include_url=False, include_input=False):
        key = ".".join(str(part) for part in item["loc"])
        reason = _reason(item["type"], item.get("ctx", {}))
        if item["type"] == "extra_forbidden":
            plain = ".".join(part for part in item["loc"] if isinstance(part, str))
            reason = f"không có thiết lập này{nearest(f'{within}{plain}', known)}"
        yield f"{key}: {reason}" if key else reason


def _reason(kind: str, facts: Mapping[str, Any]) -> str:
    if kind in _REASONS:
        told = {name: str(value).replace(" or ", " hoặc ") for name, value in facts.items()}
        return _REASONS[kind].format(**told)
    return _KINDS.get(kind.partition("_")[0], "giá trị không dùng được")
