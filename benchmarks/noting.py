"""Plays the month of a small ministry and notes what it calls XlsxWriter and the templates with."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from country import Country, build
from jinja2 import Template
from recipes import FIRST, SHAPES, Form, Recipes, Said, Style, keep
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from flows.collect import collect
from flows.monthly_report import monthly_report
from flows.open_period import open_period
from ministry import CLOSING, OPENING, PERIOD
from reports import blank
from reports.letters import urging as urging_letters
from reports.letters.template import WordTemplate
from reports.sheets import Book
from schemas.notices import NoticeKind

# reports.mails gives functions of these modules' names.
digest, rendering, routine, urging = (
    import_module(f"reports.mails.{name}") for name in ("digest", "rendering", "routine", "urging")
)

_SHEET = (
    "write_string", "write_number", "write_blank", "write_formula", "write_datetime",
    "merge_range", "set_column", "set_row", "data_validation", "conditional_format",
    "freeze_panes", "repeat_rows", "print_area", "protect", "hide", "set_landscape", "set_paper",
    "fit_to_pages", "set_margins", "set_footer",
)  # fmt: skip


def note(folder: Path, seed: int) -> None:
    """Keep in `folder` how a month of that seed's units is made."""
    country, small = Country(FIRST - 1 + SHAPES, seed=seed), folder / f"small-{seed}"
    shutil.rmtree(small, ignore_errors=True)  # what was answered before is not answered again
    build(small, country)
    keep(folder, seed, _noted(small, country))


def _noted(small: Path, country: Country) -> Recipes:
    """What a month of the small country calls."""
    workspace = small / "new"
    forms: dict[str, Form] = {}
    mails: dict[str, Said] = {}
    letters: list[tuple[Said, int]] = []
    pictures: list[bytes] = []
    names = {country.name(unit): unit for unit in reversed(country.units)}
    make_form, make_mail, make_letter = (
        blank.blank_workbook, rendering.render, urging_letters.urging_letter,
    )  # fmt: skip
    fill_mail, fill_letter = Template.render, WordTemplate.render

    def said(subject: str, facts: Mapping[str, Any]) -> Said:
        name = next((name for name in names if name in repr(facts)), "")
        return Said(names.get(name, ""), name, subject, dict(facts))

    def form(body: Any, unit: Any, period: Any, due: Any, lines: Any, signature: str) -> bytes:
        with _listening() as heard:
            content = make_form(body, unit, period, due, lines, signature)
        budgets = tuple(one.budget for one in country.of(unit.code))
        forms[unit.code] = Form(unit.code, unit.name, signature, budgets, *map(tuple, heard))
        return content

    def mail(kind: NoticeKind, *arguments: Any, **facts: Any) -> Any:
        def render(of: Template, its: Mapping[str, Any]) -> str:
            mails[kind] = said(its["subject"], its)
            return fill_mail(of, its)

        pictures.extend(one.content for one in facts.get("images", ()))
        with patch.object(Template, "render", render):
            return make_mail(kind, *arguments, **facts)

    def letter(*arguments: Any, **options: Any) -> bytes:
        def render(of: WordTemplate, facts: Mapping[str, Any], indent: int) -> bytes:
            letters.append((said("", facts), indent))
            return fill_letter(of, facts, indent)

        with patch.object(WordTemplate, "render", render):
            return make_letter(*arguments, **options)

    with ExitStack() as patches:
        patches.enter_context(patch("tasks.forms.blank_workbook", form))
        patches.enter_context(patch("tasks.letters.urging_letter", letter))
        for module in (routine, digest, urging):
            patches.enter_context(patch.object(module, "render", mail))
        open_period.fn(workspace, PERIOD, OPENING)
        for file in (small / "filled").iterdir():
            shutil.copy(file, workspace / "inbox")
        collect.fn(workspace, PERIOD, CLOSING)
        monthly_report.fn(workspace, PERIOD, CLOSING)
    noted = tuple(forms[unit] for unit in country.units[FIRST - 1 :])
    return Recipes(noted, mails, *letters[0], pictures[0])


@contextmanager
def _listening() -> Iterator[tuple[list[Any], list[Any], list[Any]]]:
    """Styles, sheets and calls of a workbook that is made meanwhile; calls that XlsxWriter makes
    of its own methods are its own matter."""
    styles: list[Any] = []
    sheets: list[str] = []
    calls: list[Any] = []
    number: dict[int, int] = {}
    within = False
    add_format, add_sheet = Book.add_format, Book.add_worksheet

    def style(book: Book, properties: dict[str, Any]) -> Format:
        made: Format = add_format(book, properties)
        if not properties.keys() & {"xf_index", "hyperlink"}:  # its own two
            number[id(made)] = len(styles)
            styles.append(dict(properties))
        return made

    def sheet(book: Book, name: str, kind: Any) -> Worksheet:
        sheets.append(name)
        return add_sheet(book, name, kind)

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(one) for key, one in value.items()}
        return Style(number[id(value)]) if isinstance(value, Format) else value

    def noting(method: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def noted(sheet: Worksheet, *arguments: Any, **options: Any) -> Any:
            nonlocal within
            outermost, within = not within, True
            if outermost:
                calls.append((sheet.index, method, tuple(map(plain, arguments)), plain(options)))
            try:
                return call(sheet, *arguments, **options)
            finally:
                within = not outermost

        return noted

    with ExitStack() as patches:
        patches.enter_context(patch.object(Book, "add_format", style))
        patches.enter_context(patch.object(Book, "add_worksheet", sheet))
        for method in _SHEET:
            noted = noting(method, getattr(Worksheet, method))
            patches.enter_context(patch.object(Worksheet, method, noted))
        yield styles, sheets, calls
