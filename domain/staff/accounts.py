"""账号: signing in and out, invitations, passwords, the second factor, and leaving."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from domain.errors import LianxinError
from domain.queue.seats import end_unserved
from domain.staff import passwords
from domain.staff.actor import Actor, Grant
from domain.staff.journal import note
from domain.staff.tables import (
    Invitation,
    Role,
    SignInFailures,
    StaffMember,
    StaffRole,
    StaffSession,
)
from domain.store import inserting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,39}\Z")
INVITATION_LASTS = dt.timedelta(days=7)
CONFIRM_WITHIN = dt.timedelta(minutes=5)
"""How long the second factor may take after the password."""
FREE_FAILURES = 5
"""Mistakes that cost nothing; each further one doubles the wait."""
FIRST_WAIT = dt.timedelta(seconds=15)
LONGEST_WAIT = dt.timedelta(minutes=15)
FORGET_FAILURES = dt.timedelta(days=1)
TOUCH = dt.timedelta(minutes=1)
"""How exactly the last use of a session is known: a write a minute, not one a page."""


class SignInRefusedError(LianxinError):
    """Name or password is wrong; which of the two is not told."""


class WaitError(LianxinError):
    """Too many failures: nothing is even tried before `until`."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


class InvitationSpentError(LianxinError):
    """The invitation is unknown, used or expired."""


class NameTakenError(LianxinError):
    """Somebody signs in by this name already."""


class LastAdministratorError(LianxinError):
    """Without this one nobody could manage the district any more."""


# Looking up


async def member_by_name(session: AsyncSession, name: str) -> StaffMember | None:
    """The active person of this name."""
    found: StaffMember | None = await session.scalar(
        select(StaffMember).where(StaffMember.name == name.lower(), StaffMember.ended_at.is_(None))
    )
    return found


async def actor_of(
    session: AsyncSession, key: str, now: dt.datetime, idle: dt.timedelta, longest: dt.timedelta
) -> tuple[Actor, StaffSession] | None:
    """Who holds this session key, unless the session was ended or has lasted too long."""
    found = await session.scalar(
        select(StaffSession)
        .where(StaffSession.key_hash == passwords.key_hash(key), StaffSession.ended_at.is_(None))
        .options(joinedload(StaffSession.staff).selectinload(StaffMember.roles))
    )
    if found is None or found.staff.ended_at is not None:
        return None
    lasts = CONFIRM_WITHIN if not found.is_confirmed else longest
    if now - found.used_at > idle or now - found.began_at > lasts:
        return None
    return actor_for(found.staff, found.id), found


def actor_for(member: StaffMember, session_id: int | None) -> Actor:
    """The person as someone who acts; their roles must be loaded."""
    grants = tuple(
        Grant(each.role, each.subdistrict_id, each.community_id) for each in member.roles
    )
    return Actor(member.id, session_id, member.name, member.full_name, grants)


# Signing in


def failure_key(kind: str, what: str) -> str:
    """Under what failures are counted: a hash, so that the table names nobody."""
    return hashlib.sha256(f"{kind}:{what}".encode()).hexdigest()


async def must_wait(session: AsyncSession, keys: Iterable[str], now: dt.datetime) -> None:
    """Raise `WaitError` while one of these has failed too often."""
    until = await session.scalar(
        select(SignInFailures.wait_until)
        .where(SignInFailures.key_hash.in_(list(keys)), SignInFailures.wait_until > now)
        .order_by(SignInFailures.wait_until.desc())
        .limit(1)
    )
    if until is not None:
        raise WaitError(until)


async def count_failure(session: AsyncSession, keys: Iterable[str], now: dt.datetime) -> None:
    """Count a failure for each of these; from the sixth in a row on, each doubles the wait."""
    await session.execute(
        delete(SignInFailures).where(SignInFailures.last_at < now - FORGET_FAILURES)
    )
    # In one order, so that two who fail at once do not wait for each other.
    for key in sorted(keys):
        blank = inserting(session, SignInFailures).values(key_hash=key, count=0, last_at=now)
        await session.execute(blank.on_conflict_do_nothing())
        row = await session.get_one(SignInFailures, key, with_for_update=True)
        row.count, row.last_at = row.count + 1, now
        over = row.count - FREE_FAILURES
        if over > 0:
            row.wait_until = now + min(FIRST_WAIT * 2 ** min(over - 1, 10), LONGEST_WAIT)
    await session.flush()


