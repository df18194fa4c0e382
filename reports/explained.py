"""Says where a figure and a flag come from: the same lines on the terminal, in page and letter."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal

from reports.denominator import named, ratio
from reports.numbers import NOTHING, decimals, money, percent, points, short_date
from schemas.board import rate
from schemas.excuses import Excuse
from schemas.explanation import Explanation, Further, Origin, rests_on_past
from schemas.flags import Flag, Matter
from schemas.forms import DONG, Kind
from schemas.history import ImportedPast
from schemas.period import Period
from schemas.registry import LedgerRow
from schemas.settings import Rules
from schemas.texts import say

EXACT = 6
"""Decimals of a rate that an amount is worked out from, so that who recomputes it finds it."""

_DEFAULTS = Rules()


def explanations(explained: Sequence[Explanation], period: Period) -> Iterator[str]:
    """Each figure with its formula, the origin of each number, and the flags; at the end the
    parameters that the flags were judged by."""
    if reported := next((one.reported_on for one in explained if one.reported_on), None):
        yield say("explain.reported", day=short_date(reported))
    parameters = {p: None for one in explained for flag in one.flags for p in flag.parameters}
    for one in explained:
        yield ""
        if one.activity is None:
            yield say("explain.unit", code=one.unit, name=one.name, period=period.label)
            if not _sums_only(one):
                yield say("explain.registry", version=one.registry)
        else:
            source = f" ({one.source})" if one.source else ""
            yield say("explain.activity", code=one.activity, name=one.name, source=source)
            if not _sums_only(one):
                yield from _budget(one)
                yield "  " + _disbursed(one)
        if one.imported:
            yield from (f"  {line}" for line in _imported(one))
        if one.rate is not None or not one.imported:
            yield from (f"  {line}" for line in _rates(one))
        for flag in one.flags:
            yield from (f"  {line}" for line in _flag(flag, one, period))
            if rests_on_past(flag):
                yield from (f"    {_past(past)}" for past in one.past)
            yield from (f"    {_further(cell)}" for cell in one.further if cell.rule == flag.rule)
    if parameters:
        yield ""
        yield say("explain.parameters")
    yield from (f"  {parameter(name, value)}" for name, value in parameters)


def _budget(one: Explanation) -> Iterator[str]:
    if one.decisions:
        amounts = " + ".join(money(row.amount) for row in one.decisions).replace("+ -", "- ")
        formula = f"{amounts} = " if len(one.decisions) > 1 else ""
        yield "  " + say("explain.budget", formula=formula, total=money(one.budget_current))
    else:
        yield "  " + say("explain.no-budget")
    kinds = {
        "decision": one.decisions,
        "left-out": one.left_out,
        "superseded": one.superseded,
    }
    for key, rows in kinds.items():
        yield from (f"    {_decision(key, row, one.closes)}" for row in rows)


def _decision(key: str, row: LedgerRow, closes: date | None) -> str:
    return say(
        f"explain.{key}",
        closes=short_date(closes) if closes else say("explain.of-period"),
        entry=row.entry,
        amount=money(row.amount),
        decision=row.decision or say("explain.no-decision"),
        day=short_date(row.day) if row.day else say("explain.no-day"),
        origin=_origin(row),
    )


def _origin(row: LedgerRow) -> str:
    """Where a decision was recorded: a row of registry.xlsx, or by whom in the program."""
    if row.recorded is None:
        return say("explain.from-registry", row=row.row)
    on = short_date(row.recorded.on)
    return say("explain.from-program", by=row.recorded.by, login=row.recorded.login, on=on)


def _disbursed(one: Explanation) -> str:
    origin = one.disbursed_origin
    if origin is None:
        return say("explain.beyond" if one.beyond else "explain.no-report")
    return say("explain.disbursed", amount=money(one.disbursed_to_date), **_place(origin))


def _place(origin: Origin) -> dict[str, object]:
    return {field.name: getattr(origin, field.name) for field in fields(Origin)}


def _sums_only(one: Explanation) -> bool:
    """Whether nothing is known but what was imported."""
    return bool(one.imported) and one.disbursed_to_date is not None


def _imported(one: Explanation) -> Iterator[str]:
    """That no workbook is behind the figures, and each line that they were imported from."""
    budget = sum((line.budget for line in one.imported), Decimal(0))
    disbursed = sum((line.disbursed_to_date for line in one.imported), Decimal(0))
    yield say(
        "explain.imported",
        budget=money(budget),
        disbursed=money(disbursed),
        rate=percent(rate(disbursed, budget)),
    )
    for line in one.imported:
        of = [line.activity if one.activity is None else None, line.source]
        yield "  " + say(
            "explain.imported-line",
            of=", ".join(word for word in of if word) or say("explain.whole-unit").lower(),
            budget=money(line.budget),
            disbursed=money(line.disbursed_to_date),
            file=line.file or say("explain.no-file-name"),
            line=line.line,
            sha256=line.sha256,
        )


def _past(past: ImportedPast) -> str:
    """That a flag was judged by imported years, and by which."""
    first, last = past.first_year, past.last_year
    return say(
        f"explain.past-{'own' if past.own else 'others'}",
        years=f"{first}" if first == last else f"{first}-{last}",
        file=past.file or say("explain.no-file-name"),
        lines=past.lines,
        sha256=past.sha256,
    )


def _rates(one: Explanation) -> Iterator[str]:
    """The rate that judges, and the other one where it differs."""
    if one.disbursed_to_date is None:
        yield say("explain.no-report-rate")
        return
    yield say(
        f"explain.{'no-rate' if one.rate is None else 'rate'}",
        disbursed=money(one.disbursed_to_date),
        budget=money(one.denominator),
        basis=named(one.basis),
        rate=percent(one.rate),
    )
    if one.plan != one.budget_current:
        yield say(
            "explain.two-rates",
            judged=say(f"explain.by-{one.judged_by}")
            if one.judged_by
            else say("explain.by-source"),
            plan=ratio(one.rate_of_plan),
            total=ratio(one.rate_of_total),
        )


def grounds(one: Explanation) -> str:
    """What an activity's figures rest on, in one line for a letter: the decisions that make its
    budget, and the cell of the unit's own report."""
    decisions = [
        say(
            "explain.ground-decision",
            entry=row.entry,
            amount=money(row.amount),
            decision=row.decision or say("explain.no-decision"),
        )
        for row in one.decisions
    ]
    origin = one.disbursed_origin
    cell = [say("explain.ground-cell", **_place(origin))] if origin else []
    return "; ".join([*decisions, *cell])


