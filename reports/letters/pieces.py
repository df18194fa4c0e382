"""Writes the pieces that Word templates are put together from: heading, signature, tables."""

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from reports.letters import measures
from reports.letters.fields import Kind
from reports.letters.measures import MAIN, PARAGRAPH_GAP, TABLE, TABLE_HEAD
from reports.letters.wordml import control, paragraph, properties, row, run, section, table
from schemas.settings import Body
from schemas.texts import say

_NATION = measures.TEXT - measures.ISSUER
_RIGHT = 85
"""Width of the signature's half."""
_TO = 30
"""mm before "Kính gửi:" where it heads a list, whose dashes stand under its colon."""
_UNDER_COLON = _TO + 16.2


def sentence(kind: Kind, key: str, under: str = "letter") -> str:
    """A sentence of the catalogue's part with its fields as a template writes them."""
    fields = {name: "{{ " + name + " }}" for name in kind.fields}
    return say(f"{under}.{key}", blank=measures.BLANK, **fields)


# --- what every letter has ------------------------------------------------------------------------


def heading(kind: Kind, *subject: str) -> Iterator[str]:
    """Issuing body and nation, number and date, subject."""
    indent = (_NATION - measures.motto_length()) / 2
    name = measures.BODY_NAME
    issuer = [
        control("if superior"),
        centred(run("{{ superior }}", name)),
        control("endif"),
        centred(run("{{ body_caps }}", name, bold=True)),
        issuers_rule(Body().name),
    ]
    nation = [
        centred(run(say("letter.nation"), measures.NATION, bold=True)),
        centred(run(say("letter.motto"), measures.MOTTO, bold=True)),
        paragraph(left=indent, right=indent, before=1, rule=True, exactly=4, size=2),
    ]
    number = [
        centred(run(sentence(kind, "number"), measures.NUMBER), before=6),
        *subject,
    ]
    date = [centred(run(sentence(kind, "date"), measures.DATE, italic=True), before=6)]
    widths = (measures.ISSUER, _NATION)
    rows = [
        row(zip(widths, map("".join, halves), strict=True))
        for halves in ((issuer, nation), (number, date))
    ]
    yield table(widths, rows, borders=False)


def issuers_rule(name: str) -> str:
    """Its length follows the name when a letter is made; here that of the usual body."""
    indent = measures.rule_indent(name) * 25.4 / 1440
    return paragraph(
        left=indent, right=indent, before=1, rule=True, exactly=4, size=2,
        style=measures.ISSUERS_RULE,
    )  # fmt: skip


def addressees(kind: Kind) -> Iterator[str]:
    """Kính gửi: one on its line, several below it."""
    yield control("if addressee")
    yield centred(run(sentence(kind, "to"), MAIN), before=18, after=12)
    yield control("else")
    yield paragraph(run(say("letter.to-many"), MAIN), left=_TO, before=18)
    yield control("for one in addressees")
    yield paragraph(
        run("- {{ one.text }}", MAIN), align="both", left=_UNDER_COLON + 2.2, hanging=2.2
    )
    yield control("endfor")
    yield paragraph(exactly=12, size=2)
    yield control("endif")


def grounds() -> Iterator[str]:
    """Each citation in a paragraph of its own."""
    yield control("for ground in grounds")
    yield main("{{ ground }}", italic=True)
    yield control("endfor")


def closing(kind: Kind, close: str) -> Iterator[str]:
    """Whom to ask, the last sentence, signature and recipients; never a signature alone on a
    page."""
    yield main(sentence(kind, "contact"))
    yield main(sentence(kind, close), keep=True)
    yield main(say("letter.regards"), keep=True)
    yield from signature(kind)


def signature(kind: Kind) -> Iterator[str]:
    """Who signs, and level with it who gets the paper."""
    size, small = measures.RECIPIENTS, measures.RECIPIENTS_LIST
    left = [
        paragraph(run(say("letter.recipients"), size, bold=True, italic=True)),
        paragraph(run(say("letter.as-above"), small)),
        control("for one in recipients"),
        paragraph(run("- {{ one }};", small)),
        control("endfor"),
        paragraph(run(sentence(kind, "kept"), small)),
    ]
    right = [
        control("for line in signature"),
        centred(run("{{ line }}", measures.SIGNATURE, bold=True)),
        control("endfor"),
        centred(run("{{ signer }}", measures.SIGNATURE, bold=True), before=80),
    ]
    widths = (measures.TEXT - _RIGHT, _RIGHT)
    yield paragraph(exactly=12, size=2, keep=True)
    yield table(widths, [row(zip(widths, map("".join, (left, right)), strict=True))], borders=False)


