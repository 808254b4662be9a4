"""What a member of staff signs in with: the password, and the second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.keys import key_hash, plain_code
from domain.staff import guesses, passwords
from domain.staff.invitations import end_links
from domain.staff.journal import note
from domain.staff.sign_in import end_sessions
from domain.staff.tables import Invitation, StaffMember

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor
    from domain.staff.sealing import Seal


async def change_password(
    session: AsyncSession, actor: Actor, password_hash: str, now: dt.datetime
) -> None:
    """Change the actor's own password; their other sessions and their password links end."""
    member = await session.get_one(StaffMember, actor.staff_id)
    member.password = password_hash
    await guesses.forget(session, guesses.tallies_of_own(member.name))
    await end_links(session, now, Invitation.staff_id == member.id)
    await end_sessions(session, member.id, now, but=actor.session_id)
    await note(session, actor, "password-changed", f"staff/{member.id}", now=now)


async def set_second_factor(  # noqa: PLR0913, PLR0917 - what is set, and what proves it
    session: AsyncSession, actor: Actor, secret: str, code: str, seal: Seal, now: dt.datetime
) -> tuple[str, ...] | None:
    """Turn the second factor on; returns the recovery codes, or None when `code` is wrong."""
    member = await session.get_one(StaffMember, actor.staff_id)
    step = passwords.accepted_step(secret, plain_code(code), now, None)
    if step is None:
        return None
    codes = passwords.new_recovery_codes()
    member.totp_secret, member.totp_last_step = seal.close(secret), step
    member.recovery_codes = tuple(key_hash(each) for each in codes)
    await end_sessions(session, member.id, now, but=actor.session_id)
    await note(session, actor, "second-factor-set", f"staff/{member.id}", now=now)
    return codes


async def remove_second_factor(
    session: AsyncSession, actor: Actor, staff_id: int, now: dt.datetime
) -> None:
    """Turn a second factor off: the actor's own, or that of a person who lost the phone."""
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
