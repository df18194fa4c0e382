"""Files of the corpus, damaged at random from a seed, and what reading thousands comes to."""

import io
import re
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from schemas.forms import FORMS
from tasks.apart import Reader
from tasks.workbooks import read

CORPUS = Path(__file__).parent / "data" / "workbooks"

ODD = (
    "", "-1", "0", "1048577", "99999999999999999999", "NaN", "1e400", "A1", "ZZZZ999999999",
    "A1:XFD1048576", "rId999", "../../../etc/passwd", "s", "e", "b", "d", "inlineStr", "shared",
    "%s%n", "true", "&#0;", "\u202e", "x" * 5000,
)  # fmt: skip
_ATTRIBUTE = re.compile(rb'(\s[\w:]+=)("[^"]*"|\'[^\']*\')')
_TAG = re.compile(rb"<[^<>]+>")


@dataclass(frozen=True)
class Mutant:
    """A damaged file; `how` says what was done to which file."""

    name: str
    how: str
    content: bytes


def mutants(seed: int, count: int) -> Iterator[Mutant]:
    """So many damaged files; the same ones for the same seed."""
    random = Random(seed)  # noqa: S311 - repeatable
    files = sorted(p for p in CORPUS.iterdir() if p.with_name(f"{p.name}.json").exists())
    for i in range(count):
        path = random.choice(files)
        content, done = path.read_bytes(), []
        # most damage to a package's own bytes ends at its checksums; inside it goes deeper
        packed = zipfile.is_zipfile(io.BytesIO(content))
        ways = _OF_PACKAGES * 3 + _OF_BYTES if packed else _OF_BYTES
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            way = random.choice(ways)
            try:
                content = way(random, content)
            except Exception:  # zipfile has a dozen for what is no package any more
                way = _flip
                content = way(random, content)
            done.append(way.__name__.strip("_"))
        yield Mutant(f"{i:05d}-{path.name}", f"{path.name}: {', '.join(done)}", content)


def _flip(random: Random, content: bytes) -> bytes:
    damaged = bytearray(content or b"\0")
    for _ in range(random.choice((1, 3, 10, 100))):
        damaged[random.randrange(len(damaged))] = random.randrange(256)
    return bytes(damaged)


def _truncate(random: Random, content: bytes) -> bytes:
    return content[: random.randrange(len(content) + 1)]


def _cut_out(random: Random, content: bytes) -> bytes:
    start = random.randrange(len(content) + 1)
    return content[:start] + content[start + random.choice((1, 16, 500)) :]


def _repeat(random: Random, content: bytes) -> bytes:
    start = random.randrange(len(content) + 1)
    return content[:start] + content[start : start + 300] * random.choice((2, 50)) + content[start:]


