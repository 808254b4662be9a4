"""The files of a SQLite database, as an open store sees them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from domain.errors import StoreUnavailableError

# Bytes that a few thousand units of work need; with less, writing is about to fail.
LEAST_ROOM = 4 << 20


# SQLite goes on with the files that it opened when they were deleted or replaced, for instance by a
# backup that was copied over them, and everything it is given is lost with the process.
class OpenFiles:
    """The database and its journal at the moment they were opened."""

    def __init__(self, database: str | None) -> None:
        """`database` is the path; None is a database in memory."""
        paths = (Path(database), Path(f"{database}-wal")) if database else ()
        self._opened = {path: found for path in paths if (found := _identity(path)) is not None}
        self._folder = Path(database).parent if database else None

    @property
    def are_in_place(self) -> bool:
        """Whether their paths still lead to them."""
        return all(_identity(path) == opened for path, opened in self._opened.items())

    @property
    def have_room(self) -> bool:
        """Whether the disk has room to write."""
        try:
            return self._folder is None or shutil.disk_usage(self._folder).free >= LEAST_ROOM
        except OSError:
            return False

    def check(self) -> None:
        """Raise `StoreUnavailableError` when they were deleted or replaced."""
        if not self.are_in_place:
            raise StoreUnavailableError("The database was deleted or replaced: start again.")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - asked for each commit, a third of the time
    except OSError:
        return None
    return found.st_dev, found.st_ino
