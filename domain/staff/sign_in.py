"""登录: sessions, how failed attempts are slowed down, and signing out."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from domain.errors import LianxinError
from domain.keys import failure_key, key_hash, new_key, plain_code
from domain.staff import guesses, passwords
from domain.staff.accounts import actor_for
from domain.staff.actor import Actor, Grant
from domain.staff.guesses import Tally
from domain.staff.journal import note
from domain.staff.tables import StaffMember, StaffRole, StaffSession

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.sealing import Seal

# How long the second factor may take after the password.
CONFIRM_WITHIN = dt.timedelta(minutes=5)
# How exactly the last use of a session is known: a write a minute, not one a page.
TOUCH = dt.timedelta(minutes=1)


class SignInRefusedError(LianxinError):
    """Name or password is wrong; which of the two is not told."""


class AuthorityLostError(LianxinError):
    """A session, role or password that was looked up before a unit of work is another by now."""


# Sessions


async def actor_of(
    session: AsyncSession, key: str, now: dt.datetime, idle: dt.timedelta, longest: dt.timedelta
) -> tuple[Actor, StaffSession] | None:
    """The holder of a session key; None when the session was ended or has lasted too long."""
    found = await session.scalar(
        select(StaffSession)
        .where(StaffSession.key_hash == key_hash(key), StaffSession.ended_at.is_(None))
        .options(joinedload(StaffSession.staff).selectinload(StaffMember.roles))
    )
    if found is None or found.staff.ended_at is not None:
        return None
    lasts = CONFIRM_WITHIN if not found.is_confirmed else longest
    if now - found.used_at > idle or now - found.began_at > lasts:
        return None
    return actor_for(found.staff, found.id), found


# A request looks up who acts before its unit of work, and may wait in between: for a password's
# hash, for a file, for the writer. What it found then decides nothing.
async def still_acts(session: AsyncSession, actor: Actor) -> None:
    """Raises `AuthorityLostError` unless this session is open and its person has these roles."""
    signed_in = await session.scalar(
        select(StaffSession.id)
        .join(StaffSession.staff)
        .where(StaffSession.id == actor.session_id, StaffSession.ended_at.is_(None))
        .where(StaffMember.ended_at.is_(None))
    )
    rows = await session.execute(
        select(StaffRole.role, StaffRole.subdistrict_id, StaffRole.community_id)
        .where(StaffRole.staff_id == actor.staff_id)
        .order_by(StaffRole.id)
    )
    if signed_in is None or tuple(Grant(*row) for row in rows) != actor.grants:
        raise AuthorityLostError


async def still_has(session: AsyncSession, staff_id: int, password_hash: str) -> None:
    """Raises `AuthorityLostError` unless this is still the password of someone who works here."""
    member = await session.get_one(StaffMember, staff_id, with_for_update=True)
    if member.password != password_hash or member.ended_at is not None:
        raise AuthorityLostError


async def begin_session(
    session: AsyncSession, member_id: int, device: str, tallies: Iterable[Tally], now: dt.datetime
) -> str:
    """Sign in after the password was right; returns the key for the cookie.

    With a second factor the session is not confirmed yet and opens nothing but its page.
    """
    member = await session.get_one(StaffMember, member_id)
    key = new_key()
    started = StaffSession(
        staff_id=member.id,
        key_hash=key_hash(key),
        device=device[:80] or "?",
        is_confirmed=member.totp_secret is None,
        began_at=now,
        used_at=now,
    )
    session.add(started)
    await session.flush()
    if started.is_confirmed:
        await _signed_in(session, member, started, now)
    await guesses.forget(session, tallies)
    return key


async def confirm_session(
    session: AsyncSession, session_id: int, code: str, seal: Seal, now: dt.datetime
) -> str | None:
    """The second factor: a code of the authenticator app, or one of the recovery codes.

    Returns the session's new key, or None for a wrong code. The key before it opened the page for
    the code alone, and may have been seen by then (OWASP ASVS 4, 3.2.1).

    Raises `WaitError`. All of it happens under the person's lock, because a code is short: of
    many guesses at once each must see the failures before it.
    """
    started = await session.get_one(StaffSession, session_id)
    member = await session.get_one(StaffMember, started.staff_id, with_for_update=True)
    tallies = (Tally(failure_key("code", str(member.id))),)
    await guesses.must_wait(session, tallies, now)
    if not _accept_code(member, code, seal, now):
        await guesses.count_failure(session, tallies, now)
        return None
    await guesses.forget(session, tallies)
    key = new_key()
    started.key_hash, started.is_confirmed, started.used_at = key_hash(key), True, now
    await _signed_in(session, member, started, now)
    return key


def _accept_code(member: StaffMember, code: str, seal: Seal, now: dt.datetime) -> bool:
    plain = plain_code(code)
    secret = seal.open(member.totp_secret) if member.totp_secret else None
    if secret is not None:
        step = passwords.accepted_step(secret, plain, now, member.totp_last_step)
        if step is not None:
            member.totp_last_step = step
            return True
    spent = key_hash(plain)
    if spent in member.recovery_codes:
        member.recovery_codes = tuple(each for each in member.recovery_codes if each != spent)
        return True
    return False


async def _signed_in(
    session: AsyncSession, member: StaffMember, started: StaffSession, now: dt.datetime
) -> None:
    actor = Actor(member.id, started.id, member.name, member.full_name)
    await note(session, actor, "signed-in", f"staff/{member.id}", now=now, after=started.device)


async def touch_session(session: AsyncSession, session_id: int, now: dt.datetime) -> None:
    """Remember that the session was used."""
    await session.execute(
        update(StaffSession).where(StaffSession.id == session_id).values(used_at=now)
    )


async def sessions_of(
    session: AsyncSession,
    staff_id: int,
    now: dt.datetime,
    idle: dt.timedelta,
    longest: dt.timedelta,
) -> list[StaffSession]:
    """Where a person is signed in, the last used first; what has run out is not listed."""
    found = await session.scalars(
        select(StaffSession)
        .where(
            StaffSession.staff_id == staff_id,
            StaffSession.ended_at.is_(None),
            StaffSession.used_at >= now - idle,
            StaffSession.began_at >= now - longest,
        )
        .order_by(StaffSession.used_at.desc())
    )
    return list(found)


async def end_session(
    session: AsyncSession, actor: Actor, staff_id: int, session_id: int, now: dt.datetime
) -> bool:
    """End one session of a person; False when they have none of that number."""
    found = await session.get(StaffSession, session_id, with_for_update=True)
    if found is None or found.staff_id != staff_id:
        return False
    # A double tap ends the session once, and the log says so once.
    if found.ended_at is None:
        found.ended_at = now
        await note(session, actor, "session-ended", f"staff/{staff_id}", now=now, after=session_id)
    return True


async def end_sessions(
    session: AsyncSession, staff_id: int, now: dt.datetime, but: int | None = None
) -> None:
    """End every session of a person, except the session with the id `but`."""
    ending = update(StaffSession).where(
        StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None)
    )
    if but is not None:
        ending = ending.where(StaffSession.id != but)
    await session.execute(ending.values(ended_at=now))
