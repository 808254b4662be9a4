"""Erases what has expired, a little at a time."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import StoreUnavailableError
from domain.mistakes.reports import erase_old
from domain.queue.retention import erase_links
from domain.refused_forms import forget_old as forget_answers
from domain.staff.guesses import forget_old
from push.tidying import tidy

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.store import Store
    from web.running.settings import Settings

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
    store: Store, settings: Settings, clock: Callable[[], dt.datetime]
) -> None:
    """Erase every hour, until cancelled, what is kept no longer by these settings."""
    while True:
        # One of several servers does it.
        if not store.leads:
            await asyncio.sleep(LOOK)
            continue
        try:
            now = clock()
            await erase(store, now.date() - dt.timedelta(days=settings.keep_ticket_links), now)
            await erase_mistakes(store, now - dt.timedelta(days=settings.keep_mistakes))
            await store.write(partial(forget_old, now=now))
            await store.write(partial(forget_answers, now=now))
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


async def erase_mistakes(store: Store, sent_before: dt.datetime) -> None:
    """Erase what residents said before this moment is wrong on a page."""
    erased = 0
    while some := await store.write(partial(erase_old, sent_before=sent_before)):
        erased += some
        await asyncio.sleep(0)
    if erased:
        log.info("erased %s reports of mistakes on pages", erased)
