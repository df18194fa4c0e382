"""The floor: what no build of the month can do without, on both cores, and nothing else.

XlsxWriter for the forms, calamine on each file, one vectorised pass, one Great Expectations run per
form, the templates of mails and letters, one transaction, one SMTP connection with two durable
commits a message. No archive, no isolation, no provenance, no pages.

    python benchmarks/floor.py JOB
"""

import hashlib
import io
import multiprocessing
import random
import smtplib
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import xlsxwriter
from css_inline import CSSInliner
from job import DONG, SENDER, Answer, Job
from python_calamine import CalamineWorkbook
from recipes import PERIOD, Recipes, noted, templates
from registry import Known, registry

from reports.letters.fields import URGING
from reports.letters.template import WordTemplate, built_in
from reports.numbers import money, percent
from schemas.findings import Severity
from schemas.forms import FORMS, Kind

XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
BATCH = 25
BOTH = 2
"""Cores."""

Message = tuple[str, bytes]
"""Recipient, and the message's bytes."""


class Worker:
    """What the processes of the pool inherit."""

    job: Job
    units: dict[str, Known]
    recipes: Recipes


# --- what both cores do -------------------------------------------------------------------------


def forms(batch: Sequence[str]) -> list[Message]:
    """Each unit's workbook, laid in its place, and the mail that brings it."""
    key = random.Random(Worker.job.seed).randbytes(32)  # noqa: S311 - as in country.py
    made = []
    for code in batch:
        unit = Worker.units[code]
        budgets = [*unit.budgets.values()]
        content = Worker.recipes.form(unit.number).make(code, unit.name, budgets, key)
        (Worker.job.forms / f"{code}.xlsx").write_bytes(content)
        made += mails("blank-form", unit, file=(f"{code}-{PERIOD}.xlsx", content))
    return made


Line = tuple[str, str, str, list[Any]]
"""Form, unit, hash of the file, cells."""


def read(batch: Sequence[Path]) -> list[Line]:
    """The lines of the files."""
    lines: list[Line] = []
    for path in batch:
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for form in FORMS:
            if form.sheet not in book.sheet_names:
                continue
            labels = [field.label for field in form.fields]
            cells = iter(book.get_sheet_by_name(form.sheet).to_python())
            next(row for row in cells if row[: len(labels)] == labels)
            lines += ((form.name, path.stem, sha256, row[: len(labels)]) for row in cells
                      if str(row[0]).startswith(path.stem))  # fmt: skip
    return lines


def answer(batch: Sequence[tuple[str, tuple[int, int] | None]]) -> list[Message]:
    """A receipt with its figures to each unit, or its workbook returned."""
    made = []
    for code, sums in batch:
        unit = Worker.units[code]
        if sums:
            budget, disbursed = sums
            millions = (money(Decimal(one) / DONG) for one in sums)
            figures = (*millions, percent(disbursed / budget))
            made += mails("receipt", unit, figures=figures)
        else:
            path = Path(Worker.job.country) / "filled" / f"{code}.xlsx"
            made += mails("return", unit, file=(path.name, path.read_bytes()))
    return made


def urge(batch: Sequence[str]) -> list[Message]:
    """A Word letter and a mail to each low unit."""
    made = []
    for code in batch:
        unit = Worker.units[code]
        _, facts = Worker.recipes.letter.to(code, unit.name)
        letter = _letter().render(facts, Worker.recipes.indent)
        (Path(Worker.job.folder) / f"{code}.docx").write_bytes(letter)
        made += mails("urging", unit, (*unit.heads, *unit.submitters))
    return made


def mails(
    kind: str,
    unit: Known,
    recipients: Sequence[str] = (),
    *,
    figures: Sequence[str] = (),
    file: tuple[str, bytes] | None = None,
) -> list[Message]:
    """The mail of a kind to each of its recipients."""
    subject, facts = Worker.recipes.mails[kind].to(unit.code, unit.name)
    if figures:
        labels = (label for label, _ in facts["facts"])
        facts["facts"] = [*zip(labels, figures, strict=True)]
    return composed(kind, subject, facts, recipients or unit.submitters, file)


