"""邀请: one-time links with which a person joins, or sets a new password."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update

from domain.errors import LianxinError
from domain.keys import key_hash, new_key
from domain.staff import guesses
from domain.staff.accounts import hire, member_with_roles, row_of, words_of
from domain.staff.actor import Actor, Grant
from domain.staff.journal import note
from domain.staff.sign_in import end_sessions
from domain.staff.tables import Invitation, StaffMember, StaffRole

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
    key = _add(session, actor, now, full_name=full_name, **row_of(grant))
    after = {"full_name": full_name, **words_of(grant)}
    await note(session, actor, "invited", "staff", now=now, after=after)
    return key


def _add(session: AsyncSession, actor: Actor, now: dt.datetime, **columns: object) -> str:
    """Add an invitation; its key."""
    key, until = new_key(), now + INVITATION_LASTS
    about = {"key_hash": key_hash(key), "invited_by": actor.staff_id, "expires_at": until}
    session.add(Invitation(**about, **columns))
    return key


async def invite_to_new_password(
    session: AsyncSession, actor: Actor, member: StaffMember, now: dt.datetime
) -> str:
    """A one-time link with which someone who forgot sets a new password."""
    key = _add(session, actor, now, staff_id=member.id, full_name=member.full_name)
    await note(session, actor, "password-link", f"staff/{member.id}", now=now)
    return key


async def invite_back(
    session: AsyncSession, actor: Actor, member: StaffMember, grant: Grant, now: dt.datetime
) -> str:
    """A one-time link with which someone who left returns, under the login name they had.

    Nothing of what they held comes back by itself: the link carries one role, as for anyone new.
    """
    person = {"staff_id": member.id, "full_name": member.full_name}
    key = _add(session, actor, now, **person, **row_of(grant))
    subject = f"staff/{member.id}"
    await note(session, actor, "invited-back", subject, now=now, after=words_of(grant))
    return key


# Used and withdrawn ones stay in the list for as long as an open one does, so that "did she use the
# link?" has an answer.
async def recent_invitations(session: AsyncSession, now: dt.datetime) -> list[Invitation]:
    """Every link that is open, was open, or was used in the last days; the newest first."""
    found = await session.scalars(
        select(Invitation)
        .where(
            or_(
                Invitation.expires_at > now - INVITATION_LASTS,
                Invitation.used_at > now - INVITATION_LASTS,
            )
        )
        .order_by(Invitation.id.desc())
    )
    return list(found)


async def withdraw(
    session: AsyncSession, actor: Actor, invitation: Invitation, now: dt.datetime
) -> None:
    """Let an open link open nothing any more. Raises `InvitationSpentError`."""
    if invitation.used_at is not None or invitation.expires_at <= now:
        raise InvitationSpentError
    invitation.expires_at = now
    subject = "staff" if invitation.staff_id is None else f"staff/{invitation.staff_id}"
    before: dict[str, object] = {"full_name": invitation.full_name}
    if (grant := grant_of(invitation)) is not None:
        before |= words_of(grant)
    await note(session, actor, "invitation-withdrawn", subject, now=now, before=before)


def grant_of(invitation: Invitation) -> Grant | None:
    """The role that a link gives; None for one that only sets a new password."""
    if invitation.role is None:
        return None
    return Grant(invitation.role, invitation.subdistrict_id, invitation.community_id)


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
    """Become staff, return, or set the new password.

    Raises `InvitationSpentError` and `NameTakenError`.
    """
    invitation = await open_invitation(session, key, now, to_accept=True)
    invitation.used_at = now
    grant = grant_of(invitation)
    if invitation.staff_id is not None:
        member = await member_with_roles(session, invitation.staff_id)
        if grant is not None:
            await _come_back(session, member, grant, now)
        member.password = password_hash
        await end_links(session, now, Invitation.staff_id == member.id)
        # A new password ends what was counted against guesses of the old one.
        await guesses.forget_name(session, member.name)
        await end_sessions(session, member.id, now)
        actor = Actor(member.id, None, member.name, member.full_name)
        await note(session, actor, "password-set", f"staff/{member.id}", now=now)
        return member
    if grant is None:  # pragma: no cover - a link for someone new carries a role
        raise InvitationSpentError
    return await hire(session, Actor(), name, invitation.full_name, password_hash, (grant,), now)


async def _come_back(
    session: AsyncSession, member: StaffMember, grant: Grant, now: dt.datetime
) -> None:
    """Open an account that was ended, with this role alone and without its old second factor."""
    member.roles = []
    await session.flush()
    member.roles = [StaffRole(**row_of(grant))]
    member.ended_at, member.totp_secret, member.recovery_codes = None, None, ()
    await session.flush()
    actor = Actor(member.id, None, member.name, member.full_name)
    subject, after = f"staff/{member.id}", {"roles": [words_of(grant)]}
    await note(session, actor, "came-back", subject, now=now, after=after)


# A link is valid no longer than the right to give it: unused invitations end when the inviter
# leaves or loses a role, and links to a new password end when a password is set or the account
# ends.
async def end_links(session: AsyncSession, now: dt.datetime, *which: ColumnElement[bool]) -> None:
    """Let unused links open nothing any more."""
    await session.execute(
        update(Invitation).where(Invitation.used_at.is_(None), or_(*which)).values(expires_at=now)
    )
