"""Sends messages in a process of its own, so that pages never wait for them.

`web.running.delivery_supervisor` starts it and wakes it through its standard input; it ends when
that is closed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

from domain.migrating import check_schema
from domain.store import Store
from push.delivery import Delivery
from push.keys import FOLDER, KeyRing
from push.mail import MailChannel
from push.sending import Sealer, WebPushChannel
from push.subscriptions import made_elsewhere
from push.tables import ChannelKind
from push.webhook import WebhookChannel
from web.running import logs
from web.running.heartbeat import beat
from web.running.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from push.channels import Channel

log = logging.getLogger("lianxin.push")

# The process's nice value: pages go first.
BACK = 10


def main() -> None:
    """The entry point. It loads neither pages nor templates, which keeps it small."""
    settings = Settings.from_environment(os.environ)
    logs.configure(settings.log)
    factory = None
    if sys.platform != "win32":
        # A third less of a core for a message; there is none for Windows.
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(deliver(settings))


# Encrypting and HTTP take the interpreter for milliseconds on end, and a thread would take it from
# the pages. The serving process starts this one, wakes it with a byte through a pipe, and restarts
# it if it dies; when the pipe closes, it ends.
# Not taken: a task on the web's event loop, a thread, and a broker.
async def deliver(settings: Settings) -> None:
    """Send what is due, woken by bytes on standard input, until it is closed.

    Raises `StoreUnavailableError` when the store does not open or has another version.
    """
    if hasattr(os, "nice"):
        os.nice(BACK)
    store = Store(settings.database_url)
    await store.open()
    try:
        await check_schema(store)
        await say_which_keys_are_missing(store, settings)
        delivery = Delivery(store, settings.ways, channels(settings), clock(settings), beat=beat)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: _WakeUps(delivery), sys.stdin)
        for number in (signal.SIGINT, signal.SIGTERM):
            # Ctrl+C and systemd tell the whole family; it ends after the one that wakes it.
            loop.add_signal_handler(number, lambda: None)
        # Told to end before this, the process may still be importing and is killed after a while.
        log.info("ready to send messages")
        await delivery.run()
    finally:
        await store.close()


# After a restore without the keys, or beside a second server with keys of its own, nobody is
# reached, and each message alone would say so.
async def say_which_keys_are_missing(store: Store, settings: Settings) -> None:
    """Log how many subscriptions this process cannot send to, if any."""
    keys = KeyRing(settings.data).by_public
    async with store.read() as session:
        missing, all_of_them = await made_elsewhere(session, keys)
    if missing:
        words = "%s of %s subscriptions were made with keys that are not here, in %s"
        log.error(words, missing, all_of_them, settings.data / FOLDER)


class _WakeUps(asyncio.Protocol):
    """Reads the pipe from the supervisor: a byte wakes the delivery, the end closes it."""

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
