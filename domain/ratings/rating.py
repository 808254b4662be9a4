"""Rating a visit, and answering who was not satisfied."""

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

RATED_WITHIN = dt.timedelta(days=7)
"""How long after its day a visit can be rated."""
AT_ONCE = dt.timedelta(minutes=3)
"""How long a counter's tablet asks after somebody was finished with: then they have gone."""
FIX_WITHIN = 5
"""Working days until a bad rating is answered (the product's rules of the world)."""
MOST_TAGS = 5
LONGEST_WORDS = 500


class RatedAlreadyError(LianxinError):
    """The visit was rated before; the first rating stands."""


class NotRateableError(LianxinError):
    """The visit is not over yet, or over for too long."""


class AnsweredAlreadyError(LianxinError):
    """Somebody else has answered this call-back meanwhile."""


@dataclass(frozen=True)
class BadRatingGiven(Event):
    """Somebody was not satisfied, and the office owes an answer."""

    call_back_id: int
    community_id: int


@dataclass(frozen=True)
class Opinion:
    """What somebody says of a visit. Only the level is asked for."""

    level: RatingLevel
    tags: tuple[RatingTag, ...] = ()
    words: str = ""
    phone: str = ""
    """Where to call back; only looked at with a bad rating."""


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
    # The constraint decides who was first, whoever asks at the same moment.
    insert = inserting(session, ServiceRating).values(values).on_conflict_do_nothing()
    number = (await session.scalars(insert.returning(ServiceRating.id))).one_or_none()
    if number is None:
        raise RatedAlreadyError
    rating = ServiceRating(id=number, **values)
    if opinion.level.is_bad:
        hall = (await session.scalars(select(Hall).where(Hall.id == rating.hall_id))).one()
        call_back = CallBack(
            rating_id=number, community_id=hall.community_id, fix_by=fix_by, phone=opinion.phone
        )
        session.add(call_back)
        await session.flush()
        record(session, BadRatingGiven(call_back.id, hall.community_id))
    record(session, QueueChanged(ticket.day.hall_id))
    return rating


def may_rate(ticket: Ticket, now: dt.datetime) -> bool:
    """Whether a visit can be rated: it is over, and not for too long."""
    return ticket.state is TicketState.DONE and now.date() - ticket.day.day <= RATED_WITHIN


async def rating_of(session: AsyncSession, ticket_id: int) -> ServiceRating | None:
    """What was said of a visit."""
    found: ServiceRating | None = await session.scalar(
        select(ServiceRating).where(ServiceRating.ticket_id == ticket_id)
    )
    return found


async def call_back_of(session: AsyncSession, ticket_id: int) -> CallBack | None:
    """What the office owes the person of a ticket, or owed."""
    found: CallBack | None = await session.scalar(
        select(CallBack)
        .join(ServiceRating, ServiceRating.id == CallBack.rating_id)
        .where(ServiceRating.ticket_id == ticket_id)
    )
    return found


async def to_be_rated(
    session: AsyncSession, hall_id: int, counter: int, now: dt.datetime
) -> Ticket | None:
    """Whom the tablet at a counter asks: the last one finished with there, a moment ago.

    None once they have rated, once the counter has called the next, or after `AT_ONCE`.
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
    """The call-backs of these communities with rating and ticket; open ones the first due first."""
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
    """How many of a community wait for an answer, and until when the first of them."""

    community_id: int
    count: int
    fix_by: dt.date


async def open_call_backs(session: AsyncSession, community_ids: list[int]) -> list[OpenCallBacks]:
    """Those of these communities that owe somebody an answer, the first due first."""
    rows = await session.execute(
        select(CallBack.community_id, func.count(), func.min(CallBack.fix_by).label("first"))
        .where(CallBack.community_id.in_(community_ids), CallBack.done_on.is_(None))
        .group_by(CallBack.community_id)
        .order_by("first", CallBack.community_id)
    )
    return [OpenCallBacks(*row) for row in rows]


async def attempts_of(session: AsyncSession, call_back_id: int) -> list[CallBackAttempt]:
    """When somebody was called in vain."""
    found = await session.scalars(
        select(CallBackAttempt)
        .where(CallBackAttempt.call_back_id == call_back_id)
        .order_by(CallBackAttempt.id)
    )
    return list(found)


async def call_back_in(
    session: AsyncSession, call_back_id: int, community_id: int
) -> CallBack | None:
    """A call-back of this community, with its rating; None when it has no such."""
    found: CallBack | None = await session.scalar(
        select(CallBack)
        .where(CallBack.id == call_back_id, CallBack.community_id == community_id)
        .options(joinedload(CallBack.rating).joinedload(ServiceRating.ticket))
    )
    return found


async def tried(session: AsyncSession, actor: Actor, call_back: CallBack, now: dt.datetime) -> None:
    """Somebody was called and not reached. Raises `AnsweredAlreadyError`."""
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
    """Say what was done about it; the number to call is forgotten. Raises `AnsweredAlreadyError`.

    `words` is for the person who rated, on the ticket's page: one to 500 characters.
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
    """Let nobody else answer meanwhile."""
    await session.refresh(call_back, ["done_on"], with_for_update=True)
    if call_back.done_on is not None:
        raise AnsweredAlreadyError
