"""Decides what of the notices, their messages and approvals is not as it was drafted, as the audit
log has it, or as the mail server answered."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rules.audit import approvals_of
from schemas.integrity import Approved, Damage, Entry, Posted
from schemas.notices import Delivery

RELEASED = frozenset(
    (Delivery.APPROVED, Delivery.SENDING, Delivery.SENT, Delivery.REFUSED, Delivery.FAILED,
     Delivery.BOUNCED)
)  # fmt: skip
"""The states that need an approval."""
ANSWERS: Mapping[str, frozenset[str]] = {
    Delivery.SENT: frozenset({Delivery.SENT}),
    Delivery.REFUSED: frozenset({Delivery.REFUSED, Delivery.FAILED}),
    Delivery.BOUNCED: frozenset({Delivery.BOUNCED}),
}
"""State -> the answers of which one must have been noted: what failed for too long is refused
without a further one, and what cannot be tried at all fails without any."""


def strange(posted: Iterable[Posted], entries: Sequence[Entry]) -> Iterator[Damage]:
    """What does not fit; without `entries`, the rows of the audit log, only what shows by itself.
    What was approved before there was a log has no row in it."""
    logged = Counter(one for entry in entries for one in _logged(entry))
    for one in posted:
        facts = {"notice": one.notice}
        kinds = [*_altered(one), *_misposted(one)]
        if entries:
            kinds += _unknown(one, logged, entries)
        for kind in dict.fromkeys(kinds):
            yield Damage(kind, facts)
    for notice in dict.fromkeys(notice for notice, *_ in logged.elements()):
        yield Damage("approval-gone", {"notice": int(notice)})


def _logged(entry: Entry) -> Iterator[tuple[str, str, str, str | None]]:
    if entry.what == "approve":
        yield from approvals_of(entry)


def _altered(one: Posted) -> Iterator[str]:
    """It says something else than when it was drafted or approved, or goes to somebody else."""
    if one.now != one.content:
        yield "notice-altered"
    if any(approval.content != one.content for approval in one.approvals):
        yield "approval-of-another"
    recipients = {message.recipient for message in one.messages}
    if recipients - set(one.addresses):
        yield "message-elsewhere"
    if set(one.addresses) - recipients:
        yield "message-gone"


def _misposted(one: Posted) -> Iterator[str]:
    """A state that approvals and answers do not bear out."""
    for message in one.messages:
        if message.state in RELEASED and not one.approvals:
            yield "message-unapproved"
        wanted = ANSWERS.get(message.state)
        if wanted and wanted.isdisjoint(message.outcomes):
            yield "message-unanswered"
        if message.last == Delivery.SENT and message.state not in (Delivery.SENT, Delivery.BOUNCED):
            yield "message-sent"


def _unknown(
    one: Posted, logged: Counter[tuple[str, str, str, str | None]], entries: Sequence[Entry]
) -> Iterator[str]:
    """Approvals that the log does not know; those that it does are taken out of `logged`, the
    newest first, for the same may have been approved before there was a log."""
    for approval in sorted(one.approvals, key=lambda its: its.at, reverse=True):
        key = (str(one.notice), approval.content, approval.by, approval.signed)
        if approval.standing:
            if approval.at >= entries[0].at and not _allowed(one, approval, entries):
                yield "approval-unallowed"
        elif logged[key]:
            logged[key] -= 1
        elif approval.at >= entries[0].at:
            yield "approval-unlogged"


def _allowed(one: Posted, approval: Approved, entries: Iterable[Entry]) -> bool:
    """The log knows of a standing approval for that kind until then."""
    return any(
        one.kind in entry.after.get("standing", ()) or entry.after.get(one.kind)
        for entry in entries
        if entry.what == "standing-approval" and entry.at <= approval.at
    )
