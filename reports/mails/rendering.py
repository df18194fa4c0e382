"""Renders every mail: its two templates with the same facts, CSS inlined, nothing unseen in it."""

from functools import cache
from typing import Any

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from reports.visible import one_line
from schemas.notices import ROUTINE, Attachment, Mail, NoticeKind
from schemas.settings import Body
from schemas.texts import say

_INLINER = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def render(
    kind: NoticeKind,
    body: Body,
    subject: str,
    *,
    images: tuple[Attachment, ...] = (),
    **facts: Any,
) -> Mail:
    """The mail of a kind: its templates `KIND.html` and `KIND.txt`, both given `facts`, the footer,
    and the subject led by the body's name. A fact that a template misses raises UndefinedError."""
    subject = one_line(say("mail.subject", body=body.name, text=subject))
    approved = kind not in ROUTINE
    footer = [
        say(
            f"mail.footer.{'approved' if approved else 'automatic'}",
            finance=body.finance,
            body=body.name,
        ),
        say("mail.footer.answer", finance=body.finance),
    ]
    if body.contact:
        footer.append(say("mail.footer.contact", contact=body.contact))
    facts |= {"subject": subject, "body": body, "footer": footer}
    html, text = (
        _environment().get_template(f"{kind}.{form}").render(facts) for form in ("html", "txt")
    )
    return Mail(subject, text, _INLINER.inline(html), images)


def labelled(**facts: str) -> list[tuple[str, str]]:
    """Each fact beside its label of the catalogue, in the order given."""
    return [(say(f"mail.label.{label}"), fact) for label, fact in facts.items()]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        finalize=lambda value: one_line(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["say"] = say
    return environment
