"""`python -m web revision`: writes the migration from the last one to the classes.

Alembic proposes to drop each table that its metadata lacks. The domain may not import push, so only
a module above both knows the whole schema: this one.
"""

from __future__ import annotations

import re
from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import LianxinError
from domain.migrating import check_schema, config, newest
from domain.tables import metadata as domain_metadata
from push.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from domain.store import Store

__all__ = ["RevisionError", "metadata", "write_revision"]

# Both are one object. A second one would have a schema of its own, which `env.py` never sees.
if metadata is not domain_metadata:  # pragma: no cover
    raise AssertionError

# They become the file's name and its docstring.
WORDS = re.compile(r"[A-Za-z][A-Za-z0-9 ]{0,39}")


class RevisionError(LianxinError):
    """No migration can be written; the message is one plain line."""


async def write_revision(store: Store, words: str) -> Path:
    """Write the next migration; returns its path.

    Raises `RevisionError` when there is nothing to change or the words cannot name a file, and
    `StoreUnavailableError` when the database does not have the newest schema.
    """
    if not WORDS.fullmatch(words):
        raise RevisionError("Say what changes in at most 40 letters, digits and spaces.")
    await check_schema(store)
    return await store.with_connection(partial(_write, words=words))


def _write(connection: Connection, words: str) -> Path:
    # Loaded only by this command, as in `domain.migrating`.
    from alembic import command
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    options = {"compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    if not compare_metadata(context, metadata):
        raise RevisionError("Nothing to change: the database has the tables of the classes.")
    alembic = config(connection)
    # It would print the path in words of its own.
    alembic.cmd_opts = Namespace(quiet=True)
    script = command.revision(
        alembic,
        message=words,
        autogenerate=True,
        rev_id=f"{int(newest()) + 1:04}",
    )
    return Path(script.path)  # type: ignore[union-attr]
