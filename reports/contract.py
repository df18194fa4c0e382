"""The machine's answers: the shapes of `--json`. Money in triệu đồng, rates fractions."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from json import JSONEncoder
from typing import Any

from reports.denominator import key
from reports.explained import clears, formulas, parameter_origin
from schemas.adjustments import Adjusted, Balance, Proposals
from schemas.backup import Restored
from schemas.board import Board, Look, UnitStatus
from schemas.excuses import Excuse
from schemas.explanation import Explanation
from schemas.findings import Finding
from schemas.flags import Flag
from schemas.forecast import Forecast
from schemas.integrity import Verified
from schemas.period import Period
from schemas.registry import LedgerRow, Recorded
from schemas.submission import Submission
from schemas.texts import say


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
        "basis": _divided(board),
        "units": [_unit(unit, board) for unit in board.units],
        "strangers": list(board.strangers),
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


def _divided(board: Board, unit: str | None = None) -> dict[str, Any]:
    """What the rate divides by, null where nothing was accepted; the rates over plan and whole
    budget, null where they do not differ."""
    rates = board.two_rates(unit) or (None, None)
    return {
        "denominator": key(board.divided_by(unit)) if board.of(unit) else None,
        "rate_of_plan": rates[0],
        "rate_of_total": rates[1],
    }


def _unit(unit: UnitStatus, board: Board) -> dict[str, Any]:
    return {
        "code": unit.code,
        "name": unit.name,
        "state": unit.state,
        "late": unit.late,
        "budget_current": number(unit.budget_current),
        "disbursed_to_date": number(unit.disbursed_to_date),
        "rate": unit.rate,
        **_divided(board, unit.code),
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
        "excused": one.excused and _until(one.excused),
    }


def _until(one: Excuse) -> dict[str, Any]:
    return {"until": one.until.isoformat(), "because": one.because, "by": one.recorded.by}


def excuse(one: Excuse) -> dict[str, Any]:
    """`dondoc excuse --json`, and an entry of `excuse list`."""
    return {
        "unit": one.unit,
        "activity": one.activity,
        "rule": one.rule,
        "since": str(one.since),
        **_until(one),
        "recorded": _recorded(one.recorded),
    }


def _recorded(one: Recorded) -> dict[str, Any]:
    return {"by": one.by, "login": one.login, "on": one.on.isoformat(), "at": one.at.isoformat()}


def adjusted(one: Adjusted) -> dict[str, Any]:
    """`dondoc adjust --json`."""
    return {
        **ledger_row(one.row),
        "new": one.new,
        "budget_before": number(one.before),
        "budget_after": number(one.after),
        "counts_from": str(one.counts_from) if one.counts_from else None,
        "too_late": one.too_late,
    }


def proposals(found: Proposals, rows: Sequence[LedgerRow]) -> dict[str, Any]:
    """`dondoc adjust list PERIOD --json`."""
    return {
        "period": str(found.period),
        "proposals": [
            {
                "unit": one.unit,
                "activity": one.activity,
                "name": one.name,
                "source": one.source,
                "budget_current": number(one.budget),
                "disbursed_to_date": number(one.disbursed),
                "rate": one.rate,
                "proposal": number(one.amount),
                "budget_after": number(one.after),
                "rate_after": one.rate_after,
                "doubts": list(one.doubts),
            }
            for one in found.lines
        ],
        "balances": [_balance(one) for one in found.balances],
        "total": _balance(found.total),
        "too_late": dict(found.too_late),
        "decisions": [ledger_row(row) for row in rows],
    }


def _balance(one: Balance) -> dict[str, Any]:
    return {
        "source": one.source,
        "given_back": number(one.given),
        "asked": number(one.asked),
        "balance": number(one.left),
    }


def ledger_row(row: LedgerRow) -> dict[str, Any]:
    """One decision and its origin: a row of registry.xlsx, or who recorded it in the program."""
    return {
        "year": row.year,
        "activity": row.activity,
        "entry": row.entry,
        "amount": number(row.amount),
        "day": row.day.isoformat() if row.day else None,
        "decision": row.decision,
        "row": row.row,
        "recorded": row.recorded and _recorded(row.recorded),
    }


def explanation(one: Explanation, period: Period) -> dict[str, Any]:
    """One figure of `dondoc explain --json`: `budget_current` is what the rate divides by, as in
    `dondoc status --json`, `plan` and `total` the amounts of the two rates; of each flag what the
    text says: its sums, what would have cleared it, parameters and their origins, the further
    cells that it rests on."""
    rates = {
        "budget_current": one.denominator,
        "total": one.budget_current,
        "denominator": key(one.basis),
        "rate_of_plan": one.rate_of_plan,
        "rate_of_total": one.rate_of_total,
    }
    flags = [_explained(flag, one, period) for flag in one.flags]
    plain = asdict(replace(one, further=()))
    del plain["further"]
    return plain | {"rate": one.rate, "flags": flags} | rates


def _explained(flag: Flag, one: Explanation, period: Period) -> dict[str, Any]:
    amount = clears(flag, one)
    return asdict(flag) | {
        "excused": flag.excused and excuse(flag.excused),
        "formulas": [*formulas(flag, one)],
        "cleared_by": amount
        and {"disbursed_to_date": number(amount), "day": period.last_day.isoformat()},
        "parameters": [
            {"name": f"rules.{name}", "value": value, "origin": parameter_origin(name, value)}
            for name, value in flag.parameters
        ],
        "further": [
            asdict(cell) | {"period": str(cell.period)}
            for cell in one.further
            if cell.rule == flag.rule
        ],
    }


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


def verified(found: Verified) -> dict[str, Any]:
    """`dondoc verify --json`: each damage by kind, with its facts and what to do."""
    return {
        "files": found.files,
        "references": found.references,
        "head": asdict(found.head) if found.head else None,
        "damages": [
            {"kind": one.kind, **one.facts, "message": say(f"verify.{one.kind}", **one.facts)}
            for one in found.damages
        ],
    }


def restored(made: Restored) -> dict[str, Any]:
    """`dondoc restore --json`."""
    return {
        "directory": str(made.directory),
        "files": made.files,
        "made_at": made.made_at,
        "held": made.held,
        "verified": verified(made.verified),
    }


def written(answer: Any) -> str:
    """An answer as it is printed: a line for each unit, message or file. Indented throughout it
    would be written by Python's slower encoder, at ten thousand units for a second."""
    if not isinstance(answer, dict):
        return _listed(answer)
    parts = (f"  {_encoded(str(key))}: {_listed(value)}" for key, value in answer.items())
    return "\n".join(("{", ",\n".join(parts), "}")) if answer else "{}"


def _listed(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _encoded(value)
    return "\n".join(("[", ",\n".join(f"    {_encoded(one)}" for one in value), "  ]"))


def plain(value: object) -> object:
    """What JSON does not know, in the contract's way: amounts as numbers, the rest as text."""
    return number(value) if isinstance(value, Decimal) else str(value)


def number(amount: Decimal | None) -> int | float | None:
    """Whole amounts as integers, others as the nearest float."""
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)


_encoded = JSONEncoder(ensure_ascii=False, default=plain).encode
