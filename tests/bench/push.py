"""Push: messages sealed against the key agreement alone and against others; pages while many go out."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
from pywebpush import WebPusher
from sqlalchemy import func, select

from domain.store import Store
from push.channels import Address
from push.keys import KeyRing
from push.messages import message
from push.sending import Sealer
from push.tables import IS_WAITING, Kind, Language, OutboxRow
from tests.bench.load import ask, at, send
from tests.bench.pages import GUIDE, fetch, prepare, running
from tests.bench.report import Figure
from tests.world.clock import NOW
from tests.world.databases import free_port
from tests.world.push_browsers import FCM, PushBrowser, crowd, device_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from push.messages import Message

ROOT = Path(__file__).parent.parent.parent
MESSAGES, ROUNDS = 500, 9
ROWS, GROUP = 100_000, 5000
SECONDS = 6.0
STARTED = 15.0
"""Seconds after which a server has begun with all that it does after its start."""
QUIET = 0.1
"""Seconds of a core in two seconds: more is work."""
FACTS: dict[str, int | str] = {
    "ticket": 1, "number": "B023", "token": "t" * 22, "hall": "刘家庄社区服务大厅", "ahead": 3,
}  # fmt: skip
LENGTH = 400
"""Bytes of a sealed message, about."""
POST = b"POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % LENGTH + b"x" * LENGTH
NPM = """
const webpush = require('web-push');
const { endpoint, p256dh, auth, plain, count } = JSON.parse(process.argv[1]);
const keys = webpush.generateVAPIDKeys();
const vapidDetails = { subject: 'https://lianxin.example.cn', ...keys };
const once = () => webpush.generateRequestDetails(
  { endpoint, keys: { p256dh, auth } }, plain, { vapidDetails, TTL: 600 });
