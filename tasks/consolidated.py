"""Makes the consolidated report of a month from its dossier."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from reports.chart import alternative_text, progress_chart
from reports.consolidated.fields import CONSOLIDATED
from reports.consolidated.finish import finished
from reports.consolidated.material import Material
from reports.consolidated.report import composed
from reports.letters.template import WordTemplate
from rules.course import course
from rules.rollup import calls_for_letter
from schemas.dossier import Dossier
from schemas.forms import IT, STRATEGY
from schemas.period import Period
from schemas.texts import spoken

Make = Callable[[tuple[int, ...] | None], bytes]
"""What makes the report of the pages of its printed headings (none: its contents show no pages;
None: it is printed to learn them), each of them once."""


def consolidated(dossier: Dossier, chart: bytes, template: WordTemplate) -> Make:
    """The report of the month, in the language spoken; `chart` is the month's PNG, drawn anew
    where its other documents speak another."""
    if dossier.language != spoken().language:
        chart = progress_chart(dossier.board, dossier.expected)
    words = alternative_text(dossier.board, dossier.expected)
    return cache(partial(finished, composed(template, _material(dossier, chart, words)), chart))


def report_name(period: Period) -> str:
    """The report's file."""
    return f"{Path(CONSOLIDATED.file).stem}-{period}.docx"


def _material(dossier: Dossier, chart: bytes, words: str) -> Material:
    board, period = dossier.board, dossier.period
    sums = {
        (unit, one.year, one.month): (one.budget, one.disbursed)
        for unit, its in dossier.courses.items()
        for one in its
    }
    before = {(unit, source): stand for unit, source, stand in dossier.month_before}
    return Material(
        body=dossier.body,
        paper=dossier.consolidated,
        pace_origin=dossier.pace_source,
        board=board,
        course=course(period, sums, before),
        paces=dict(enumerate(dossier.pace[: period.month], 1)),
        low={
            unit.code: [flag for flag in unit.flags if calls_for_letter([flag])]
            for unit in board.units
            if calls_for_letter(unit.flags)
        },
        proposals=dossier.proposals,
        decided=dossier.decided,
        open_in_january=dossier.open_in_january,
        rows={form.name: dossier.rows[form.name] for form in (IT, STRATEGY)},
        received=dossier.received,
        due=dossier.due,
        answer_by=dossier.answer_by,
        report_by=dossier.report_by,
        it_years=dossier.it_years,
        chart=chart,
        chart_words=words,
    )
