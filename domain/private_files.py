"""Files that hold secrets: written whole, and only their owner may read them."""

from __future__ import annotations

import logging
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger("lianxin.keys")

# What others may do.
OTHERS = 0o077


# A copy or a restore loosens them, and then every account of the machine can send in our name.
# Not taken: refusing to start, for a server that is down is worse than a key that was readable.
def keep_private(path: Path) -> None:
    """Take away from others what they may do with a file or folder, and say so in the log."""
    mode = mode_of(path)
    try:
        was_open = take_from_others(path)
    except PermissionError:
        log.error("%s is open to others (%03o) and not ours to close", path, mode)  # noqa: TRY400 - the line says it all
        return
    if was_open:
        log.warning(
            "%s was open to others (%03o): change its keys if they may have read it", path, mode
        )


def take_from_others(path: Path) -> bool:
    """Leave a file or folder to its owner; whether others could do anything with it before.

    Raises `PermissionError` when it is not ours.
    """
    mode = mode_of(path)
    if os.name != "posix" or not mode & OTHERS:
        return False
    path.chmod(mode & ~OTHERS)
    return True


def mode_of(path: Path) -> int:
    """The permissions of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


def write_once(path: Path, data: bytes) -> None:
    """Write a file whole and to the disk, or leave the one that another process made first."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 - a path's own open cannot say with which permissions
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # Theirs is as good.
    finally:
        draft.unlink()
