"""快到时告诉我: following a ticket, by one tap on its page."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from domain.queue.tickets import ticket_of
from domain.staff.passwords import key_hash
from push import recipients
from push.errors import NothingToFollowError, TooManyWatchesError
from push.preferences import DISTANCES
from push.watches import follow, unfollow
from web.notifications.recipients import device_of
from web.queue.ticket import shown
from web.site.answers import moved, visit_of
from web.site.device_key import FormKey, device_key, give_key
from web.site.forms import form_of, number

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.responses import Response

    from push.recipients import Recipient
    from web.running.services import House


async def follow_ticket(request: Request) -> Response:
    """Begin to follow, or follow at another distance."""
    house: House = request.app.state.house
    visit, form = await visit_of(request, house), await form_of(request)
    ahead = number(form.text("ahead"))
    key = FormKey.given(form.text("request")) or FormKey.new()
    device = device_key(request) or key.device_key
    if ahead not in DISTANCES:
        return await shown(request, visit, "ahead", HTTPStatus.UNPROCESSABLE_ENTITY)

    async def unit(session: AsyncSession) -> bool:
        ticket = await ticket_of(session, visit.params["token"])
        if ticket is not None:
            recipient = recipients.device(key_hash(device))
            await follow(session, recipient, ticket, ahead, visit.now)
        return ticket is not None

    try:
        is_there = await house.store.write(unit)
    except NothingToFollowError:
        return await shown(request, visit, "state", HTTPStatus.CONFLICT)
    except TooManyWatchesError:
        return await shown(request, visit, "watches", HTTPStatus.TOO_MANY_REQUESTS)
    if not is_there:
        return await shown(request, visit)
    response = moved(f"/tickets/{visit.params['token']}")
    give_key(request, response, device)
    return response


async def leave_ticket(request: Request) -> Response:
    """Say no more about it."""
    house: House = request.app.state.house
    visit, recipient = await visit_of(request, house), device_of(request)

    async def unit(session: AsyncSession, recipient: Recipient) -> None:
        ticket = await ticket_of(session, visit.params["token"])
        if ticket is not None:
            await unfollow(session, recipient, ticket.id)

    if recipient is not None:
        await house.store.write(partial(unit, recipient=recipient))
    return moved(f"/tickets/{visit.params['token']}")
