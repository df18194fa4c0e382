"""What people ask between the occasions: how it stands, what waits, where a number comes from.

Plain functions: who only looks must not wait for Prefect to be imported.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from schemas.adjustments import Proposals
from schemas.arrival import Quarantined
from schemas.backtest import BackTest
from schemas.board import Board, Look
from schemas.excuses import Excuse
from schemas.explanation import Explanation
from schemas.forecast import Forecast
from schemas.integrity import Verified
from schemas.notices import Delivery
from schemas.period import Period, View
from schemas.registry import LedgerRow
from schemas.reproduction import Reproduction
from schemas.settings import changed
from schemas.trial import Difference, RuleInForce
from tasks import outbox as outbox_of
from tasks import quarantine, submissions
from tasks.adjustments import consolidated
from tasks.board import board, look
from tasks.desk import Desk
from tasks.excuses import holding, recorded
from tasks.explain import explain as explain_of
from tasks.forecast import forecast as forecast_of
from tasks.submissions import Stored
from tasks.trial import backtest as backtest_of
from tasks.trial import draw, rules_in_force
from tasks.trial import try_rules as try_of
from tasks.verify import verify as verify_of


def status(
    workspace: Path, period: str, today: date | None
) -> tuple[Board | Look, list[Stored], list[Quarantined], list[dict[str, Any]]]:
    """The board of the period, or the look of the view, that `period` names; the files that a
    person must place, those in quarantine, and the letters of the outbox that came back."""
    view = View.find(period)
    with Desk(workspace, today) as desk:
        shown = look(desk, view) if view else board(desk, Period.parse(period))
        month = None if view else Period.parse(period)
        back = list(outbox_of.rows(desk.engine, month, Delivery.BOUNCED))
        return shown, submissions.held(desk), quarantine.quarantined(desk), back


def quarantined(workspace: Path) -> list[Quarantined]:
    """The mailed files that wait for an officer's word."""
    with Desk(workspace) as desk:
        return quarantine.quarantined(desk)


def outbox(workspace: Path, period: str | None) -> list[dict[str, Any]]:
    """The outbox in the contract's shape."""
    with Desk(workspace) as desk:
        return list(outbox_of.rows(desk.engine, Period.parse(period) if period else None))


def proposals(
    workspace: Path, period: str, today: date | None
) -> tuple[Proposals, tuple[LedgerRow, ...]]:
    """The period's proposals to adjust, and the adjustments of its year."""
    with Desk(workspace, today) as desk:
        return consolidated(desk, Period.parse(period))


def excuses(workspace: Path, period: str | None) -> tuple[Excuse, ...]:
    """Every recorded excuse, or those that hold for a period."""
    with Desk(workspace) as desk:
        return holding(desk, Period.parse(period)) if period else recorded(desk)


def rules(workspace: Path) -> list[RuleInForce]:
    """Every rule as the workspace has it."""
    with Desk(workspace) as desk:
        return rules_in_force(desk)


def try_rules(workspace: Path, periods: Sequence[str], changes: Sequence[str]) -> list[Difference]:
    """What the periods' flags would be with some of the rules' settings changed; none: are."""
    wanted = [Period.parse(period) for period in periods]
    with Desk(workspace) as desk:
        return try_of(desk, wanted, changed(desk.settings.rules, changes) if changes else None)


def backtest(
    workspace: Path, years: Sequence[int], changes: Sequence[str], chart: Path | None
) -> tuple[BackTest, BackTest | None]:
    """How well today's rules, and those with some settings changed, foretold the years' ends."""
    with Desk(workspace) as desk:
        today = backtest_of(desk, years, desk.settings.rules)
        tried = backtest_of(desk, years, changed(desk.settings.rules, changes)) if changes else None
        if chart:
            draw(today, tried, chart)
        return today, tried


def forecast(workspace: Path, period: str, today: date | None) -> list[Forecast]:
    """What the year will end with, per unit, as it looks at the period's end."""
    with Desk(workspace, today) as desk:
        return forecast_of(desk, Period.parse(period))


def verify(workspace: Path, head: str | None) -> Verified:
    """Whether all that was stored is as it was recorded; `head` is the hash of an audit row as it
    was kept elsewhere."""
    with Desk(workspace) as desk:
        return verify_of(desk, head)


def explain(
    workspace: Path,
    period: str,
    unit: str,
    activity: str | None,
    today: date | None,
    *,
    now: bool | None = None,
) -> tuple[list[Explanation], bool]:
    """Where each number and flag of the unit (or of one activity) comes from, as it stands `now`
    or as the period's report said it; and whether the two differ."""
    with Desk(workspace, today) as desk:
        return explain_of(desk, Period.parse(period), unit, activity, now=now)


def reproduce(workspace: Path, period: str, into: Path | None) -> Reproduction:
    """The period's newest report made again from what was stored of it, and compared; written
    `into` a folder where one is named."""
    from tasks.reproduce import reproduce as make_again  # noqa: PLC0415 - imports matplotlib

    with Desk(workspace) as desk:
        return make_again(desk, Period.parse(period), into)
