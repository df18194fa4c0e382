"""Runs the migrations on the connection that `tasks/database.py` hands in."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from schemas.tables import metadata


def _plain(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """A migration names what the database has, not our types, which may change later."""
    plain = kind == "type" and isinstance(item, TypeDecorator)
    return f"sa.{item.impl!r}" if plain else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=_plain,
)
with context.begin_transaction():
    context.run_migrations()
