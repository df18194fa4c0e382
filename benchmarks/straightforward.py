"""The straightforward build: the month as the libraries' tutorials show it, in one process.

A mapped Prefect task per unit, `pandas.read_excel`, one Great Expectations run per unit, docxtpl
per letter, `DataFrame.to_excel`, and `yagmail.send` per message. It needs a Prefect server.

    PREFECT_API_URL=... python benchmarks/straightforward.py JOB
"""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import css_inline
import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
import yagmail
from docxtpl import DocxTemplate
from job import DONG, SENDER, Answer, Job
from judging import Judged, judged
from matplotlib.figure import Figure
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from prefect import flow, task, unmapped
from prefect.cache_policies import NO_CACHE
from recipes import PERIOD, Recipes, noted, templates
from registry import Known, registry

from reports.letters.fields import URGING
from reports.numbers import money, percent

HEADER = 5
"""Rows above the header, from 0."""
MONEY, IT, STRATEGY = "Giải ngân", "Nhiệm vụ CNTT", "Chiến lược"
FORMS = (MONEY, IT, STRATEGY)
CODE = {MONEY: "Mã nhiệm vụ", IT: "Mã nhiệm vụ", STRATEGY: "Mã công việc"}
DISBURSED, ESTIMATE, CURRENT = (
    "Giải ngân lũy kế", "Ước thực hiện cả năm", "Dự toán sau điều chỉnh",
)  # fmt: skip
CHOICES = ["Chưa", "Đang thực hiện", "Đã hoàn thành"]
ONE_AT_A_TIME = threading.Lock()
"""Great Expectations keeps its context in a global of the process (their issue 12209), and tasks
run in threads."""


@dataclass(frozen=True)
class Letter:
    """One mail to be sent."""

    to: Sequence[str]
    cc: Sequence[str]
    subject: str
    html: str
    attachments: Sequence[str] = ()


@dataclass(frozen=True)
class Taken:
    """A unit's workbook as it was read; without rows it goes back."""

    unit: str
    path: Path
    rows: pd.DataFrame | None


class Office:
    """What every task is given. Not a dataclass, so that Prefect takes it as one opaque value."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.units, self.readers = registry(job.new / "registry.xlsx")
        self.recipes: Recipes = noted(Path(job.recipes), job.seed)
        self.mails = Path(job.folder) / "mails"
        self.letters = Path(job.folder) / "letters"

    def mail(self, kind: str, unit: Known, figures: Sequence[str] = ()) -> tuple[str, str]:
        """Subject and HTML of a mail."""
        subject, facts = self.recipes.mails[kind].to(unit.code, unit.name)
        if figures:
            facts["facts"] = [*zip((f[0] for f in facts["facts"]), figures, strict=True)]
        html = templates().get_template(f"{kind}.html").render(facts)
        return subject, css_inline.inline(html)


@task(cache_policy=NO_CACHE)
def make_form(office: Office, code: str) -> Letter:
    """One unit's workbook and the mail that brings it."""
    unit = office.units[code]
    key = random.Random(office.job.seed).randbytes(32)  # noqa: S311 - as in country.py
    budgets = [*unit.budgets.values()]
    content = office.recipes.form(unit.number).make(code, unit.name, budgets, key)
    (office.job.forms / f"{code}.xlsx").write_bytes(content)
    attached = office.mails / f"{code}-{PERIOD}.xlsx"
    attached.write_bytes(content)
    return Letter(unit.submitters, (), *office.mail("blank-form", unit), [str(attached)])


@task(cache_policy=NO_CACHE)
def read_and_check(path: Path) -> Taken:
    """One workbook, by pandas and Great Expectations."""
    with pd.ExcelFile(path) as book:
        its = [title for title in FORMS if title in book.sheet_names]
        sheets = pd.read_excel(book, its, header=HEADER)
    frame = sheets[MONEY]
    frame = frame[frame[CODE[MONEY]].astype(str).str.startswith(path.stem)].copy()
    for label in (CURRENT, DISBURSED, ESTIMATE):
        frame[label] = (pd.to_numeric(frame[label], errors="coerce") * DONG).round()
    with ONE_AT_A_TIME:
        good = checked(frame)
    for label in (IT, STRATEGY):
        if label in sheets:
            good = good and progress(sheets[label], path.stem, CODE[label])
    if not good:
        return Taken(path.stem, path, None)
    rows = pd.DataFrame({
        "unit": path.stem,
        "activity": frame[CODE[MONEY]],
        "budget": frame[CURRENT].astype("int64"),
        "disbursed": frame[DISBURSED].astype("int64"),
    })  # fmt: skip
    return Taken(path.stem, path, rows)


