"""Composes the letter to all units that have no report accepted (công văn nhắc nộp báo cáo)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from reports.letters.office import counted, indent, office
from reports.letters.template import WordTemplate
from reports.mails.amounts import rounded
from reports.numbers import long_date
from schemas.board import Board, State, UnitStatus
from schemas.settings import Body, Letter
from schemas.texts import say

KEY = "nhac-nop"
"""What `letter.numbers` knows this letter by."""


def reminder_letter(
    template: WordTemplate,
    body: Body,
    letter: Letter,
    board: Board,
    units: Sequence[UnitStatus],
    due: date,
    answer_by: date,
) -> bytes:
    """The .docx to the heads of those units, each of them missing or returned; the same facts give
    the same bytes. `due` and `answer_by` as of an urging letter."""
    missing, returned = (
        sum(unit.state is state for unit in units) for state in (State.MISSING, State.RETURNED)
    )
    number = "several" if len(units) > 1 else "one"
    states = _states(missing, returned)
    count = counted(len(units))
    names = [unit.name for unit in units]
    facts = office(body, letter, board.period, KEY, names, due) | {
        "count": count,
        "who": say(f"letter.reminder.{number}", count=count),
        "whose_budget": say(f"letter.reminder.budget-{number}", count=count),
        "states": states,
        "late_units": say(f"letter.reminder.late-{number}"),
        "faulty_units": say(f"letter.reminder.faulty-{number}"),
        "missing": counted(missing) if missing else "",
        "returned": counted(returned) if returned else "",
        "second": 2 if missing else 1,
        "third": 3 if missing and returned else 2,
        "budget": rounded(sum((unit.budget_current for unit in units), Decimal(0))),
        "deadline": long_date(board.deadline),
        "answer_by": long_date(answer_by),
        "units": [
            {
                "number": n,
                "code": unit.code,
                "name": unit.name,
                "state": say(f"state.{unit.state}"),
                "budget": rounded(unit.budget_current),
            }
            for n, unit in enumerate(units, 1)
        ],
    }
    return template.render(facts, indent(body))


def _states(missing: int, returned: int) -> str:
    """How many have sent nothing, how many something faulty; empty where the opening says all."""
    counts = {"missing": counted(missing), "returned": counted(returned)}
    if missing and returned:
        return say("letter.reminder.both", **counts)
    if missing + returned > 1:
        return say(f"letter.reminder.all-{'missing' if missing else 'returned'}")
    return "" if missing else say("letter.reminder.returned-one")
