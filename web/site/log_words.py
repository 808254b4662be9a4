"""How a feature says an entry of the staff log: about what, and what changed."""

from __future__ import annotations

from typing import NamedTuple


class LogChange(NamedTuple):
    """One place that changed: its name, and what stood there before and stands there after."""

    where: str
    before: str
    after: str


class LogWords(NamedTuple):
    """What an entry is about, by its name, and what changed in it."""

    subject: str
    changes: tuple[LogChange, ...]
