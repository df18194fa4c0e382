"""One machine: Prefect server, worker and schedules until stopped."""

from collections.abc import Callable
from pathlib import Path

from schemas.listening import Listening
from tasks import server
from tasks.desk import Desk


def serve(
    workspace: Path, listening: Listening, started: Callable[[str, Path | None], None]
) -> None:
    """Run everything for that workspace; `started` hears the page's address, and the file with the
    password that it made for itself, once it all runs."""
    with Desk(workspace):  # refuses a folder that is no workspace before anything is started
        pass
    with server.serving(workspace, listening) as running:
        started(running.page, running.password)
        running.watch()
