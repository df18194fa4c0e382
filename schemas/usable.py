"""What of a workspace's settings can be used where not all of them can: for who must go on."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

from schemas.errors import SettingsError
from schemas.secrets import lay, nested, secret
from schemas.settings import Settings, content, load, plain_environment, secret_names


class _AsGiven(Settings):
    """Settings from what is given alone."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def usable(workspace: Path) -> tuple[Settings, SettingsError | None]:
    """The settings, and why some of them are their defaults instead; None where none is."""
    try:
        return load(workspace), None
    except SettingsError as error:
        return _what_fits(workspace), error


def _what_fits(workspace: Path) -> Settings:
    given: dict[str, Any] = {}
    with suppress(SettingsError):
        given = content(workspace)
    with suppress(ValueError):  # a list that is no JSON
        lay(given, plain_environment(EnvSettingsSource(Settings)()))
    for name in secret_names():
        one = None
        with suppress(SettingsError):
            one = secret(name)
        lay(given, nested(name, one))
    while True:
        try:
            return _AsGiven(**given)
        except ValidationError as error:
            if not any(_take_out(given, item["loc"]) for item in error.errors()):
                return _AsGiven()


def _take_out(given: dict[str, Any], place: Sequence[int | str]) -> bool:
    """Take out what stands at that place, or the last section on the way to it that is there."""
    within, found = given, None
    for part in place:
        if not isinstance(within, dict) or part not in within:
            break
        found = (within, part)
        within = within[str(part)]
    if found is None:
        return False
    del found[0][str(found[1])]
    return True
