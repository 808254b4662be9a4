"""取号: what for, how long it would take, what to bring; then the number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from domain.hours import HallState, hall_state
from domain.queue.errors import HoldsOneError, QueueClosedError
from domain.queue.tables import PriorityKind, Ticket
from domain.queue.tickets import Wish, take_ticket, ticket_of_request, tickets_of_device
from domain.staff.passwords import key_hash
from web.queue.offers import REFUSALS, Offer, offered
from web.site.answers import moved, respond, visit_of
from web.site.device_key import FormKey, device_hash, device_key, give_key
from web.site.forms import form_of
from web.site.pages import Page

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.handbook.tables import Category
    from domain.places.tables import Community, Hall
    from web.running.services import House
    from web.site.forms import Form
    from web.site.visit import Visit

MOST_ITEMS = 5
"""Items that one number serves: more is no visit but an afternoon, and a form somebody forged."""


@dataclass(frozen=True)
class Line(Offer):
    """One category of the hall, as somebody who would take a number meets it."""

    held: Ticket | None
    """The number of this category that the device holds."""


@dataclass(frozen=True)
class Choice:
    """What somebody chose; also what did not go together, so that nothing typed is lost."""

    letter: str = ""
    items: tuple[str, ...] = ()
    priority: str = ""
    brought: tuple[str, ...] = ()
    """Names of documents ticked as at hand."""


@dataclass(frozen=True, kw_only=True)
class Take(Page):
    """取号: first what for, then the number."""

    template: ClassVar[str] = "queue/take.html"
    tab: ClassVar[str] = "take"
    hall: HallState
    is_ended: bool
    """Whether the hall ended its day by hand, though the clock says open."""
    lines: tuple[Line, ...]
    chosen: Line | None
    choice: Choice
    key: str
    kinds: tuple[PriorityKind, ...]
    others: str
    """Who else has priority here, in the hall's own words."""
    trouble: str = ""
    """Why a number was not given: `closed`, `sold-out`, `not-served`, `odd`, `too-many`; empty
    before."""


@dataclass(frozen=True, kw_only=True)
class Holds(Page):
    """The device holds a number of this category: that one counts."""

    template: ClassVar[str] = "queue/holds.html"
    tab: ClassVar[str] = "take"
    status: ClassVar[int] = HTTPStatus.CONFLICT
    ticket: Ticket
    category: Category
    may_cancel: bool


async def show(request: Request) -> Response:
    """What for, and how long it would take."""
    visit = await visit_of(request, request.app.state.house)
    community = await visit.published.community(visit.params["community"])
    page = await _page(request, visit, community, _asked(visit), FormKey.new())
    return respond(request, page, visit)


def _asked(visit: Visit) -> Choice:
    """What the address asks for: the item of a guide, or a category."""
    item = visit.published.handbook.items.get(visit.query.get("item", ""))
    if item is not None:
        return Choice(item.category.letter, (item.slug,))
    return Choice(visit.query.get("category", "")[:1])


async def take(request: Request) -> Response:
    """Give a number, once for each form, and lead to it."""
    house: House = request.app.state.house
    visit = await visit_of(request, house)
    community = await visit.published.community(visit.params["community"])
    form = await form_of(request)
    choice = _chosen(form)
    key, wish = FormKey.given(form.text("request")), _wish(choice, visit)
    if key is None or wish is None:
        return await _again(request, visit, community, choice, "odd")
    device = device_key(request) or key.device_key
    if wait := _too_many(request, visit, device):
        response = await _again(request, visit, community, choice, "too-many")
        response.headers["retry-after"] = str(math.ceil(wait.total_seconds()))
        return response
    try:
        ticket = await _taken(house, visit, community, wish, key, key_hash(device))
    except HoldsOneError as error:
        return respond(request, _holds(visit, community, error.ticket), visit)
    except tuple(REFUSALS) as error:
        return await _again(request, visit, community, choice, REFUSALS[type(error)])
    response = moved(f"/tickets/{ticket.token}")
    give_key(request, response, device)
    return response


def _too_many(request: Request, visit: Visit, device: str) -> dt.timedelta | None:
    """How long whoever takes number after number has to wait; None for everybody else."""
    house: House = request.app.state.house
    address = request.client.host if request.client else ""
    by_device = house.numbers_by_device.wait(device, visit.now)
    return by_device or house.numbers_by_address.wait(address, visit.now)


