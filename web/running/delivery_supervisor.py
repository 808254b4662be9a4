"""Starts, wakes and restarts the process that sends messages.

That process is `web.running.delivery_process`, which the serving process does not load.
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

# Seconds the process has to end by itself.
EXIT_WITHIN = 5.0
# Seconds before a restart after it died once, twice, more often.
PATIENCE = (1.0, 5.0, 30.0)
# Wake-up bytes that may wait unread; more would say nothing new.
FULL = 1024


class DeliveryProcess:
    """The sending process, seen from the serving process."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the process and keep it running."""
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
        """Wake it for an event that may cause messages. Never waits."""
        if type(event) not in TOLD or self._process is None or self._process.stdin is None:
            return
        pipe = self._process.stdin
        if not pipe.is_closing() and pipe.transport.get_write_buffer_size() < FULL:
            pipe.write(b".")

    async def close(self) -> None:
        """End it, and let it record what is in flight."""
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
            async with asyncio.timeout(EXIT_WITHIN):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
