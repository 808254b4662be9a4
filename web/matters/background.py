"""What happens to matters by itself: they move on in time, close, and are erased when old."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import LianxinError, StoreUnavailableError
from domain.matters.holders import settle_after, settle_due
from domain.matters.retention import Erased, erase_old, erase_photos
from domain.matters.rounds import close_silent
from domain.matters.timeline import Act
from web.matters.spec import kinds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.holders import KindOf
    from web.running.services import Services
    from web.site.feature import Feature

log = logging.getLogger("lianxin.matters")

# Seconds between two looks for matters whose time has come. A page and an act settle their own
# matter first, so this only decides how soon the next holder is told.
LOOK = 20.0
HOUR = 3600.0
# Seconds after the start: the first pages go first.
FIRST = 5.0


async def settle_by_and_by(services: Services, features: tuple[Feature, ...]) -> None:
    """Move matters on when their time has come, and look at all when what decides it changed."""
    kind_of, revision, pause = kinds_of(features), -1, FIRST
    while not await services.stops_within(pause):
        pause = LOOK
        try:
            published = await services.published()
            await settle(services, kind_of)
            if published.revision != revision:
                await settle_all(services, kind_of)
                revision = published.revision
        except (LianxinError, SQLAlchemyError) as error:
            log.warning("matters are not moved on: %s", error)


async def settle(services: Services, kind_of: KindOf) -> None:
    """Move on every matter whose time has come."""
    calendar = (await services.published()).calendar

    async def batch(session: AsyncSession) -> int:
        return await settle_due(Act(session, calendar, services.now()), kind_of)

    moved = 1
    while moved and not services.stopping.is_set():
        moved = await services.store.write(batch)
        await asyncio.sleep(0)


async def settle_all(services: Services, kind_of: KindOf) -> None:
    """Look at every open matter: posts, absences, hours or holidays changed."""
    calendar = (await services.published()).calendar

    async def batch(session: AsyncSession, last: int) -> int | None:
        return await settle_after(Act(session, calendar, services.now()), last, kind_of)

    last: int | None = 0
    while last is not None and not services.stopping.is_set():
        last = await services.store.write(partial(batch, last=last))
        await asyncio.sleep(0)


async def close_by_and_by(services: Services, features: tuple[Feature, ...]) -> None:
    """Close what was answered and in which nothing more was said, every hour."""
    pause = FIRST
    while not await services.stops_within(pause):
        pause = HOUR
        try:
            await close_all_silent(services, kinds_of(features))
        except (LianxinError, SQLAlchemyError) as error:
            log.warning("silent matters are not closed: %s", error)


async def close_all_silent(services: Services, kind_of: KindOf) -> None:
    """Close every silent matter, some in each unit of work."""
    calendar = (await services.published()).calendar

    async def batch(session: AsyncSession) -> int:
        return await close_silent(Act(session, calendar, services.now()), kind_of)

    closed = 1
    while closed and not services.stopping.is_set():
        closed = await services.store.write(batch)
        await asyncio.sleep(0)


async def erase_by_and_by(services: Services, features: tuple[Feature, ...]) -> None:
    """Erase what is older than the settings allow, every hour; the log says how much."""
    pause = FIRST
    while not await services.stops_within(pause):
        pause = HOUR
        try:
            erased = await erase(services, kinds_of(features))
            if erased != Erased():
                log.info("erased %s matters and %s photographs", erased.matters, erased.photos)
        except (StoreUnavailableError, SQLAlchemyError) as error:
            log.warning("nothing is erased: %s", error)


async def erase(services: Services, kind_of: KindOf) -> Erased:
    """Erase old content and old photographs, and say how much it was."""
    now, settings = services.now(), services.settings
    words = now - dt.timedelta(days=settings.keep_matters)
    photos = now - dt.timedelta(days=settings.keep_photos)
    erased = await _all(services, partial(erase_photos, closed_before=photos))
    return erased + await _all(
        services, partial(erase_old, closed_before=words, kind_of=kind_of, now=now)
    )


async def _all(
    services: Services, erasing: Callable[[AsyncSession], Coroutine[Any, Any, Erased]]
) -> Erased:
    total, erased = Erased(), None
    while erased != Erased() and not services.stopping.is_set():
        erased = await services.store.write(erasing)
        total += erased
        await asyncio.sleep(0)
    return total
