"""Lays the programme's wording into the workspace, where a person may change it without code."""

from pathlib import Path

from tasks.desk import Desk
from tasks.wording import export


def export_texts(workspace: Path) -> tuple[list[Path], list[Path]]:
    """Catalogue and mail templates: (written, left because they were there already)."""
    with Desk(workspace) as desk:
        return export(desk.workspace, desk.settings.language)