def _flag(flag: Flag, one: Explanation, period: Period) -> Iterator[str]:
    """Rule, version, severity and figures; the sum worked out; what would have cleared it."""
    yield say(
        "explain.flag",
        title=say(f"flag.{flag.rule}.title"),
        rule=flag.rule,
        version=flag.version,
        severity=severity(flag).lower(),
        sentence=sentence(flag),
    )
    if flag.excused:
        yield "  " + excuse(flag.excused)
    yield from (f"  {line}" for line in formulas(flag, one))
    facts = dict(flag.facts)
    if before := _stood(flag):
        day = short_date(period.last_day)
        yield "  " + say("explain.clears-stalled", day=day, before=money(before))
    elif (amount := clears(flag, one)) is not None:
        yield "  " + say(
            "explain.clears-source" if facts.get("variant") == "source" else "explain.clears",
            day=short_date(period.last_day),
            scope=facts.get("scope", ""),
            amount=money(amount),
            shortfall=money(flag.shortfall),
        )


def formulas(flag: Flag, one: Explanation) -> Iterator[str]:
    """The average, the forecast and the shortfall of a flag, each with its numbers put in."""
    facts = dict(flag.facts)
    budget, disbursed = _of_flag(flag, one)
    whole = {name: Decimal(facts.get(f"all_{name}_amount", 0)) for name in ("budget", "disbursed")}
    told = {
        "expected": _exact(flag.expected),
        "others": _exact(float(facts.get("others_rate", 0))),
        "budget": money(budget),
        "disbursed": money(disbursed),
        "shortfall": money(flag.shortfall),
        "all_budget": money(whole["budget"]),
        "all_disbursed": money(whole["disbursed"]),
    }
    if whole["budget"]:
        yield say("explain.average", **told)
    if whole["budget"] > budget:
        rest = whole["budget"] - budget, whole["disbursed"] - (disbursed or Decimal(0))
        yield say(
            "explain.average-others",
            **told,
            rest_budget=money(rest[0]),
            rest_disbursed=money(rest[1]),
        )
    if "method" in facts:
        yield say(
            f"explain.foretold{'' if 'high_rate' in facts else '-without-interval'}",
            rate=percent(float(facts["foretold_rate"])),
            low=percent(float(facts.get("low_rate", 0))),
            high=percent(float(facts.get("high_rate", 0))),
            method=say(f"method.{facts['method']}"),
            years=facts["years"],
        )
    if flag.shortfall is not None and disbursed is not None:
        how = "average" if "others_rate" in facts else flag.rule
        key = f"explain.shortfall-{how}"
        yield say(key if how in {"average", "repeat"} else "explain.shortfall", **told)


