"""Writes the report's Word template: python -m reports.consolidated.layout FOLDER."""

import struct
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from reports.consolidated.fields import CONSOLIDATED
from reports.consolidated.finish import CHART
from reports.letters import measures
from reports.letters.measures import MAIN, PARAGRAPH_GAP, TABLE_HEAD
from reports.letters.package import PICTURE, word_file
from reports.letters.pieces import (
    addressees,
    cell,
    cell_style,
    centred,
    either,
    field,
    grounds,
    heading,
    line,
    main,
    sentence,
    signature,
    unit_of_money,
)
from reports.letters.wordml import (
    computed,
    control,
    line_break,
    paragraph,
    picture,
    properties,
    row,
    run,
    section,
    table,
)
from schemas.texts import say

_WIDE = measures.PAPER[1] - measures.LEFT - measures.RIGHT
"""Width of a line where the page lies on its side."""
_ACTIVITY = f"{field('code')} - {field('name')}"
_CENTRED = {"number", "units", "due"}
_LEFT = {"name", "state", "basis", "month", "product", "legal", "source", "difficulty", "solution",
         "warning", "severity", "rule", "said", "doubt", "acceptance", "handover",
         "settlement"}  # fmt: skip

Widths = Mapping[str, float]

_SILENT = {"number": 12, "name": 78, "state": 42, "budget": 28}
_UNITS = {"number": 10, "name": 52, "budget": 23, "disbursed": 23, "rate": 18, "last_month": 16,
          "last_year": 18}  # fmt: skip
_SOURCES = {"number": 10, "name": 36, "basis": 38, "budget": 22, "disbursed": 22, "rate": 16,
            "last_month": 16}  # fmt: skip
_MONTHS = {"month": 36, "units": 13, "disbursed": 23, "within": 22, "rate": 17, "expected": 16,
           "gap": 18, "last_year": 15}  # fmt: skip
_LOW = {"number": 10, "name": 58, "budget": 21, "disbursed": 21, "rate": 16, "expected": 16,
        "shortfall": 18}  # fmt: skip
_REASONS = {"number": 10, "name": 40, "warning": 24, "difficulty": 43, "solution": 43}
_IT = {"number": 10, "name": 36, "product": 31, "acceptance": 23, "handover": 23,
       "settlement": 19, "value": 18}  # fmt: skip
_TROUBLES = {"number": 10, "name": 44, "difficulty": 53, "solution": 53}
_STRATEGY = {"number": 10, "name": 37, "product": 27, "due": 21, "completion": 16, "legal": 35,
             "workshops": 14}  # fmt: skip
_ADJUSTMENTS = {"number": 10, "name": 47, "source": 24, "budget": 20, "rate": 16, "amount": 18,
                "doubt": 25}  # fmt: skip
_BALANCES = {"number": 12, "name": 58, "given": 30, "asked": 30, "left": 30}
_ACTIVITIES = {"number": 10, "name": 86, "source": 36, "budget": 24, "disbursed": 24, "rate": 19,
               "estimate": 24, "proposal": 24}  # fmt: skip
_FLAGS = {"number": 10, "name": 62, "warning": 32, "severity": 19, "said": 66, "rule": 58}
_CELL = "TableCell"
"""The style of the tables' cells."""
_HEADS = {"name": "activity", "proposal": "amount"}
"""Columns whose heads are other words than their fields."""


def template() -> bytes:
    """The template; written anew it is the same bytes."""
    return word_file("".join(_report()), _styles(), _grey())


def _words(key: str) -> str:
    return sentence(CONSOLIDATED, key, "consolidated")


