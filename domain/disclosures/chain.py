"""The chain of revisions: what was published cannot be changed unseen, and can yet be erased.

A link covers salted hashes of the contents, never the contents themselves. Erasing takes a content
with its salt away: what is left tells nobody what it said, and every later link still verifies.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt

BEGINNING = "0" * 64


def new_salt() -> str:
    """128 random bits. Without them a short content could be found by trying."""
    return secrets.token_hex(16)


def content_hash(salt: str, content: Any) -> str:
    """The hash of a content as plain JSON values."""
    return _sha256([salt, content])


def link_hash(previous: str, said: list[Any], published_at: dt.datetime) -> str:
    """The hash of a link: the one before, what it says, and when (aware)."""
    # In seconds: both databases keep them, in any zone.
    return _sha256([previous, said, int(published_at.timestamp())])


def _sha256(values: Any) -> str:
    plain = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
