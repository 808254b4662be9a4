"""Files that hold secrets: only their owner may read them."""

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
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name != "posix" or not mode & OTHERS:
        return
    try:
        path.chmod(mode & ~OTHERS)
    except PermissionError:
        log.error("%s is open to others (%03o) and not ours to close", path, mode)  # noqa: TRY400 - the line says it all
    else:
        log.warning(
            "%s was open to others (%03o): change its keys if they may have read it", path, mode
        )
