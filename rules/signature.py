"""Decides whether a workbook's hidden sheet still says what we wrote into it."""

import hashlib
import hmac

from schemas.period import Period


def sign(key: bytes, version: str, unit: str, period: Period | str) -> str:
    """The signature over form version, unit and period: HMAC-SHA256 in hexadecimal."""
    text = "\n".join((version, unit, str(period)))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def verifies(key: bytes, version: str, unit: str, period: Period | str, signature: str) -> bool:
    """Whether the signature is ours over just these words."""
    return hmac.compare_digest(sign(key, version, unit, period).encode(), signature.encode())
