"""Writes the Word templates with the decree's measures: python -m reports.letters.layout FOLDER."""

import sys
from collections.abc import Iterator
from pathlib import Path

from reports.letters import measures
from reports.letters.fields import KINDS, REMINDER, URGING, Kind
from reports.letters.measures import MAIN, PARAGRAPH_GAP
from reports.letters.package import word_file
from reports.letters.pieces import (
    addressees,
    annex_heading,
    centred,
    closing,
    either,
    field,
    grounds,
    heading,
    line,
    listing,
    main,
    section_break,
    sentence,
    subtitle,
    unit_of_money,
)
from reports.letters.wordml import control, paragraph, run, section
from schemas.texts import say

_ACTIVITIES = {"number": 10, "activity": 41, "budget": 21, "disbursed": 21, "rate": 15.5,
               "expected": 14.5, "shortfall": 18, "needed": 19}  # fmt: skip
_REASONS = {"number": 10, "activity": 40, "warning": 26, "difficulty": 42, "solution": 42}
_UNITS = {"number": 12, "unit": 78, "state": 40, "budget": 30}


def template(kind: Kind) -> bytes:
    """The template of a kind; written anew it is the same bytes."""
    body = _urging() if kind is URGING else _reminder()
    return word_file("".join(body))


def _subject(kind: Kind, key: str) -> str:
    text = sentence(kind, key).replace(" {{", "\u00a0{{")  # "năm" and its number stay together
    return centred(run(text, measures.SUBJECT), before=PARAGRAPH_GAP)


# --- the two letters ------------------------------------------------------------------------------


def _urging() -> Iterator[str]:
    def words(key: str) -> str:
        return sentence(URGING, f"urging.{key}")

    subject = _subject(URGING, "urging.subject")
    yield from heading(
        URGING, *either("closing", _subject(URGING, "urging.subject-closing"), subject)
    )
    yield from addressees(URGING)
    yield from grounds()
    yield from either("grounds or closing", main(words("opening-grounds")), main(words("opening")))
    yield main(words("finding"))
    slow = (main(words("listed"), keep=True), unit_of_money(), _slow_activities())
    own = (
        main(words("whole"), keep=True),
        control("for one in whole"),
        paragraph(run("- {{ one }}", MAIN), align="both", before=2),
        control("endfor"),
    )
    yield from either("whole", "".join(own))
    total = "".join(either("shortfall", main(words("shortfall"))))
    yield from either("activities", "".join(slow), total)
    yield main(words("note"), italic=True)
    yield from either("activities", main(words("annexed")), main(words("annexed-alone")))
    requests = (
        main(words("request"), keep=True),
        *either("ahead", main(words("speed-up")), main(words("finish"))),
        *either("ahead", main(words("report")), main(words("report-result"))),
        *either("funds", main(words("adjust"))),
    )
    after = (
        main(words("request-closing"), keep=True),
        main(words("report-closing")),
        main(words("rest-closing")),
    )
    yield from either("closing", "".join(after), "".join(requests))
    yield from closing(URGING, "urging.close")
    yield section_break()
    yield from annex_heading(URGING, "urging.annex-title")
    told = (subtitle(words("reasons")), _reasons(), subtitle(words("grounds")))
    yield from either("activities", "".join(told), subtitle(words("grounds-alone")))
    yield from _explanation()
    noted = (
        *either("activities", subtitle(words("noted")), subtitle(words("noted-alone"))),
        control("for one in noted"),
        paragraph(run("- {{ one }}", MAIN), align="both", before=2),
        control("endfor"),
    )
    yield from either("noted", "".join(noted))
    yield section()


def _slow_activities() -> str:
    """Their figures, and below several the sum."""
    cells = _ACTIVITY | {name: ("right", field(name)) for name in list(_ACTIVITIES)[2:]}
    sums = [name for name in _ACTIVITIES if f"total_{name}" in URGING.fields]
    total = {name: ("right", "{{ total_" + name + " }}") for name in sums}
    total["activity"] = ("left", say("letter.total"))
    below = [
        control("if activities[1:]", "tr"),
        line(_ACTIVITIES, total, bold=True),
        control("endif", "tr"),
    ]
    return listing("activities", _ACTIVITIES, cells, below)


def _reasons() -> str:
    """What the unit itself wrote of each slow activity."""
    solution = "{{ one.solution }}{% if one.proposal %} {{ one.proposal }}{% endif %}"
    cells = _ACTIVITY | {name: ("left", field(name)) for name in ("warning", "difficulty")}
    return listing("activities", _REASONS, cells | {"solution": ("left", solution)})


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
        return sentence(REMINDER, f"reminder.{key}")

    yield from heading(REMINDER, _subject(REMINDER, "reminder.subject"))
    yield from addressees(REMINDER)
    yield from grounds()
    yield main(words("opening"))
    yield from either("states", main(words("states")))
    yield main(words("budget"))
    yield main(words("request"), keep=True)
    yield from either("missing", main(words("send")))
    yield from either("returned", main(words("mend")))
    yield main(words("explain"))
    yield from closing(REMINDER, "reminder.close")
    cells = {
        "number": ("center", field("number")),
        "unit": ("left", field("name")),
        "state": ("left", field("state")),
        "budget": ("right", field("budget")),
    }
    annex = (
        section_break(),
        *annex_heading(REMINDER, "reminder.annex-title"),
        unit_of_money(),
        listing("units", _UNITS, cells),
    )
    yield from either("units[1:]", "".join(annex))
    yield paragraph(exactly=2, size=2)
    yield section()


_ACTIVITY = {
    "number": ("center", field("number")),
    "activity": ("left", f"{field('code')} - {field('name')}"),
}
"""The cells that name an activity."""


if __name__ == "__main__":
    for each in KINDS:
        (Path(sys.argv[1]) / each.file).write_bytes(template(each))
