"""邀请: one-time links with which a person joins, or sets a new password."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update

from domain.errors import LianxinError
from domain.keys import key_hash, new_key
from domain.staff import guesses
from domain.staff.accounts import hire, words_of
from domain.staff.actor import Actor, Grant
from domain.staff.journal import note
from domain.staff.sign_in import end_sessions
from domain.staff.tables import Invitation, StaffMember

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

INVITATION_LASTS = dt.timedelta(days=7)


class InvitationSpentError(LianxinError):
    """The invitation is unknown, used or expired."""


async def invite(
    session: AsyncSession,
    actor: Actor,
    full_name: str,
    grant: Grant,
    now: dt.datetime,
) -> str:
    """Invite someone to a role at a place; returns the key of the one-time link."""
    key = new_key()
    session.add(
        Invitation(
            key_hash=key_hash(key),
            full_name=full_name,
            role=grant.role,
            subdistrict_id=grant.subdistrict_id,
            community_id=grant.community_id,
            invited_by=actor.staff_id,
            expires_at=now + INVITATION_LASTS,
        )
    )
    after = {"full_name": full_name, **words_of(grant)}
    await note(session, actor, "invited", "staff", now=now, after=after)
    return key


async def invite_to_new_password(
    session: AsyncSession, actor: Actor, member: StaffMember, now: dt.datetime
) -> str:
    """A one-time link with which someone who forgot sets a new password."""
    key = new_key()
    session.add(
        Invitation(
            key_hash=key_hash(key),
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
    wanted = select(Invitation).where(Invitation.key_hash == key_hash(key))
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


async def accept_invitation(
    session: AsyncSession, key: str, name: str, password_hash: str, now: dt.datetime
) -> StaffMember:
    """Become staff, or set the new password. Raises `InvitationSpentError`, `NameTakenError`."""
    invitation = await open_invitation(session, key, now, to_accept=True)
    invitation.used_at = now
    if invitation.staff_id is not None:
        member = await session.get_one(StaffMember, invitation.staff_id)
        member.password = password_hash
        await end_links(session, now, Invitation.staff_id == member.id)
        # A new password ends what was counted against guesses of the old one.
        await guesses.forget_name(session, member.name)
        await end_sessions(session, member.id, now)
        actor = Actor(member.id, None, member.name, member.full_name)
        await note(session, actor, "password-set", f"staff/{member.id}", now=now)
        return member
    grant = Grant(invitation.role, invitation.subdistrict_id, invitation.community_id)  # type: ignore[arg-type]
    return await hire(session, Actor(), name, invitation.full_name, password_hash, (grant,), now)


# A link is valid no longer than the right to give it: unused invitations end when the inviter
# leaves or loses a role, and links to a new password end when a password is set or the account
# ends.
async def end_links(session: AsyncSession, now: dt.datetime, *which: ColumnElement[bool]) -> None:
    """Let unused links open nothing any more."""
    await session.execute(
        update(Invitation).where(Invitation.used_at.is_(None), or_(*which)).values(expires_at=now)
    )
