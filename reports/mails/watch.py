"""The mail of a watch: that all ran as planned, or what did not."""

from reports import watched
from reports.mails.rendering import render
from schemas.notices import Mail, NoticeKind
from schemas.settings import Body
from schemas.watch import Watched


def watch(body: Body, found: Watched) -> Mail:
    """To who keeps the system running; its absence says something too, and it says so."""
    verdict = watched.verdict(found)
    return render(
        NoticeKind.WATCH,
        body,
        verdict.rstrip("."),
        title=verdict.rstrip("."),
        looked=watched.looked(found),
        lapses=[watched.sentence(one) for one in found.lapses],
        head=watched.head(found),
    )
