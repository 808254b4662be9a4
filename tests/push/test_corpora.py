"""A corpus of push endpoints, and one of what push services do: each judged, none a crash."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from push import client
from push.channels import Outcome, Result
from push.endpoints import service_of
from push.errors import EndpointRefusedError
from push.keys import KeyRing
from push.sending import LONGEST_WAIT, Sealer, WebPushChannel
from tests.world.clock import NOW
from tests.world.outbox import CONTACT, NEAR
from tests.world.push_browsers import PushBrowser, address
from tests.world.push_services import listening

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

FCM, MOZILLA = "fcm.googleapis.com", "updates.push.services.mozilla.com"
APPLE, WNS = "web.push.apple.com", "wns2-par02p.notify.windows.com"
SERVICES = (FCM, MOZILLA, APPLE, WNS)

TAKEN = [
    *(f"https://{host}/{path}" for host in SERVICES for path in ("x", "a/b?c=d&e=%2F", "x" * 900)),
    *(f"https://{host}:443/x" for host in SERVICES),
    "https://a-1.push.apple.com/x",
    "https://a.b.notify.windows.com/w/?token=" + "A" * 500,
]
INSIDE = (
    *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "10.0.0.1"),  # noqa: S104 - refused
    *("192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "localhost", "metadata"),
    *("[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[fe80::1%25eth0]", "[2002:7f00:1::]"),
)
LIKE = (
    *(
        "fcm.googleapis.com.evil.test",
        "evilfcm.googleapis.com",
        "xfcm.googleapis.com",
        "googleapis.com",
    ),
    *("push.apple.com", ".push.apple.com", "a..push.apple.com", "a.push.apple.com.", "apple.com"),
    *("push.services.mozilla.com.evil.test", "notify.windows.com", "evilnotify.windows.com"),
    *("xn--a.push.apple.com", "a.xn--b.push.apple.com", "ａ.push.apple.com", "a.push.apple。com"),
    *("FCM.googleapis.com", "Web.Push.Apple.com", "a_b.push.apple.com", "*.push.apple.com"),
    *(
        "a." * 130 + "push.apple.com",
        "a" * 64 + ".push.apple.com",
        "fcm.googleapis.com%2eevil.test",
    ),
)
REFUSED = [
    *(f"https://{host}/x" for host in INSIDE),
    *(f"https://{host}/x" for host in LIKE),
    *(f"{scheme}://{FCM}/x" for scheme in ("http", "ftp", "wss", "file", "HTTPs ", "javascript")),
    *(f"https://{FCM}:{port}/x" for port in ("80", "8443", "0", "65536", "-1", "x", "", " 443")),
    *(f"https://{user}@{FCM}/x" for user in ("", "a", "a:b", ":", "127.0.0.1", f"{FCM}:443")),
    *(
        f"https://evil.test{mark}{FCM}/x"
        for mark in ("#", "?", "\\", "/", "%23", "%5c", "@", "%40")
    ),
    *(
        f"https://{FCM}{mark}.evil.test/x"
        for mark in ("#", "\\", "%00", "\t", "\r\n", " ", "%2f", "/#")
    ),
    *(f"https://{FCM}/{bad}" for bad in ("é", "字", "\x00", "a b", "a\tb", "\u2028", "#x", "\\x")),
    *(f"{blank}https://{FCM}/x" for blank in (" ", "\t", "\n", "\ufeff", "\x00")),
    *("", "x", "//", "https:", "https://", "https:///x", f"https:{FCM}/x", f"//{FCM}/x", f"/{FCM}"),
    *("https://[", "https://[::1", "https://a]b/x", "https://[x]/", f"https://{FCM}/" + "x" * 1000),
]


def test_the_corpus_is_as_large_as_it_says() -> None:
    assert len({*TAKEN, *REFUSED}) == len(TAKEN) + len(REFUSED)
    assert len(TAKEN) + len(REFUSED) >= 120


@pytest.mark.parametrize("endpoint", TAKEN)
def test_an_endpoint_of_a_service_is_taken(endpoint) -> None:
    assert service_of(endpoint).endswith((FCM, ".mozilla.com", ".apple.com", ".windows.com"))


@pytest.mark.parametrize("endpoint", REFUSED)
def test_every_other_endpoint_is_refused(endpoint) -> None:
    with pytest.raises(EndpointRefusedError):
        service_of(endpoint)


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    """A whole answer."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def statuses() -> Iterator[tuple[bytes, Result]]:
    """Answers by their status."""
    for result, words in {
        Result.SENT: ("200 OK", "201 Created", "202 Accepted", "204 No Content"),
        Result.REFUSED: (
            *("301 Moved", "302 Found", "303 See", "304 Same", "307 Away", "308 Away"),
            *(
                "400 Bad",
                "402 Pay",
                "405 No",
                "409 No",
                "411 Length",
                "413 Large",
                "415 No",
                "451 No",
            ),
        ),
        Result.GONE: ("404 Not Found", "410 Gone"),
        Result.DENIED: ("401 Who", "403 No"),
        Result.AGAIN: (
            *("406 Throttled", "408 Slow", "425 Early", "429 Many"),
            *("500 Oh", "502 Bad", "503 Busy", "504 Slow", "507 Full", "599 Odd"),
        ),
    }.items():
        for each in words:
            yield answer(each, "Location: http://127.0.0.1:1/x"), result


