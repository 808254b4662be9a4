"""Rating a visit, and calling back people who were not satisfied."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from domain.errors import LianxinError
from domain.events import Event, record
from domain.places.tables import Hall
from domain.queue.days import QueueChanged
from domain.queue.tables import QueueDay, Ticket, TicketPeriod, TicketState
from domain.ratings.tables import (
    CallBack,
    RatingLevel,
    RatingSource,
    RatingTag,
    ServiceRating,
)
from domain.store import inserting

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


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
    rating: ServiceRating | None = await session.scalar(
        select(ServiceRating).where(ServiceRating.ticket_id == ticket_id)
    )
    return rating


async def to_be_rated(
    session: AsyncSession, hall_id: int, counter: int, now: dt.datetime
) -> Ticket | None:
    """The visit that a counter's tablet asks about: the last one finished there.

    None once it is rated, once the counter has called the next, or after `AT_ONCE`.
    """
    last = await _last_period(session, hall_id, counter, now)
    if last is None or last.state is not TicketState.DONE:
        return None
    if await rating_of(session, last.ticket_id) is not None:
        return None
    ticket: Ticket | None = await session.scalar(
        select(Ticket).where(Ticket.id == last.ticket_id).options(joinedload(Ticket.day))
    )
    return ticket


async def _last_period(
    session: AsyncSession, hall_id: int, counter: int, now: dt.datetime
) -> TicketPeriod | None:
    """The newest period at a counter, if it began within `AT_ONCE`."""
    period: TicketPeriod | None = await session.scalar(
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
    return period
