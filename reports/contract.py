"""The machine's answers: the shapes of `--json`. Money in triệu đồng, rates fractions."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from schemas.board import Board, Look, UnitStatus
from schemas.explanation import Explanation
from schemas.findings import Finding
from schemas.flags import Flag
from schemas.forecast import Forecast
from schemas.submission import Submission


def board(board: Board) -> dict[str, Any]:
    """`dondoc status PERIOD --json`."""
    totals = board.totals
    return {
        "period": str(board.period),
        "deadline": board.deadline.isoformat(),
        "totals": {
            "budget_current": number(totals.budget_current),
            "disbursed_to_date": number(totals.disbursed_to_date),
            "rate": totals.rate,
            "budget_not_reported": number(totals.budget_not_reported),
        },
        "units": [_unit(unit) for unit in board.units],
    }


def look(one: Look) -> dict[str, Any]:
    """`dondoc status VIEW --json`: the board at the view's end, what was disbursed within the view,
    and which month each unit's line says."""
    shown = board(one.board)
    for unit in shown["units"]:
        unit["disbursed_in_period"] = number(one.within[unit["code"]])
        unit["as_of"] = str(one.as_of[unit["code"]])
    totals = shown["totals"] | {"disbursed_in_period": number(one.disbursed)}
    return shown | {"period": str(one.view), "totals": totals}


def _unit(unit: UnitStatus) -> dict[str, Any]:
    return {
        "code": unit.code,
        "name": unit.name,
        "state": unit.state,
        "late": unit.late,
        "budget_current": number(unit.budget_current),
        "disbursed_to_date": number(unit.disbursed_to_date),
        "rate": unit.rate,
        "findings": [finding(f) for f in unit.findings],
        "flags": [flag(f) for f in unit.flags],
    }


def finding(one: Finding) -> dict[str, Any]:
    """One finding; the cell of one about a whole file is null."""
    return {
        "file": one.file,
        "sheet": one.sheet,
        "cell": one.cell,
        "rule": one.rule,
        "severity": one.severity,
        "message": one.message,
    }


def flag(one: Flag) -> dict[str, Any]:
    """One flag; the activity of one on a whole unit is null."""
    return {
        "activity": one.activity,
        "rule": one.rule,
        "severity": one.severity,
        "actual": one.actual,
        "expected": one.expected,
        "shortfall": number(one.shortfall),
    }


def explanation(one: Explanation) -> dict[str, Any]:
    """One figure of `dondoc explain --json`, with both rates where there are two."""
    rates = {"rate_of_plan": one.rate_of_plan, "rate_of_total": one.rate_of_total}
    return asdict(one) | {"rate": one.rate} | rates


def forecasts(period: str, lines: Sequence[Forecast]) -> dict[str, Any]:
    """`dondoc forecast --json`: rates, and the error in points of them, as fractions."""
    return {
        "period": period,
        "units": [
            {
                "code": one.code,
                "rate": one.outlook and one.outlook.rate,
                "low": one.outlook and one.outlook.low,
                "high": one.outlook and one.outlook.high,
                "method": one.outlook and one.outlook.method,
                "error": one.outlook and one.outlook.error,
            }
            for one in lines
        ],
    }


def submissions(taken: Sequence[Submission]) -> list[dict[str, Any]]:
    """`dondoc collect --json`: one entry per file."""
    return [
        {
            "file": one.file,
            "sha256": one.sha256,
            "unit": one.unit,
            "period": str(one.period) if one.period else None,
            "state": one.state,
            "findings": [finding(f) for f in one.findings],
        }
        for one in taken
    ]


def plain(value: object) -> object:
    """What JSON does not know, in the contract's way: amounts as numbers, the rest as text."""
    return number(value) if isinstance(value, Decimal) else str(value)


def number(amount: Decimal | None) -> int | float | None:
    """Whole amounts as integers, others as the nearest float."""
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)
