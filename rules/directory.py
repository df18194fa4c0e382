"""Decides whose a code, a name or an address is, and which unit stands above which, as the
registry has it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rules.numbers import bare, fold
from schemas.forms import FORMS, Form, Row
from schemas.registry import Activity, Registry

_FORMS = {form.name: form for form in FORMS}

_WORD = re.compile(r"[^\W_]+")

_SENT_TO = re.compile(r"(?<![^\W_])(?:gửi|gui)\s+(?:(?:về|ve|cho|đến|den|tới|toi)\s+)?\Z")
"""What makes the name after it an addressee, who is not the sender."""


class Directory:
    """A registry made ready for looking up; one serves a whole batch of workbooks."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.units = {unit.code: unit for unit in registry.units}
        self._order = {code: number for number, code in enumerate(self.units)}
        self.activities = {a.code: a for a in registry.activities}
        self.above = {code: self._above(code) for code in self.units}
        self.reporting = frozenset(a.unit for a in registry.activities)

    def _above(self, code: str) -> frozenset[str]:
        seen: dict[str, None] = {code: None}
        while (parent := self.units[code].parent) in self.units and parent not in seen:
            seen[code := parent] = None
        return frozenset(list(seen)[1:])

    def leads(self, one: str, units: Iterable[str]) -> bool:
        """Whether a unit is each of the others, or a superior body of it."""
        return all(one == unit or one in self.above[unit] for unit in units)

    def in_order(self, units: Iterable[str]) -> tuple[str, ...]:
        """Units in the order of the registry."""
        return tuple(sorted(units, key=self._order.__getitem__))

    def named(self, code: str) -> str:
        """The unit as people know it: `Văn phòng (VP)`."""
        return f"{self.units[code].name} ({code})"

    def unit_named(self, name: str) -> bool:
        """Whether a folded text is the full name of a unit and nothing else."""
        return name in self._full_names

    def owner(self, row: Row) -> str | None:
        """The unit whose activity a row's code is, however its letters are cased."""
        form = _FORMS[row.form]
        found = activity_of(row.code, self.activities, form) or activity_of(
            row.code.casefold(), self._folded, form
        )
        return found.unit if found else None

    def units_of_sender(self, address: str | None) -> frozenset[str]:
        """The units that an address is a contact of; none where it speaks for the whole body."""
        units = self._addresses.get((address or "").strip().casefold(), frozenset())
        return frozenset() if None in units else frozenset(filter(None, units))

    def by_name(self, lines: Iterable[str], *, bare: bool = False) -> frozenset[str]:
        """The units whose full names stand in the lines, a superior body left out where one
        below it is named too, and one that something is sent to. `bare`: without diacritics."""
        found: set[str] = set()
        for line in lines:
            rest = line
            for name, code in (self._bare_names if bare else self._names).in_line(line):
                if places := list(_places(name, rest)):
                    rest = _without(places, rest)
                    if not all(place.sent_to for place in places):
                        found.add(code)
        return frozenset(found.difference(*(self.above[code] for code in found)))

    def by_code(self, lines: Iterable[str], *, bare: bool = False) -> frozenset[str]:
        """The units whose codes stand in the lines as words of their own."""
        return frozenset(
            code
            for line in lines
            for written, code in (self._bare_codes if bare else self._codes).in_line(line)
            if any(not place.sent_to for place in _places(written, line))
        )

    @cached_property
    def _folded(self) -> Mapping[str, Activity]:
        count = Counter(code.casefold() for code in self.activities)
        folded = ((code.casefold(), a) for code, a in self.activities.items())
        return {code: activity for code, activity in folded if count[code] == 1}

    @cached_property
    def _addresses(self) -> Mapping[str, frozenset[str | None]]:
        found: dict[str, set[str | None]] = {}
        for contact in self.registry.contacts:
            found.setdefault(contact.email.strip().casefold(), set()).add(contact.unit)
        return {address: frozenset(units) for address, units in found.items()}

    @cached_property
    def _longest_first(self) -> list[tuple[str, str]]:
        names = [(fold(unit.name), unit.code) for unit in self.registry.units]
        return sorted(
            names, key=lambda name: -len(name[0])
        )  # Vụ Địa phương II before Vụ Địa phương

    @cached_property
    def _full_names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self._longest_first)

    @cached_property
    def _names(self) -> "_Known":
        return _Known(self._longest_first)

    @cached_property
    def _bare_names(self) -> "_Known":
        names = self._longest_first
        return _Known([(re.sub(r"[\s_-]+", " ", bare(name)), code) for name, code in names])

    @cached_property
    def _codes(self) -> "_Known":
        return _Known([(fold(code), code) for code in self.units])

    @cached_property
    def _bare_codes(self) -> "_Known":
        return _Known([(bare(code), code) for code in self.units])


class _Known:
    """What units are called, each looked up by that of its words which the fewest others have: a
    line is held against a handful, however many units there are."""

    def __init__(self, called: Sequence[tuple[str, str]]) -> None:
        words = [_WORD.findall(words) for words, _ in called]
        count = Counter(word for its in words for word in set(its))
        self._by_word: dict[str, list[tuple[int, tuple[str, str]]]] = {}
        for order, (one, its) in enumerate(zip(called, words, strict=True)):
            if its:
                rarest = min(its, key=lambda word: count[word])
                self._by_word.setdefault(rarest, []).append((order, one))

    def in_line(self, line: str) -> Iterator[tuple[str, str]]:
        """Those that may stand in a line as words of their own, with their units, in the order
        given."""
        words = set(_WORD.findall(line))
        return (one for _, one in sorted(it for w in words for it in self._by_word.get(w, ())))


def activity_of(code: str, activities: Mapping[str, Activity], form: Form) -> Activity | None:
    """The activity, of those by code, that a row's code belongs to; where the form allows a row
    per deliverable `X.2-1` belongs to the longest code before a '-', `X.2`."""
    while code not in activities and form.per_deliverable and "-" in code:
        code = code.rpartition("-")[0].rstrip()
    return activities.get(code)


@dataclass(frozen=True)
class _Place:
    """Where something stands in a line, with what makes it an addressee before it."""

    start: int
    end: int
    sent_to: bool


def _places(words: str, line: str) -> Iterator[_Place]:
    """Where they stand as words of their own: `VP` in `VP_2021-10`, not in `VPS`."""
    done = at = 0
    while (at := line.find(words, at)) >= 0:
        end = at + len(words)
        if _WORD.match(line[at - 1 : at]) or _WORD.match(line[end : end + 1]):
            at += 1
            continue
        sent_to = _SENT_TO.search(line, done, at)
        yield _Place(sent_to.start() if sent_to else at, end, sent_to is not None)
        done = at = end


def _without(places: Iterable[_Place], line: str) -> str:
    at, rest = 0, []
    for place in places:
        rest.append(line[at : place.start])
        at = place.end
    return "\n".join([*rest, line[at:]])