def annex_heading(kind: Kind, title: str) -> Iterator[str]:
    """What an annex begins with, centred."""
    yield centred(run(say("letter.annex"), measures.ANNEX, bold=True))
    yield centred(run(sentence(kind, title), MAIN, bold=True))
    yield centred(run(sentence(kind, "annex-note"), MAIN, italic=True), after=PARAGRAPH_GAP)


# --- paragraphs and rows --------------------------------------------------------------------------


def field(name: str) -> str:
    """A field of what a list holds."""
    return "{{ one." + name + " }}"


def either(condition: str, then: str, otherwise: str = "") -> Iterator[str]:
    """The one or the other, as the letter has it."""
    yield control(f"if {condition}")
    yield then
    if otherwise:
        yield control("else")
        yield otherwise
    yield control("endif")


def listing(
    of: str, widths: Mapping[str, float], cells: Mapping[str, tuple[str, str]],
    below: Sequence[str] = (),
) -> str:  # fmt: skip
    """A table with a row for each thing of a list, its head on every page."""
    rows = [control(f"for one in {of}", "tr"), line(widths, cells), control("endfor", "tr")]
    return table(list(widths.values()), [head(widths), *rows, *below], borders=True)


def centred(*runs: str, before: float = 0, after: float = 0) -> str:
    """A paragraph in the middle of its page or cell; gaps in points."""
    return paragraph(*runs, align="center", before=before, after=after)


def main(text: str, *, italic: bool = False, keep: bool = False) -> str:
    """A paragraph of the letter's text: justified, its first line indented."""
    return paragraph(
        run(text, MAIN, italic=italic), align="both", first=measures.INDENT,
        before=PARAGRAPH_GAP, keep=keep,
    )  # fmt: skip


def subtitle(text: str) -> str:
    """A bold line that stays with what follows."""
    return paragraph(
        run(text, MAIN, bold=True), before=2 * PARAGRAPH_GAP, after=PARAGRAPH_GAP, keep=True
    )


def unit_of_money() -> str:
    """What the amounts of the table below are in."""
    return paragraph(
        run(say("letter.unit-of-money"), MAIN, italic=True), align="right",
        before=PARAGRAPH_GAP, after=2, keep=True,
    )  # fmt: skip


def head(widths: Mapping[str, float]) -> str:
    """The row that a table shows on every page."""
    return row(
        (
            (width, cell(say(f"letter.column.{name}"), "center", TABLE_HEAD, bold=True))
            for name, width in widths.items()
        ),
        head=True,
    )


def line(
    widths: Mapping[str, float],
    cells: Mapping[str, tuple[str, str]],
    *,
    bold: bool = False,
    style: str = "",
) -> str:
    """A row of (alignment, text) by column; a column without a cell stays empty. With a style the
    measures are that one's, see `cell_style`."""
    return row(
        (width, styled(text, align, style, bold=bold) if style else cell(text, align, bold=bold))
        for name, width in widths.items()
        for align, text in [cells.get(name, ("left", ""))]
    )


def cell(
    text: str, align: str, size: float = TABLE, *, bold: bool = False, keep: bool = False
) -> str:
    """The paragraph of a table's cell."""
    return paragraph(
        run(text, size, bold=bold), align=align, before=2, after=2, size=size, keep=keep
    )


def styled(text: str, align: str, style: str, *, bold: bool = False) -> str:
    """`cell` where there may be tens of thousands of them: its measures stand in the style."""
    looks = "<w:rPr><w:b/><w:bCs/></w:rPr>" if bold else ""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/><w:jc w:val="{align}"/></w:pPr>'
        f'<w:r>{looks}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
    )


def cell_style(key: str, name: str) -> str:
    """The style that `styled` cells go by."""
    return (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{key}"><w:name w:val="{name}"/>'
        '<w:basedOn w:val="Normal"/><w:pPr><w:widowControl/><w:spacing w:before="40" w:after="40" '
        f'w:line="240" w:lineRule="auto"/></w:pPr>{properties(TABLE)}</w:style>'
    )


def section_break() -> str:
    """Ends the letter; what follows is the annex, with pages of its own."""
    return paragraph(exactly=1, size=1, section=section())
