"""What followers are told by itself: what was published, and the days of tomorrow."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import LianxinError
from push.followers import tell_followers
from push.publications import announce_days

if TYPE_CHECKING:
    from web.running.services import Services
    from web.site.feature import Feature

log = logging.getLogger("lianxin.disclosures")

# Seconds between two looks for news, and after the start: the first pages go first.
LOOK = 5.0


async def tell_by_and_by(services: Services, _features: tuple[Feature, ...]) -> None:
    """Write messages for followers, until the process stops."""
    while not await services.stops_within(LOOK):
        try:
            await tell(services)
        except (LianxinError, SQLAlchemyError) as error:
            log.warning("followers are not told: %s", error)


async def tell(services: Services) -> None:
    """Write every message that followers are owed now, batch by batch."""
    await services.store.write(partial(announce_days, now=services.now()))
    ways = services.settings.ways
    is_more = True
    while is_more and not services.stopping.is_set():
        is_more = await tell_followers(services.store, ways, services.now())
