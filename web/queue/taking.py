"""取号: choose what for, see the wait and what to bring, then take the number."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from domain.hours import last_closing
from domain.queue.errors import HoldsOneError, NoNewNumbersError, QueueClosedError
from domain.queue.tickets import take_ticket, ticket_of_request, tickets_of_device
from web.queue.offers import Numbers, Offer, Wait, common_wait, numbers_of, offered
from web.queue.refusals import OddRequestError
from web.queue.ticket_request import Choice, ticket_request
from web.site.answers import InvalidError, Redirect, TooOftenError
from web.site.device_key import FormKey
from web.site.pages import Page

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.handbook.tables import Category
    from domain.hours import HallState
    from domain.places.tables import Community, Hall
    from domain.queue.tables import PriorityKind, Ticket
    from domain.queue.tickets import TicketRequest
    from web.site.visit import Visit
    from web.site.visits import ResidentVisit


# How long before the hall closes a number is compared with its closing time.
LAST_HOURS = dt.timedelta(hours=3)


@dataclass(frozen=True)
class Line(Offer):
    """A category of the hall, as this device may take a number of it."""

    # The number of this category that the device holds.
    held: Ticket | None


@dataclass(frozen=True, kw_only=True)
class Take(Page):
    template: ClassVar[str] = "queue/take.html"
    tab: ClassVar[str] = "take"
    asks: ClassVar[tuple[str, ...]] = ("category", "item")
    hall: HallState
    # Whether numbers are given while the hall is open by the clock.
    numbers: Numbers
    # When the hall opens on a day after this one; None if unknown.
    opens_next: dt.datetime | None
    lines: tuple[Line, ...]
    # The wait that is the same for all lines; None if it is not.
    wait_of_all: Wait | None
    chosen: Line | None
    choice: Choice
    key: str
    kinds: tuple[PriorityKind, ...]
    # Who else has priority here, in the hall's own words.
    others: str
    # Why no number was given: `closed`, `stopped`, `sold-out`, `not-served`, `odd`, `too-many`;
    # empty at first.
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Holds(Page):
    """The device already holds a number of this category: that one counts."""

    template: ClassVar[str] = "queue/holds.html"
    tab: ClassVar[str] = "take"
    status: ClassVar[int] = HTTPStatus.CONFLICT
    ticket: Ticket
    category: Category
    may_cancel: bool


@dataclass(frozen=True, kw_only=True)
class TakeOffline(Page):
    """取号, on a phone without a network: who to call, and what to bring meanwhile."""

    template: ClassVar[str] = "queue/take_offline.html"
    tab: ClassVar[str] = "take"


async def without_network(visit: Visit) -> Page:
    """The page that a phone keeps in place of the form."""
    return TakeOffline(community=await visit.community())


async def show(visit: ResidentVisit) -> Page:
    """The form, with the wait of each category."""
    return await _page(visit, _asked(visit))


def _asked(visit: Visit) -> Choice:
    """What the address asks for: the item of a guide, or a category."""
    item = visit.published.handbook.items.get(visit.query.get("item", ""))
    if item is not None:
        return Choice(item.category.letter, (item.slug,))
    return Choice(visit.query.get("category", "")[:1])


# The limit is counted before the unit of work, so that a device that asks too often costs the
# store nothing.
async def before_taking(visit: ResidentVisit) -> None:
    """Count the attempt for this device and address. Raises `TooOftenError`."""
    services = visit.services
    form = visit.form.text("request")
    by_device = services.numbers_by_device.wait(visit.own_device, visit.now, form)
    hall = visit.params["community"]
    wait = by_device or visit.wait_at_address(services.numbers_by_address, hall, form)
    if wait:
        raise TooOftenError(wait)
    await _refuse_after_closing(visit)


# In the last hours only: earlier the page that offers the number says it, and a morning's rush need
# not be played once more for each number.
async def _refuse_after_closing(visit: ResidentVisit) -> None:
    """Raises `NoNewNumbersError` for a number whose turn would come when the hall is closed.

    A form sent again finds its number whatever the forecast says.
    """
    community, key = await visit.community(), FormKey.given(visit.form.text("request"))
    ends_at = last_closing(visit.hall_state(community).today, visit.now)
    if key is None or ends_at is None or ends_at - visit.now > LAST_HOURS:
        return
    async with visit.services.store.read() as session:
        if await ticket_of_request(session, key.request_key) is not None:
            return
        _, offers = await offered(session, visit.services, visit, community.hall)
    letter = visit.form.text("category", 1)
    if any(each.refusal == "too-late" for each in offers if each.category.letter == letter):
        raise NoNewNumbersError


async def take(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Give one number per form, and redirect to it."""
    community, key = await visit.community(), FormKey.given(visit.form.text("request"))
    if key is None:
        raise OddRequestError
    request = ticket_request(Choice.of(visit.form), visit.published.handbook, strict=True)
    ticket = await _same_or_new(visit, session, community, request, key)
    return Redirect(f"/tickets/{ticket.token}")


async def _same_or_new(
    visit: ResidentVisit,
    session: AsyncSession,
    community: Community,
    request: TicketRequest,
    key: FormKey,
) -> Ticket:
    """The ticket of this form; a form sent again finds it even after the hall has closed."""
    state = visit.hall_state(community)
    if not state.is_open:
        same = await ticket_of_request(session, key.request_key)
        if same is None:
            raise QueueClosedError(state.opens_at)
        return same
    try:
        return await take_ticket(
            session,
            community.hall.id,
            request,
            visit.now,
            served=community.hall.letters,
            device_hash=visit.own_device,
            request_key=key.request_key,
        )
    except HoldsOneError as error:
        raise InvalidError(_holds(visit, community, error.ticket)) from error


def _holds(visit: Visit, community: Community, ticket: Ticket) -> Holds:
    return Holds(
        community=community,
        ticket=ticket,
        category=visit.published.handbook.by_letter[ticket.letter],
        may_cancel=not ticket.state.is_at_counter,
    )


async def show_again(visit: ResidentVisit, trouble: str) -> Take:
    """The form again with what was chosen, and why there is no number yet."""
    return await _page(visit, Choice.of(visit.form), trouble)


async def _page(visit: ResidentVisit, choice: Choice, trouble: str = "") -> Take:
    community, services = await visit.community(), visit.services
    async with services.store.read() as session:
        queue, offers = await offered(session, services, visit, community.hall)
        device = visit.device
        mine = await tickets_of_device(session, device, visit.today) if device else ()
    lines = _lines(community.hall, offers, mine)
    return Take(
        community=community,
        hall=visit.hall_state(community),
        numbers=numbers_of(queue, lines),
        opens_next=visit.opens_after_today(community),
        lines=lines,
        wait_of_all=common_wait(
            line.wait for line in lines if line.held is None and not line.refusal
        ),
        chosen=next((line for line in lines if line.category.letter == choice.letter), None),
        choice=choice,
        key=FormKey.new().key,
        kinds=queue.rules.kinds,
        others=queue.rules.others or "",
        trouble=trouble,
    )


def _lines(hall: Hall, offers: tuple[Offer, ...], mine: tuple[Ticket, ...]) -> tuple[Line, ...]:
    """The categories that the hall's own counters serve, with the numbers the device holds."""
    held = {
        ticket.letter: ticket
        for ticket in mine
        if ticket.state.is_active and ticket.day.hall_id == hall.id
    }
    letters = hall.letters
    return tuple(
        Line(offer.category, offer.wait, offer.refusal, held.get(offer.category.letter))
        for offer in offers
        if offer.category.letter in letters
    )
