"""邮箱: an e-mail address is used only after its reader has confirmed it."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import unicodedata
from typing import TYPE_CHECKING

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select, true

from domain.errors import LianxinError
from domain.keys import key_hash
from push.outbox import BY_EMAIL, Note, put
from push.preferences import kept
from push.tables import AddressAsked, Kind, Preferences

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from push.recipients import Recipient

# Characters of an address (RFC 5321, 4.5.3.1.3, without its brackets).
LONGEST = 254
# Between two confirmation letters of one recipient.
PAUSE = dt.timedelta(minutes=2)
A_DAY = dt.timedelta(days=1)
# Confirmation letters within a day, per recipient and per mailbox: nobody floods another person's.
MOST_A_DAY = 3
# And of everyone together: a district's people do not all come on one day, and a mail server that
# writes to a thousand strangers is one that the others stop listening to.
MOST_OF_ALL = 1_000
# Where a dot in the name makes no other mailbox.
DOTLESS = frozenset({"gmail.com", "googlemail.com"})

log = logging.getLogger("lianxin.push")


class EmailRefusedError(LianxinError):
    """The text is not an e-mail address."""


class AskedTooOftenError(LianxinError):
    """The address or the person was asked a moment ago; `again_at` is when to ask again."""

    def __init__(self, again_at: dt.datetime) -> None:
        super().__init__(again_at.isoformat())
        self.again_at = again_at


# An address gets one letter that asks, and no other until its reader confirms it. So nobody can
# subscribe another person.
# Not taken: counting the settings that hold an address, which their owner empties to begin again.
async def ask(session: AsyncSession, recipient: Recipient, email: str, now: dt.datetime) -> None:
    """Send a letter that asks the reader of an address to confirm it.

    Raises `EmailRefusedError`, `AskedTooOftenError`.
    """
    address = _checked(email)
    mailbox = key_hash(mailbox_of(address))
    await _refuse_a_flood(session, recipient, mailbox, now)
    key = secrets.token_urlsafe(32)
    own = await kept(session, recipient)
    _empty(own)
    own.email, own.email_key_hash, own.email_asked_at = address, key_hash(key), now
    session.add(AddressAsked(recipient=recipient, mailbox_hash=mailbox, created_at=now))
    await session.flush()
    await put(session, recipient, Note(Kind.EMAIL_CHECK, "email", {"key": key}, now), BY_EMAIL)


# A Chinese keyboard writes full-width letters. Names outside ASCII are refused: most mail servers
# cannot write to them.
def _checked(email: str) -> str:
    plain = unicodedata.normalize("NFKC", email)
    try:
        found = validate_email(plain, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise EmailRefusedError from error
    return found.ascii_email or found.normalized


def mailbox_of(address: str) -> str:
    """The mailbox of a checked address, which has as many spellings as its owner likes."""
    name, _, domain = address.casefold().rpartition("@")
    name = name.partition("+")[0]
    return f"{name.replace('.', '')}@gmail.com" if domain in DOTLESS else f"{name}@{domain}"


async def _refuse_a_flood(
    session: AsyncSession, recipient: Recipient, mailbox: str, now: dt.datetime
) -> None:
    """Raises `AskedTooOftenError`."""
    mine, theirs = AddressAsked.recipient == recipient, AddressAsked.mailbox_hash == mailbox
    for whose, most, within in (
        (mine, 1, PAUSE),
        (mine, MOST_A_DAY, A_DAY),
        (theirs, MOST_A_DAY, A_DAY),
        (true(), MOST_OF_ALL, A_DAY),
    ):
        asked = select(func.count(), func.min(AddressAsked.created_at))
        asked = asked.where(whose, AddressAsked.created_at > now - within)
        count, first = (await session.execute(asked)).one()
        if first is not None and count >= most:
            if most == MOST_OF_ALL:
                log.warning("%s letters asked for an address within a day: no more for now", count)
            raise AskedTooOftenError(first + within)


async def confirm(session: AsyncSession, key: str, now: dt.datetime) -> bool:
    """Confirm the address of this key; False if the key is unknown, used or a day old."""
    own = await session.scalar(
        select(Preferences).where(Preferences.email_key_hash == key_hash(key))
    )
    if own is None or own.email_asked_at is None or now - own.email_asked_at > A_DAY:
        return False
    own.email_confirmed_at, own.email_key_hash = now, None
    own.email_stop_key = secrets.token_urlsafe(32)
    await session.flush()
    return True


async def forget(session: AsyncSession, recipient: Recipient) -> None:
    """Delete the person's address and its pending confirmation."""
    _empty(await kept(session, recipient))
    await session.flush()


async def stop(session: AsyncSession, key: str) -> None:
    """Send no more letters to the mailbox that got this key in one; harmless for any other key."""
    own = await session.scalar(select(Preferences).where(Preferences.email_stop_key == key))
    if own is not None:
        _empty(own)
        await session.flush()


async def bounced(
    session: AsyncSession, recipient: Recipient, address: str, now: dt.datetime
) -> None:
    """The mail server says that there is no such mailbox: nothing is sent there any more."""
    own = await session.get(Preferences, recipient, with_for_update=True)
    if own is not None and own.email == address:
        _empty(own)
        own.email, own.email_refused_at = address, now
        await session.flush()


def _empty(own: Preferences) -> None:
    own.email = own.email_key_hash = own.email_stop_key = None
    own.email_asked_at = own.email_confirmed_at = own.email_refused_at = None
