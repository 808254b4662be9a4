"""社区的承诺: what a community promised and how it stands, for everyone; never who asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from domain.matters import following
from domain.matters.errors import PromiseEndedError, TooManyFollowedError
from domain.matters.following import followed_by
from domain.matters.promises import PromiseState, promises_in
from domain.matters.tables import Promise
from web.matters.timeline import promise_line
from web.site.answers import Redirect, TooOftenError
from web.site.device_key import FormKey
from web.site.errors import found_or_404
from web.site.pages import Page

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.matters.timeline import PromiseLine
    from web.site.answers import Refusals
    from web.site.visits import ResidentVisit

# Days for which an ended promise stays on the page, and promises at most.
LASTS = dt.timedelta(days=90)
MOST = 100
REFUSED: Refusals = {
    PromiseEndedError: ("promise-ended", HTTPStatus.CONFLICT),
    TooManyFollowedError: ("followed", HTTPStatus.TOO_MANY_REQUESTS),
    TooOftenError: ("often", HTTPStatus.TOO_MANY_REQUESTS),
}


@dataclass(frozen=True, kw_only=True)
class PromisesPage(Page):
    template: ClassVar[str] = "matters/promises.html"
    still_open: list[PromiseLine]
    ended: list[PromiseLine]
    # How many of the ended ones were kept by their date.
    kept: int
    # Ids of the promises that this device follows.
    followed: set[int]
    # Of the forms, for a device without a key; see `web.site.device_key`. Empty for all others.
    key: str
    # Why a promise is not followed; empty at first.
    trouble: str = ""


async def show(visit: ResidentVisit) -> Page:
    """The open promises, the first due first, and those that ended lately."""
    return await show_again(visit, "")


async def show_again(visit: ResidentVisit, trouble: str) -> Page:
    """The same, with the reason why a promise is not followed."""
    community = await visit.community()
    async with visit.services.store.read() as session:
        found = await promises_in(session, community.id, visit.now - LASTS, MOST)
        followed = await followed_by(session, visit.device, [made.id for made in found])
    lines = [promise_line(visit, promise) for promise in found]
    return PromisesPage(
        community=community,
        still_open=[line for line in reversed(lines) if not line.is_over],
        ended=[line for line in lines if line.is_over],
        kept=sum(line.state is PromiseState.KEPT for line in lines),
        followed=followed,
        key="" if visit.device else FormKey.new().key,
        trouble=trouble,
    )


async def may_follow(visit: ResidentVisit) -> None:
    """Count one more wish of this address. Raises `TooOftenError`."""
    wait = visit.wait_at_address(visit.services.follows_by_address)
    if wait:
        raise TooOftenError(wait)


async def follow(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Tell this device what becomes of a promise."""
    made = await _promise(visit, session)
    await following.follow(session, made, visit.own_device, visit.now)
    return _page(visit)


async def unfollow(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Tell this device nothing more of a promise; harmless when it did not follow it."""
    if visit.device is not None:
        await following.unfollow(session, int(visit.params["promise"]), visit.device)
    return _page(visit)


async def _promise(visit: ResidentVisit, session: AsyncSession) -> Promise:
    """The promise in the address; 404 where the community made no such one."""
    community = await visit.community()
    made: Promise = found_or_404(
        await session.scalar(
            select(Promise).where(
                Promise.id == int(visit.params["promise"]), Promise.community_id == community.id
            )
        )
    )
    return made


def _page(visit: ResidentVisit) -> Redirect:
    return Redirect(f"/c/{visit.params['community']}/promises")
