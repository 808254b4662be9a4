"""What a stranger's request may keep of our memory: nothing that its size decides."""

from __future__ import annotations

import asyncio
import importlib
import os
import pkgutil
import shutil
import socket
import subprocess
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

import domain
import push
import web
from tests.world.clock import NOW
from tests.world.databases import free_port, quick_folder
from web.running import connection
from web.running.connection import MOST_HEAD, Connection
from web.site.limits import Limit
from web.site.security import MOST_HEADERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from tests.world.databases import SqliteFiles

ROOT = Path(__file__).parents[3]
MEGABYTE = 1 << 20
MOST_GROWTH = 20 * MEGABYTE
"""Bytes that 200 requests of 1 MB may leave behind."""

NOT_OF_REQUESTS = {
    "domain.calendar.published_notices": "takes nothing",
    "domain.handbook.examples.examples": "takes nothing",
    "domain.places.opening.opening_of": "takes lines of 80 characters that an office published",
    "domain.search.index.term_of": "takes the texts of handbooks, never a query",
    "domain.search.index.sound_of": "takes a single character",
    "domain.search.index._sounds": "takes nothing",
    "domain.search.index.common_characters": "takes nothing",
    "domain.search.index.sounds_in_order": "takes nothing",
    "domain.search.strokes._table": "takes nothing",
    "web.running.services._assets": "takes nothing",
    "web.running.services._renderer": "takes yes or no",
    "web.running.logs._second": "takes a number",
    "web.site.words._catalogue": "takes nothing",
    "openpyxl.utils.cell.get_column_letter": "takes a number",
    "urllib.parse.urlsplit": "takes headers, of which the entrance lets 16 KB in, and keeps 128",
}


def caches() -> dict[str, Any]:
    """Every function that our modules hold and that remembers its answers, by its name."""
    found: dict[str, Any] = {}
    for package in (domain, push, web):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            # Alembic alone runs these.
            if ".migrations" in module.name or module.name.endswith("__main__"):
                continue
            for value in vars(importlib.import_module(module.name)).values():
                for each in (value, *(vars(value).values() if isinstance(value, type) else ())):
                    # SQLAlchemy's `func` has an attribute of every name, but no qualified one.
                    if hasattr(each, "cache_info") and hasattr(each, "__qualname__"):
                        found[f"{each.__module__}.{each.__qualname__}"] = each
    return found


def test_every_cache_is_bounded_in_bytes_or_takes_nothing_of_a_request() -> None:
    found = caches()
    unbounded = {name for name, each in found.items() if not hasattr(each, "longest")}
    assert unbounded == set(NOT_OF_REQUESTS)
    assert {
        "web.site.visit._manner",
        "web.site.preferences.preferences_of",
    } <= found.keys() - unbounded


LONG = "x" * 5000


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("web.site.visit._manner", (LONG.encode(), b"", b"", "http", None)),
        ("web.site.visit._manner", (b"", LONG.encode(), b"", "http", None)),
        ("web.site.visit._manner", (b"", b"", LONG.encode(), "http", None)),
        ("web.site.preferences.preferences_of", (LONG,)),
        ("web.site.preferences.language_of", (None, LONG)),
        ("web.site.assets._taken", (LONG,)),
        ("web.running.logs._route", (LONG, "/")),
        ("web.places.codes.code", ("https://lianxin.test/" + "x" * 300, "svg")),
    ],
)
def test_a_cache_keeps_nothing_long(name: str, given: tuple[Any, ...]) -> None:
    cached = caches()[name]
    before = cached.cache_info()
    assert cached(*given) == cached(*given)
    assert cached.cache_info() == before


def test_what_is_short_is_still_remembered() -> None:
    cached = caches()["web.site.preferences.language_of"]
    cached(None, "de-CH,en;q=0.7")
    hits = cached.cache_info().hits
    assert cached(None, "de-CH,en;q=0.7") == "en"
    assert cached.cache_info().hits == hits + 1


