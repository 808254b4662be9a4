"""Rating a visit, and calling back people who were not satisfied."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from domain.errors import LianxinError
from domain.events import Event, record
from domain.places.tables import Hall
from domain.queue.days import QueueChanged
from domain.queue.tables import QueueDay, Ticket, TicketPeriod, TicketState
from domain.ratings.tables import (
    CallBack,
    CallBackAttempt,
    RatingLevel,
    RatingSource,
    RatingTag,
    ServiceRating,
)
from domain.staff.journal import note
from domain.store import inserting

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor

# How long after its day a visit can be rated.
RATED_WITHIN = dt.timedelta(days=7)
# How long a counter's tablet asks after a visit ends; then the person has gone.
AT_ONCE = dt.timedelta(minutes=3)
# Working days until a bad rating is answered (the product's rules).
FIX_WITHIN = 5
MOST_TAGS = 5
LONGEST_WORDS = 500


class RatedAlreadyError(LianxinError):
    """The visit was rated before; the first rating stands."""


class NotRateableError(LianxinError):
    """The visit is not over yet, or was over too long ago."""


class AnsweredAlreadyError(LianxinError):
    """Another staff member has answered this call-back meanwhile."""


@dataclass(frozen=True)
class BadRatingGiven(Event):
    """A person was not satisfied; the office owes an answer."""

    call_back_id: int
    community_id: int


@dataclass(frozen=True)
class Opinion:
    """What a person says about a visit. Only the level is required."""

    level: RatingLevel
    tags: tuple[RatingTag, ...] = ()
    words: str = ""
    # Where to call back; only read with a bad rating.
    phone: str = ""


# The unique index decides, not a lock: the rating is inserted with "do nothing on conflict", and
# the second caller learns that the first stands. The tablet keeps a touched level until the server
# has it, and sends it by itself when the person walks away: one touch is enough.
async def rate(  # noqa: PLR0913 - which visit, what is said, from where, answered by when
    session: AsyncSession,
    ticket: Ticket,
    opinion: Opinion,
    now: dt.datetime,
    *,
    source: RatingSource,
    fix_by: dt.date,
) -> ServiceRating:
    """Rate a visit, once. `ticket` is loaded with its day; `now` is aware local time.

    Raises `NotRateableError`, `RatedAlreadyError`.
    """
    if not may_rate(ticket, now):
        raise NotRateableError
    values = {
        "ticket_id": ticket.id,
        "hall_id": ticket.day.hall_id,
        "level": opinion.level,
        "tags": opinion.tags[:MOST_TAGS],
        "words": opinion.words[:LONGEST_WORDS],
        "source": source,
        "given_at": now,
        "given_on": now.date(),
    }
    # The unique constraint decides who was first, even when two ask at the same moment.
    insert = inserting(session, ServiceRating).values(values).on_conflict_do_nothing()
    number = (await session.scalars(insert.returning(ServiceRating.id))).one_or_none()
    if number is None:
        raise RatedAlreadyError
    rating = ServiceRating(id=number, **values)
    if opinion.level.is_bad:
        await _open_call_back(session, rating, fix_by, opinion.phone)
    record(session, QueueChanged(ticket.day.hall_id))
    return rating


async def _open_call_back(
    session: AsyncSession, rating: ServiceRating, fix_by: dt.date, phone: str
) -> None:
    hall = await session.get_one(Hall, rating.hall_id)
    call_back = CallBack(
        rating_id=rating.id, community_id=hall.community_id, fix_by=fix_by, phone=phone
    )
    session.add(call_back)
    await session.flush()
    record(session, BadRatingGiven(call_back.id, hall.community_id))


def may_rate(ticket: Ticket, now: dt.datetime) -> bool:
    """Whether the visit is over, and not for too long."""
    return ticket.state is TicketState.DONE and now.date() - ticket.day.day <= RATED_WITHIN


async def rating_of(session: AsyncSession, ticket_id: int) -> ServiceRating | None:
    """The rating of a visit, or None."""
    found: ServiceRating | None = await session.scalar(
        select(ServiceRating).where(ServiceRating.ticket_id == ticket_id)
    )
    return found


async def call_back_of(session: AsyncSession, ticket_id: int) -> CallBack | None:
    """The call-back of a ticket, open or done, or None."""
    found: CallBack | None = await session.scalar(
        select(CallBack)
        .join(ServiceRating, ServiceRating.id == CallBack.rating_id)
        .where(ServiceRating.ticket_id == ticket_id)
    )
    return found


async def to_be_rated(
    session: AsyncSession, hall_id: int, counter: int, now: dt.datetime
) -> Ticket | None:
    """The visit that a counter's tablet asks about: the last one finished there.

    None once it is rated, once the counter has called the next, or after `AT_ONCE`.
    """
    last = await session.scalar(
        select(TicketPeriod)
        .join(Ticket, Ticket.id == TicketPeriod.ticket_id)
        .join(QueueDay, QueueDay.id == Ticket.day_id)
        .where(
            QueueDay.hall_id == hall_id,
            QueueDay.day == now.date(),
            TicketPeriod.counter == counter,
            TicketPeriod.began_at > now - AT_ONCE,
        )
        .order_by(TicketPeriod.id.desc())
        .limit(1)
    )
    if last is None or last.state is not TicketState.DONE:
        return None
    if await rating_of(session, last.ticket_id) is not None:
        return None
    found: Ticket | None = await session.scalar(
        select(Ticket).where(Ticket.id == last.ticket_id).options(joinedload(Ticket.day))
    )
    return found


# The office


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
