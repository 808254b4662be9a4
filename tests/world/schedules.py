"""A process that publishes what is due, to be killed at a chosen statement of its publication."""

from __future__ import annotations

import asyncio
import datetime as dt
import multiprocessing
import os
import signal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event

from domain.disclosures.happened import DisclosurePublished
from domain.staff.actor import COMMAND_LINE
from domain.staff.journal import note
from domain.store import Store
from tests.world.clock import SHANGHAI
from web.disclosures.background import publish_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.events import Event

# Modules are loaded once; each process is a fork of the one that has them.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])
BEFORE_COMMIT, AFTER_COMMIT = -1, -2
"""Moments beside the numbers of statements."""


async def tell(session: AsyncSession, happened: Event) -> None:
    """Write down each publication that those who follow would be told of."""
    if isinstance(happened, DisclosurePublished):
        subject = f"disclosure/{happened.disclosure_id}"
        await note(session, COMMAND_LINE, "told", subject, now=happened.at)


class Light:
    """What the schedule needs of a server's services, and nothing that takes time to open."""

    def __init__(self, store: Store) -> None:
        self.store, self.stopping = store, asyncio.Event()
        store.before_commit(tell)

    def now(self) -> dt.datetime:
        return dt.datetime.now(SHANGHAI)

    async def in_background_thread(self, work: Callable[..., Any], *given: object) -> Any:
        return await asyncio.to_thread(work, *given)

    async def look(self) -> None:
        """Publish what is due, as a server does when it looks."""
        await publish_all(self)  # type: ignore[arg-type]


async def _look(url: str, *, dies_after: bool) -> None:
    store = Store(url)
    if dies_after:
        store.listen(lambda _happened: die())
    await store.open()
    await Light(store).look()
    await store.close()


def die() -> None:
    """End at once, as at a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def _run(url: str, moment: int) -> None:
    count = 0

    def before_statement(*_given: Any) -> None:
        nonlocal count
        count += 1
        if count == moment:
            die()

    event.listen(Engine, "before_cursor_execute", before_statement)
    if moment == BEFORE_COMMIT:
        event.listen(Engine, "commit", lambda _connection: die() if count > MANY else None)
    asyncio.run(_look(url, dies_after=moment == AFTER_COMMIT))


MANY = 10
"""Statements before the commit of a publication: opening and looking need fewer."""


def killed(url: str, moment: int) -> bool:
    """Look in a process of its own, which dies at this moment; whether it did."""
    process = _FORKS.Process(target=_run, args=(url, moment), daemon=True)
    process.start()
    process.join(30)
    return process.exitcode == -signal.SIGKILL
