"""The lock of a SQLite database: one server, or one restore, at a time."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from domain.errors import LianxinError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from web.running.settings import Settings


class AlreadyServedError(LianxinError):
    """Another server has the database; the message is one plain line."""


def sqlite_file(settings: Settings) -> str | None:
    """The path of the SQLite database; None on PostgreSQL."""
    url = settings.database_url
    return url.database if url.get_backend_name() == "sqlite" else None


# SQLite has no way to tell another process of a change, and limits and leadership are one
# process's there. The lock ends with the process, however that ends.
@contextmanager
def only_server(settings: Settings) -> Iterator[None]:
    """Hold the lock of a SQLite database. Raises `AlreadyServedError` while a server has it."""
    database = sqlite_file(settings)
    if database is None or find_spec("fcntl") is None:
        yield
        return
    import fcntl

    try:
        lock = open(f"{database}.lock", "a", encoding="ascii")  # noqa: PTH123, SIM115 - below
    except OSError:
        # The store says in its own words why it cannot be opened there.
        yield
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            words = f"Another server already serves {database}. Stop it, or use PostgreSQL."
            raise AlreadyServedError(words) from error
        yield
