"""What disclosures do by themselves: the schedule publishes, and lists of persons end."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from domain.calendar import load_calendar
from domain.disclosures import check
from domain.disclosures.due import FAILED, leave, publish_due
from domain.disclosures.erasing import erase_persons
from domain.disclosures.publishing import due_disclosures, locked
from domain.disclosures.tables import Disclosure
from domain.errors import LianxinError, StoreUnavailableError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.running.services import Services
    from web.site.feature import Feature

log = logging.getLogger("lianxin.disclosures")

# Seconds between two looks for what is due: so late a disclosure may be.
LOOK = 2.0
HOUR = 3600.0
# Seconds after the start: the first pages go first.
FIRST = 3.0
# Disclosures of one look; the others are due at the next.
MOST = 100


async def publish_by_and_by(services: Services, _features: tuple[Feature, ...]) -> None:
    """Publish what is scheduled when its moment comes, or came while nothing was running."""
    pause = FIRST
    while not await services.stops_within(pause):
        pause = LOOK
        try:
            await publish_all(services)
        except (LianxinError, SQLAlchemyError) as error:
            log.warning("scheduled disclosures wait: %s", error)


async def publish_all(services: Services) -> int:
    """Publish everything that is due now; how many there were."""
    async with services.store.read() as session:
        due = await due_disclosures(session, services.now(), MOST)
    published = 0
    for disclosure_id in due:
        if services.stopping.is_set():
            break
        published += await _publish_apart(services, disclosure_id)
        await asyncio.sleep(0)
    return published


# Each in a unit of work of its own, so that one that fails holds up no other. Its error is of a
# kind that nobody expected, and a draft can be shaped by anything.
async def _publish_apart(services: Services, disclosure_id: int) -> bool:
    """Publish one, if it is right; whether it was."""
    try:
        return await _publish(services, disclosure_id)
    except StoreUnavailableError:
        raise
    except Exception:
        log.exception("disclosure %d is not published", disclosure_id)
        await services.store.write(partial(_leave, disclosure_id=disclosure_id))
        return False


async def _leave(session: AsyncSession, disclosure_id: int) -> None:
    """Let it wait for its owner, who is told, and not be tried again every two seconds."""
    leave(await locked(session, disclosure_id), FAILED)


async def _publish(services: Services, disclosure_id: int) -> bool:
    async with services.store.read() as session:
        calendar = await load_calendar(session)
        seen = await check.draft_seen(session, await session.get_one(Disclosure, disclosure_id))
    places = await services.in_background_thread(check.open_places, seen)

    async def unit(session: AsyncSession) -> bool:
        now = services.now()
        return await publish_due(session, disclosure_id, seen.number, len(places), calendar, now)

    return await services.store.write(unit)


async def erase_by_and_by(services: Services, _features: tuple[Feature, ...]) -> None:
    """Erase the rows with persons whose last day is over, every hour."""
    pause = FIRST
    while not await services.stops_within(pause):
        pause = HOUR
        try:
            if erased := await erase_all(services):
                log.info("erased the persons of %d revisions", erased)
        except (StoreUnavailableError, SQLAlchemyError) as error:
            log.warning("no persons are erased: %s", error)


async def erase_all(services: Services) -> int:
    """Erase the rows with persons whose last day is over; in how many revisions."""
    erase = partial(erase_persons, today=services.now().date())
    total = erased = await services.store.write(erase)
    while erased and not services.stopping.is_set():
        erased = await services.store.write(erase)
        total += erased
        await asyncio.sleep(0)
    return total
