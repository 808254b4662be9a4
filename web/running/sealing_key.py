"""The key in the data folder that secrets in the database are sealed with."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from domain.errors import LianxinError
from domain.private_files import keep_private, write_once
from domain.staff.sealing import KEY, Seal

if TYPE_CHECKING:
    from pathlib import Path

FILE = "sealing-key"


class SealingKeyError(LianxinError):
    """The key cannot be read; the message is one plain line."""


def read_seal(data: Path) -> Seal:
    """The seal of this data folder; its key is made at first. Raises `SealingKeyError`."""
    path = data / FILE
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            write_once(path, secrets.token_hex(KEY).encode())
        keep_private(path)
        key = bytes.fromhex(path.read_text("ascii"))
    except OSError as error:
        raise SealingKeyError(f"The key {path} cannot be read: {error.strerror}.") from error
    except ValueError:
        key = b""
    if len(key) != KEY:
        raise SealingKeyError(f"{path} holds no key. Put the file back from a copy.")
    return Seal(key)
