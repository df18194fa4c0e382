"""One machine: Prefect server, worker and schedules until stopped."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from schemas.listening import Listening
from tasks import server
from tasks.desk import Desk


def serve(workspace: Path, listening: Listening, started: Callable[[server.Serving], None]) -> None:
    """Run everything for that workspace; `started` hears of it once it all runs."""
    with Desk(workspace) as desk:  # refuses a folder that is no workspace
        where = replace(listening, open=not (listening.beyond or desk.settings.access.people))
    with server.serving(workspace, where) as running:
        started(running)
        running.watch()
