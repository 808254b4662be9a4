"""Alembic's entry point; uses the connection that `domain.migrating` passes."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.rewriter import Rewriter
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import TypeDecorator

from domain.tables import metadata


def render_plain(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Write our own types into migrations as plain types, which never change."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


rewritten = Rewriter()


# A batch on SQLite drops the table and makes it again, which fails, or takes rows along, where rows
# of others refer to it. Columns alone need no batch: SQLite drops them in place since 3.35. A key,
# an index or a rule beside them is a change of its own, and that table keeps its batch.
@rewritten.rewrites(ops.ModifyTableOps)
def columns_in_place(
    _context: MigrationContext, _revision: Any, table: ops.ModifyTableOps
) -> list[ops.MigrateOperation]:
    """The changes of a table, without a batch when they only add and drop columns."""
    is_plain = all(isinstance(each, ops.AddColumnOp | ops.DropColumnOp) for each in table.ops)
    return list(table.ops) if is_plain else [table]


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_type=True,
    compare_server_default=True,
    process_revision_directives=rewritten,
    # PostgreSQL needs no batches and runs them as plain statements; SQLite cannot do without, and
    # a migration is written on either for both.
    render_as_batch=True,
    render_item=render_plain,
)
with context.begin_transaction():
    context.run_migrations()
