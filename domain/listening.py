"""What other servers on the same PostgreSQL committed, heard on one connection that is watched."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL

log = logging.getLogger("lianxin.listening")

# The key of PostgreSQL's advisory lock that makes one server the one that leads.
LEADER = 0x11A9C14
# Seconds between two looks at whether the connection still answers, and that an answer may take.
WATCH, PATIENCE = 5.0, 5.0
# Sayings that wait for a connection; older ones are forgotten.
MOST_SAYINGS = 1_000
# Seconds until a lost connection is tried again; up to twice that.
AGAIN = 0.5
# Seconds that a starting server waits for it: it serves without, and hears later.
FIRST = 5.0

LOST = (OSError, TimeoutError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError)


# A connection can die without a word, so it is asked now and then. What was said while there was
# none is lost: after each return everything counts as changed.
# The same connection holds the lock of the server that leads: it is free again the moment that
# server has gone.
# Not taken: a lease with a time in a table, which is held for a while by a server that is dead,
# and a broker.
class Listening:
    """The connection of this server; `heard` gets each payload, and None when some were missed."""

    def __init__(self, url: URL, channel: str, heard: Callable[[str | None], None]) -> None:
        self._url, self._channel, self._heard = url, channel, heard
        self._task: asyncio.Task[None] | None = None
        self._first = asyncio.Event()
        # What is to be said, and that there is something to do.
        self._sayings: deque[str] = deque(maxlen=MOST_SAYINGS)
        self._stirred = asyncio.Event()
        self.leads = False

    async def open(self) -> None:
        """Listen from now on, after a while at the latest."""
        self._task = asyncio.create_task(self._listen(), name="listening")
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST):
                await self._first.wait()

    def say(self, payload: str) -> None:
        """Say something that belongs to no transaction, as soon as the connection is there."""
        self._sayings.append(payload)
        self._stirred.set()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self) -> None:
        while True:
            connection = None
            try:
                async with asyncio.timeout(PATIENCE):
                    connection = await self._connect()
                await self._stay(connection)
            except LOST as error:
                log.warning("other servers are not heard: %s", error)
            finally:
                self.leads = False
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(AGAIN * (1 + random.random()))  # noqa: S311 - no secret

    async def _connect(self) -> asyncpg.Connection[Any]:
        dialect: Any = self._url.get_dialect()
        _, options = dialect().create_connect_args(self._url)
        for ours in ("prepared_statement_cache_size", "prepared_statement_name_func"):
            options.pop(ours, None)
        return await asyncpg.connect(**options)

    async def _stay(self, connection: asyncpg.Connection[Any]) -> None:
        """Listen until the connection is lost."""
        connection.add_termination_listener(lambda _connection: self._stirred.set())
        await connection.add_listener(self._channel, lambda *said: self._heard(str(said[3])))
        await self._try_to_lead(connection)
        if self._first.is_set():
            log.warning("other servers are heard again")
            self._heard(None)
        self._first.set()
        while not connection.is_closed():
            with suppress(TimeoutError):
                async with asyncio.timeout(WATCH):
                    await self._stirred.wait()
            self._stirred.clear()
            if not connection.is_closed():
                await self._say_all(connection)
                await self._try_to_lead(connection)
        log.warning("the connection to hear other servers is lost")

    async def _say_all(self, connection: asyncpg.Connection[Any]) -> None:
        sayings = list(self._sayings)
        self._sayings.clear()
        if sayings:
            told = "SELECT pg_notify($1, said) FROM unnest($2::text[]) AS said"
            await connection.execute(told, self._channel, sayings, timeout=PATIENCE)

    async def _try_to_lead(self, connection: asyncpg.Connection[Any]) -> None:
        asked = "SELECT 1" if self.leads else f"SELECT pg_try_advisory_lock({LEADER})"
        answer = await connection.fetchval(asked, timeout=PATIENCE)
        self.leads = bool(answer)
