"""Renders every mail: its two templates with the same facts, CSS inlined, nothing unseen in it."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from css_inline import CSSInliner
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from reports.visible import one_line
from schemas.errors import nearest
from schemas.findings import Finding
from schemas.notices import AUTOMATIC, Attachment, Mail, NoticeKind
from schemas.settings import Body
from schemas.texts import say, spoken

_INLINER = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def render(
    kind: NoticeKind,
    body: Body,
    subject: str,
    *,
    images: tuple[Attachment, ...] = (),
    template: str = "",
    **facts: Any,
) -> Mail:
    """The mail of a kind: its templates `KIND.html` and `KIND.txt`, or those named, both given
    `facts`, the footer, and the subject led by the body's name. A fact that a template misses
    raises UndefinedError."""
    subject = one_line(say("mail.subject", body=body.name, text=subject))
    approved = kind not in AUTOMATIC
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
        _environment(spoken().templates).get_template(f"{template or kind}.{form}").render(facts)
        for form in ("html", "txt")
    )
    return Mail(subject, text, _INLINER.inline(html), images)


def labelled(**facts: str) -> list[tuple[str, str]]:
    """Each fact beside its label of the catalogue, in the order given."""
    return [(say(f"mail.label.{label}"), fact) for label, fact in facts.items()]


def places(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Where each finding stands, and its sentence."""
    return [(_place(finding), finding.message) for finding in findings]


def _place(finding: Finding) -> str:
    key = "cell" if finding.cell else "sheet" if finding.sheet else "file"
    return say(f"mail.place.{key}", sheet=finding.sheet, cell=finding.cell)


@cache
def _environment(own: Path | None) -> ImmutableSandboxedEnvironment:
    """Templates of the workspace before the shipped ones, all within the sandbox."""
    folders = [FileSystemLoader(own)] if own else []
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([*folders, PackageLoader("reports")]),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        finalize=lambda value: one_line(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"say": say, "language": lambda: spoken().language}
    return environment


def refusal(name: str, source: str) -> str | None:
    """Why a workspace's own template of that name cannot be used; None where it can.

    It must be named as a shipped one, be valid, and name no fact that the shipped mail of its kind
    is not given.
    """
    shipped = _environment(None)
    known = [one for one in shipped.list_templates() if is_mail_template(one)]
    if name not in known:
        return say("texts.unknown-template", name=name, nearest=nearest(name, known))
    try:
        named = find_undeclared_variables(shipped.parse(source))
    except TemplateSyntaxError as error:
        return say("texts.bad-template", name=name, line=error.lineno, reason=error.message)
    kind = name.rpartition(".")[0]
    alike = [one for one in known if one.rpartition(".")[0] in {kind, "base", "parts"}]
    facts = set().union(*(_facts(shipped, one) for one in alike)) | set(shipped.globals)
    for one in sorted(named - facts):
        return say("texts.unknown-field", name=name, field=one, nearest=nearest(one, facts))
    return None


def _facts(environment: Environment, name: str) -> set[str]:
    """The facts that a shipped template speaks of; a stylesheet speaks of none."""
    loader = environment.loader
    source = loader.get_source(environment, name)[0] if loader else ""
    return set() if name.endswith(".css") else find_undeclared_variables(environment.parse(source))


def is_mail_template(name: str) -> bool:
    """Whether a template of that name is a mail's: Word's and the pages' are other rooms'."""
    return "/" not in name and name.endswith((".html", ".txt", ".css"))
