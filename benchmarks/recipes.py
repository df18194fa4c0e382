"""Makes the bare calls of the libraries that a month of ours makes, noted by `noting.py`.

A form is a list of calls of XlsxWriter, a mail the facts that its template is filled in with. Unit
after unit they differ by names, codes and amounts alone; forms by which sheets they have too.
"""

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from jinja2 import Environment, PackageLoader, select_autoescape

from reports.sheets import OPTIONS
from rules.signature import sign
from schemas.forms import FORM_VERSION
from schemas.period import Period
from schemas.texts import say, spoken

PERIOD = "2021-10"
SHAPES = 12
"""Units this far apart have the same sheets and funding sources."""
FIRST = 13
"""The first unit whose name tells nothing but its number."""


@dataclass(frozen=True)
class Style:
    """Stands for the format with that number."""

    number: int


@dataclass(frozen=True)
class Form:
    """The calls that made one unit's workbook."""

    unit: str
    name: str
    signature: str
    budgets: tuple[Decimal, ...]
    styles: tuple[Mapping[str, Any], ...]
    sheets: tuple[str, ...]
    calls: tuple[tuple[int, str, tuple[Any, ...], Mapping[str, Any]], ...]

    def make(self, unit: str, name: str, budgets: Sequence[Decimal], key: bytes) -> bytes:
        """The workbook of another unit of the same shape, by the same calls."""
        signature = sign(key, FORM_VERSION, unit, Period.parse(PERIOD))
        texts = ((self.signature, signature), (self.name, name), (self.unit, unit))
        amounts = dict(zip(self.budgets, budgets, strict=True)) | {sum(self.budgets): sum(budgets)}
        file = BytesIO()
        with xlsxwriter.Workbook(file, dict(OPTIONS)) as book:
            styles = [book.add_format(dict(one)) for one in self.styles]
            sheets = [book.add_worksheet(title) for title in self.sheets]

            def own(value: Any) -> Any:
                match value:
                    case str():
                        for old, new in texts:
                            value = value.replace(old, new)
                        return value
                    case Decimal():
                        return amounts.get(value, value)
                    case Style():
                        return styles[value.number]
                    case dict():
                        return {key: own(one) for key, one in value.items()}
                return value

            for sheet, method, arguments, options in self.calls:
                getattr(sheets[sheet], method)(
                    *map(own, arguments), **{key: own(one) for key, one in options.items()}
                )
        return file.getvalue()


@dataclass(frozen=True)
class Said:
    """A mail or letter as it was said to one unit: its subject and the facts of its templates."""

    unit: str
    name: str
    subject: str
    facts: Mapping[str, Any]

    def to(self, unit: str, name: str) -> tuple[str, dict[str, Any]]:
        """The same said to another."""

        def own(value: Any) -> Any:
            match value:
                case str():
                    return type(value)(value.replace(self.name, name).replace(self.unit, unit))
                case dict():
                    return {key: own(one) for key, one in value.items()}
                case list() | tuple():
                    return [own(one) for one in value]
            return value

        return own(self.subject), own(dict(self.facts))


@dataclass(frozen=True)
class Recipes:
    """All that was noted: forms by shape, mails by kind, the letter, the digest's picture."""

    forms: tuple[Form, ...]
    mails: Mapping[str, Said]
    letter: Said
    indent: int
    """Of the rule below the name of the letter's issuer."""
    picture: bytes

    def digest(self, rate: str) -> tuple[str, dict[str, Any]]:
        """The digest's subject and facts, with the body's own rate in the subject."""
        said = self.mails["digest"]
        return f"{said.subject.rpartition(' ')[0]} {rate}", dict(said.facts)

    def form(self, number: int) -> Form:
        """Of the unit with that number."""
        return self.forms[(number - FIRST) % SHAPES]


@cache
def templates() -> Environment:
    """The shipped templates of the mails, as they want to be read."""
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=select_autoescape(("html",)),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"say": say, "language": lambda: spoken().language}
    return environment


def noted(folder: Path, seed: int) -> Recipes:
    """What `noting.py` noted there for that seed."""
    found: Recipes = pickle.loads(_kept(folder, seed).read_bytes())  # noqa: S301 - our own file
    return found


def keep(folder: Path, seed: int, made: Recipes) -> None:
    """Keep what was noted."""
    _kept(folder, seed).write_bytes(pickle.dumps(made))


def _kept(folder: Path, seed: int) -> Path:
    return folder / f"recipes-{seed}.pickle"
