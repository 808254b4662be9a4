"""收信人: who is told something, as one word: a device by the hash of its key, or a staff member.

One word serves every table of push, so that a row has exactly one recipient without two columns
that must exclude each other.
"""

from __future__ import annotations

from typing import NewType

Recipient = NewType("Recipient", str)

LENGTH = 66
"""Characters of the longest: `d:` and 64 hexadecimal digits."""


def device(device_hash: str) -> Recipient:
    """A resident's device."""
    return Recipient(f"d:{device_hash}")


def staff(staff_id: int) -> Recipient:
    """Somebody of the office."""
    return Recipient(f"s:{staff_id}")


def staff_id(recipient: Recipient) -> int | None:
    """Who of the office is meant; None for a resident's device."""
    return int(recipient[2:]) if is_staff(recipient) else None


def is_staff(recipient: Recipient) -> bool:
    """Whether somebody of the office is meant."""
    return recipient.startswith("s:")
