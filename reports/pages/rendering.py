"""Renders every page: one style, one script, a policy that lets nothing in from outside."""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports.pages.lines import heads, lines, told
from reports.visible import one_line
from schemas.settings import Body
from schemas.texts import say, spoken

Link = tuple[str, str]
"""Where it leads, and what it is called."""
_BUFFERED = 1_000
"""Texts of a template that make a piece."""


def render(name: str, body: Body, title: str, links: list[Link], **facts: Any) -> bytes:
    """The page of `pieces`, whole."""
    return b"".join(pieces(name, body, title, links, **facts))


def pieces(
    name: str,
    body: Body,
    title: str,
    links: list[Link],
    *,
    typeface: bool = True,
    mails: bool = False,
    line: str = "",
    banner: str = "",
    **facts: Any,
) -> Iterator[bytes]:
    """The page of a template in `templates/page/`, in UTF-8, as it is filled in: pages of many
    mails are too large to be held. A fact that it misses raises UndefinedError.

    `typeface` False leaves the bundled typeface out, for pages of which there are thousands.
    With `mails` mails are shown in frames, whose inline styles the policy then allows. `line` is
    what the page over all periods will read of this one, `banner` what must be seen on every page.
    """
    style, script = _style(typeface=typeface), _script()
    stream = (
        _environment()
        .get_template(f"{name}.html")
        .stream(
            facts
            | {
                "body": body,
                "title": title,
                "links": links,
                "line": line,
                "banner": banner,
                "style": Markup(style),  # noqa: S704 - our own file
                "script": Markup(script),  # noqa: S704 - our own file
                "policy": _policy(style, script, mails=mails),
                "footer": say("page.footer", finance=body.finance, body=body.name),
            }
        )
    )
    stream.enable_buffering(_BUFFERED)
    return (text.encode() for text in stream)


def _policy(style: str, script: str, *, mails: bool) -> str:
    """Nothing but what stands in the file, by its hash."""
    return "; ".join(
        (
            "default-src 'none'",
            "style-src " + ("'unsafe-inline'" if mails else _hash(style)),
            f"script-src {_hash(script)}",
            "font-src data:",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


@cache
def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


@cache
def _style(*, typeface: bool) -> str:
    style = _part("page.css")
    if not typeface:
        return style
    font = base64.b64encode(files("reports").joinpath("fonts/NotoSans-vi.woff2").read_bytes())
    return (
        '@font-face { font-family: "Noto Sans"; font-weight: 400 700; font-display: swap; '
        f'src: url("data:font/woff2;base64,{font.decode()}") format("woff2"); }}\n{style}'
    )


@cache
def _script() -> str:
    return _part("page.js")


def _part(name: str) -> str:
    return files("reports").joinpath(f"templates/page/{name}").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports", "templates/page"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: one_line(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {
        "say": say,
        "heads": heads,
        "lines": lines,
        "told_lines": told,
        "language": lambda: spoken().language,
    }
    return environment
