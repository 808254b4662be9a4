"""邮箱: an e-mail address is used only after its reader has confirmed it."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import TYPE_CHECKING

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select

from domain.errors import LianxinError
from push.outbox import BY_EMAIL, Note, put
from push.preferences import kept
from push.tables import Kind, OutboxRow, Preferences

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from push.recipients import Recipient

# Between two confirmation letters of one recipient.
PAUSE = dt.timedelta(minutes=2)
A_DAY = dt.timedelta(days=1)
# Confirmation letters per recipient, and recipients per address, within a day: nobody floods
# another person's mailbox.
MOST_A_DAY = 3


class EmailRefusedError(LianxinError):
    """The text is not an e-mail address."""


class AskedTooOftenError(LianxinError):
    """The address or the person was asked a moment ago; `again_at` is when to ask again."""

    def __init__(self, again_at: dt.datetime) -> None:
        super().__init__(again_at.isoformat())
        self.again_at = again_at


# An address gets one letter that asks, at most three a day per address and per person, until its
# reader confirms it. So nobody can subscribe another person.
async def ask(session: AsyncSession, recipient: Recipient, email: str, now: dt.datetime) -> None:
    """Send a letter that asks the reader of an address to confirm it.

    Raises `EmailRefusedError`, `AskedTooOftenError`.
    """
    address = _checked(email)
    own = await kept(session, recipient)
    if own.email_asked_at is not None and now - own.email_asked_at < PAUSE:
        raise AskedTooOftenError(own.email_asked_at + PAUSE)
    await _refuse_a_flood(session, recipient, address, now)
    key = secrets.token_urlsafe(32)
    own.email, own.email_key_hash = address, _hash(key)
    own.email_asked_at, own.email_confirmed_at = now, None
    await session.flush()
    await put(session, recipient, Note(Kind.EMAIL_CHECK, "email", {"key": key}, now), BY_EMAIL)


def _checked(email: str) -> str:
    try:
        return validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise EmailRefusedError from error


async def _refuse_a_flood(
    session: AsyncSession, recipient: Recipient, address: str, now: dt.datetime
) -> None:
    others = select(func.count(), func.min(Preferences.email_asked_at)).where(
        Preferences.email == address,
        Preferences.email_asked_at > now - A_DAY,
        Preferences.recipient != recipient,
    )
    own = select(func.count(), func.min(OutboxRow.created_at)).where(
        OutboxRow.recipient == recipient,
        OutboxRow.kind == Kind.EMAIL_CHECK,
        OutboxRow.created_at > now - A_DAY,
    )
    for asked in (others, own):
        count, first = (await session.execute(asked)).one()
        if first is not None and count >= MOST_A_DAY:
            raise AskedTooOftenError(first + A_DAY)


async def confirm(session: AsyncSession, key: str, now: dt.datetime) -> bool:
    """Confirm the address of this key; False if the key is unknown, used or a day old."""
    own = await session.scalar(select(Preferences).where(Preferences.email_key_hash == _hash(key)))
    if own is None or own.email_asked_at is None or now - own.email_asked_at > A_DAY:
        return False
    own.email_confirmed_at, own.email_key_hash = now, None
    await session.flush()
    return True


async def forget(session: AsyncSession, recipient: Recipient) -> None:
    """Delete the person's address and its pending confirmation."""
    own = await kept(session, recipient)
    own.email = own.email_key_hash = own.email_confirmed_at = None
    await session.flush()


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
