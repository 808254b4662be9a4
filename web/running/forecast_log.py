"""Keeps the forecasts that people see, so that they can be compared with the truth."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import selectinload

from domain.errors import LianxinError
from domain.places.tables import Hall
from domain.queue.accuracy import FRESH, keep_forecasts, kept_forecasts
from domain.queue.days import QueueChanged

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable

    from domain.events import Event
    from domain.published import Published
    from domain.queue.forecast import Forecast
    from domain.store import Store
    from web.running.forecasts import HallForecasts

log = logging.getLogger("lianxin.measuring")

# Seconds between two looks at the halls where something happened.
EVERY = 5.0


# Taking a number waits for none of this: after the commit its hall is noted, and a few seconds
# later the hall's fresh numbers are looked up in one snapshot and kept in one unit of work.
# Not taken: simulating the queue inside the transaction (three milliseconds of a lock that
# everybody waits for), and trusting the range that the form was rendered with, which comes back
# from a stranger.
class ForecastLog:
    """Keeps the forecasts of fresh numbers, in this process."""

    def __init__(
        self,
        store: Store,
        published: Callable[[], Awaitable[Published]],
        waits: HallForecasts,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store, self._published, self._waits, self._now = store, published, waits, now
        self._halls: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        store.listen(self._heard)

    def _heard(self, event: Event) -> None:
        if isinstance(event, QueueChanged):
            self._halls.add(event.hall_id)

    def open(self) -> None:
        self._task = asyncio.create_task(self._measure(), name="measuring")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.look()
            except (LianxinError, SQLAlchemyError) as error:
                log.warning("forecasts are not kept: %s", error)

    async def look(self) -> None:
        """Keep the forecasts of fresh numbers in every hall where something happened."""
        halls, self._halls = self._halls, set()
        for hall_id in halls:
            told = await self._told(hall_id)
            if told:
                await self._store.write(partial(keep_forecasts, told=told, now=self._now()))

    async def _told(self, hall_id: int) -> dict[int, Forecast]:
        """The forecasts of a hall's fresh numbers that are not kept yet, by ticket id."""
        now = self._now()
        calendar = (await self._published()).calendar
        async with self._store.read() as session:
            hall = await session.get_one(Hall, hall_id, options=[selectinload(Hall.counters)])
            queue = await self._waits.look(session, hall, calendar, now)
            fresh = [ticket for ticket in queue.waiting if now - ticket.joined_at <= FRESH]
            known = await kept_forecasts(session, [ticket.id for ticket in fresh])
        outlook = self._waits.outlook(queue)
        said = {ticket.id: outlook.of(ticket) for ticket in fresh if ticket.id not in known}
        return {ticket: forecast for ticket, forecast in said.items() if forecast is not None}
