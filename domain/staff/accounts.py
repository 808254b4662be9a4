"""账号: making one, and looking one up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from domain.errors import LianxinError
from domain.staff.actor import Actor, Grant
from domain.staff.journal import RENAMED, note
from domain.staff.tables import StaffMember, StaffRole

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community

NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,39}\Z")


class NameTakenError(LianxinError):
    """Another member of staff signs in by this name."""


async def member_by_name(session: AsyncSession, name: str) -> StaffMember | None:
    """The active person of this name."""
    found: StaffMember | None = await session.scalar(
        select(StaffMember).where(StaffMember.name == name.lower(), StaffMember.ended_at.is_(None))
    )
    return found


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


# Not taken: DISTINCT over a join, which PostgreSQL cannot do with a column of JSON.
async def members_with_role(
    session: AsyncSession, *which: ColumnElement[bool]
) -> list[StaffMember]:
    """Active staff who hold a role of which all this is true, by full name."""
    holders = select(StaffRole.staff_id).where(*which)
    found = await session.scalars(
        select(StaffMember)
        .where(StaffMember.ended_at.is_(None), StaffMember.id.in_(holders))
        .order_by(StaffMember.full_name, StaffMember.id)
    )
    return list(found)


async def staff_of(session: AsyncSession, community: Community) -> list[StaffMember]:
    """Everyone with a role in this community or above it, by full name."""
    return await members_with_role(session, StaffRole.covers(community))


async def full_names(
    session: AsyncSession, staff_ids: Iterable[int | None]
) -> dict[int | None, str]:
    """The full names of these members of staff, whether they still work here or not, by id."""
    wanted = {staff_id for staff_id in staff_ids if staff_id is not None}
    rows = await session.execute(
        select(StaffMember.id, StaffMember.full_name).where(StaffMember.id.in_(wanted))
    )
    return {each.id: each.full_name for each in rows}


def actor_for(member: StaffMember, session_id: int | None) -> Actor:
    """The actor that a member of staff is; `member.roles` must be loaded."""
    grants = tuple(
        Grant(each.role, each.subdistrict_id, each.community_id) for each in member.roles
    )
    return Actor(member.id, session_id, member.name, member.full_name, grants)


async def hire(  # noqa: PLR0913, PLR0917 - everything a person begins with
    session: AsyncSession,
    actor: Actor,
    name: str,
    full_name: str,
    password_hash: str,
    grants: Iterable[Grant],
    now: dt.datetime,
) -> StaffMember:
    """Make an account. Raises `NameTakenError`, and `ValueError` for a name that is not allowed."""
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
        roles=[StaffRole(**row_of(grant)) for grant in grants],
    )
    session.add(member)
    try:
        await session.flush()
    except IntegrityError:
        # Another request took the name since we looked.
        raise NameTakenError from None
    after = {"name": name, "full_name": full_name, "roles": [words_of(each) for each in grants]}
    acting = actor if actor.staff_id else Actor(member.id, None, name, full_name)
    await note(session, acting, "joined", f"staff/{member.id}", now=now, after=after)
    return member


async def rename(
    session: AsyncSession, actor: Actor, staff_id: int, full_name: str, now: dt.datetime
) -> None:
    """Give a person another full name. Entries of the log keep the name of their time."""
    member = await session.get_one(StaffMember, staff_id)
    if member.full_name == full_name:
        return
    before, member.full_name = member.full_name, full_name
    await note(
        session,
        actor,
        RENAMED,
        f"staff/{member.id}",
        now=now,
        before={"full_name": before},
        after={"full_name": full_name},
    )


def row_of(grant: Grant) -> dict[str, object]:
    """The columns that hold a grant."""
    return {
        "role": grant.role,
        "subdistrict_id": grant.subdistrict_id,
        "community_id": grant.community_id,
    }


def words_of(grant: Grant) -> dict[str, object]:
    """A grant as the journal says it: only the columns that are set."""
    return {name: value for name, value in row_of(grant).items() if value is not None}