def composed(
    kind: str,
    subject: str,
    facts: dict[str, Any],
    recipients: Sequence[str],
    file: tuple[str, bytes] | None,
    picture: bytes | None = None,
) -> list[Message]:
    """The message as it goes over the line, once for each envelope recipient."""
    html, text = (
        templates().get_template(f"{kind}.{form}").render(facts) for form in ("html", "txt")
    )
    mail = EmailMessage(SMTP)
    mail["From"], mail["To"], mail["Subject"] = SENDER, ", ".join(recipients), subject
    mail["Message-ID"] = f"<{hashlib.sha256(text.encode()).hexdigest()[:40]}@ubdt.vn>"
    mail.set_content(text)
    mail.add_alternative(_inliner().inline(html), subtype="html")
    if picture:
        mail.get_payload(1).add_related(picture, "image", "png", cid="<chart>")  # type: ignore[union-attr]
    if file:
        mail.add_attachment(file[1], *XLSX, filename=file[0])
    content = mail.as_bytes()
    return [(one, content) for one in recipients]


@cache
def _inliner() -> CSSInliner:
    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@cache
def _letter() -> WordTemplate:
    return WordTemplate(URGING, built_in(URGING), URGING.file)


# --- what one process does ----------------------------------------------------------------------


def main() -> None:
    """The month."""
    Worker.job = job = Job.told()
    answered = Answer()
    job.forms.mkdir(parents=True)
    with answered.stage("open"):
        Worker.units, readers = registry(job.new / "registry.xlsx")
        Worker.recipes = noted(Path(job.recipes), job.seed)
    with multiprocessing.get_context("fork").Pool(BOTH) as pool:
        with answered.stage("open"):
            messages = _each(pool, forms, [*Worker.units])
        with answered.stage("collect"):
            reading = pool.map_async(read, _batches(job.filled))
            import great_expectations  # noqa: F401 - beside the reading
            import pandas as pd

            lines = [line for batch in reading.get() for line in batch]
            bad, rows = _validated(pd, lines)
        with answered.stage("report"):
            from judging import judged

            found = judged(rows[~rows["unit"].isin(bad)].reset_index(drop=True))
        with answered.stage("collect"):
            units = {line[1] for line in lines}
            messages += _each(pool, answer, [(u, found.sums.get(u)) for u in sorted(units)])
        with answered.stage("report"):
            messages += _each(pool, urge, found.urged)
            messages += _digest(found.sums, rows, readers)
        pool.close()
        pool.join()
    engine = sa.create_engine(job.database)
    with answered.stage("collect"):
        numbers = _stored(engine, lines, messages)
    with answered.stage("deliver"):
        _sent(engine, job.port, [*zip(numbers, messages, strict=True)])
    answered.sums, answered.flags, answered.returned = found.sums, found.flags, sorted(bad)
    answered.messages = len(messages)
    answered.give()


def _batches(items: Sequence[Any]) -> list[Sequence[Any]]:
    return [items[at : at + BATCH] for at in range(0, len(items), BATCH)]


def _each(pool: Pool, do: Callable[[Any], list[Message]], items: Sequence[Any]) -> list[Message]:
    return [one for batch in pool.map(do, _batches(items), chunksize=1) for one in batch]


def _validated(pd: Any, lines: Sequence[Line]) -> tuple[set[str], Any]:
    """The units with an error; the lines of money in whole đồng."""
    bad: set[str] = set()
    money_rows = None
    for form in FORMS:
        of_form = [(unit, *row) for name, unit, _, row in lines if name == form.name]
        table = pd.DataFrame(of_form, columns=["unit", *(field.name for field in form.fields)])
        for field in form.fields:
            column = table[field.name].replace("", None)
            if field.kind is Kind.MONEY:
                number = pd.to_numeric(column, errors="coerce")
                bad |= {*table.loc[number.isna() & column.notna(), "unit"]}
                column = (number * DONG).round()
            table[field.name] = column
        bad |= _failing(form, table)
        money_rows = table if money_rows is None else money_rows
    assert money_rows is not None
    rows = pd.DataFrame({
        "unit": money_rows["unit"],
        "activity": money_rows["code"],
        "budget": money_rows["budget_current"].astype("int64"),
        "disbursed": money_rows["disbursed"].fillna(0).astype("int64"),
    })  # fmt: skip
    return bad, rows


