"""好差评: rating a visit on the ticket's page or the counter's tablet, once and if one likes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.phones import as_kept, is_phone
from domain.queue.errors import NotYoursError
from domain.queue.tables import TicketState
from domain.queue.tickets import ticket_of
from domain.ratings.call_backs import attempts_of, call_back_of
from domain.ratings.rating import FIX_WITHIN, LONGEST_WORDS, Opinion, may_rate, rate, rating_of
from domain.ratings.tables import RatingLevel, RatingSource, RatingTag
from web.site.answers import FieldError

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.queue.tables import Ticket
    from domain.ratings.tables import CallBack, ServiceRating
    from web.site.forms import Form
    from web.site.visit import Visit
    from web.site.visits import ResidentVisit

log = logging.getLogger("lianxin.ratings")


@dataclass(frozen=True)
class Rated:
    """What the page of a ticket says of its rating."""

    # Whether the device that looks may rate this visit now.
    may_rate: bool
    rating: ServiceRating | None
    # What the office owes, or answered, after a bad rating.
    call_back: CallBack | None
    # Days on which the office called in vain.
    attempts: tuple[dt.date, ...]
    # By when a bad rating of today is answered.
    fix_by: dt.date
    level: str = ""
    ticked: tuple[str, ...] = ()
    words: str = ""
    # What was chosen and typed when it could not be taken.
    phone: str = ""


async def rated(
    session: AsyncSession, visit: Visit, ticket: Ticket, device: str | None, form: Form | None
) -> Rated:
    """How it stands with the rating of a ticket (loaded with its day), as `device` sees it."""
    # A visit that goes on has none, and its page is asked for most.
    is_over = ticket.state is TicketState.DONE
    rating = await rating_of(session, ticket.id) if is_over else None
    call_back = await call_back_of(session, ticket.id) if rating and rating.level.is_bad else None
    attempts = await attempts_of(session, call_back.id) if call_back else []
    return Rated(
        may_rate=may_act(ticket, device) and rating is None and may_rate(ticket, visit.now),
        rating=rating,
        call_back=call_back,
        attempts=tuple(visit.local(each.at).date() for each in attempts),
        fix_by=fix_by(visit),
        level=form.text("level") if form else "",
        ticked=tuple(form.all("tag")) if form else (),
        words=form.given("words")[:LONGEST_WORDS] if form else "",
        phone=form.text("phone", 40) if form else "",
    )


def fix_by(visit: Visit) -> dt.date:
    """By when a bad rating of today is answered."""
    return visit.published.calendar.deadline(visit.today, FIX_WITHIN).due_on


def may_act(ticket: Ticket, device: str | None) -> bool:
    """Whether a device may rate a visit: the one that took the number, or any for one on paper."""
    return ticket.device_hash in {None, device}


def opinion_of(form: Form) -> Opinion:
    """What a form says. Raises `FieldError`."""
    given = form.text("level")
    if given not in set(RatingLevel):
        raise FieldError("level")
    level = RatingLevel(given)
    tags = tuple(
        RatingTag(each)
        for each in dict.fromkeys(form.all("tag"))
        if each in set(RatingTag) and RatingTag(each).is_bad == level.is_bad
    )
    phone = as_kept(form.text("phone", 40)) if level.is_bad else ""
    if phone and not is_phone(phone):
        raise FieldError("phone")
    return Opinion(level, tags, form.given("words").strip()[:LONGEST_WORDS], phone)


async def rate_own(visit: ResidentVisit, session: AsyncSession) -> None:
    """Rate the visit of the ticket in the address, from its page.

    Raises `FieldError`, `NotYoursError`, `NotRateableError`, `RatedAlreadyError`.
    """
    opinion = opinion_of(visit.form)
    ticket = await ticket_of(session, visit.params["token"])
    if ticket is None or not may_act(ticket, visit.device):
        raise NotYoursError
    before = await rating_of(session, ticket.id)
    # A phone without a network sends its form until it hears an answer.
    if before and (before.level, before.words) == (opinion.level, opinion.words):
        return
    await rate_visit(session, visit, ticket, opinion, RatingSource.PAGE)


async def rate_visit(
    session: AsyncSession, visit: Visit, ticket: Ticket, opinion: Opinion, source: RatingSource
) -> None:
    """Rate a visit now. Raises `NotRateableError`, `RatedAlreadyError`."""
    await rate(
        session,
        ticket,
        opinion,
        visit.now,
        source=source,
        fix_by=fix_by(visit),
    )
