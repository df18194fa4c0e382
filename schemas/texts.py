"""Says all that users read, in the workspace's language: gettext catalogues, by dotted key."""

import re
import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from schemas.errors import SettingsError, nearest

LANGUAGES = ("vi", "en")
"""Those that the programme speaks; the first is spoken where nothing else is said."""
FOLDER = "texts"
"""Where a workspace keeps its own wording: `texts/vi.po`, any part of the catalogue."""

_LINE = re.compile(r'\s*(#.*|((msg(ctxt|id|id_plural|str(\[\d\])?))?\s*"([^"\\]|\\.)*"\s*)?)')
"""A line of a catalogue: a remark, a quoted text with or without its keyword, nothing."""

Forms = tuple[str, ...]
"""A sentence in its plural forms, in CLDR's order of the language; one where it has no plurals."""


@dataclass(frozen=True)
class Wording:
    """What is said in one language, the shipped sentences overlaid with a workspace's own."""

    language: str
    sentences: Mapping[str, Forms]
    templates: Path | None = None
    """The workspace's folder of templates that take the place of shipped ones."""
    symbols: Mapping[str, str] = field(default_factory=dict)
    """CLDR's signs of numbers: `group` and `decimal`."""


class _Spoken:
    """What this process speaks; a workspace says so when it is opened."""

    wording: Wording | None = None


def speak(wording: Wording) -> None:
    """Say everything from now on in that wording."""
    _Spoken.wording = wording


@contextmanager
def speaking(wording: Wording) -> Iterator[None]:
    """Say everything in that wording within the block."""
    before = _Spoken.wording
    speak(wording)
    try:
        yield
    finally:
        _Spoken.wording = before


def spoken() -> Wording:
    """The wording in use: the shipped Vietnamese one until `speak` is called."""
    return _Spoken.wording or shipped(LANGUAGES[0])


def say(key: str, /, **values: object) -> str:
    """The sentence at `key` (`finding.required`) with its fields filled in.

    Values are put in as they are, so that numbers and dates come formatted already; values that
    the sentence does not use are ignored. A sentence with plural forms takes the one for `count`.
    Raises KeyError where the key is no sentence, or where a field of it has no value.
    """
    wording = spoken()
    forms = wording.sentences[key]
    one = forms[_plural(wording.language, values["count"])] if len(forms) > 1 else forms[0]
    return one.format(**values)


def _plural(language: str, count: object) -> int:
    """Which form of a sentence goes with so many; a number that is text is taken as many."""
    from babel import Locale  # noqa: PLC0415 - few sentences need it

    one = isinstance(count, int) and Locale.parse(language).plural_form(count) == "one"
    return 0 if one else 1


def under(prefix: str) -> list[str]:
    """The names right below `prefix`: of `finding.required` and `finding.macros` under `finding`
    `required` and `macros`; in the catalogue's order."""
    lead = f"{prefix}."
    below = (
        key.removeprefix(lead) for key in shipped(LANGUAGES[0]).sentences if key.startswith(lead)
    )
    return list(dict.fromkeys(name.partition(".")[0] for name in below))


@cache
def shipped(language: str) -> Wording:
    """The programme's own wording in that language."""
    from babel import Locale  # noqa: PLC0415

    symbols = Locale.parse(language).number_symbols
    signs = symbols.get("latn", symbols)
    return Wording(
        language,
        _sentences(catalogue(language).read_bytes()),
        symbols={"group": signs["group"], "decimal": signs["decimal"]},
    )


def catalogue(language: str) -> Path:
    """The shipped catalogue's file."""
    return Path(str(files("schemas"))) / "locale" / language / "LC_MESSAGES" / "dondoc.po"


def _sentences(content: bytes) -> dict[str, Forms]:
    """Key -> its forms; entries that are not translated are left out. Raises PoFileError."""
    return dict(_entries(content))


def _entries(content: bytes) -> Iterator[tuple[str, Forms]]:
    from io import BytesIO  # noqa: PLC0415

    from babel.messages.pofile import read_po  # noqa: PLC0415 - a tenth of a second

    for message in read_po(BytesIO(content), abort_invalid=True):
        key, said = message.id, message.string
        forms = tuple(map(str, said if isinstance(said, list | tuple) else (said or "",)))
        if key and all(forms):
            yield key if isinstance(key, str) else key[0], forms


def worded(workspace: Path, language: str, templates: Path | None = None) -> Wording:
    """The shipped wording overlaid with the workspace's `texts/LANGUAGE.po`.

    Raises SettingsError naming what is wrong there: a sentence that does not exist, or a field that
    its sentence cannot have, each with the nearest that can.
    """
    ours = shipped(language)
    path = workspace / FOLDER / f"{language}.po"
    if not path.is_file():
        return Wording(language, ours.sentences, templates, ours.symbols)
    from babel.messages.pofile import PoFileError  # noqa: PLC0415

    content = path.read_bytes()
    try:
        for number, line in enumerate(content.decode().splitlines(), 1):
            if not _LINE.fullmatch(line):  # Babel takes an open quote, and loses a letter by it
                raise SettingsError(f"{FOLDER}/{path.name} sai cú pháp ở dòng {number}.")
        own = _sentences(content)
    except (PoFileError, UnicodeDecodeError) as error:
        raise SettingsError(f"{FOLDER}/{path.name} sai cú pháp: {error}.") from error
    for key, forms in own.items():
        _refuse_unknown(f"{FOLDER}/{path.name}", key, forms)
    return Wording(language, {**ours.sentences, **own}, templates, ours.symbols)


def _refuse_unknown(file: str, key: str, forms: Forms) -> None:
    known = shipped(LANGUAGES[0]).sentences
    if key not in known:
        raise SettingsError(f"{file}: không có câu nào tên “{key}”{nearest(key, known)}.")
    may = allowed(key)
    for form in forms:
        try:
            named = fields(form)
        except ValueError as error:
            raise SettingsError(
                f"{file}: câu “{key}” có dấu ngoặc nhọn không khớp; mỗi trường viết dạng {{ten}}."
            ) from error
        for name in sorted(named - may):
            raise SettingsError(
                f"{file}: câu “{key}” không có trường “{{{name}}}”{nearest(name, may)}."
            )


def allowed(key: str) -> set[str]:
    """The fields that a sentence may have: those of the shipped ones, in any language."""
    forms = (form for one in LANGUAGES for form in shipped(one).sentences.get(key, ()))
    return set().union(*map(fields, forms))


def fields(sentence: str) -> set[str]:
    """The names in braces, those within a field's own format too; raises ValueError where a brace
    stands alone."""
    found: set[str] = set()
    for _, name, form, _ in string.Formatter().parse(sentence):
        if name is not None:
            found |= {name} | fields(form or "")
    return found