def test_a_limit_keeps_neither_a_long_key_nor_one_that_is_a_secret() -> None:
    limit = Limit(1, NOW - NOW.replace(hour=0))
    assert limit.wait("x" * MEGABYTE, NOW) is None
    assert limit.wait("x" * MEGABYTE, NOW) is not None
    assert limit.wait("\udc80", NOW) is None
    assert all(len(key) <= 64 for key in limit._times)


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize("path", ["/c/liujiazhuang", "/healthz", "/nowhere", "/halls/jian/tickets"])
async def test_headers_that_no_browser_sends_are_refused_before_anything_reads_them(
    resident, method, path
) -> None:
    many = {f"x-{number}": "x" * 100 for number in range(MOST_HEADERS // 100)}
    for headers in (
        {"cookie": "a=" + "z" * MOST_HEADERS},
        {"accept-language": "z" * MEGABYTE},
        many,
    ):
        response = await resident.request(method, path, headers=headers)
        assert response.status_code == 431
        assert response.headers["connection"] == "close"
        assert response.headers["x-content-type-options"] == "nosniff"
        if method != "HEAD":
            assert "Cookie" in response.text
            assert len(response.content) < 300


async def test_headers_of_a_browser_with_many_cookies_are_answered(resident) -> None:
    headers = {"cookie": "a=" + "z" * (MOST_HEADERS - 1000), "accept-language": "en"}
    response = await resident.get("/c/liujiazhuang", headers=headers)
    assert response.status_code == 200
    assert 'lang="en"' in response.text


@pytest.fixture(scope="module")
def server(sqlite_files: SqliteFiles) -> Iterator[Server]:
    """A server in a process of its own."""
    with quick_folder() as folder:
        shutil.copy(sqlite_files.folder / "sample.db", folder / "lianxin.db")
        port = free_port()
        environment = {**os.environ, "LIANXIN_DATA": str(folder), "LIANXIN_PORT": str(port)}
        command = [sys.executable, "-m", "web", "serve"]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
        ) as process:
            try:
                server = Server(port, process.pid)
                server.wait_until_it_answers()
                yield server
            finally:
                process.terminate()
                process.wait(30)


@dataclass(frozen=True)
class Server:
    """Where a server listens, and its process."""

    port: int
    process: int

    def wait_until_it_answers(self) -> None:
        """Return when it serves. Raises `ConnectionError` after a minute."""
        for _ in range(600):
            try:
                assert self.is_well()
            except ConnectionError:
                time.sleep(0.1)
            else:
                return
        raise ConnectionError("the server does not answer")

    def is_well(self) -> bool:
        return b'"store":"ok"' in self.answer(request("/healthz"))

    def answer(self, asked: bytes) -> bytes:
        """Everything that comes back for these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as client:
            client.sendall(asked)
            pieces = []
            while piece := client.recv(65536):
                pieces.append(piece)
        return b"".join(pieces)

    def memory(self) -> int:
        """Bytes that the process has in memory, as Linux counts."""
        for line in Path(f"/proc/{self.process}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) << 10
        raise AssertionError("no VmRSS")


def request(path: str, *headers: str, method: str = "GET") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: lianxin.test", "connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


KINDS = [
    ("GET", "/c/liujiazhuang", "cookie: a="),
    ("GET", "/c/liujiazhuang", "accept-language: "),
    ("GET", "/c/liujiazhuang", "accept-encoding: "),
    ("POST", "/halls/jian/tickets", "cookie: device-key="),
]


def request_with(kind: tuple[str, str, str], text: str) -> bytes:
    method, path, header = kind
    return request(path, "content-length: 0", header + text, method=method)


asks_linux = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="asks Linux for the memory"
)


@asks_linux
def test_long_headers_leave_nothing_in_a_server(server: Server) -> None:
    def ask(number: int) -> None:
        long = request_with(KINDS[number % len(KINDS)], f"{number:04}" * (MEGABYTE // 4))
        assert server.answer(long).startswith(b"HTTP/1.1 431 ")

    for number in range(20):
        ask(number)
    before = server.memory()
    for number in range(200):
        ask(number)
    assert server.memory() < before + MOST_GROWTH
    assert server.is_well()


@asks_linux
@pytest.mark.parametrize(
    "begun",
    [
        b"GET / HTTP/1.1\r\nhost: a\r\ncookie: a=",
        b"GET /",
        b"GET / HTTP/1.1\r\nhost: a\r\n" + b"a: b\r\n" * 1000 + b"c: ",
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\na: ",
    ],
)
def test_a_head_without_an_end_is_not_held(server: Server, begun: bytes) -> None:
    before = server.memory()
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        # A connection that is closed on us is an answer too.
        with suppress(ConnectionError):
            client.sendall(begun)
            for _ in range(64):
                client.sendall(b"z" * MEGABYTE)
        assert server.memory() < before + MOST_GROWTH
    assert server.is_well()


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[int]:
    """A server of this application in this process; its port."""
    port = free_port()
    config = uvicorn.Config(app, http=Connection, port=port, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn says it in no other way
        await asyncio.sleep(0.01)
    try:
        yield port
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def reads_all(_scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body, and answer."""
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.disconnect":
        return
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"read"})


