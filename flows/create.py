"""A new workspace: empty for a ministry of its own, or the ministry of the examples."""

from pathlib import Path

from flows.history import history
from tasks import sample as sample_of
from tasks.desk import Desk
from tasks.workspace import create_empty


def create(workspace: Path, *, sample: bool) -> None:
    """Make the folder with its settings and an empty registry; with `sample` the ministry of the
    examples, its past years imported, the months before its story laid in place as stored
    submissions."""
    if not sample:
        create_empty(workspace)
        return
    from flows.collect import collect  # noqa: PLC0415 - imports Prefect

    create_empty(workspace)
    sample_of.write_workspace(workspace)
    history(workspace, sample_of.HISTORY, sample_of.story().opening)
    for period, due in sample_of.months_before():
        with Desk(workspace, due) as desk:
            sample_of.report(desk, period)
        collect.fn(workspace, str(period), due, answers=False)
