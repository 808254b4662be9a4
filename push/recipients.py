"""收信人: a recipient as one word: a device by the hash of its key, or a staff member."""

from __future__ import annotations

from typing import NewType

Recipient = NewType("Recipient", str)

# One word serves every table of push and can be part of every unique index.
# Not taken: two columns of which one is empty, which no unique index on both databases
# understands.
# Characters of the longest: `d:` and 64 hexadecimal digits.
LENGTH = 66
# The office's group chat: no member of staff has this number.
OFFICE = Recipient("s:0")


def device(key_hash: str) -> Recipient:
    return Recipient(f"d:{key_hash}")


def device_hash(recipient: Recipient) -> str:
    return recipient[2:]


def staff(staff_id: int) -> Recipient:
    return Recipient(f"s:{staff_id}")


def staff_id(recipient: Recipient) -> int | None:
    """The id of the staff member; None for a resident's device."""
    return int(recipient[2:]) if is_staff(recipient) else None


def is_staff(recipient: Recipient) -> bool:
    return recipient.startswith("s:")
