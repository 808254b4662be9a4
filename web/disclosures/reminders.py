"""Reminds the people responsible of what is owed, beside requests."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from domain.disclosures.reminding import not_reminded, remind
from domain.errors import LianxinError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community
    from web.running.services import Services
    from web.site.feature import Feature

log = logging.getLogger("lianxin.disclosures")

# Seconds: between two looks, and after the start, when the first pages go first.
HOUR, FIRST = 3600.0, 10.0
# Seconds between two communities. Each takes some milliseconds in which pages wait: one after
# another, 127 of them made one page in a hundred wait four times as long for a quarter of a minute.
PAUSE = 1.0


async def remind_by_and_by(services: Services, _features: tuple[Feature, ...]) -> None:
    """Look every hour for what became due soon or late."""
    pause = FIRST
    while not await services.stops_within(pause):
        pause = HOUR
        try:
            if reminders := await remind_all(services, PAUSE):
                log.info("reminded of %s disclosures", reminders)
        except (LianxinError, SQLAlchemyError) as error:
            log.warning("nobody is reminded of disclosures: %s", error)


async def remind_all(services: Services, pause: float = 0.0) -> int:
    """Remind every community's people; how many duties that was.

    One unit of work for each community, with a pause between them in seconds.
    """
    published = await services.published()
    reminders = 0
    for community in published.communities:
        reminders += await _remind(services, community)
        if services.stopping.is_set() or (pause and await services.stops_within(pause)):
            break
    return reminders


async def _remind(services: Services, community: Community) -> int:
    calendar, now = (await services.published()).calendar, services.now()

    # Looked at without the writer first: in most hours there is nothing to write.
    async with services.store.read() as reading:
        if not await not_reminded(reading, community, calendar, now):
            return 0

    async def unit(session: AsyncSession) -> int:
        return await remind(session, community, calendar, now)

    return await services.store.write(unit)
