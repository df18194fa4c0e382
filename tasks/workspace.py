"""Touches a new workspace's folder: settings, an empty registry, the folders for files."""

import shutil
from pathlib import Path

from reports.blank import registry_workbook
from schemas import settings
from schemas.errors import DondocError
from tasks.sample import EXAMPLES

FOLDERS = ("inbox", "archive", "forms", "reports")


def create_empty(directory: Path) -> None:
    """A workspace to be filled in; raises DondocError where the folder holds one already."""
    for name in (settings.FILE, "registry.xlsx"):
        if (directory / name).exists():
            raise DondocError(f"{directory} đã có {name}; hãy chọn thư mục khác.")
    for name in FOLDERS:
        (directory / name).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(EXAMPLES / "new-workspace.toml", directory / settings.FILE)
    (directory / "registry.xlsx").write_bytes(registry_workbook({}))
