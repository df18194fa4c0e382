"""Touches a workspace's own wording: `texts/LANGUAGE.po` and `templates/`, which override ours."""

from importlib.resources import files
from pathlib import Path

from schemas import texts
from schemas.errors import SettingsError
from schemas.settings import Settings
from schemas.texts import FOLDER, Wording

TEMPLATES = "templates"
"""The workspace's folder of its own templates of mails and letters, named as the shipped ones."""
_OF_MAILS = {".html", ".txt", ".css"}


def wording(workspace: Path, settings: Settings) -> Wording:
    """What the workspace says everything in.

    Raises SettingsError where its own sentences or templates name what does not exist: before
    anything is drafted, for every command opens the workspace first.
    """
    folder = workspace / TEMPLATES
    own = [*mail_templates(folder)]
    if own:
        from reports.mails.rendering import refusal  # noqa: PLC0415 - imports Jinja

        for path in own:
            try:
                source = path.read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                raise SettingsError(f"{TEMPLATES}/{path.name} không phải UTF-8.") from error
            if said := refusal(path.name, source):
                raise SettingsError(f"{TEMPLATES}/{said}")
    return texts.worded(workspace, settings.language, folder if own else None)


def mail_templates(folder: Path) -> list[Path]:
    """The mails' templates among the files there; Word's are tried where letters are written."""
    return sorted(path for path in folder.glob("*") if path.suffix in _OF_MAILS)


def shipped_templates() -> dict[str, bytes]:
    """The programme's own templates that a workspace may change: name -> content."""
    folder = files("reports") / "templates"
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}


def export(workspace: Path, language: str) -> tuple[list[Path], list[Path]]:
    """Write catalogue and templates into the workspace, to be changed there; (written, left as
    they are because they exist already)."""
    wanted = {workspace / FOLDER / f"{language}.po": texts.catalogue(language).read_bytes()}
    wanted |= {workspace / TEMPLATES / name: of for name, of in shipped_templates().items()}
    left = [path for path in wanted if path.exists()]
    written = [path for path in wanted if path not in left]
    for path in written:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(wanted[path])
    return written, left