async def _forget_failures(session: AsyncSession, keys: Iterable[str]) -> None:
    await session.execute(delete(SignInFailures).where(SignInFailures.key_hash.in_(list(keys))))


async def begin_session(
    session: AsyncSession, member_id: int, device: str, keys: Iterable[str], now: dt.datetime
) -> str:
    """Sign in after the password was right; returns the key for the cookie.

    With a second factor the session is not confirmed yet and opens nothing but its page.
    """
    member = await session.get_one(StaffMember, member_id)
    key = passwords.new_key()
    started = StaffSession(
        staff_id=member.id,
        key_hash=passwords.key_hash(key),
        device=device[:80] or "?",
        is_confirmed=member.totp_secret is None,
        began_at=now,
        used_at=now,
    )
    session.add(started)
    await session.flush()
    if started.is_confirmed:
        await _signed_in(session, member, started, now)
    # The account's failures end with the right password, those of the address do not:
    # whoever owns one account must not be able to wash the address clean.
    await _forget_failures(session, keys)
    return key


async def confirm_session(
    session: AsyncSession, session_id: int, code: str, now: dt.datetime
) -> bool:
    """The second factor: a code of the authenticator app, or one of the recovery codes.

    Raises `WaitError`. All of it happens under the person's lock, because a code is short: of
    many guesses at once each must see the failures before it.
    """
    started = await session.get_one(StaffSession, session_id)
    member = await session.get_one(StaffMember, started.staff_id, with_for_update=True)
    keys = (failure_key("code", str(member.id)),)
    await must_wait(session, keys, now)
    if not _accept_code(member, code, now):
        await count_failure(session, keys, now)
        return False
    await _forget_failures(session, keys)
    started.is_confirmed, started.used_at = True, now
    await _signed_in(session, member, started, now)
    return True


def _accept_code(member: StaffMember, code: str, now: dt.datetime) -> bool:
    plain = passwords.plain_code(code)
    if member.totp_secret is not None:
        step = passwords.accepted_step(member.totp_secret, plain, now, member.totp_last_step)
        if step is not None:
            member.totp_last_step = step
            return True
    spent = passwords.key_hash(plain)
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
    # Pressing twice is no mistake, and nothing new for the log.
    if found.ended_at is None:
        found.ended_at = now
        await note(session, actor, "session-ended", f"staff/{staff_id}", now=now, after=session_id)
    return True


async def _end_sessions(
    session: AsyncSession, staff_id: int, now: dt.datetime, but: int | None = None
) -> None:
    ending = update(StaffSession).where(
        StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None)
    )
    if but is not None:
        ending = ending.where(StaffSession.id != but)
    await session.execute(ending.values(ended_at=now))


# Coming and going


async def invite(
    session: AsyncSession,
    actor: Actor,
    full_name: str,
    grant: Grant,
    now: dt.datetime,
) -> str:
    """Invite someone to a role at a place; returns the key of the one-time link."""
    key = passwords.new_key()
    session.add(
        Invitation(
            key_hash=passwords.key_hash(key),
            full_name=full_name,
            role=grant.role,
            subdistrict_id=grant.subdistrict_id,
            community_id=grant.community_id,
            invited_by=actor.staff_id,
            expires_at=now + INVITATION_LASTS,
        )
    )
    after = {"full_name": full_name, **_as_words(grant)}
    await note(session, actor, "invited", "staff", now=now, after=after)
    return key


async def invite_to_new_password(
    session: AsyncSession, actor: Actor, member: StaffMember, now: dt.datetime
) -> str:
    """A one-time link with which someone who forgot sets a new password."""
    key = passwords.new_key()
    session.add(
        Invitation(
            key_hash=passwords.key_hash(key),
            staff_id=member.id,
            full_name=member.full_name,
            invited_by=actor.staff_id,
            expires_at=now + INVITATION_LASTS,
        )
    )
    await note(session, actor, "password-link", f"staff/{member.id}", now=now)
    return key


async def open_invitation(
    session: AsyncSession, key: str, now: dt.datetime, *, to_accept: bool = False
) -> Invitation:
    """The invitation of this key, locked when it is about to be accepted.

    Raises `InvitationSpentError` when it opens nothing any more.
    """
    wanted = select(Invitation).where(Invitation.key_hash == passwords.key_hash(key))
    found = await session.scalar(wanted.with_for_update() if to_accept else wanted)
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise InvitationSpentError
    return found


