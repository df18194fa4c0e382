"""Decides which column of a form a heading names, by its label or by a known synonym."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice

from rules.numbers import bare, fold, pattern, text
from schemas.forms import NUMERIC, Field, Form, Kind
from schemas.synonyms import never, synonyms

EXACT, PLAIN, ROUND, KNOWN = 0, 1, 2, 3
"""How well a heading fits, best first: the label; the label with what says nothing (a unit of
money, a number); the label within other words; a synonym. From `ROUND` on it is told."""

NEAR = 0.72
"""Likeness of two headings from which one is suggested for the other; a slip in one of three
syllables gives about 0.9, another column of the same forms at most 0.7."""


LONGEST_LABEL = 80
"""Characters of a heading that are compared with a missing label."""


@dataclass(frozen=True)
class Fit:
    """A heading names the field so well; `month` where it says up to which month."""

    field: str
    rank: int
    month: int | None = None


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """What a form's headings may say; folded text -> field name."""

    labels: Mapping[str, str]
    known: Mapping[str, str]
    bare: Mapping[str, str]
    """Labels and synonyms without any diacritics, as systems without them print."""
    above: Mapping[str, re.Pattern[str]]
    """Field name -> words that rule it out where they stand over its column; of figures only."""
    beside: Mapping[str, re.Pattern[str]]
    """The same where they stand round its label."""

    signs: Mapping[str, tuple[frozenset[str], ...]]
    """The syllables of each heading, by the rarest: what lacks one of them names no field."""

    def may_name(self, syllables: Set[str]) -> bool:
        """Whether all the syllables of any known heading are there; a quick look."""
        return any(sign <= syllables for one in syllables for sign in self.signs.get(one, ()))

    def ruled_out(self, field: str, above: str, beside: str) -> bool:
        """Whether what stands over and round a label says that it is not meant."""
        over, round_it = self.above.get(field), self.beside.get(field)
        return bool((over and over.search(above)) or (round_it and round_it.search(beside)))


@lru_cache(maxsize=64)
def vocabulary(form: Form) -> Vocabulary:
    """What the form's headings may say."""
    labels = {fold(f.label): f.name for f in form.fields}
    others = synonyms(form.name)
    known = {fold(w): f.name for f in form.fields for w in others.get(f.name, ())}
    every = labels | {w: f for w, f in known.items() if w not in labels}
    figures = [f for f in form.fields if f.kind not in _WORDS]
    above = {f.name: _words(f, never("above")) for f in figures}
    beside = {f.name: _words(f, (*never("above"), *never("beside"))) for f in figures}
    plain = {bare(w): f for w, f in every.items()}
    signs = _signs([syllables(words) for words in (*every, *plain)])
    return Vocabulary(labels, known, plain, above, beside, signs)


def _signs(headings: Sequence[frozenset[str]]) -> dict[str, tuple[frozenset[str], ...]]:
    often = Counter(one for heading in headings for one in heading)
    signs: dict[str, tuple[frozenset[str], ...]] = {}
    for heading in headings:
        rarest = min(heading, key=lambda one: (often[one], one))
        signs[rarest] = (*signs.get(rarest, ()), heading)
    return signs


def syllables(words: str) -> frozenset[str]:
    """The syllables of a folded text."""
    return frozenset(_SYLLABLE.findall(words))


def _words(field: Field, words: Iterable[str]) -> re.Pattern[str]:
    own = fold(field.label)
    other = [re.escape(fold(w)) for w in words if not re.search(_word(fold(w)), own)]
    return re.compile(_word("|".join(other), escaped=True))


def _word(words: str, *, escaped: bool = False) -> str:
    return rf"(?<!\w)(?:{words if escaped else re.escape(words)})(?!\w)"


_SYLLABLE = re.compile(r"\w+|%")
_WORDS = frozenset({Kind.CODE, Kind.TEXT})

ENGLISH_SCALE = r"\b(?:thousands?|millions?|billions?|trillions?|mil|mn|bil|bn)\b"
"""As a donor's workbook says it, before the currency or behind it."""
_AMOUNT = (
    r"(?:đơn vị(?: tính)?|đvt|unit)?\s*:?\s*(?:nghìn tỷ|tỷ|tỉ|triệu|tr\.?|nghìn|ngàn|ngh?\.?"
    rf"|1[., ]?000[., ]?000|1[., ]?000|{ENGLISH_SCALE})?[\s.]*(?:of )?(?:đồng|vnđ|vnd|đ)"
    rf"(?: {ENGLISH_SCALE})?"
)
_SCALE = "nghìn|ngàn|triệu|tr|tỷ|tỉ"
_SAYS_NOTHING = (
    re.compile(r"\s*[*⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾]+$"),
    re.compile(
        rf"\s*\((?:\*|\d{{1,2}}|[a-z]|\d{{1,2}}\s*=[^()]*|nếu có|bắt buộc|{_AMOUNT}|{_SCALE}"
        r"|ngày[/, ]+tháng[/, ]+năm|dd/mm/yyyy)\)$"
    ),
    re.compile(rf"[\s,;:\-–]+\[?{_AMOUNT}\]?$"),
    re.compile(r"\s*\(\d{1,2}\)\s*=\s*[\d()+\-x*:/ ]+$"),
    re.compile(r"\s*[:;,.]$"),
    re.compile(r"^(?:[ivx]+|\d{1,2}|[a-h])\s*[.)]\s*(?=\D)"),
    re.compile(r"^\(\d{1,2}\)\s*"),
)
_SAYS_MORE = (
    re.compile(r"[\s,;:-]*\(([^()]*)\)$"),
    re.compile(
        r"[\s,;:-]+((?:tính )?(?:từ đầu năm |từ (?:ngày )?0?1/0?1\S* )?(?:đến|tới) .+"
        r"|(?:trong |của )?năm \d{4}|\d{4}|năm nay|trong năm|từ đầu năm|kỳ báo cáo|đến nay)$"
    ),
)
_MONTH = re.compile(r"tháng\s*0?(\d{1,2})(?!\d)|(?<![\d/])\d{1,2}[/.-]0?(\d{1,2})[/.-]\d{2,4}")
_ONE_PERIOD = pattern(r"(?<!\w)(?:tháng|quý|tuần)\s*(?:\d{1,2}|[ivx]+)(?!\w)")
"""Beside a label of figures: what was spent in that time only, unless it says until then."""
_UNTIL = pattern(r"(?<!\w)(?:đến|tới|hết|lũy kế|từ)(?!\w)")
_WHOLE = frozenset({"tổng số", "tổng cộng", "tổng", "cộng", "số tiền", "tổng số tiền"})
"""The column of a group's whole."""
_SIDES = re.compile(r"\s*\n+\s*|\s+[-–]\s*|\s*[-–]\s+|\s*/\s*")
_MOST_SIDES = 8
_FOREIGN = re.compile(r"[a-z]{4}")


