"""Writes the Word templates with the decree's measures: python -m reports.letters.layout FOLDER."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from reports.letters import measures
from reports.letters.fields import KINDS, REMINDER, URGING, Kind
from reports.letters.measures import MAIN, PARAGRAPH_GAP, TABLE, TABLE_HEAD
from reports.letters.package import word_file
from reports.letters.wordml import control, paragraph, row, run, section, table
from schemas.settings import Body
from schemas.texts import say

_NATION = measures.TEXT - measures.ISSUER
_RIGHT = 85
"""Width of the signature's half."""
_TO = 30
"""mm before "Kính gửi:" where it heads a list, whose dashes stand under its colon."""
_UNDER_COLON = _TO + 16.2

_ACTIVITIES = {"number": 10, "activity": 41, "budget": 21, "disbursed": 21, "rate": 15.5,
               "expected": 14.5, "shortfall": 18, "needed": 19}  # fmt: skip
_REASONS = {"number": 10, "activity": 40, "warning": 26, "difficulty": 42, "solution": 42}
_UNITS = {"number": 12, "unit": 78, "state": 40, "budget": 30}


def template(kind: Kind) -> bytes:
    """The template of a kind; written anew it is the same bytes."""
    body = _urging() if kind is URGING else _reminder()
    return word_file("".join(body))


def _words(kind: Kind, key: str) -> str:
    """A sentence of the catalogue with its fields as a template writes them."""
    fields = {name: "{{ " + name + " }}" for name in kind.fields}
    return say(f"letter.{key}", blank=measures.BLANK, **fields)


# --- what every letter has ------------------------------------------------------------------------


def _heading(kind: Kind, *subject: str) -> Iterator[str]:
    """Issuing body and nation, number and date, subject."""
    indent = (_NATION - measures.motto_length()) / 2
    name = measures.BODY_NAME
    issuer = [
        control("if superior"),
        _centred(run("{{ superior }}", name)),
        control("endif"),
        _centred(run("{{ body_caps }}", name, bold=True)),
        _issuers_rule(Body().name),
    ]
    nation = [
        _centred(run(say("letter.nation"), measures.NATION, bold=True)),
        _centred(run(say("letter.motto"), measures.MOTTO, bold=True)),
        paragraph(left=indent, right=indent, before=1, rule=True, exactly=4, size=2),
    ]
    number = [
        _centred(run(_words(kind, "number"), measures.NUMBER), before=6),
        *subject,
    ]
    date = [_centred(run(_words(kind, "date"), measures.DATE, italic=True), before=6)]
    widths = (measures.ISSUER, _NATION)
    rows = [
        row(zip(widths, map("".join, halves), strict=True))
        for halves in ((issuer, nation), (number, date))
    ]
    yield table(widths, rows, borders=False)


def _subject(kind: Kind, key: str) -> str:
    text = _words(kind, key).replace(" {{", "\u00a0{{")  # "năm" and its number stay together
    return _centred(run(text, measures.SUBJECT), before=PARAGRAPH_GAP)


def _issuers_rule(name: str) -> str:
    """Its length follows the name when a letter is made; here that of the usual body."""
    indent = measures.rule_indent(name) * 25.4 / 1440
    return paragraph(
        left=indent, right=indent, before=1, rule=True, exactly=4, size=2,
        style=measures.ISSUERS_RULE,
    )  # fmt: skip


def _addressees(kind: Kind) -> Iterator[str]:
    yield control("if addressee")
    yield _centred(run(_words(kind, "to"), MAIN), before=18, after=12)
    yield control("else")
    yield paragraph(run(say("letter.to-many"), MAIN), left=_TO, before=18)
    yield control("for one in addressees")
    yield paragraph(
        run("- {{ one.text }}", MAIN), align="both", left=_UNDER_COLON + 2.2, hanging=2.2
    )
    yield control("endfor")
    yield paragraph(exactly=12, size=2)
    yield control("endif")


def _grounds() -> Iterator[str]:
    yield control("for ground in grounds")
    yield _main("{{ ground }}", italic=True)
    yield control("endfor")


