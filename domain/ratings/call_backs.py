"""差评回访: the answer that an office owes after a bad rating."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from domain.errors import LianxinError
from domain.ratings.tables import CallBack, CallBackAttempt, ServiceRating
from domain.staff.journal import note

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor


class AnsweredAlreadyError(LianxinError):
    """Another staff member has answered this call-back meanwhile."""


async def call_back_of(session: AsyncSession, ticket_id: int) -> CallBack | None:
    """The call-back of a ticket, open or done, or None."""
    found: CallBack | None = await session.scalar(
        select(CallBack)
        .join(ServiceRating, ServiceRating.id == CallBack.rating_id)
        .where(ServiceRating.ticket_id == ticket_id)
    )
    return found


async def call_backs(
    session: AsyncSession, community_ids: list[int], *, is_done: bool, most: int = 100
) -> list[CallBack]:
    """The call-backs of these communities with rating and ticket; open ones by due date."""
    wanted = (
        select(CallBack)
        .where(CallBack.community_id.in_(community_ids))
        .options(joinedload(CallBack.rating).joinedload(ServiceRating.ticket))
        .limit(most)
    )
    wanted = (
        wanted.where(CallBack.done_on.is_not(None)).order_by(CallBack.id.desc())
        if is_done
        else wanted.where(CallBack.done_on.is_(None)).order_by(CallBack.fix_by, CallBack.id)
    )
    return list(await session.scalars(wanted))


@dataclass(frozen=True)
class OpenCallBacks:
    """How many people of a community wait for an answer, and when the first is due."""

    community_id: int
    count: int
    fix_by: dt.date


async def open_call_backs(session: AsyncSession, community_ids: list[int]) -> list[OpenCallBacks]:
    """The communities among these with open call-backs, by due date."""
    rows = await session.execute(
        select(CallBack.community_id, func.count(), func.min(CallBack.fix_by).label("first"))
        .where(CallBack.community_id.in_(community_ids), CallBack.done_on.is_(None))
        .group_by(CallBack.community_id)
        .order_by("first", CallBack.community_id)
    )
    return [OpenCallBacks(*row) for row in rows]


async def attempts_of(session: AsyncSession, call_back_id: int) -> list[CallBackAttempt]:
    """When calls found nobody."""
    found = await session.scalars(
        select(CallBackAttempt)
        .where(CallBackAttempt.call_back_id == call_back_id)
        .order_by(CallBackAttempt.id)
    )
    return list(found)


async def call_back_in(
    session: AsyncSession, call_back_id: int, community_id: int
) -> CallBack | None:
    """The call-back with its rating; None if this community has none with that id."""
    found: CallBack | None = await session.scalar(
        select(CallBack)
        .where(CallBack.id == call_back_id, CallBack.community_id == community_id)
        .options(joinedload(CallBack.rating).joinedload(ServiceRating.ticket))
    )
    return found


async def tried(session: AsyncSession, actor: Actor, call_back: CallBack, now: dt.datetime) -> None:
    """Record that the person was called and not reached. Raises `AnsweredAlreadyError`."""
    await _hold(session, call_back)
    session.add(CallBackAttempt(call_back_id=call_back.id, staff_id=actor.staff_id, at=now))
    await note(
        session,
        actor,
        "call-back-tried",
        f"call-back/{call_back.id}",
        now=now,
        community_id=call_back.community_id,
    )


async def answer(
    session: AsyncSession, actor: Actor, call_back: CallBack, words: str, now: dt.datetime
) -> None:
    """Record the answer and erase the number to call. Raises `AnsweredAlreadyError`.

    `words` are for the person who rated, on the ticket's page: 1 to 500 characters.
    """
    await _hold(session, call_back)
    call_back.done_on, call_back.done_by = now.date(), actor.staff_id
    call_back.answer, call_back.phone = words, ""
    await note(
        session,
        actor,
        "call-back-answered",
        f"call-back/{call_back.id}",
        now=now,
        after={"answer": words},
        community_id=call_back.community_id,
    )


async def _hold(session: AsyncSession, call_back: CallBack) -> None:
    """Lock the call-back against another answer. Raises `AnsweredAlreadyError`."""
    await session.refresh(call_back, ["done_on"], with_for_update=True)
    if call_back.done_on is not None:
        raise AnsweredAlreadyError