def _failing(form: Any, table: Any) -> set[str]:
    """The units of which Great Expectations finds an error: one run."""
    import great_expectations as gx

    from rules.checks import checks

    place = "place"
    table = table.assign(**{place: range(len(table))})
    declared = [
        one for one in checks(form)
        if one.severity is Severity.ERROR
        and {one.arguments.get(a) for a in ("column", "column_A", "column_B")} - {None}
        <= {*table.columns}
    ]  # fmt: skip
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    context.enable_analytics(enable=False)
    suite = context.suites.add(gx.ExpectationSuite(name=form.name))
    suite.expectations = [
        getattr(gx.expectations, one.expectation)(**one.arguments, meta={"check": number})
        for number, one in enumerate(declared)
    ]
    suite.save()
    asset = context.data_sources.add_pandas("floor").add_dataframe_asset(form.name)
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(
            name=form.name, data=asset.add_batch_definition_whole_dataframe("all"), suite=suite
        )
    )
    result = definition.run(
        batch_parameters={"dataframe": table},
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": [place],
            "return_unexpected_index_query": False,
        },
    )
    failing = {
        failure[place]
        for one in result.results
        for failure in one.result.get("unexpected_index_list") or ()
    }
    return {*table.loc[sorted(failing), "unit"]}


def _digest(sums: Any, rows: Any, readers: Sequence[str]) -> list[Message]:
    """One mail with the chart as it was drawn once and a workbook of all lines."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows.itertuples(index=False)):
            sheet.write_row(number, 0, row)
    budget, disbursed = (sum(one[at] for one in sums.values()) for at in (0, 1))
    said = Worker.recipes.digest(percent(disbursed / budget))
    return composed("digest", *said, readers, (f"tong-hop-{PERIOD}.xlsx", file.getvalue()),
                    Worker.recipes.picture)  # fmt: skip


_SCHEMA = sa.MetaData()
_LINES = sa.Table(
    "line", _SCHEMA,
    *(sa.Column(name, sa.String) for name in ("form", "unit", "sha256", "cells")),
)  # fmt: skip
_MESSAGES = sa.Table(
    "message", _SCHEMA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("recipient", sa.String),
    sa.Column("content", sa.LargeBinary),
    sa.Column("state", sa.String),
)  # fmt: skip


def _stored(engine: sa.Engine, lines: Sequence[Line], messages: Sequence[Message]) -> list[int]:
    """Everything in one transaction; the messages' numbers."""
    _durable(engine)
    _SCHEMA.create_all(engine)
    rows = [
        {"form": form, "unit": unit, "sha256": sha256, "cells": repr(cells)}
        for form, unit, sha256, cells in lines
    ]
    numbers = [*range(1, len(messages) + 1)]
    waiting = [
        {"id": number, "recipient": recipient, "content": content, "state": "approved"}
        for number, (recipient, content) in zip(numbers, messages, strict=True)
    ]
    with engine.begin() as connection:
        connection.execute(sa.insert(_LINES), rows)
        connection.execute(sa.insert(_MESSAGES), waiting)
    return numbers


def _durable(engine: sa.Engine) -> None:
    """As ours has it: a commit is on the disk."""
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):
                connection.execute(f"PRAGMA {pragma}")


def _sent(engine: sa.Engine, port: int, messages: Iterable[tuple[int, Message]]) -> None:
    """A bare loop: one connection, and before and after each message a durable commit."""
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    update = f"UPDATE message SET state = {mark} WHERE id = {mark}"  # noqa: S608 - no value
    line = engine.raw_connection()
    cursor = line.cursor()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for number, (recipient, content) in messages:
            cursor.execute(update, ("sending", number))
            line.commit()
            smtp.sendmail(SENDER, [recipient], content)
            cursor.execute(update, ("sent", number))
            line.commit()
    line.close()


if __name__ == "__main__":
    main()
