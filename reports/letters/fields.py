"""Declares the fields that a Word template may use; docs/mau-cong-van.vi.md explains each."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Kind:
    """A letter's kind: the file of its template, its fields, and the fields of what its lists hold
    (none of a list of lines)."""

    file: str
    fields: frozenset[str]
    lists: Mapping[str, frozenset[str]]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OFFICE = _names(
    "superior body body_caps finance place date number symbol year period last_day addressee "
    "signer kept contact"
)
_OFFICE_LISTS: Mapping[str, frozenset[str]] = {
    "addressees": _names("text"),
    "grounds": frozenset(),
    "signature": frozenset(),
    "recipients": frozenset(),
}

URGING = Kind(
    "cong-van-don-doc.docx",
    _OFFICE
    | _names(
        "unit code count disbursed budget denominator rate against_average against_pace shortfall "
        "disbursed_words budget_words shortfall_words "
        "needed ahead funds levels closing what answer_by origin denominator_note total_budget "
        "total_disbursed total_rate total_shortfall total_needed"
    ),
    {
        **_OFFICE_LISTS,
        "activities": _names(
            "number code name budget disbursed rate expected shortfall needed warning difficulty "
            "solution proposal"
        ),
        "whole": frozenset(),
        "noted": frozenset(),
        "explanation": _names("text depth heading"),
    },
)
REMINDER = Kind(
    "nhac-nop-bao-cao.docx",
    _OFFICE
    | _names(
        "count who whose_budget states late_units faulty_units missing returned second third "
        "budget deadline answer_by"
    ),
    {**_OFFICE_LISTS, "units": _names("number code name state budget")},
)
KINDS = (URGING, REMINDER)
