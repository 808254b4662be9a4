"""What a command that cannot be done raises."""

from __future__ import annotations


class CommandError(Exception):
    """The command failed; the message is one plain line."""