async def known_of(session: AsyncSession, invitation: Invitation) -> tuple[str, ...]:
    """The names that everybody knows of who is invited: no password may hold them."""
    if invitation.staff_id is None:
        return (invitation.full_name,)
    member = await session.get_one(StaffMember, invitation.staff_id)
    return member.name, member.full_name


# A link is valid no longer than the right to give it: unused invitations end when the inviter
# leaves or loses a role, and links to a new password end when a password is set or the account
# ends.
async def _end_links(session: AsyncSession, now: dt.datetime, *which: ColumnElement[bool]) -> None:
    """Let unused links open nothing any more."""
    await session.execute(
        update(Invitation).where(Invitation.used_at.is_(None), or_(*which)).values(expires_at=now)
    )


async def accept_invitation(
    session: AsyncSession, key: str, name: str, password_hash: str, now: dt.datetime
) -> StaffMember:
    """Become staff, or set the new password. Raises `InvitationSpentError`, `NameTakenError`."""
    invitation = await open_invitation(session, key, now, to_accept=True)
    invitation.used_at = now
    if invitation.staff_id is not None:
        member = await session.get_one(StaffMember, invitation.staff_id)
        member.password = password_hash
        await _end_links(session, now, Invitation.staff_id == member.id)
        await _end_sessions(session, member.id, now)
        actor = Actor(member.id, None, member.name)
        await note(session, actor, "password-set", f"staff/{member.id}", now=now)
        return member
    grant = Grant(invitation.role, invitation.subdistrict_id, invitation.community_id)  # type: ignore[arg-type]
    return await hire(session, Actor(), name, invitation.full_name, password_hash, (grant,), now)


async def hire(  # noqa: PLR0913, PLR0917 - everything a person begins with
    session: AsyncSession,
    actor: Actor,
    name: str,
    full_name: str,
    password_hash: str,
    grants: Iterable[Grant],
    now: dt.datetime,
) -> StaffMember:
    """Make an account. Raises `NameTakenError`, and `ValueError` for a name that is none."""
    if not NAME.match(name):
        raise ValueError(f"not a name to sign in with: {name!r}")
    if await session.scalar(select(StaffMember.id).where(StaffMember.name == name)) is not None:
        raise NameTakenError
    grants = tuple(grants)
    member = StaffMember(
        name=name,
        full_name=full_name,
        password=password_hash,
        created_at=now,
        roles=[StaffRole(**_fields(grant)) for grant in grants],
    )
    session.add(member)
    try:
        await session.flush()
    except IntegrityError:
        # Somebody took the name since we looked.
        raise NameTakenError from None
    after = {"name": name, "full_name": full_name, "roles": [_as_words(each) for each in grants]}
    acting = actor if actor.staff_id else Actor(member.id, None, name)
    await note(session, acting, "joined", f"staff/{member.id}", now=now, after=after)
    return member


async def change_password(
    session: AsyncSession, actor: Actor, password_hash: str, now: dt.datetime
) -> None:
    """Change one's own password; every other session and password link of the person ends."""
    member = await session.get_one(StaffMember, actor.staff_id)
    member.password = password_hash
    await _forget_failures(session, (failure_key("name", member.name),))
    await _end_links(session, now, Invitation.staff_id == member.id)
    await _end_sessions(session, member.id, now, but=actor.session_id)
    await note(session, actor, "password-changed", f"staff/{member.id}", now=now)


async def set_second_factor(
    session: AsyncSession, actor: Actor, secret: str, code: str, now: dt.datetime
) -> tuple[str, ...] | None:
    """Begin to ask for a second factor; returns the recovery codes, None when the code is wrong."""
    member = await session.get_one(StaffMember, actor.staff_id)
    step = passwords.accepted_step(secret, passwords.plain_code(code), now, None)
    if step is None:
        return None
    codes = passwords.new_recovery_codes()
    member.totp_secret, member.totp_last_step = secret, step
    member.recovery_codes = tuple(passwords.key_hash(each) for each in codes)
    await _end_sessions(session, member.id, now, but=actor.session_id)
    await note(session, actor, "second-factor-set", f"staff/{member.id}", now=now)
    return codes