for (let n = 0; n < 50; n++) once();
const began = process.cpuUsage();
for (let n = 0; n < count; n++) once();
const { user, system } = process.cpuUsage(began);
console.log(count / ((user + system) / 1e6));
"""


def measure(folder: Path) -> Iterator[Figure]:
    """Messages a second beside their baselines, then pages while a hundred thousand go out."""
    folder = folder / "push"
    folder.mkdir()
    yield from _sealing(folder)
    yield from _delivering(folder)


def _sealing(folder: Path) -> Iterator[Figure]:
    ring, browser = KeyRing(folder), PushBrowser()
    rates: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, rate in (
            ("bare", _rate(_bare(browser))),
            ("sealed", _rate(_sealed(ring, browser))),
            ("ours", _rate(_ours(ring, browser))),
            ("pywebpush", _rate(_pywebpush(browser))),
            ("npm web-push", _npm(browser)),
        ):
            rates.setdefault(name, []).append(rate)
    usual = {name: _middle(found) for name, found in rates.items()}
    sealed, whole = "messages sealed on one core", "messages from facts to request on one core"
    for what, mine, name, baseline, goal in (
        (sealed, "sealed", "bare", "a new key and one agreement", "at least 0.60"),
        (whole, "ours", "bare", "a new key and one agreement", ""),
        (whole, "ours", "pywebpush", "pywebpush", "more than 1"),
        (whole, "ours", "npm web-push", "npm web-push", "more than 1"),
    ):
        pairs = zip(rates[mine], rates[name], strict=True)
        yield Figure(
            f"{what}, beside {name}",
            f"{usual[mine]:.0f}/s",
            f"{baseline}: {usual[name]:.0f}/s",
            _middle([ours / other for ours, other in pairs]),
            goal,
        )


def _middle(found: list[float]) -> float:
    return sorted(found)[len(found) // 2]


def _rate(once: Callable[[], object]) -> float:
    for _ in range(50):
        once()
    # Time of a core, not of the clock: others may use the machine as well.
    began = time.process_time()
    for _ in range(MESSAGES):
        once()
    return MESSAGES / (time.process_time() - began)


def _bare(browser: PushBrowser) -> Callable[[], object]:
    """A new key and one agreement, which every message needs (RFC 8291, 3.1)."""
    theirs = browser.private.public_key()
    return lambda: ec.generate_private_key(ec.SECP256R1()).exchange(ec.ECDH(), theirs)


def _sealed(ring: KeyRing, browser: PushBrowser) -> Callable[[], object]:
    """From the words to the request."""
    sealer, to, told = Sealer(ring, "https://lianxin.example.cn"), _address(ring, browser), _told()
    plain = _plain()
    return lambda: sealer.seal(plain, to, told)


def _ours(ring: KeyRing, browser: PushBrowser) -> Callable[[], object]:
    """From the facts to the request."""
    sealer, to = Sealer(ring, "https://lianxin.example.cn"), _address(ring, browser)

    def once() -> object:
        told = _told()
        return sealer.seal(told.declarative("https://lianxin.example.cn", 1), to, told)

    return once


def _address(ring: KeyRing, browser: PushBrowser) -> Address:
    given = browser.given()
    return Address(given.endpoint, given.p256dh, given.auth, ring.current.public, 1)


def _told() -> Message:
    day = dt.timedelta(days=1)
    return message(Kind.TICKET_NEAR, FACTS, Language.CHINESE, device_of(), "ticket/1", day, NOW)


def _plain() -> bytes:
    return _told().declarative("https://lianxin.example.cn", 1)


def _pywebpush(browser: PushBrowser) -> Callable[[], object]:
    """The same bytes, with the signature that it makes for each."""
    given, plain, signer = browser.given(), _plain(), Vapid02()
    signer.generate_keys()
    keys = {"p256dh": given.p256dh, "auth": given.auth}

    def once() -> object:
        claims = {"aud": "https://fcm.googleapis.com", "sub": "mailto:it@example.cn"}
        signer.sign({**claims, "exp": str(int(time.time()) + 3600)})
        return WebPusher({"endpoint": f"{FCM}x", "keys": keys}).encode(plain)

    return once


def _npm(browser: PushBrowser) -> float:
    given = browser.given()
    said = {
        "endpoint": given.endpoint,
        "p256dh": given.p256dh,
        "auth": given.auth,
        "plain": _plain().decode(),
        "count": MESSAGES,
    }
    command = ["node", "-e", NPM, json.dumps(said)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return float(done.stdout)


def _delivering(folder: Path) -> Iterator[Figure]:
    url = f"sqlite+aiosqlite:///{folder / 'lianxin.db'}"
    asyncio.run(prepare(url))
    ring = KeyRing(folder)
    with _sink() as origin, _lianxin(folder, origin) as (port, server):
        fetch(port, GUIDE)
        _settle(server)
        ask(port, [GUIDE], 1.0, 4)
        peace = ask(port, [GUIDE], SECONDS, 4)
        asyncio.run(_queue(url, origin, ring))
        sender = _child_of(server)
        started = _core_seconds(sender)
        began, before = time.perf_counter(), asyncio.run(_waiting(url))
        busy = ask(port, [GUIDE], SECONDS, 4)
        meanwhile = (before - asyncio.run(_waiting(url))) / (time.perf_counter() - began)
        for share, name, goal in ((0.5, "p50", ""), (0.99, "p99", "at most 1.3")):
            a, b = at(peace, share), at(busy, share)
            yield Figure(
                f"guide page {name} while {meanwhile:.0f} messages/s go out",
                f"{b:.2f} ms",
                f"before they go out: {a:.2f} ms",
                b / a,
                goal,
            )
        while asyncio.run(_waiting(url)):
            time.sleep(0.5)
        rate = before / (time.perf_counter() - began)
        memory, core = _memory(sender), _core_seconds(sender) - started
        bare = len(send(int(origin.rpartition(":")[2]), [POST], SECONDS, 64, 201)) / SECONDS
    yield Figure(
        f"{ROWS:,} messages to a local sink",
        f"{rate:.0f}/s, {ROWS / core:.0f}/s a core, {memory:.0f} MB at most",
        f"bare posts of as many bytes over 64 connections: {bare:.0f}/s",
        rate / bare,
        "1,500/s a core, under 120 MB",
    )


# Ten seconds after its start a server looks through the duties of all communities, once an hour:
# pages then take as long as they seemed to take beside sending.
def _settle(server: int) -> None:
    """Wait until a server has done what it does after its start."""
    time.sleep(STARTED)
    before = -1.0
    while (now := _core_seconds(server)) - before > QUIET:
        before = now
        time.sleep(2)


@contextmanager
def _sink() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.sink"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        if process.stdout is None:
            raise RuntimeError("the sink says nothing")
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def _lianxin(folder: Path, origin: str) -> Iterator[tuple[int, int]]:
    """The real server and its sender; its port and process id."""
    port = free_port()
    settings = {
        "LIANXIN_DATA": str(folder),
        "LIANXIN_PORT": str(port),
        "LIANXIN_PUSH_ORIGINS": origin,
    }
    before = _children(os.getpid())
    with running([sys.executable, "-m", "web", "serve"], port, {**os.environ, **settings}):
        [server] = _children(os.getpid()) - before
        yield port, server


def _children(process: int) -> set[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return set(map(int, found.split()))


def _child_of(process: int) -> int:
    [child] = _children(process)
    return child


def _memory(process: int) -> float:
    """Megabytes resident at most."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _core_seconds(process: int) -> float:
    """What the process has used of cores."""
    after_name = (
        Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    )
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


async def _queue(url: str, origin: str, ring: KeyRing) -> None:
    """A hundred thousand browsers whose owners wait to be told something."""
    store = Store(url)
    await store.open()
    try:
        for first in range(0, ROWS, GROUP):
            names = [f"{n}" for n in range(first, first + GROUP)]
            await crowd(store, names, origin, PushBrowser(key=ring.current.public), _rated())
    finally:
        await store.close()


def _rated() -> dict[str, Any]:
    now = dt.datetime.now(dt.UTC)
    return {
        "kind": Kind.BAD_RATING,
        "subject": "call-back/1",
        "facts": {"hall": "刘家庄社区服务大厅", "callback": 1},
        "created_at": now,
        "due_at": now,
        "expires_at": now + dt.timedelta(hours=1),
    }


async def _waiting(url: str) -> int:
    store = Store(url)
    await store.open()
    try:
        async with store.read() as session:
            counted = select(func.count()).select_from(OutboxRow).where(IS_WAITING)
            return await session.scalar(counted) or 0
    finally:
        await store.close()
