"""Starts, wakes and restarts the process that sends messages.

That process is `web.running.delivery_process`, which the serving process does not load.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from push.events import TOLD
from web.running.heartbeat import BEATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.events import Event

log = logging.getLogger("lianxin.push")

# Seconds the process has to end by itself.
EXIT_WITHIN = 5.0
# Seconds before a restart after it died once, twice, more often.
PATIENCE = (1.0, 5.0, 30.0)
# Seconds of life after which earlier deaths are forgotten.
HEALTHY = 300.0
# Seconds without a beat after which it counts as hanging. It beats every second or so, and may take
# long to start on a busy machine.
SILENT = 60.0
# Seconds between two looks at its beats.
EVERY = 5.0
# Wake-up bytes that may wait unread; more would say nothing new.
FULL = 1024


class DeliveryProcess:
    """The sending process, seen from the serving process."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._heard_at = 0.0

    def start(self) -> None:
        """Start the process and keep it running."""
        self._keeper = asyncio.create_task(self._keep(), name="delivery-keeper")

    @property
    def is_well(self) -> bool:
        """Whether the process runs and looks at the outbox."""
        return self._runs() and not self._hangs()

    def _runs(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def _hangs(self) -> bool:
        return time.monotonic() - self._heard_at > SILENT

    # Nobody keeps the keeper, so nothing may end it: a machine that is out of processes for a
    # moment would else send nothing until the next restart, without a word.
    async def _keep(self) -> None:
        deaths = 0
        while True:
            began = time.monotonic()
            try:
                ending = await self._live()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                ending = f"{type(error).__name__}: {error}"
            log.error("what sends messages ended with %s; it is started again", ending)
            if time.monotonic() - began > HEALTHY:
                deaths = 0
            await asyncio.sleep(PATIENCE[min(deaths, len(PATIENCE) - 1)])
            deaths += 1

    async def _live(self) -> object:
        """Start the process and wait until it ends; one that hangs is ended. Returns its code."""
        self._process = process = await self._spawn()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    return await process.wait()
            if self._hangs():
                log.error("what sends messages has not been heard for %s seconds", SILENT)
                with suppress(ProcessLookupError):
                    process.kill()

    async def _spawn(self) -> asyncio.subprocess.Process:
        """Start the process with a pipe on which it beats."""
        self._heard_at = time.monotonic()
        hears, beats = os.pipe()
        try:
            pipe = os.fdopen(hears, "rb", buffering=0)
            await asyncio.get_running_loop().connect_read_pipe(lambda: _Beats(self._beat), pipe)
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "web.running.delivery_process"),
                stdin=asyncio.subprocess.PIPE,
                pass_fds=(beats,),
                env={**os.environ, BEATS: str(beats)},
            )
        finally:
            os.close(beats)

    def _beat(self) -> None:
        self._heard_at = time.monotonic()

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


class _Beats(asyncio.Protocol):
    """Reads the pipe on which the process beats, until the process ends."""

    def __init__(self, beat: Callable[[], None]) -> None:
        self._beat = beat

    def data_received(self, _data: bytes) -> None:
        self._beat()
