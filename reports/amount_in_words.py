"""Writes an amount of đồng in Vietnamese words, as the line "Bằng chữ" of a letter has it."""

from typing import Literal

LARGEST = 10**15
_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", "nghìn", "triệu")
Zero = Literal["linh", "lẻ"]
"""What stands for tens that are not there: `một trăm linh năm` in the north, `lẻ` in the south."""


def in_words(number: int, zero: Zero = "linh") -> str:
    """The whole number in words: 1_204_021 is `một triệu hai trăm linh bốn nghìn không trăm hai
    mươi mốt`.

    Groups of thousands that are nothing are not said; a group behind another is said with its
    hundreds, `không trăm` among them. Raises ValueError outside 0..10^15.
    """
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{number} is not within 0..10^15")
    return _words(number, zero, whole=False) or _DIGITS[0]


def _words(number: int, zero: Zero, *, whole: bool) -> str:
    """The words of a number; `whole` where something stands before it."""
    billions, rest = divmod(number, 10**9)
    said = [f"{_words(billions, zero, whole=whole)} tỷ"] if billions else []
    for power in (2, 1, 0):
        group = rest // 1000**power % 1000
        if group:
            words = _three(group, zero, whole=whole or bool(said))
            said.append(f"{words} {_GROUPS[power]}".rstrip())
    return " ".join(said)


def _three(number: int, zero: Zero, *, whole: bool) -> str:
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    said = [_DIGITS[hundreds], "trăm"] if hundreds or whole else []
    if tens > 1:
        said += [_DIGITS[tens], "mươi"]
    elif tens == 1:
        said.append("mười")
    elif ones and said:
        said.append(zero)
    if ones:
        said.append(_one(ones, tens))
    return " ".join(said)


def _one(ones: int, tens: int) -> str:
    """The last digit as it sounds behind its tens: mốt, tư, lăm."""
    if ones == 5 and tens:
        return "lăm"
    if tens > 1:
        return {1: "mốt", 4: "tư"}.get(ones, _DIGITS[ones])
    return _DIGITS[ones]
