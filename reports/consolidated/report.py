"""Composes the consolidated report: every field of its template, from the month's material."""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.consolidated import adjusting, annexes, it, low, results, strategy
from reports.consolidated.fields import TABLES
from reports.consolidated.finish import finished
from reports.consolidated.material import Material
from reports.consolidated.proposals import proposals
from reports.consolidated.reporting import reporting, silent_lines
from reports.letters.office import indent, office
from reports.letters.template import WordTemplate
from schemas.forms import IT, STRATEGY

KEY = "bao-cao"
"""What `consolidated.numbers` knows the report by."""


def consolidated_report(
    template: WordTemplate, month: Material, pages: Sequence[int] = ()
) -> bytes:
    """The .docx; the same facts give the same bytes. `pages` as `finish.finished` takes them."""
    return finished(composed(template, month), month.chart, pages)


def composed(template: WordTemplate, month: Material) -> bytes:
    """The report to be finished: without the lines of its contents, and its chart."""
    unit = month.body.model_copy(update={"name": month.body.finance})
    return template.render(facts(month), indent(unit))


def facts(month: Material) -> dict[str, Any]:
    """Every field of the template."""
    body, paper = month.body, month.paper
    period = month.board.period
    leader = paper.addressee or f"{body.leader} {body.name}"
    unit = body.model_copy(update={"name": body.finance})
    lists: dict[str, Sequence[Any]] = {
        "reporting": reporting(month),
        "silent": silent_lines(month),
        "overall": results.overall(month),
        "by_unit": results.by_unit(month),
        "units": results.unit_lines(month),
        "by_source": results.by_source_said(month),
        "sources": results.source_lines(month),
        "by_month": results.by_month(month),
        "months": results.month_lines(month),
        "low_said": low.low(month),
        "low": low.low_lines(month),
        "it_said": it.it(month),
        "it": it.it_lines(month),
        "it_troubles": it.trouble_lines(month, IT.name),
        "strategy_said": strategy.strategy(month),
        "strategy": strategy.strategy_lines(month),
        "strategy_troubles": it.trouble_lines(month, STRATEGY.name),
        "adjusting_said": adjusting.adjusting(month),
        "adjustments": adjusting.adjusting_lines(month),
        "balances": adjusting.balance_lines(month),
        "proposals": proposals(month, leader),
        "activities": annexes.activity_lines(month),
        "flags": annexes.flag_lines(month),
        "parameters": annexes.parameters(month),
    }
    return {
        **office(unit, paper, period, KEY, [leader], month.due),
        "superior": (paper.superior or body.name).upper(),
        "body": body.name,
        "addressee": leader,
        "addressees": [],
        "leader": leader,
        "span": it.span(month),
        "chart_alt": month.chart_words if month.chart else "",
        "total_estimate": annexes.estimate(month),
        **results.totals(month),
        **lists,
        **_numbers(lists),
    }


def _numbers(lists: Mapping[str, Sequence[Any]]) -> dict[str, int | str]:
    """The numbers of the tables that are there."""
    numbers: dict[str, int | str] = {}
    for name in (table.replace("-", "_") for table in TABLES):
        there = lists["low" if name == "reasons" else name]
        shown = sum(bool(number) for number in numbers.values())
        numbers[f"table_{name}"] = shown + 1 if there else ""
    return numbers