BEGUN = [
    b"",
    b"GET",
    b"GET / HTTP/1.1\r\nhost: a\r\n",
    b"GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HT",
    b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n1234",
    b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n4\r\n12",
]


@pytest.mark.parametrize("begun", BEGUN)
async def test_half_a_request_is_not_waited_for(monkeypatch, begun) -> None:
    monkeypatch.setattr(connection, "HEAD_WITHIN", 0.5)
    monkeypatch.setattr(connection, "BODY_WITHIN", 0.5)
    monkeypatch.setattr(connection, "LINGER", 0.1)
    pieces = (
        *(b"POST / HTTP/1.1\r\nhost: a\r\nconnec", b"tion: close\r\ncontent-"),
        *(b"length: 2", b"\r\n\r\n1", b"2"),
    )
    async with serving(reads_all) as port, AsyncExitStack() as stack:
        many = [await stack.enter_async_context(connected(port)) for _ in range(50)]
        for _, writer in many:
            writer.write(begun)
        # Other requests are answered meanwhile, also slowly sent ones.
        async with connected(port) as (reader, writer):
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0.01)
            assert b"read" in await reader.read()
        for reader, _ in many:
            answer = await asyncio.wait_for(reader.read(), 60)
            assert not answer or answer.startswith(b"HTTP/1.1 408 ") or b"read" in answer


async def test_a_body_that_drips_is_ended_and_one_that_flows_is_not(monkeypatch) -> None:
    monkeypatch.setattr(connection, "BODY_WITHIN", 0.2)
    head = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 4000\r\n\r\n"
    async with serving(reads_all) as port:
        for size, is_read in ((1, False), (400, True)):
            async with connected(port) as (reader, writer):
                writer.write(head)
                with suppress(ConnectionError):
                    for _ in range(4000 // size if size > 1 else 20):
                        writer.write(b"z" * size)
                        await asyncio.sleep(0.05)
                answer = b""
                with suppress(ConnectionError):
                    answer = await asyncio.wait_for(reader.read(), 60)
                assert (b"read" in answer) is is_read


async def test_an_answer_that_nobody_reads_is_not_held(monkeypatch) -> None:
    monkeypatch.setattr(connection, "READ_WITHIN", 0.2)
    ended = asyncio.Event()

    async def endless(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})

        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        leaving = asyncio.create_task(gone())
        with suppress(OSError):
            while not leaving.done():
                await send({"type": "http.response.body", "body": b"z" * 65536, "more_body": True})
                await asyncio.sleep(0)
        ended.set()

    # The reader stops reading when its own buffer is full.
    async with serving(endless) as port, connected(port) as (_, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        await asyncio.wait_for(ended.wait(), 60)
        writer.transport.abort()


async def test_a_body_in_one_piece_with_its_head_is_no_part_of_the_head() -> None:
    async def count(_scope: Scope, receive: Receive, send: Send) -> None:
        size, message = 0, await receive()
        size += len(message["body"])
        while message["more_body"]:
            message = await receive()
            size += len(message["body"])
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": f"{size} bytes".encode()})

    body = b"z" * (3 * MOST_HEAD)
    async with serving(count) as port, connected(port) as (reader, writer):
        writer.write(request("/", f"content-length: {len(body)}", method="POST") + body)
        assert f"{len(body)} bytes".encode() in await reader.read()