def _closing(kind: Kind, close: str) -> Iterator[str]:
    """Whom to ask, the last sentence, signature and recipients; never a signature alone on a
    page."""
    yield _main(_words(kind, "contact"))
    yield _main(_words(kind, close), keep=True)
    yield _main(say("letter.regards"), keep=True)
    size, small = measures.RECIPIENTS, measures.RECIPIENTS_LIST
    left = [
        paragraph(run(say("letter.recipients"), size, bold=True, italic=True)),
        paragraph(run(say("letter.as-above"), small)),
        control("for one in recipients"),
        paragraph(run("- {{ one }};", small)),
        control("endfor"),
        paragraph(run(_words(kind, "kept"), small)),
    ]
    right = [
        control("for line in signature"),
        _centred(run("{{ line }}", measures.SIGNATURE, bold=True)),
        control("endfor"),
        _centred(run("{{ signer }}", measures.SIGNATURE, bold=True), before=80),
    ]
    widths = (measures.TEXT - _RIGHT, _RIGHT)
    yield paragraph(exactly=12, size=2, keep=True)
    yield table(widths, [row(zip(widths, map("".join, (left, right)), strict=True))], borders=False)


def _annex_heading(kind: Kind, title: str) -> Iterator[str]:
    yield _centred(run(say("letter.annex"), measures.ANNEX, bold=True))
    yield _centred(run(_words(kind, title), MAIN, bold=True))
    yield _centred(run(_words(kind, "annex-note"), MAIN, italic=True), after=PARAGRAPH_GAP)


# --- the two letters ------------------------------------------------------------------------------


def _urging() -> Iterator[str]:
    def words(key: str) -> str:
        return _words(URGING, f"urging.{key}")

    subject = _subject(URGING, "urging.subject")
    yield from _heading(
        URGING, *_either("closing", _subject(URGING, "urging.subject-closing"), subject)
    )
    yield from _addressees(URGING)
    yield from _grounds()
    yield from _either(
        "grounds or closing", _main(words("opening-grounds")), _main(words("opening"))
    )
    yield _main(words("finding"))
    slow = (_main(words("listed"), keep=True), _unit_of_money(), _slow_activities())
    yield from _either("activities", "".join(slow), _main(words("shortfall")))
    yield _main(words("note"), italic=True)
    yield from _either("activities", _main(words("annexed")), _main(words("annexed-alone")))
    requests = (
        _main(words("request"), keep=True),
        *_either("ahead", _main(words("speed-up")), _main(words("finish"))),
        _main(words("report")),
        _main(words("adjust")),
    )
    after = (
        _main(words("request-closing"), keep=True),
        _main(words("report-closing")),
        _main(words("rest-closing")),
    )
    yield from _either("closing", "".join(after), "".join(requests))
    yield from _closing(URGING, "urging.close")
    yield _section_break()
    yield from _annex_heading(URGING, "urging.annex-title")
    told = (_subtitle(words("reasons")), _reasons(), _subtitle(words("grounds")))
    yield from _either("activities", "".join(told), _subtitle(words("grounds-alone")))
    yield from _explanation()
    noted = (
        *_either("activities", _subtitle(words("noted")), _subtitle(words("noted-alone"))),
        control("for one in noted"),
        paragraph(run("- {{ one }}", MAIN), align="both", before=2),
        control("endfor"),
    )
    yield from _either("noted", "".join(noted))
    yield section()


def _slow_activities() -> str:
    """Their figures, and below several the sum."""
    cells = _ACTIVITY | {name: ("right", _field(name)) for name in list(_ACTIVITIES)[2:]}
    sums = [name for name in _ACTIVITIES if f"total_{name}" in URGING.fields]
    total = {name: ("right", "{{ total_" + name + " }}") for name in sums}
    total["activity"] = ("left", say("letter.total"))
    below = [
        control("if activities[1:]", "tr"),
        _line(_ACTIVITIES, total, bold=True),
        control("endif", "tr"),
    ]
    return _listing("activities", _ACTIVITIES, cells, below)


def _reasons() -> str:
    """What the unit itself wrote of each slow activity."""
    solution = "{{ one.solution }}{% if one.proposal %} {{ one.proposal }}{% endif %}"
    cells = _ACTIVITY | {name: ("left", _field(name)) for name in ("warning", "difficulty")}
    return _listing("activities", _REASONS, cells | {"solution": ("left", solution)})


