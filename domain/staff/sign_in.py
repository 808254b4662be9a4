"""登录: sessions, how failed attempts are slowed down, and signing out."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from domain.errors import LianxinError
from domain.keys import failure_key, key_hash, new_key, plain_code
from domain.staff import passwords
from domain.staff.accounts import actor_for
from domain.staff.actor import Actor
from domain.staff.journal import note
from domain.staff.tables import SignInFailures, StaffMember, StaffSession
from domain.store import inserting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.sealing import Seal

# How long the second factor may take after the password.
CONFIRM_WITHIN = dt.timedelta(minutes=5)
# Mistakes that cost nothing; each further one doubles the wait.
FREE_FAILURES = 5
FIRST_WAIT = dt.timedelta(seconds=15)
LONGEST_WAIT = dt.timedelta(minutes=15)
FORGET_FAILURES = dt.timedelta(days=1)
# How exactly the last use of a session is known: a write a minute, not one a page.
TOUCH = dt.timedelta(minutes=1)


class SignInRefusedError(LianxinError):
    """Name or password is wrong; which of the two is not told."""


class WaitError(LianxinError):
    """Too many failures: nothing is even tried before `until`."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


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


async def begin_session(
    session: AsyncSession, member_id: int, device: str, keys: Iterable[str], now: dt.datetime
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
    # The account's failures end with the right password, those of the address do not: otherwise
    # an attacker with an account of their own could clear the address again and again.
    await forget_failures(session, keys)
    return key


async def confirm_session(
    session: AsyncSession, session_id: int, code: str, seal: Seal, now: dt.datetime
) -> bool:
    """The second factor: a code of the authenticator app, or one of the recovery codes.

    Raises `WaitError`. All of it happens under the person's lock, because a code is short: of
    many guesses at once each must see the failures before it.
    """
    started = await session.get_one(StaffSession, session_id)
    member = await session.get_one(StaffMember, started.staff_id, with_for_update=True)
    keys = (failure_key("code", str(member.id)),)
    await must_wait(session, keys, now)
    if not _accept_code(member, code, seal, now):
        await count_failure(session, keys, now)
        return False
    await forget_failures(session, keys)
    started.is_confirmed, started.used_at = True, now
    await _signed_in(session, member, started, now)
    return True


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
    actor = Actor(member.id, started.id, member.name)
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


# Failed attempts


async def must_wait(session: AsyncSession, keys: Iterable[str], now: dt.datetime) -> None:
    """Raises `WaitError` while one of these keys has failed too often."""
    until = await session.scalar(
        select(SignInFailures.wait_until)
        .where(SignInFailures.key_hash.in_(list(keys)), SignInFailures.wait_until > now)
        .order_by(SignInFailures.wait_until.desc())
        .limit(1)
    )
    if until is not None:
        raise WaitError(until)


async def count_failure(session: AsyncSession, keys: Iterable[str], now: dt.datetime) -> None:
    """Count a failure for each key; from the sixth in a row on, each doubles the wait."""
    await session.execute(
        delete(SignInFailures).where(SignInFailures.last_at < now - FORGET_FAILURES)
    )
    # In the same order everywhere, so that two requests that fail at once cannot deadlock.
    for key in sorted(keys):
        blank = inserting(session, SignInFailures).values(key_hash=key, count=0, last_at=now)
        await session.execute(blank.on_conflict_do_nothing())
        row = await session.get_one(SignInFailures, key, with_for_update=True)
        row.count, row.last_at = row.count + 1, now
        over = row.count - FREE_FAILURES
        if over > 0:
            row.wait_until = now + min(FIRST_WAIT * 2 ** min(over - 1, 10), LONGEST_WAIT)
    await session.flush()


async def forget_failures(session: AsyncSession, keys: Iterable[str]) -> None:
    """Count the failures of these keys from zero again."""
    await session.execute(delete(SignInFailures).where(SignInFailures.key_hash.in_(list(keys))))