def clears(flag: Flag, one: Explanation) -> Decimal | None:
    """What, disbursed to date by the period's last day, would have cleared the flag, in triệu
    đồng; None where no amount would."""
    if before := _stood(flag):
        return before + DONG
    _, disbursed = _of_flag(flag, one)
    return None if flag.shortfall is None or disbursed is None else disbursed + flag.shortfall


def _stood(flag: Flag) -> Decimal | None:
    """Where a figure stood that any rise clears; None of other flags."""
    before = dict(flag.facts).get("before_amount") if flag.rule == "stalled" else None
    return None if before is None else Decimal(before)


def _of_flag(flag: Flag, one: Explanation) -> tuple[Decimal, Decimal | None]:
    """Budget and disbursed to date that the flag speaks of: of a funding source its own."""
    facts = dict(flag.facts)
    disbursed = facts.get("disbursed_amount")
    return (
        Decimal(facts.get("budget_amount", one.denominator)),
        one.disbursed_to_date if disbursed is None else Decimal(disbursed),
    )


def _further(one: Further) -> str:
    """A cell that the flag rests on: what stands in it, and where it stands."""
    return say(
        f"explain.further{'' if one.origin.version else '-registry'}",
        what=one.what,
        code=one.code,
        period=one.period.label,
        value=_written(one),
        **_place(one.origin),
    )


def _written(one: Further) -> str:
    match one.kind:
        case Kind.MONEY:
            return say("explain.million", amount=money(Decimal(one.value)))
        case Kind.DATE:
            return short_date(date.fromisoformat(one.value))
        case Kind.PERCENT:
            return f"{money(Decimal(one.value))}%"
        case Kind.TEXT:
            return f"“{' '.join(one.value.split())}”"
        case _:
            return one.value


def excuse(one: Excuse) -> str:
    """Why no letter is written on a flag, until when, and who says so."""
    return say(
        "excuse.beside",
        until=short_date(one.until),
        because=one.because,
        by=one.recorded.by,
        on=short_date(one.recorded.on),
    )


def _exact(share: float | None) -> str:
    return NOTHING if share is None else f"{money(points(share, EXACT))}%"


def severity(flag: Flag) -> str:
    """How grave it is, in a word; good news is noted."""
    return say("matter.praise" if flag.matter is Matter.PRAISE else f"severity.{flag.severity}")


def sentence(flag: Flag, places: int = 6) -> str:
    """The flag as one sentence with its figures, amounts of so many decimals."""
    facts = dict(flag.facts)
    variant, more = facts.get("variant"), int(facts.get("more", 0))
    said = say(
        f"flag.{flag.rule}.sentence{f'-{variant}' if variant else ''}",
        actual=percent(flag.actual),
        expected=percent(flag.expected),
        shortfall=money(flag.shortfall, places),
        **{name: _fact(name, text, places) for name, text in flag.facts},
    )
    return f"{said} {say(f'flag.{flag.rule}.more', more=more)}" if more else said


def _fact(name: str, text: str, places: int) -> str:
    """By the ending of its name, see schemas/flags.py."""
    match name.rpartition("_")[2]:
        case "day":
            return short_date(date.fromisoformat(text))
        case "amount":
            return money(Decimal(text), places)
        case "rate":
            return percent(float(text))
        case _:
            return text


def parameter(name: str, value: str) -> str:
    """One parameter as it stood, and where its value comes from: the origin that the programme
    declares for its own default, else the settings of the workspace."""
    return say(
        "explain.parameter",
        sentence=say(f"parameter.{name}.sentence", value=decimals(value)),
        name=f"rules.{name}",
        origin=parameter_origin(name, value),
    )


def parameter_origin(name: str, value: str) -> str:
    """Where a parameter's value comes from, see `parameter`."""
    default = value == _DEFAULTS.value(name)
    return say(f"parameter.{name}.origin") if default else say("explain.set")
