"""Serving: what is checked before, the sockets, and one process or several behind one port."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

import uvicorn

from domain.migrating import check_schema
from domain.store import Store
from push.keys import KeyRing
from web.app import create_app
from web.running import logs
from web.running.command_error import CommandError
from web.running.delivery_supervisor import DeliveryProcess
from web.running.rehearsal.supervisor import RehearsalProcess
from web.running.sealing_key import read_seal
from web.running.server_lock import only_server, sqlite_file
from web.running.terminal import code_in_terminal, local_addresses
from web.running.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.running.services import Services
    from web.running.settings import Settings

# Seconds a thread keeps the interpreter while others wait.
SWITCH = 0.0005
# Seconds that open responses have to end when the server is told to stop.
GRACE = 5
# Connections that may wait to be accepted.
BACKLOG = 2048


def serve(
    settings: Settings,
    say: Callable[[str], None],
    *,
    with_code: bool = False,
    workers: int = 1,
    rehearses: bool = False,
) -> None:
    """Serve until told to stop. Raises `CommandError` for what is known before."""
    logs.configure(settings.log)
    if workers < 1:
        raise CommandError("--workers must be at least 1.")
    if workers > 1 and sqlite_file(settings) is not None:
        words = "needs PostgreSQL (LIANXIN_DATABASE): one process alone writes to SQLite."
        raise CommandError(f"--workers {workers} {words}")
    if workers > 1 and rehearses:
        raise CommandError("--rehearse is for one process. Leave out --workers.")
    KeyRing(settings.data).prepare()
    read_seal(settings.data)
    with only_server(settings), ExitStack() as sockets:
        listening = [sockets.enter_context(each) for each in _listen(settings, workers)]
        asyncio.run(_opens(settings))
        for line in _greeting(settings, with_code=with_code):
            say(line)
        if workers == 1:
            run(settings, listening[0], delivers=True, rehearses=rehearses)
        else:
            Workers(listening).run()


def run(
    settings: Settings, listening: socket.socket, *, delivers: bool, rehearses: bool = False
) -> None:
    """Serve in this process until it is told to stop; with the process that sends messages."""
    server(settings, delivers=delivers, rehearses=rehearses).run(sockets=[listening])


def server(settings: Settings, *, delivers: bool, rehearses: bool = False) -> uvicorn.Server:
    """The server of this process."""
    app = create_app(settings)
    services: Services = app.state.services
    if delivers:
        services.delivery = DeliveryProcess()
    # The writer and the readers are threads; pages must not wait five milliseconds for a turn.
    sys.setswitchinterval(SWITCH)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE,
        forwarded_allow_ips=settings.trusted_proxies,
        http=_protocol(),
    )
    return _Server(config, services, RehearsalProcess() if rehearses else None)


def _protocol() -> type[asyncio.Protocol] | Literal["auto"]:
    """Our bounded connection; without httptools uvicorn's own, on h11, which has a bound."""
    if find_spec("httptools") is None:
        return "auto"
    from web.running.connection import Connection

    return Connection


class _Server(uvicorn.Server):
    """Ends the streams before it waits for open responses: streams never end by themselves."""

    def __init__(
        self, config: uvicorn.Config, services: Services, rehearsal: RehearsalProcess | None
    ) -> None:
        super().__init__(config)
        self._services, self._rehearsal = services, rehearsal

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._rehearsal is not None and self.started:
            await self._rehearsal.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._rehearsal is not None:
            await self._rehearsal.close()
        await self._services.live.close()
        await super().shutdown(sockets)


# Before the store is opened and another process started: a port in use must not leave half a server
# running. Several processes have a socket each on the same port, and the system shares out
# connections evenly; the sockets stay open here, so what waits on one survives its process.
# Not taken: one socket for all, on which the process that wakes first takes a whole crowd.
def _listen(settings: Settings, count: int) -> list[socket.socket]:
    """The listening sockets, opened before anything else so that a used port is reported."""
    # Only the first says that another program has the port.
    listening = [_bound(settings, shares=False)]
    if count > 1:
        listening.pop().close()
        listening = [_bound(settings, shares=True) for _ in range(count)]
    return listening


def _bound(settings: Settings, *, shares: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shares:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        where = f"{settings.host}:{settings.port}"
        if error.errno == errno.EADDRINUSE:
            words = f"Port {settings.port} is in use. Choose another with LIANXIN_PORT."
            raise CommandError(words) from error
        raise CommandError(f"Cannot listen on {where}: {error.strerror or error}") from error
    return listening


async def _opens(settings: Settings) -> None:
    """Check before serving that the store opens and fits, so that a failure is one line."""
    store = Store(settings.database_url)
    await store.open()
    try:
        await check_schema(store)
    finally:
        await store.close()


def _greeting(settings: Settings, *, with_code: bool) -> list[str]:
    home = settings.origin
    lines = [f"连心 Lianxin: {home}"]
    if with_code:
        lines += _for_a_phone(settings)
    if settings.is_without_contact:
        lines.append("iPhones get no notifications without LIANXIN_PUBLIC_URL.")
    lines.append("Stop with Ctrl+C.")
    return lines


def _for_a_phone(settings: Settings) -> list[str]:
    addresses = [] if settings.host in {"127.0.0.1", "localhost", "::1"} else local_addresses()
    if settings.public_url:
        return [f"On a phone: {settings.public_url}", code_in_terminal(settings.public_url)]
    if not addresses:
        return ["For a phone: listen on the network (HOST=0.0.0.0) or set LIANXIN_PUBLIC_URL."]
    phone = f"http://{addresses[0]}:{settings.port}"
    return [f"On a phone in the same network: {phone}", code_in_terminal(phone)]
