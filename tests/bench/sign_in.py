"""What a public page costs while people sign in: Argon2id takes a core for tens of milliseconds."""

from __future__ import annotations

import asyncio
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from functools import partial
from typing import TYPE_CHECKING

from domain.staff import accounts, passwords
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.bench.load import ask, at
from tests.bench.pages import GUIDE, fetch, lianxin, prepare
from tests.bench.report import Figure
from tests.world.clock import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PEOPLE = 20
PASSWORD = "a kettle on the stove"
SECONDS = 6.0


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Where a sign-in leads to is not asked for."""
        return


def measure(folder: Path) -> Iterator[Figure]:
    """A page's latency while twenty people sign in again and again, beside that in peace."""
    folder = folder / "sign-in"
    folder.mkdir()
    asyncio.run(_prepare(f"sqlite+aiosqlite:///{folder / 'lianxin.db'}"))
    with lianxin(folder) as port:
        fetch(port, GUIDE)
        ask(port, [GUIDE], 1.0, 4)
        peace = ask(port, [GUIDE], SECONDS, 4)
        stop, done = threading.Event(), [0] * PEOPLE
        people = [
            threading.Thread(target=_sign_in, args=(port, n, stop, done)) for n in range(PEOPLE)
        ]
        for each in people:
            each.start()
        time.sleep(0.5)
        before, began = sum(done), time.perf_counter()
        busy = ask(port, [GUIDE], SECONDS, 4)
        rate = (sum(done) - before) / (time.perf_counter() - began)
        stop.set()
        for each in people:
            each.join()
    for share, name in ((0.5, "p50"), (0.99, "p99")):
        a, b = at(peace, share), at(busy, share)
        yield Figure(
            f"guide page {name} while {PEOPLE} people sign in ({rate:.0f}/s)",
            f"{b:.2f} ms",
            f"nobody signing in: {a:.2f} ms",
            b / a,
        )


async def _prepare(url: str) -> None:
    await prepare(url)
    store = Store(url)
    await store.open()
    password = passwords.hashed(PASSWORD)
    for number in range(PEOPLE):
        hire = partial(
            accounts.hire,
            actor=COMMAND_LINE,
            name=f"clerk-{number}",
            full_name=f"Clerk {number}",
            password_hash=password,
            grants=(Grant(Role.CLERK),),
            now=NOW,
        )
        await store.write(hire)
    await store.close()


def _sign_in(port: int, number: int, stop: threading.Event, done: list[int]) -> None:
    """One person, who signs in again and again."""
    opener = urllib.request.build_opener(_Stay)
    form = urllib.parse.urlencode({"name": f"clerk-{number}", "password": PASSWORD}).encode()
    while not stop.is_set():
        try:
            opener.open(f"http://127.0.0.1:{port}/staff/sessions", form).close()
        except urllib.error.HTTPError as answer:
            if answer.code != 303:
                raise
            answer.close()
        done[number] += 1
