"""The client's bounds: time, bytes, and where it connects to, whatever stands at the other end."""

from __future__ import annotations

import asyncio
import gzip
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from push import client
from push.client import (
    LARGEST_ANSWER,
    Answer,
    Client,
    NoAnswerError,
    TimedOutError,
    UnreachableError,
    is_public,
)
from push.leases import LEASE
from tests.world.databases import free_port
from tests.world.outbox import SOON
from tests.world.push_services import listening, sink

if TYPE_CHECKING:
    from collections.abc import Iterator

DRIP = 0.02
OK = b"HTTP/1.1 201 Created\r\n"


async def asked(url: str, may_reach=None) -> Answer:
    asking = Client(may_reach)
    try:
        return await asking.post(url, b"x", {})
    finally:
        await asking.close()


async def answered(*pieces: bytes, endless: bytes = b"") -> Answer:
    """What comes of a service that writes these pieces, and then one without end."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
        while endless:
            writer.write(endless)
            await writer.drain()
            await asyncio.sleep(DRIP)

    async with listening(serve) as port:
        return await asked(f"http://127.0.0.1:{port}/x")


@pytest.fixture
def _impatient(monkeypatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT", 0.4)
    monkeypatch.setattr(client, "BODY_WITHIN", 0.2)


async def test_an_answer_has_status_headers_in_any_case_and_body() -> None:
    answer = await answered(OK, b"X-Wns-Status: received\r\nContent-Length: 2\r\n\r\n{}")
    assert (answer.status, answer.headers["x-wns-status"], answer.body) == (201, "received", b"{}")


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    ("begins", "goes_on"),
    [
        (b"", b""),
        (b"HTTP/1.1 ", b""),
        (OK, b"X: y\r\n"),
        (OK + b"X: ", b"y"),
        (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    ],
)
async def test_an_answer_that_never_begins_ends_in_time(begins, goes_on) -> None:
    began = time.perf_counter()
    with pytest.raises(NoAnswerError) as caught:
        await answered(begins, endless=goes_on or b"")
    assert time.perf_counter() - began < SOON / 2
    assert caught.value.reason in {"timeout", "ServerDisconnectedError", "ClientResponseError"}


@pytest.mark.usefixtures("_impatient")
async def test_a_service_that_says_nothing_times_out() -> None:
    async with sink() as sunk:
        with pytest.raises(TimedOutError):
            await asked(f"{sunk.origin}/slow/x")


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    ("headers", "endless"),
    [
        (b"Content-Length: 900000\r\n\r\n", b"x"),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
)
async def test_a_body_that_drips_hides_no_status(headers, endless) -> None:
    answer = await answered(OK, headers, endless=endless)
    assert answer.status == 201
    assert len(answer.body) < LARGEST_ANSWER


async def test_of_a_large_body_only_its_beginning_is_read() -> None:
    zipped = gzip.compress(bytes(300_000_000), 1)
    head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(zipped)
    answer = await answered(OK, head, zipped)
    assert answer.body == zipped[:LARGEST_ANSWER]


def test_a_lease_outlasts_every_exchange() -> None:
    assert LEASE.total_seconds() > 2 * client.TIMEOUT


async def test_a_connection_is_used_again() -> None:
    connections = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        while not reader.at_eof():
            with suppress(asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\nx")
            writer.write(OK + b"Content-Length: 2\r\n\r\n{}")

    async with listening(serve) as port:
        asking = Client()
        for _ in range(3):
            await asking.post(f"http://127.0.0.1:{port}/x", b"x", {})
        await asking.close()
    assert len(connections) == 1


async def test_no_proxy_of_the_environment_is_used(monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    async with sink() as sunk:
        assert (await asked(f"{sunk.origin}/201/x")).status == 201


async def test_an_address_is_sent_as_it_was_given() -> None:
    async with sink() as sunk:
        await asked(f"{sunk.origin}/201/w/?token=BQ%3d%2fx")
        assert list(sunk.taken) == ["/201/w/?token=BQ%3d%2fx"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/x",
        "http://nobody.invalid:{port}/x",
    ],
)
async def test_what_cannot_be_reached_is_said_so(url) -> None:
    with pytest.raises(UnreachableError):
        await asked(url.format(port=free_port()))


@pytest.mark.parametrize(
    "url", [f"https://{'a' * 64}.example.com/x", "https://", "x", "https://[::/x", "https://a b/x"]
)
async def test_an_address_that_is_none_is_an_error_like_any_other(url) -> None:
    with pytest.raises(NoAnswerError):
        await asked(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "100.64.0.1", "169.254.169.254", "224.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "ff0e::1",
        "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_what_is_inside_or_carries_what_is_inside_is_not_public(address) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["223.5.5.5", "2400:3200::1", "::ffff:223.5.5.5", "64:ff9b::223.5.5.5"]
)
def test_what_is_outside_is_public(address) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]"])
async def test_nothing_is_connected_to_that_may_not_be_reached(host) -> None:
    async with sink() as sunk:
        with pytest.raises(NoAnswerError) as caught:
            await asked(f"http://{host}:{sunk.port}/201/x", is_public)
        assert sunk.count == 0
    # The client takes a number for no name at all.
    assert caught.value.reason in {"private address", "InvalidUrlClientError"}


async def test_a_name_is_looked_up_once_and_connected_to_where_it_led(monkeypatch) -> None:
    loop = asyncio.get_running_loop()
    usual, asked_for = loop.getaddrinfo, []
    changing = answers_in_turn()

    async def look_up(host: str, port: int, **more: Any) -> Any:
        asked_for.append(host)
        return await usual(next(changing) if host == "changing.test" else host, port, **more)

    monkeypatch.setattr(loop, "getaddrinfo", look_up)
    async with sink() as sunk:
        # Its first address may be reached and its second may not.
        url = f"http://changing.test:{sunk.port}/201/x"
        assert (await asked(url, lambda address: address == "127.0.0.1")).status == 201
    assert asked_for.count("changing.test") == 1


def answers_in_turn() -> Iterator[str]:
    yield "127.0.0.1"
    while True:
        yield "127.0.0.2"