def _report() -> Iterator[str]:
    yield from heading(CONSOLIDATED)
    yield centred(run(say("consolidated.type"), measures.TYPE, bold=True), before=18)
    yield centred(
        run(_words("title"), measures.TYPE, bold=True), line_break(measures.TYPE),
        run(_words("of-period"), measures.TYPE, bold=True),
    )  # fmt: skip
    indent = measures.TEXT * (1 - measures.RULE_SHARE) / 2
    yield paragraph(left=indent, right=indent, before=1, rule=True, exactly=4, size=2)
    yield from addressees(CONSOLIDATED)
    yield from grounds()
    yield main(_words("opening"))
    yield from _contents()
    yield from _part("reporting", "reporting")
    yield from _listing("silent", _SILENT, heads={"name": "unit"})
    yield from _results()
    yield from _part("low", "low_said")
    yield from _listing("low", _LOW, groups=True)
    yield from _listing("reasons", _REASONS, of="low", groups=True)
    yield _heading(1, "it", "{% if span %} {{ span }}{% endif %}")
    yield from _paragraphs("it_said")
    yield from _listing("it", _IT, groups=True)
    yield from _listing("it-troubles", _TROUBLES, groups=True)
    yield from _part("strategy", "strategy_said")
    yield from _listing("strategy", _STRATEGY, groups=True, heads={"name": "work"})
    yield from _listing("strategy-troubles", _TROUBLES, groups=True, heads={"name": "work"})
    yield from _part("adjusting", "adjusting_said")
    yield from _listing("adjustments", _ADJUSTMENTS, groups=True)
    yield from _listing("balances", _BALANCES, heads={"name": "source"}, bold=True)
    yield from _part("proposals", "proposals")
    yield main(_words("annexed"))
    yield main(_words("close"), keep=True)
    yield from signature(CONSOLIDATED)
    yield paragraph(exactly=1, size=1, section=section())
    yield from _annex("one", "activities")
    total = {f: ("right", "{{ total_" + f + " }}") for f in ("budget", "disbursed", "rate",
                                                             "estimate")}  # fmt: skip
    yield centred(run(_words("annex-until"), MAIN))
    whole = _table("activities", _ACTIVITIES, _HEADS, groups=True, total=total, total_first=True)
    yield from _annexed("activities", whole)
    yield paragraph(exactly=1, size=1, section=section(landscape=True))
    yield from _annex("two", "flags")
    yield from _annexed("flags", _table("flags", _FLAGS, _HEADS, groups=True))
    yield from either("parameters", "".join(_parameters()))
    yield section(landscape=True)


def _results() -> Iterator[str]:
    total = {
        name: ("right", "{{ total_" + name + " }}")
        for name in ("budget", "disbursed", "rate", "last_month", "last_year")
    }
    of_sources = {name: cell for name, cell in total.items() if name in _SOURCES}
    yield _heading(1, "results")
    yield from _sub("overall", "overall")
    yield from _sub("by-unit", "by_unit")
    yield from _listing("units", _UNITS, heads={"name": "unit"}, total=total)
    yield from either("chart_alt", "".join(_chart()))
    yield from _sub("by-source", "by_source")
    yield from _listing("sources", _SOURCES, heads={"name": "source"}, total=of_sources)
    yield from _sub("by-month", "by_month")
    yield from _listing("months", _MONTHS)


# --- headings, contents, paragraphs ---------------------------------------------------------------


def _heading(level: int, key: str, more: str = "") -> str:
    text = run(_words(f"heading.{key}") + more, MAIN, bold=True)
    return paragraph(
        text, style=f"Heading{level}", align="both", first=measures.INDENT,
        before=2 * PARAGRAPH_GAP if level == 1 else PARAGRAPH_GAP, keep=True,
    )  # fmt: skip


def _part(key: str, paragraphs: str) -> Iterator[str]:
    yield _heading(1, key)
    yield from _paragraphs(paragraphs)


def _sub(key: str, paragraphs: str) -> Iterator[str]:
    yield _heading(2, key)
    yield from _paragraphs(paragraphs)


def _paragraphs(of: str) -> Iterator[str]:
    """The first of several stays with the next, so that no page ends with what announces a list."""
    yield control(f"for text in {of}")
    yield from either(
        "loop.first and not loop.last", main("{{ text }}", keep=True), main("{{ text }}")
    )
    yield control("endfor")


def _contents() -> Iterator[str]:
    """A table of contents of which the finished report gets its lines."""
    yield centred(
        run(say("consolidated.contents"), MAIN, bold=True), before=12, after=PARAGRAPH_GAP
    )
    yield paragraph(computed(r"TOC \o 1-2 \h \z", " ", MAIN), style="TOC1")


def _annex(which: str, title: str) -> Iterator[str]:
    yield paragraph(
        run(say(f"consolidated.annex-{which}"), measures.ANNEX, bold=True), line_break(MAIN),
        run(_words(f"annex-{title}"), MAIN, bold=True), style="Heading1", align="center", keep=True,
    )  # fmt: skip
    yield centred(run(_words("annex-note"), MAIN, italic=True), after=PARAGRAPH_GAP)


def _annexed(of: str, whole: str) -> Iterator[str]:
    """The annex's table, or that there is nothing to show."""
    none = main(say(f"consolidated.annex-no-{of}"))
    yield from either(of, (unit_of_money() if of == "activities" else "") + whole, none)


def _parameters() -> Iterator[str]:
    yield paragraph(
        run(say("explain.parameters"), MAIN, bold=True), before=2 * PARAGRAPH_GAP, keep=True
    )
    yield control("for text in parameters")
    yield paragraph(run("- {{ text }}", MAIN), align="both", before=2)
    yield control("endfor")