def checked(frame: pd.DataFrame) -> bool:
    """Whether Great Expectations finds nothing: as its "Try GX" page has it."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    suite = context.suites.add(gx.ExpectationSuite(name="giai-ngan"))
    for expectation in (
        gxe.ExpectColumnValuesToNotBeNull(column=CODE[MONEY]),
        gxe.ExpectColumnValuesToNotBeNull(column=DISBURSED),
        gxe.ExpectColumnValuesToNotBeNull(column=ESTIMATE),
        gxe.ExpectColumnValuesToBeBetween(column=DISBURSED, min_value=0),
        gxe.ExpectColumnValuesToBeBetween(column=ESTIMATE, min_value=0),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=CURRENT, column_B=DISBURSED, or_equal=True
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=ESTIMATE, column_B=DISBURSED, or_equal=True
        ),
    ):
        suite.add_expectation(expectation)
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("giai-ngan")
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(
            name="giai-ngan", data=asset.add_batch_definition_whole_dataframe("all"), suite=suite
        )
    )
    return bool(definition.run(batch_parameters={"dataframe": frame}).success)


def progress(sheet: pd.DataFrame, unit: str, code: str) -> bool:
    """Whether milestones are told by the words of the form, and shares between 0 and 100."""
    sheet = sheet[sheet[code].astype(str).str.startswith(unit)]
    if code == CODE[STRATEGY]:
        return bool(sheet["Tỷ lệ hoàn thành (%)"].between(0, 100).all())
    steps = sheet[["Nghiệm thu", "Bàn giao", "Thanh quyết toán"]]
    return bool(steps.isin(CHOICES).all(axis=None))


@task(cache_policy=NO_CACHE)
def answer(office: Office, taken: Taken) -> Letter:
    """A receipt, or the workbook with what is wrong marked."""
    unit = office.units[taken.unit]
    if taken.rows is None:
        return Letter(unit.submitters, (), *office.mail("return", unit), [marked(office, taken)])
    budget, disbursed = (int(taken.rows[label].sum()) for label in ("budget", "disbursed"))
    shown = (money(Decimal(one) / DONG) for one in (budget, disbursed))
    return Letter(
        unit.submitters, (), *office.mail("receipt", unit, (*shown, percent(disbursed / budget)))
    )


def marked(office: Office, taken: Taken) -> str:
    """The clerk's workbook, its first amount marked, by openpyxl."""
    book = load_workbook(taken.path)
    cell = book[MONEY].cell(HEADER + 2, 7)
    cell.fill = PatternFill("solid", fgColor="FFC7CE")
    cell.comment = Comment("Đề nghị kiểm tra", "dondoc")
    path = office.mails / taken.path.name
    book.save(path)
    return str(path)


@task(cache_policy=NO_CACHE)
def judge(taken: Sequence[Taken]) -> Judged:
    """The month's flags."""
    return judged(pd.concat([one.rows for one in taken if one.rows is not None], ignore_index=True))


@task(cache_policy=NO_CACHE)
def urge(office: Office, code: str) -> Letter:
    """A low unit's Word letter and mail."""
    unit = office.units[code]
    _, facts = office.recipes.letter.to(code, unit.name)
    document = DocxTemplate(Path(__file__).parents[1] / "reports" / "templates" / URGING.file)
    document.render({**facts, "issuers_rule_indent": office.recipes.indent}, autoescape=True)
    document.save(office.letters / f"{code}.docx")
    to, cc = (unit.heads, unit.submitters) if unit.heads else (unit.submitters, ())
    return Letter(to, cc, *office.mail("urging", unit))


@task(cache_policy=NO_CACHE)
def summarise(office: Office, taken: Sequence[Taken], found: Judged) -> Letter:
    """The workbook of all lines, the chart, and the digest that brings them."""
    summary, chart = office.mails / f"tong-hop-{PERIOD}.xlsx", office.mails / "chart.png"
    pd.concat([one.rows for one in taken if one.rows is not None]).to_excel(summary, index=False)
    rates = pd.Series({u: d / b for u, (b, d) in found.sums.items()}).nsmallest(12)
    figure = Figure(figsize=(4, 5), dpi=200)
    rates.plot.barh(ax=figure.subplots())
    figure.savefig(chart)
    budget, disbursed = (sum(one[at] for one in found.sums.values()) for at in (0, 1))
    subject, facts = office.recipes.digest(percent(disbursed / budget))
    html = css_inline.inline(templates().get_template("digest.html").render(facts))
    return Letter(office.readers, (), subject, html, [str(summary), str(chart)])


@task(cache_policy=NO_CACHE)
def send(job: Job, letter: Letter) -> int:
    """One message, as yagmail's README has it; to how many."""
    with yagmail.SMTP(
        SENDER, host="127.0.0.1", port=job.port, smtp_starttls=False, smtp_ssl=False,
        smtp_skip_login=True, soft_email_validation=False,
    ) as yag:  # fmt: skip
        yag.send(
            to=[*letter.to], cc=[*letter.cc] or None, subject=letter.subject,
            contents=[letter.html], attachments=[*letter.attachments],
        )  # fmt: skip
    return len(letter.to) + len(letter.cc)


@flow(name="straightforward")
def month(job: Job) -> Answer:
    """The month, stage by stage."""
    answered = Answer()
    with answered.stage("open"):
        office = Office(job)
        for folder in (office.job.forms, office.mails, office.letters):
            folder.mkdir(parents=True)
        letters = make_form.map(unmapped(office), [*office.units]).result()
    with answered.stage("collect"):
        taken = read_and_check.map(job.filled).result()
        letters += answer.map(unmapped(office), taken).result()
    with answered.stage("report"):
        found = judge(taken)
        letters += urge.map(unmapped(office), found.urged).result()
        letters.append(summarise(office, taken, found))
    with answered.stage("deliver"):
        answered.messages = sum(send.map(unmapped(job), letters).result())
    answered.sums, answered.flags = found.sums, found.flags
    answered.returned = sorted(one.unit for one in taken if one.rows is None)
    return answered


if __name__ == "__main__":
    month(Job.told()).give()
