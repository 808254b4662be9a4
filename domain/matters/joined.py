"""Joined matters: several people see one promise, and nothing of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.matters.errors import NotJoinableError
from domain.matters.tables import EntryKind, Matter
from domain.matters.timeline import add

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.timeline import Act

# Matters that can be one: an answer is written to each in one unit of work.
MOST_JOINED = 50


async def joined_to(
    session: AsyncSession, matter: Matter, *, for_update: bool = False
) -> list[Matter]:
    """The matters joined to this one, without it; locked if they are to be answered with it."""
    wanted = select(Matter).where(Matter.joined_to_id == matter.id).order_by(Matter.id)
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return list(await session.scalars(wanted))


def main_id(matter: Matter) -> int:
    """The matter whose promises this one shares: itself, or the one it is joined to."""
    return matter.joined_to_id or matter.id


async def join(act: Act, matter: Matter, into: Matter) -> None:
    """Join a matter to another about the same thing. Its person reads that others said so too.

    Raises `NotJoinableError` for a closed one, one of another community or holder, and a complaint.
    """
    is_same_place = matter.community_id == into.community_id and matter.kind == into.kind
    is_same_holder = (matter.level, matter.holder_id) == (into.level, into.holder_id)
    is_plain = matter.about_id is None and into.about_id is None
    others = await joined_to(act.session, into)
    own = await joined_to(act.session, matter)
    if (
        matter.id == into.id
        or not (matter.is_open and into.is_open and is_same_place and is_same_holder and is_plain)
        or into.joined_to_id is not None
        or own
        or len(others) >= MOST_JOINED
    ):
        raise NotJoinableError
    matter.joined_to_id = into.id
    add(act, matter, EntryKind.JOINED)
