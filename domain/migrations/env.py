"""Alembic's entry point; uses the connection that `domain.migrating` passes."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import TypeDecorator

from domain.tables import metadata


def render_plain(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Write our own types into migrations as plain types, which never change."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_type=True,
    compare_server_default=True,
    # PostgreSQL needs no batches and runs them as plain statements; SQLite cannot do without, and
    # a migration is written on either for both.
    render_as_batch=True,
    render_item=render_plain,
)
with context.begin_transaction():
    context.run_migrations()
