"""Sending in a process of its own, so that no page waits while a hundred thousand messages go out.

The serving process starts it, wakes it through its standard input, and starts it again should it
die; when the input ends, it ends. On the web's own loop or in a thread, sealing messages would take
the interpreter from the pages.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from domain.migrating import check_schema
from domain.store import Store
from push.delivery import Delivery
from push.keys import KeyRing
from push.mail import MailChannel
from push.sending import Sealer, WebPushChannel
from push.tables import ChannelKind
from push.telling import TOLD
from push.webhook import WebhookChannel
from web import logs
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.events import Event
    from push.channels import Channel

log = logging.getLogger("lianxin.push")

BACK = 10
"""How far the process stands back (nice): pages go first."""
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
                sys.executable, "-m", "web.delivering", stdin=asyncio.subprocess.PIPE
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


def main() -> None:
    """The process itself. It knows neither pages nor templates, which keeps it small."""
    settings = Settings.from_environment(os.environ)
    logs.configure(settings.log)
    factory = None
    if sys.platform != "win32":
        # A third less of a core for a message; there is none for Windows.
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(deliver(settings))


async def deliver(settings: Settings) -> None:
    """Send what is due, woken by bytes on standard input, until that ends.

    Raises `StoreUnavailableError` when the store does not open or is of another version.
    """
    if hasattr(os, "nice"):
        os.nice(BACK)
    store = Store(settings.database_url)
    await store.open()
    try:
        await check_schema(store)
        delivery = Delivery(store, settings.ways, channels(settings), clock(settings))
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: _Bell(delivery), sys.stdin)
        for number in (signal.SIGINT, signal.SIGTERM):
            # Ctrl+C and systemd tell the whole family; it ends after the one that wakes it.
            loop.add_signal_handler(number, lambda: None)
        await delivery.run()
    finally:
        await store.close()


class _Bell(asyncio.Protocol):
    """The other end of the pipe."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def data_received(self, _data: bytes) -> None:
        self._delivery.wake()

    def connection_lost(self, _error: Exception | None) -> None:
        self._delivery.close()


def clock(settings: Settings) -> Callable[[], dt.datetime]:
    """Aware local times."""
    return lambda: dt.datetime.now(dt.UTC).astimezone(settings.zone)


def channels(settings: Settings) -> dict[ChannelKind, Channel]:
    """Every channel that is set up."""
    now, origin = clock(settings), settings.origin
    sealer = Sealer(KeyRing(settings.data), settings.contact)
    found: dict[ChannelKind, Channel] = {
        ChannelKind.PUSH: WebPushChannel(
            sealer,
            # Without a known address of ours the worker resolves the path itself.
            origin=settings.public_url or "",
            allowed=settings.push_origins,
            clock=now,
        )
    }
    if settings.smtp is not None:
        found[ChannelKind.EMAIL] = MailChannel(settings.smtp, origin=origin)
    if settings.webhook is not None:
        found[ChannelKind.WEBHOOK] = WebhookChannel(
            settings.webhook, origin=origin, allowed=settings.push_origins, clock=now
        )
    return found


if __name__ == "__main__":
    main()