def _chosen(form: Form) -> Choice:
    items = tuple(dict.fromkeys(form.all("item")))
    brought = tuple(dict.fromkeys(form.all("brought")))
    return Choice(form.text("category", 1), items, form.text("priority", 20), brought)


def _wish(choice: Choice, visit: Visit) -> Wish | None:
    """What was chosen, when it goes together; None for what no form of ours sends."""
    handbook = visit.published.handbook
    letters = {each.letter for each in handbook.categories}
    known = {slug for slug, item in handbook.items.items() if item.category.letter == choice.letter}
    fits = (choice.letter in letters and known.issuperset(choice.items)) and len(
        choice.items
    ) <= MOST_ITEMS
    priority = PriorityKind.named(choice.priority)
    if not fits or (choice.priority and priority is None):
        return None
    return Wish(choice.letter, choice.items, priority, at_hand(visit, choice))


def at_hand(visit: Visit, choice: Choice) -> tuple[str, ...]:
    """Those of the documents ticked that what was chosen asks for, in the guides' order."""
    known = visit.published.handbook.items
    asked = (each.name for slug in choice.items for each in known[slug].guide.documents)
    return tuple(each for each in dict.fromkeys(asked) if each in choice.brought)


async def _taken(  # noqa: PLR0913, PLR0917 - who takes what, where, by which form
    house: House, visit: Visit, community: Community, wish: Wish, key: FormKey, device: str
) -> Ticket:
    state = hall_state(community.hall.hours, visit.published.calendar, visit.now)

    served = community.hall.letters

    async def unit(session: AsyncSession) -> Ticket:
        if not state.is_open:
            again = await ticket_of_request(session, key.request_key)
            if again is None:
                raise QueueClosedError(state.opens_at)
            return again
        return await take_ticket(
            session,
            community.hall.id,
            wish,
            visit.now,
            served=served,
            device_hash=device,
            request_key=key.request_key,
        )

    return await house.store.write(unit)


def _holds(visit: Visit, community: Community, ticket: Ticket) -> Holds:
    letters = {each.letter: each for each in visit.published.handbook.categories}
    return Holds(
        community=community,
        ticket=ticket,
        category=letters[ticket.letter],
        may_cancel=not ticket.state.is_at_counter,
    )


async def _again(
    request: Request, visit: Visit, community: Community, choice: Choice, trouble: str
) -> Response:
    """The form once more with what was chosen, and why there is no number yet."""
    page = await _page(request, visit, community, choice, FormKey.new(), trouble)
    response = respond(request, page, visit)
    response.status_code = STATUSES.get(trouble, HTTPStatus.CONFLICT)
    return response


STATUSES = {"odd": HTTPStatus.UNPROCESSABLE_ENTITY, "too-many": HTTPStatus.TOO_MANY_REQUESTS}


async def _page(  # noqa: PLR0913, PLR0917 - who asks, where, for what
    request: Request,
    visit: Visit,
    community: Community,
    choice: Choice,
    key: FormKey,
    trouble: str = "",
) -> Take:
    house: House = request.app.state.house
    state = hall_state(community.hall.hours, visit.published.calendar, visit.now)
    async with house.store.read() as session:
        queue, found = await offered(session, house, visit, community.hall)
        device = device_hash(request)
        mine = await tickets_of_device(session, device, visit.today) if device else ()
    lines = _lines(community.hall, found, mine)
    return Take(
        community=community,
        hall=state,
        is_ended=queue.is_closed,
        lines=lines,
        chosen=next((each for each in lines if each.category.letter == choice.letter), None),
        choice=choice,
        key=key.key,
        kinds=queue.rules.kinds,
        others=queue.rules.others or "",
        trouble=trouble,
    )


def _lines(hall: Hall, found: tuple[Offer, ...], mine: tuple[Ticket, ...]) -> tuple[Line, ...]:
    """What the hall's own counters serve, with the numbers that the device holds there."""
    held = {
        each.letter: each for each in mine if each.state.is_active and each.day.hall_id == hall.id
    }
    letters = hall.letters
    return tuple(
        Line(each.category, each.wait, each.refusal, held.get(each.category.letter))
        for each in found
        if each.category.letter in letters
    )
