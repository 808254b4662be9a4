"""Erases what has expired, a little at a time."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import StoreUnavailableError
from domain.queue.retention import erase_links
from domain.staff.guesses import forget_old
from push.tidying import tidy

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from domain.store import Store

log = logging.getLogger("lianxin.erasing")

# Seconds between two runs: retention is counted in days, so an extra hour does no harm.
EVERY = 3600.0
# Seconds between two looks at whether the server that did it has gone.
LOOK = 60.0
# How often the journal is tried to be cut, and seconds between two times.
CUTS, CUT_AGAIN = 20, 0.5


# Erasing is a duty and not an operator's job: a cron entry that nobody set up would keep data for
# years.
async def erase_by_and_by(
    store: Store, keep: dt.timedelta, clock: Callable[[], dt.datetime]
) -> None:
    """Run `erase` every hour until cancelled; `keep` is how long a ticket stays linked."""
    while True:
        # One of several servers does it.
        if not store.leads:
            await asyncio.sleep(LOOK)
            continue
        try:
            now = clock()
            await erase(store, now.date() - keep, now)
            await store.write(partial(forget_old, now=now))
            while await store.write(partial(tidy, now=now)):
                pass
            await cut_journal(store)
        except (StoreUnavailableError, SQLAlchemyError) as error:
            log.warning("nothing is erased: %s", error)
        await asyncio.sleep(EVERY)


# Also where nothing was erased here: people end addresses and answers all day long.
async def cut_journal(store: Store) -> None:
    """Take what was erased out of SQLite's journal, which others may be reading."""
    for _ in range(CUTS):
        if await store.cut_journal():
            return
        await asyncio.sleep(CUT_AGAIN)
    log.info("the journal is being read; it is cut an hour later")


async def erase(store: Store, before: dt.date, now: dt.datetime) -> int:
    """Erase links between phones and tickets before `before`; returns how many halls' days."""
    erased = 0
    while await store.write(partial(erase_links, before=before, now=now)):
        erased += 1
        await asyncio.sleep(0)
    if erased:
        log.info("erased what links numbers to phones: %s days of halls", erased)
    return erased
