"""The actions on a ticket's page: cancel, let others pass, rejoin, bring, rate, follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.queue import tickets
from domain.queue.tickets import own_ticket, ticket_of
from push.preferences import DISTANCES
from push.recipients import device as recipient_of
from push.watches import follow, unfollow
from web.queue.ticket import NoTicket
from web.ratings.rating import rate_own
from web.site.answers import FieldError, InvalidError, Redirect, TooOftenError
from web.site.forms import number

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.queue.tables import Ticket
    from web.site.visits import ResidentVisit

# The most people that one tap lets go first.
MOST_PASSING = 5


def _page(visit: ResidentVisit, done: str = "") -> Redirect:
    """The ticket's page; `done` has it say what was done."""
    return Redirect(f"/tickets/{visit.params['token']}{done}")


async def _own(visit: ResidentVisit, session: AsyncSession) -> Ticket:
    """The device's own ticket. Raises `NotYoursError` for one that it may only follow."""
    return await own_ticket(session, visit.params["token"], visit.device or "", visit.now)


async def cancel(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    await tickets.cancel(session, await _own(visit, session), visit.now)
    return _page(visit)


async def let_pass(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    passing = max(1, min(number(visit.form.text("count")) or 1, MOST_PASSING))
    went = await tickets.let_pass(session, await _own(visit, session), passing, visit.now)
    return _page(visit, f"?let={went}")


async def come_back(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Rejoin the queue after a missed call."""
    await tickets.come_back(session, await _own(visit, session), visit.now)
    return _page(visit, "?back")


async def bring(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Say which documents of an item are at hand; what was ticked of other items stays."""
    ticket = await _own(visit, session)
    await tickets.bring(session, ticket, sorted(_at_hand(visit, ticket)), visit.now)
    return _page(visit)


def _at_hand(visit: ResidentVisit, ticket: Ticket) -> set[str]:
    """Names of documents: ticked in this form, or before for an item the form is not about."""
    known = visit.published.handbook.items
    ticked, about = frozenset(visit.form.all("brought")), frozenset(visit.form.all("item"))
    return {
        document.name
        for slug in ticket.items
        if slug in known
        for document in known[slug].guide.documents
        if document.name in (ticked if slug in about else ticket.brought)
    }


async def rate(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """好差评: rate the visit."""
    await rate_own(visit, session)
    return _page(visit)


async def before_following(visit: ResidentVisit) -> None:
    """Count one more wish of this address. Raises `TooOftenError`."""
    wait = visit.wait_at_address(visit.services.follows_by_address)
    if wait is not None:
        raise TooOftenError(wait)


# The watch is stored before the browser is asked for permission: inbox and letters work from then
# on, and the push service, which in mainland China may never answer, comes last.
# Not taken: subscribing first, which loses the wish with the network.
async def follow_ticket(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """快到时告诉我: follow a ticket, or follow it at another distance."""
    ahead = number(visit.form.text("ahead"))
    if ahead not in DISTANCES:
        raise FieldError("ahead")
    ticket = await ticket_of(session, visit.params["token"])
    if ticket is None:
        raise InvalidError(NoTicket())
    await follow(session, recipient_of(visit.own_device), ticket, ahead, visit.now)
    return _page(visit)


async def leave_ticket(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    ticket = await ticket_of(session, visit.params["token"])
    if ticket is not None and visit.device is not None:
        await unfollow(session, recipient_of(visit.device), ticket.id)
    return _page(visit, "?left")
