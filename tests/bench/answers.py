"""An answer on the other phone: from the handler's key to the resident's live page, under load."""

from __future__ import annotations

import asyncio
import http.client
import sqlite3
import time
from contextlib import closing
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING

import uvloop

from domain.store import Store
from tests.bench.live import (
    PASSWORD,
    PATIENCE,
    BareCaller,
    Clerk,
    bare_streams,
    prepare_with_clerk,
)
from tests.bench.load import Asker, at, requests_of
from tests.bench.matters import fill
from tests.bench.midday import now as now_at_midday
from tests.bench.pages import GUIDE, fetch, served
from tests.bench.report import Figure
from tests.world.conversations import with_post
from web.site.device_key import FormKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STREAMS, ANSWERS = 1_000, 300
# Connections that ask for a guide all the time, each again when it is answered.
LOAD = 4
SECONDS = 120.0


def measure(folder: Path) -> Iterator[Figure]:
    """The slowest hundredth of answers, and the middle one, beside a bare event."""
    database = folder / "lianxin.db"
    ids = asyncio.run(_prepare(database))
    with served(folder) as server:
        fetch(server.port, GUIDE)
        handler = Handler(server.port)
        paths = [f"/live/matters/{_token(number)}" for number in ids]
        ours = _run(server.port, paths, GUIDE, [partial(handler.answer, each) for each in ids])
    with bare_streams() as server:
        caller = BareCaller(server.port)
        # The bare server tells the first of its groups, so that one has one stream.
        paths = [f"/live-{number}-" for number in ids]
        bare = _run(server.port, paths, "/", [caller.call] * len(ids), is_first=True)
    for share, name in ((0.99, "p99"), (0.5, "p50")):
        mine, base = at(ours, share), at(bare, share)
        yield Figure(
            f"an answer on the other phone, {STREAMS} live pages, {LOAD} busy connections, {name}",
            f"{mine:.0f} ms",
            f"a bare event in the same load: {base:.2f} ms",
            mine / base,
        )


def _token(number: int) -> str:
    return f"{number:032}"


async def _prepare(database: Path) -> list[int]:
    """A district whose clerk has so many matters; their numbers."""
    url = f"sqlite+aiosqlite:///{database}"
    await prepare_with_clerk(url)
    store = Store(url)
    await store.open()
    post = await with_post(store, holder="clerk")
    await store.close()
    with closing(sqlite3.connect(database)) as connection:
        (community,) = connection.execute(
            "SELECT id FROM community WHERE slug = 'liujiazhuang'"
        ).fetchone()
        (holder,) = connection.execute(
            "SELECT id FROM staff_member WHERE name = 'clerk'"
        ).fetchone()
    fill(database.parent, STREAMS, 1, holder, community, now_at_midday())
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "INSERT INTO matter_round (matter_id, number, opened_at, is_closed_by_office)"
            " SELECT id, 1, began_at, 0 FROM matter"
        )
        connection.execute(
            "INSERT INTO conversation (matter_id, post_id, source, phone, asker, on_behalf_of,"
            " they_may_be_called, agreed_by) SELECT id, ?, 'card', '', '', '', 0, '' FROM matter",
            (post,),
        )
        return [row[0] for row in connection.execute("SELECT id FROM matter ORDER BY id")]


class Handler(Clerk):
    """The person who answers."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.cookie = ""
        answer = self._post("/staff/sessions", name="clerk", password=PASSWORD)
        self.cookie = (answer.getheader("set-cookie") or "").partition(";")[0]

    def answer(self, number: int) -> None:
        """Answer a matter."""
        form = {"request": FormKey.new().key, "outcome": "done", "words": "灯已经换好了。"}
        self._post(f"/staff/matters/{number}/answer", **form)


class _Stream(asyncio.Protocol):
    """A resident's page that stays open."""

    def __init__(self, path: str) -> None:
        self.path, self.heard = path, 0.0
        self.told = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.transport.write(f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        if b"data:" in data:
            self.heard = time.perf_counter()
            self.told.set()


def _run(
    port: int,
    paths: list[str],
    asked: str,
    answers: list[Callable[[], object]],
    *,
    is_first: bool = False,
) -> list[float]:
    """Seconds from each answer's start until its stream heard of it, sorted."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_follow(port, paths, asked, answers, is_first=is_first))


async def _follow(
    port: int,
    paths: list[str],
    asked: str,
    answers: list[Callable[[], object]],
    *,
    is_first: bool,
) -> list[float]:
    loop = asyncio.get_running_loop()
    streams: list[_Stream] = []
    for path in paths:
        _, stream = await loop.create_connection(partial(_Stream, path), "127.0.0.1", port)
        await asyncio.wait_for(stream.told.wait(), PATIENCE)
        streams.append(stream)
    until, took = time.perf_counter() + SECONDS, []
    [request] = requests_of([asked])
    busy: list[float] = []
    load = [
        (
            await loop.create_connection(
                partial(Asker, cycle([request]), until, busy), "127.0.0.1", port
            )
        )
        for _ in range(LOAD)
    ]
    for number in range(ANSWERS):
        stream = streams[0 if is_first else number]
        stream.told.clear()
        began = time.perf_counter()
        await asyncio.to_thread(answers[number])
        await asyncio.wait_for(stream.told.wait(), PATIENCE)
        took.append(stream.heard - began)
    for transport, _ in load:
        transport.close()
    for stream in streams:
        stream.transport.close()
    return sorted(took)