def _members(content: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        # the bombs of the corpus stay packed
        return [(m.filename, package.read(m)) for m in package.infolist() if m.file_size < 2**20]


def _packed(members: list[tuple[str, bytes]]) -> bytes:
    content = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        warnings.simplefilter("ignore")  # two members of one name are meant
        for name, data in members:
            package.writestr(name, data)
    return content.getvalue()


def _drop_member(random: Random, content: bytes) -> bytes:
    members = _members(content)
    del members[random.randrange(len(members))]
    return _packed(members)


def _swap_members(random: Random, content: bytes) -> bytes:
    members = _members(content)
    one, other = random.randrange(len(members)), random.randrange(len(members))
    names = members[one][0], members[other][0]
    members[one], members[other] = (names[0], members[other][1]), (names[1], members[one][1])
    return _packed(members)


def _repeat_member(random: Random, content: bytes) -> bytes:
    members = _members(content)
    name, data = random.choice(members)
    return _packed([*members, (name, _flip(random, data))])


def _rename_member(random: Random, content: bytes) -> bytes:
    members = _members(content)
    i = random.randrange(len(members))
    name = random.choice((members[i][0].upper(), f"../{members[i][0]}", "/etc/x", "x.xml"))
    members[i] = (name, members[i][1])
    return _packed(members)


def _damage_member(random: Random, content: bytes) -> bytes:
    members = _members(content)
    i = random.randrange(len(members))
    how = random.choice((_flip, _truncate, _cut_out, _repeat))
    members[i] = (members[i][0], how(random, members[i][1]))
    return _packed(members)


def _change_attributes(random: Random, content: bytes) -> bytes:
    return _in_xml(random, content, _ATTRIBUTE, lambda m: m[1] + b'"' + _odd(random) + b'"')


def _drop_tags(random: Random, content: bytes) -> bytes:
    return _in_xml(random, content, _TAG, lambda _: b"")


def _repeat_tags(random: Random, content: bytes) -> bytes:
    return _in_xml(random, content, _TAG, lambda m: m[0] * random.choice((2, 1000)))


def _odd(random: Random) -> bytes:
    return random.choice(ODD).encode()


def _in_xml(
    random: Random,
    content: bytes,
    pattern: re.Pattern[bytes],
    change: Callable[[re.Match[bytes]], bytes],
) -> bytes:
    """Some matches in one member changed; a format's main members are hit more often."""
    members = _members(content)
    likely = [i for i, (name, _) in enumerate(members) if re.search("sheet|content|workbook", name)]
    i = random.choice([*likely, *likely, *range(len(members))])
    name, data = members[i]
    if not (places := list(pattern.finditer(data))):
        return _damage_member(random, content)
    for match in sorted(random.sample(places, min(len(places), random.choice((1, 2, 20)))),
                        key=lambda m: -m.start()):  # fmt: skip
        data = data[: match.start()] + change(match) + data[match.end() :]
    members[i] = (name, data)
    return _packed(members)


_OF_BYTES: tuple[Callable[[Random, bytes], bytes], ...] = (_flip, _truncate, _cut_out, _repeat)
_OF_PACKAGES: tuple[Callable[[Random, bytes], bytes], ...] = (
    _drop_member, _swap_members, _repeat_member, _rename_member, _damage_member, _damage_member,
    _change_attributes, _change_attributes, _change_attributes, _drop_tags, _repeat_tags,
)  # fmt: skip


def _held(reader: Reader) -> float:
    """MB of memory that the process which reads has held at most; 0 where it has just ended."""
    process = reader._process
    try:
        status = Path(f"/proc/{process.pid}/status").read_text("ascii") if process else ""
    except OSError:
        status = ""
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


@dataclass
class Campaign:
    """What came of it."""

    seed: int
    files: int = 0
    understood: int = 0
    """Files of which at least one form was read."""
    raised: list[str] = field(default_factory=list)
    too_slow: list[str] = field(default_factory=list)
    """Files that took longer than the limit and a second."""
    slowest: float = 0.0
    largest: float = 0.0
    """MB that a reading process has held."""
    rules: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        refused = ", ".join(f"{rule} {n}" for rule, n in self.rules.most_common())
        return (
            f"mutations: seed {self.seed}, {self.files} files: {len(self.raised)} unhandled "
            f"exceptions, {len(self.too_slow)} over time, {self.understood} with a form read, "
            f"slowest {self.slowest:.2f} s, largest process {self.largest:.0f} MB; "
            f"findings of whole files: {refused}"
        )


def campaign(seed: int, count: int, reader: Reader, seconds: int) -> Campaign:
    """Reads so many damaged files through the process that reads."""
    result = Campaign(seed)
    for mutant in mutants(seed, count):
        start = time.perf_counter()
        try:
            found = read(mutant.content, mutant.name, FORMS, reader=reader)
        except Exception as error:  # that is what is counted
            result.raised.append(f"{mutant.how}: {type(error).__name__}: {error}")
            continue
        took = time.perf_counter() - start
        result.files += 1
        result.largest = max(result.largest, _held(reader))
        result.understood += any(sheet.columns for sheet in found.sheets)
        result.rules.update(f.rule for f in found.findings)
        result.slowest = max(result.slowest, took)
        if took > seconds + 1:
            result.too_slow.append(mutant.how)
    return result