def own_language(words: str) -> str:
    """The Vietnamese side of a heading in two languages, all of any other."""
    whole = unicodedata.normalize("NFC", words).strip()
    for border in islice(_SIDES.finditer(whole), _MOST_SIDES):
        rest = fold(whole[border.end() :])
        if border.start() and rest.isascii() and _FOREIGN.search(rest):
            return whole[: border.start()]
    return words


@lru_cache(maxsize=8192)  # the same headings in every workbook
def fits(levels: tuple[str, ...], words: Vocabulary) -> tuple[Fit, ...]:
    """The fields that a column's headings name, from the highest level to the lowest; the
    longest stretch of them that fits decides."""
    ways = [levels]
    for lowest in (1, 2):
        if len(levels) > lowest and _is_whole(" ".join(levels[-lowest:])):
            ways.append(levels[:-lowest])
    for way in ways:
        for start in range(len(way)):
            above, own = fold(" ".join(way[:start])), way[start:]
            if fit := _fit(" ".join(own), above, words):
                return (fit,)
            if len(own) > 1 and (fit := _fit(" ".join(map(_without_remarks, own)), above, words)):
                return (replace(fit, rank=max(fit.rank, PLAIN)),)
            in_own = " ".join(map(own_language, own))
            if in_own != " ".join(own) and (fit := _fit(in_own, above, words)):
                return (replace(fit, rank=max(fit.rank, ROUND)),)
    return ()


def _without_remarks(heading: str) -> str:
    folded = fold(heading)
    while (shorter := _SAYS_NOTHING[1].sub("", folded)) != folded:
        folded = shorter
    return folded


def _is_whole(heading: str) -> bool:
    own = _SAYS_MORE[0].sub("", fold(own_language(heading)))
    return own in _WHOLE


def _fit(written: str, above: str, words: Vocabulary) -> Fit | None:
    best: Fit | None = None
    for heading, rank, beside in _readings(fold(written)):
        for known, least in ((words.labels, EXACT), (words.known, KNOWN)):
            field = known.get(heading)
            if field is None or words.ruled_out(field, above, beside):
                continue
            if field in words.beside and _ONE_PERIOD.search(beside) and not _UNTIL.search(beside):
                continue
            month = _MONTH.search(f"{beside} {above}")
            found = Fit(field, max(rank, least), int(month[1] or month[2]) if month else None)
            best = found if best is None or found.rank < best.rank else best
    if best is None and written.isascii() and (field := words.bare.get(fold(written))):
        return None if words.ruled_out(field, above, "") else Fit(field, KNOWN)
    return best


def _readings(heading: str) -> Iterator[tuple[str, int, str]]:
    """A heading, then what is left of it without what stands round it: text, rank, what was
    taken away."""
    waiting = [(heading, EXACT, "")]
    while waiting:
        current, rank, beside = waiting.pop(0)
        yield current, rank, beside
        for nothing in _SAYS_NOTHING:
            if (shorter := nothing.sub("", current)) != current:
                waiting.append((shorter, max(rank, PLAIN), beside))
                break
        else:
            for more in _SAYS_MORE:
                if match := more.search(current):
                    waiting.append((current[: match.start()], ROUND, f"{beside} {match[1]}"))


def nearest(field: Field, headings: Sequence[str], words: Vocabulary) -> int | None:
    """Which heading is most like the field's label or one of its synonyms, if any is near."""
    known = [bare(field.label)]
    known += [bare(w) for w, name in words.known.items() if name == field.name]
    headings = [h[:LONGEST_LABEL] for h in headings]
    likeness = [max(_alike(bare(text(h)), k) for k in known) for h in headings]
    best = max(likeness, default=0.0)
    return likeness.index(best) if best >= NEAR else None


def _alike(heading: str, known: str) -> float:
    return SequenceMatcher(None, heading, known, autojunk=False).ratio()


def numeric(field: Field) -> bool:
    """Whether figures stand in the field's column."""
    return field.kind in NUMERIC