def _explanation() -> Iterator[str]:
    """The lines of `dondoc explain`, set in as on the terminal."""
    yield control("for line in explanation")
    yield control("if line.heading")
    yield paragraph(run("{{ line.text }}", MAIN, bold=True), before=PARAGRAPH_GAP, keep=True)
    for indent, tag in ((0, "line.depth == 0"), (5, "line.depth == 2"), (10, "line.depth > 2")):
        yield control(f"elif {tag}")
        yield paragraph(run("{{ line.text }}", MAIN), left=indent, before=2)
    yield control("endif")
    yield control("endfor")


def _reminder() -> Iterator[str]:
    def words(key: str) -> str:
        return _words(REMINDER, f"reminder.{key}")

    yield from _heading(REMINDER, _subject(REMINDER, "reminder.subject"))
    yield from _addressees(REMINDER)
    yield from _grounds()
    yield _main(words("opening"))
    yield from _either("states", _main(words("states")))
    yield _main(words("budget"))
    yield _main(words("request"), keep=True)
    yield from _either("missing", _main(words("send")))
    yield from _either("returned", _main(words("mend")))
    yield _main(words("explain"))
    yield from _closing(REMINDER, "reminder.close")
    cells = {
        "number": ("center", _field("number")),
        "unit": ("left", _field("name")),
        "state": ("left", _field("state")),
        "budget": ("right", _field("budget")),
    }
    annex = (
        _section_break(),
        *_annex_heading(REMINDER, "reminder.annex-title"),
        _unit_of_money(),
        _listing("units", _UNITS, cells),
    )
    yield from _either("units[1:]", "".join(annex))
    yield paragraph(exactly=2, size=2)
    yield section()


# --- paragraphs and rows --------------------------------------------------------------------------


def _field(name: str) -> str:
    """A field of what a list holds."""
    return "{{ one." + name + " }}"


_ACTIVITY = {
    "number": ("center", _field("number")),
    "activity": ("left", f"{_field('code')} - {_field('name')}"),
}
"""The cells that name an activity."""


def _either(condition: str, then: str, otherwise: str = "") -> Iterator[str]:
    """The one or the other, as the letter has it."""
    yield control(f"if {condition}")
    yield then
    if otherwise:
        yield control("else")
        yield otherwise
    yield control("endif")


def _listing(
    of: str, widths: Mapping[str, float], cells: Mapping[str, tuple[str, str]],
    below: Sequence[str] = (),
) -> str:  # fmt: skip
    """A table with a row for each thing of a list, its head on every page."""
    rows = [control(f"for one in {of}", "tr"), _line(widths, cells), control("endfor", "tr")]
    return table(list(widths.values()), [_head(widths), *rows, *below], borders=True)


def _centred(*runs: str, before: float = 0, after: float = 0) -> str:
    return paragraph(*runs, align="center", before=before, after=after)


def _main(text: str, *, italic: bool = False, keep: bool = False) -> str:
    """A paragraph of the letter's text: justified, its first line indented."""
    return paragraph(
        run(text, MAIN, italic=italic), align="both", first=measures.INDENT,
        before=PARAGRAPH_GAP, keep=keep,
    )  # fmt: skip


def _subtitle(text: str) -> str:
    return paragraph(
        run(text, MAIN, bold=True), before=2 * PARAGRAPH_GAP, after=PARAGRAPH_GAP, keep=True
    )


def _unit_of_money() -> str:
    return paragraph(
        run(say("letter.unit-of-money"), MAIN, italic=True), align="right",
        before=PARAGRAPH_GAP, after=2, keep=True,
    )  # fmt: skip


def _head(widths: Mapping[str, float]) -> str:
    return row(
        (
            (width, _cell(say(f"letter.column.{name}"), "center", TABLE_HEAD, bold=True))
            for name, width in widths.items()
        ),
        head=True,
    )


def _line(
    widths: Mapping[str, float], cells: Mapping[str, tuple[str, str]], *, bold: bool = False
) -> str:
    return row(
        (width, _cell(text, align, bold=bold))
        for name, width in widths.items()
        for align, text in [cells.get(name, ("left", ""))]
    )


def _cell(text: str, align: str, size: float = TABLE, *, bold: bool = False) -> str:
    return paragraph(run(text, size, bold=bold), align=align, before=2, after=2, size=size)


def _section_break() -> str:
    """Ends the letter; what follows is the annex, with pages of its own."""
    return paragraph(exactly=1, size=1, section=section())


if __name__ == "__main__":
    for each in KINDS:
        (Path(sys.argv[1]) / each.file).write_bytes(template(each))