async def remove_second_factor(
    session: AsyncSession, actor: Actor, staff_id: int, now: dt.datetime
) -> None:
    """Stop asking for a second factor: one's own, or that of someone who lost the phone."""
    member = await session.get_one(StaffMember, staff_id)
    member.totp_secret = member.totp_last_step = None
    member.recovery_codes = ()
    await note(session, actor, "second-factor-removed", f"staff/{member.id}", now=now)


async def require_second_factor(
    session: AsyncSession, actor: Actor, staff_id: int, now: dt.datetime, *, required: bool
) -> None:
    """Say whether this person must have a second factor."""
    member = await session.get_one(StaffMember, staff_id)
    before, member.must_have_second_factor = member.must_have_second_factor, required
    subject = f"staff/{member.id}"
    await note(
        session, actor, "second-factor-required", subject, now=now, before=before, after=required
    )


async def set_roles(
    session: AsyncSession, actor: Actor, staff_id: int, grants: Iterable[Grant], now: dt.datetime
) -> None:
    """Give a person exactly these roles. Raises `LastAdministratorError`, and changes nothing."""
    await _one_change_of_administrators_at_a_time(session)
    member = await member_with_roles(session, staff_id)
    held, wanted = actor_for(member, None).grants, tuple(dict.fromkeys(grants))
    if Grant(Role.ADMINISTRATOR) not in wanted:
        await _somebody_else_manages(session, staff_id)
    # First the old ones go: a role that is kept may not stand twice even for a moment.
    member.roles = []
    await session.flush()
    member.roles = [StaffRole(**_fields(grant)) for grant in wanted]
    await session.flush()
    await end_unserved(session, member.id, wanted, now)
    if set(held) - set(wanted):
        # Nobody gets a role back by a link they made while they had it.
        await _end_links(session, now, Invitation.invited_by == member.id)
    before, after = ([_as_words(grant) for grant in each] for each in (held, wanted))
    subject = f"staff/{member.id}"
    await note(session, actor, "roles-set", subject, now=now, before=before, after=after)


async def deactivate(session: AsyncSession, actor: Actor, staff_id: int, now: dt.datetime) -> None:
    """End an account; its history stays. Raises `LastAdministratorError`, and changes nothing."""
    await _one_change_of_administrators_at_a_time(session)
    await _somebody_else_manages(session, staff_id)
    member = await member_with_roles(session, staff_id)
    member.ended_at = now
    await _end_links(
        session, now, Invitation.staff_id == member.id, Invitation.invited_by == member.id
    )
    await _end_sessions(session, member.id, now)
    await end_unserved(session, member.id, (), now)
    await note(session, actor, "left", f"staff/{member.id}", now=now)


async def member_with_roles(session: AsyncSession, staff_id: int) -> StaffMember:
    """One person with their roles."""
    found: StaffMember = (
        await session.scalars(
            select(StaffMember)
            .where(StaffMember.id == staff_id)
            .options(selectinload(StaffMember.roles))
        )
    ).one()
    return found


async def _one_change_of_administrators_at_a_time(session: AsyncSession) -> None:
    """Two last administrators who leave at once must see each other leave."""
    await session.execute(
        select(StaffMember.id)
        .where(StaffMember.roles.any(StaffRole.role == Role.ADMINISTRATOR))
        .order_by(StaffMember.id)
        .with_for_update()
    )


async def _somebody_else_manages(session: AsyncSession, staff_id: int) -> None:
    left = await session.scalar(
        select(StaffRole.id)
        .join(StaffMember, StaffMember.id == StaffRole.staff_id)
        .where(
            StaffRole.role == Role.ADMINISTRATOR,
            StaffRole.subdistrict_id.is_(None),
            StaffRole.community_id.is_(None),
            StaffMember.ended_at.is_(None),
            StaffMember.id != staff_id,
        )
        .limit(1)
    )
    if left is None:
        raise LastAdministratorError


def _fields(grant: Grant) -> dict[str, object]:
    return {
        "role": grant.role,
        "subdistrict_id": grant.subdistrict_id,
        "community_id": grant.community_id,
    }


def _as_words(grant: Grant) -> dict[str, object]:
    return {name: value for name, value in _fields(grant).items() if value is not None}
