"""Erasing what is kept only for a while, by itself and a little at a time."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import StoreUnavailableError
from domain.queue.retention import erase_links

if TYPE_CHECKING:
    from web.house import House

log = logging.getLogger("lianxin.erasing")

EVERY = 3600.0
"""Seconds between two looks: days are erased, so that an hour sooner or later is all the same."""


async def erase_by_and_by(house: House) -> None:
    """Look now and then, for as long as the house stands."""
    while True:
        try:
            await erase(house)
        except (StoreUnavailableError, SQLAlchemyError) as error:
            log.warning("nothing is erased: %s", error)
        await asyncio.sleep(EVERY)


async def erase(house: House) -> int:
    """Erase what is older than it may be; how many days of halls that were."""
    now = house.now()
    before = now.date() - dt.timedelta(days=house.settings.keep_ticket_links)
    erased = 0
    while await house.store.write(partial(erase_links, before=before, now=now)):
        erased += 1
        await asyncio.sleep(0)
    if erased:
        log.info("erased what links numbers to phones: %s days of halls", erased)
    return erased
