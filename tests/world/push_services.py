"""Push services on loopback: npm's web-push-testing, and a sink that answers as it is asked to."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from tests.world.databases import free_port

PATIENCE = 30.0

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

ROOT = Path(__file__).parent.parent.parent
# It listens on every interface by itself; here it gets loopback and nothing else.
ON_LOOPBACK = """
const net = require('net');
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, then) {
  return listen.call(this, port, '127.0.0.1', then);
};
const { PushApiModel } = require('web-push-testing/src/PushApiModel.js');
const Server = require('web-push-testing/src/server.js');
new Server(new PushApiModel(), Number(process.argv[1])).startServer();
"""


class NpmService:
    """The npm package `web-push-testing`, as browsers and as servers meet it."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self._client = httpx.Client(base_url=self.origin, timeout=PATIENCE, trust_env=False)

    def _post(self, path: str, **said: Any) -> Any:
        answer = self._client.post(path, json=said)
        answer.raise_for_status()
        return answer.json()["data"] if answer.text.startswith("{") else None

    def subscribe(self, key: str) -> dict[str, Any]:
        """What a browser's `pushManager.subscribe` gives."""
        found: dict[str, Any] = self._post(
            "/subscribe", userVisibleOnly="true", applicationServerKey=key
        )
        found["endpoint"] = found["endpoint"].replace("localhost", "127.0.0.1")
        return found

    def expire(self, client: str) -> None:
        """The browser's owner takes the permission back."""
        self._post(f"/expire-subscription/{client}")

    def received(self, client: str) -> list[str]:
        """What the browser was given, opened."""
        messages: list[str] = self._post("/get-notifications", clientHash=client)["messages"]
        return messages

    def close(self) -> None:
        """Hang up."""
        self._client.close()


@contextmanager
def npm_service() -> Iterator[NpmService]:
    """One, running for as long as it is needed."""
    port = free_port()
    process = subprocess.Popen(
        ["node", "-e", ON_LOOPBACK, str(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        assert "running" in said, said
        service = NpmService(port)
        yield service
        service.close()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


class Sink:
    """Takes whatever is posted to it. The path says how it answers: `/410/x`, `/slow/x`, `/201/x`."""

    def __init__(self) -> None:
        self.port = 0
        self.count = 0
        self.taken: dict[str, list[bytes]] = {}
        self.heads: list[str] = []
        self.answers: dict[str, str] = {}
        """By the first word of the path: status line and further headers, in the place of these."""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = head.lower().split("\r\n")
                length = next(int(x[15:]) for x in lines if x.startswith("content-length:"))
                body = await reader.readexactly(length)
                path = head.split(" ", 2)[1]
                self.count += 1
                self.heads.append(head)
                self.taken.setdefault(path, []).append(body)
                word = path.split("/")[1]
                if word == "slow":
                    await asyncio.sleep(3600)
                status = self.answers.get(word, f"{word} Answered")
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return


@asynccontextmanager
async def listening(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on loopback in this process, its port, and no connection left afterwards."""
    open_ones: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ones[task] = writer
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0, backlog=512, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)
        closing = (writer.wait_closed() for writer in open_ones.values())
        await asyncio.gather(*closing, return_exceptions=True)


@asynccontextmanager
async def sink() -> AsyncIterator[Sink]:
    """One, on loopback, in this process."""
    found = Sink()
    async with listening(found.serve) as found.port:
        yield found


@contextmanager
def delivering(settings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The process that sends, as `serve` starts it; ended when its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "web.running.delivery_process"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "LIANXIN_LOG": "plain", **settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        process.wait(15)
