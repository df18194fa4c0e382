"""One machine: Prefect server, worker and schedules until stopped."""

from collections.abc import Callable
from pathlib import Path

from schemas.listening import Listening
from tasks import server
from tasks.desk import Desk


def serve(workspace: Path, listening: Listening, started: Callable[[str], None]) -> None:
    """Run everything for that workspace; `started` hears the page's address once it all runs."""
    with Desk(workspace):  # refuses a folder that is no workspace before anything is started
        pass
    with server.serving(workspace, listening) as running:
        started(running.page)
        running.watch()
