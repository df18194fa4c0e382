"""Decides how many findings of one submission are worth a clerk's reading."""

from collections.abc import Sequence

from schemas.findings import Finding, Severity
from schemas.texts import say

MOST_FINDINGS = 200
"""Findings told of one submission; a form of some 20 rows has no room for more true ones."""

_GRAVITY = tuple(Severity)


def shortlist(findings: Sequence[Finding], most: int = MOST_FINDINGS) -> tuple[Finding, ...]:
    """At most `most` findings in their order, errors kept before warnings, warnings before info.

    Where some are left out, one more finding of their gravest severity says how many.
    """
    if len(findings) <= most:
        return tuple(findings)
    gravest_first = sorted(range(len(findings)), key=lambda i: _GRAVITY.index(findings[i].severity))
    kept, left = sorted(gravest_first[:most]), gravest_first[most:]
    first = findings[left[0]]
    message = say("finding.more-findings", count=len(left))
    more = Finding("more-findings", first.severity, message, first.file)
    return (*(findings[i] for i in kept), more)
