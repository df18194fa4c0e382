"""Decides whether a workbook's hidden sheet still says what we wrote into it, and what was changed
where it does not."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemas.period import Period
from schemas.reading import Signed

FORM_VERSIONS = tuple(map(str, range(1, 100)))
"""Versions that a form may have had: the one that verifies was the form's own."""


@dataclass(frozen=True)
class Seal:
    """What a hidden sheet's signature tells: it holds; or this one field was changed and was so
    before; or (no `field`) more was changed than can be told."""

    holds: bool
    field: str = ""
    """`unit`, `period` or `form_version`."""
    was: str = ""


def sign(key: bytes, version: str, unit: str, period: Period | str) -> str:
    """The signature over form version, unit and period: HMAC-SHA256 in hexadecimal."""
    text = "\n".join((version, unit, str(period)))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def verifies(key: bytes, version: str, unit: str, period: Period | str, signature: str) -> bool:
    """Whether the signature is ours over just these words."""
    return hmac.compare_digest(sign(key, version, unit, period).encode(), signature.encode())


def examine(key: bytes, signed: Signed, units: Iterable[str], periods: Iterable[Period]) -> Seal:
    """The seal of a hidden sheet. Where it is broken, each field alone is set back to every value
    that it may have had, the `units` and `periods` given, until the signature is ours again."""
    said = (signed.form_version, signed.unit, signed.period)
    if verifies(key, *said, signed.signature):
        return Seal(holds=True)
    for field, was, (version, unit, period) in _one_field_back(signed, units, periods):
        if verifies(key, version, unit, period, signed.signature):
            return Seal(False, field, was)
    return Seal(holds=False)


def _one_field_back(
    signed: Signed, units: Iterable[str], periods: Iterable[Period]
) -> Iterator[tuple[str, str, tuple[str, str, str]]]:
    version, unit, period = signed.form_version, signed.unit, signed.period
    for other in units:
        yield "unit", other, (version, other, period)
    for month in map(str, periods):
        yield "period", month, (version, unit, month)
    for older in FORM_VERSIONS:
        yield "form_version", older, (older, unit, period)
