"""The process that sends messages, as the one that serves sees it.

It is started, woken through its standard input, and started again should it die. What it does
stands in `web.running.delivery_process`, which the serving process has no need to load.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from push.events import TOLD

if TYPE_CHECKING:
    from domain.events import Event

log = logging.getLogger("lianxin.push")

FAREWELL = 5.0
"""Seconds it has to end by itself."""
PATIENCE = (1.0, 5.0, 30.0)
"""Seconds before it is started again after it died once, twice, more often."""
FULL = 1024
"""Wake-up calls that wait unread; more would say nothing new."""


class DeliveryProcess:
    """The process that sends, as the one that serves sees it."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to keep one running."""
        self._keeper = asyncio.create_task(self._keep(), name="delivery-keeper")

    async def _keep(self) -> None:
        deaths = 0
        while True:
            self._process = process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "web.running.delivery_process", stdin=asyncio.subprocess.PIPE
            )
            code = await process.wait()
            log.error("what sends messages ended with %s; it is started again", code)
            await asyncio.sleep(PATIENCE[min(deaths, len(PATIENCE) - 1)])
            deaths += 1

    def heard(self, event: Event) -> None:
        """Wake it for an event after which somebody may be told something; never waits."""
        if type(event) not in TOLD or self._process is None or self._process.stdin is None:
            return
        pipe = self._process.stdin
        if not pipe.is_closing() and pipe.transport.get_write_buffer_size() < FULL:
            pipe.write(b".")

    async def close(self) -> None:
        """End it, and let it write down what is under way."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        process = self._process
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), FAREWELL)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