WAITS = {
    "0": 0,
    "7": 7,
    " 60 ": 60,
    "999999999": 3600,
    "9" * 6000: 3600,
    "-5": None,
    "1.5": None,
    "soon": None,
    "٣": None,
    "": None,
    "Mon, 23 Nov 2026 02:27:00 GMT": 60,
    "Mon, 23 Nov 2020 02:27:00 GMT": 0,
    "Mon, 23 Nov 2036 02:27:00 GMT": 3600,
    "Mon, 99 Nov 2026 99:99:99 GMT": None,
    "Mon, 23 Nov 2026 02:27:00 +99999999999999999999": None,
}
"""What Retry-After may say, and the seconds that it means."""

GARBAGE = (
    *(b"", b"\r\n\r\n", b"HTTP", b"HTTP/1.1", b"HTTP/1.1 201", b"HTTP/9.9 201 Created\r\n\r\n"),
    *(b"SSH-2.0-OpenSSH_9\r\n", b"\x16\x03\x01\x02\x00", b"\x00" * 300, b"<html>no</html>"),
    *(b"HTTP/1.1 abc Created\r\n\r\n", b"HTTP/1.1 201 Created\r\nno colon\r\n\r\n"),
    b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 201 Created\r\n" + b"X: y\r\n" * 100_000,
)
"""What is no answer."""

BODIES = (
    answer("201 Created", "Content-Encoding: gzip", body=b"no gzip"),
    answer("201 Created", "Content-Encoding: gzip", body=gzip.compress(b"x" * (8 << 20))),
    answer("201 Created", body=b"x" * (1 << 20)),
    b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\nx",
    b"HTTP/1.1 201 Created\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n",
)
"""Odd bodies behind a status that says enough."""


@pytest.fixture(scope="module")
def ring(tmp_path_factory) -> KeyRing:
    return KeyRing(tmp_path_factory.mktemp("data"))


@pytest.fixture
def _impatient(monkeypatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT", 2.0)
    monkeypatch.setattr(client, "BODY_WITHIN", 0.2)


async def outcome_of_service(ring, said: bytes) -> Outcome:
    """What becomes of a message to a service that says this and closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)

    async with listening(serve) as port:
        origin = f"http://127.0.0.1:{port}"
        channel = WebPushChannel(Sealer(ring, CONTACT), allowed={origin}, clock=lambda: NOW)
        try:
            browser = PushBrowser(f"{origin}/x")
            return await channel.send(NEAR, address(browser, ring))
        finally:
            await channel.close()


def test_there_are_fifty_behaviours() -> None:
    assert len([*statuses()]) + len(WAITS) + len(GARBAGE) + len(BODIES) >= 50


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(("said", "result"), [*statuses()])
async def test_every_status_has_its_meaning(ring, said, result) -> None:
    assert (await outcome_of_service(ring, said)).result is result


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("retry_after", WAITS, ids=range(len(WAITS)))
async def test_every_retry_after_is_read_or_left(ring, retry_after) -> None:
    found = await outcome_of_service(ring, answer("503 Busy", f"Retry-After: {retry_after}"))
    assert found.result in {Result.AGAIN, Result.SILENT}
    if found.wait is not None:
        assert 0 <= found.wait.total_seconds() <= LONGEST_WAIT.total_seconds()
    if found.result is Result.AGAIN:
        seconds = None if found.wait is None else found.wait.total_seconds()
        assert seconds == WAITS[retry_after]


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("said", GARBAGE)
async def test_what_is_no_answer_is_silence(ring, said) -> None:
    found = await outcome_of_service(ring, said)
    assert found.result in {Result.SILENT, Result.AGAIN}


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("said", BODIES)
async def test_an_odd_body_changes_nothing(ring, said) -> None:
    assert (await outcome_of_service(ring, said)).result is Result.SENT