# --- tables and chart -----------------------------------------------------------------------------


def _listing(
    key: str,
    widths: Widths,
    *,
    of: str = "",
    heads: Mapping[str, str] | None = None,
    groups: bool = False,
    bold: bool = False,
    total: Mapping[str, tuple[str, str]] | None = None,
) -> Iterator[str]:
    """Caption and table, where the list holds anything."""
    name = of or key.replace("-", "_")
    number = "{{ table_" + key.replace("-", "_") + " }}"
    shown = (
        _caption("table", number, key, keep=True),
        unit_of_money() if _is_of_money(widths) else "",
        _table(name, widths, _HEADS | dict(heads or {}), groups=groups, bold=bold, total=total),
    )
    yield from either(name, "".join(shown))


def _is_of_money(widths: Widths) -> bool:
    return not {"budget", "value", "given", "disbursed"}.isdisjoint(widths)


def _table(
    of: str,
    widths: Widths,
    heads: Mapping[str, str],
    *,
    groups: bool,
    bold: bool = False,
    total: Mapping[str, tuple[str, str]] | None = None,
    total_first: bool = False,
) -> str:
    """A long table has its total first, so that no page shows it alone."""
    cells = {name: (_align(name), field(name)) for name in widths}
    if groups and "code" in CONSOLIDATED.lists[of]:
        cells["name"] = ("left", _ACTIVITY)
    rows: list[str] = [control(f"for one in {of}", "tr")]
    usual = line(widths, cells, style=_CELL)
    if groups:
        width = sum(widths.values())
        over = row([(width, cell(field("group"), "left", bold=True, keep=True))], span=len(widths))
        rows += [*_row_either("one.group", over, usual)]
    elif bold:
        rows += [*_row_either("one.bold", line(widths, cells, bold=True, style=_CELL), usual)]
    else:
        rows.append(usual)
    rows.append(control("endfor", "tr"))
    sums = [
        control(f"if {of}[1:]", "tr"),
        line(widths, {"name": ("left", say("consolidated.total")), **(total or {})}, bold=True),
        control("endif", "tr"),
    ]
    if total:
        rows = [*sums, *rows] if total_first else [*rows, *sums]
    return table(list(widths.values()), [_head(widths, heads), *rows], borders=True)


def _align(name: str) -> str:
    return "center" if name in _CENTRED else "left" if name in _LEFT else "right"


def _head(widths: Widths, heads: Mapping[str, str]) -> str:
    return row(
        (
            (
                width,
                cell(
                    say(f"consolidated.column.{heads.get(name, name)}"), "center", TABLE_HEAD,
                    bold=True,
                ),
            )
            for name, width in widths.items()
        ),
        head=True,
    )  # fmt: skip


def _row_either(condition: str, then: str, otherwise: str) -> Sequence[str]:
    return (control(f"if {condition}", "tr"), then, control("else", "tr"), otherwise,
            control("endif", "tr"))  # fmt: skip


def _caption(kind: str, number: str, key: str, *, keep: bool = False) -> str:
    label = say(f"consolidated.{kind}")
    return paragraph(
        run(f"{label} ", MAIN, bold=True),
        computed(rf"SEQ {label} \* ARABIC", number, MAIN, bold=True),
        run(f". {say(f'consolidated.caption.{key}')}", MAIN, bold=True),
        style="Caption", align="center", before=2 * PARAGRAPH_GAP, after=2, keep=keep,
    )  # fmt: skip


def _chart() -> Iterator[str]:
    shown = picture(CHART, "{{ chart_alt }}", PICTURE, 100, 60)
    yield paragraph(shown, align="center", before=2 * PARAGRAPH_GAP, keep=True)
    yield _caption("figure", "1", "chart")


def _styles() -> str:
    """Headings, captions and lines of the contents by the names that word processors know."""
    bold = properties(MAIN, bold=True)
    kinds = [
        *((f"Heading{n}", f"heading {n}", f'<w:keepNext/><w:outlineLvl w:val="{n - 1}"/>', bold)
          for n in (1, 2)),
        ("Caption", "caption", "", bold),
        *((f"TOC{n}", f"toc {n}", "", properties(MAIN)) for n in (1, 2)),
    ]  # fmt: skip
    return cell_style(_CELL, "Ô trong bảng") + "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{place}</w:pPr>{looks}</w:style>"
        for key, name, place, looks in kinds
    )


def _grey() -> bytes:
    """A PNG of one grey pixel, where the chart will stand."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    size = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0\xc0", 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


if __name__ == "__main__":
    (Path(sys.argv[1]) / CONSOLIDATED.file).write_bytes(template())
