"""What looking a large workbook through for personal data takes, and what pages cost meanwhile."""

from __future__ import annotations

import asyncio
import http.client
import threading
import time
from functools import partial
from io import BytesIO
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from openpyxl import load_workbook

from domain.staff import accounts, passwords
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.bench.load import ask, at
from tests.bench.pages import GUIDE, fetch, lianxin, prepare
from tests.bench.report import Figure
from tests.world.clock import NOW
from tests.world.publishing import book_of
from web.site.device_key import FormKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS, SECONDS, PASSWORD = 5_000, 8.0, "a kettle on the stove"
HERE = "/staff/c/liujiazhuang/disclosures"


def measure(folder: Path) -> Iterator[Figure]:
    """The check beside a bare reading of the same workbook, and a page's latency meanwhile."""
    asyncio.run(_prepare(f"sqlite+aiosqlite:///{folder / 'lianxin.db'}"))
    book = book_of(
        [
            [
                n,
                f"居民{n}",
                f"{n % 30} 号楼 {n % 6} 单元",
                1234.5 + n,
                "2026-11-20",
                "修灯",
                "样例",
                n,
            ]
            for n in range(ROWS)
        ]
    )
    with lianxin(folder) as port:
        fetch(port, GUIDE)
        editor = _Editor(port)
        editor.send(book)
        ask(port, [GUIDE], 1.0, 1)
        peace = ask(port, [GUIDE], SECONDS, 1)
        stop, took = threading.Event(), [0.0]
        sending = threading.Thread(target=_send, args=(editor, book, stop, took))
        sending.start()
        busy = ask(port, [GUIDE], SECONDS, 1)
        stop.set()
        sending.join()
        bare = [_bare(book) for _ in range(3)]
    yield Figure(
        f"a workbook of {ROWS} rows looked through, of {len(took) - 1}",
        f"{median(took[1:]):.2f} s",
        f"openpyxl reads its cells: {median(bare):.2f} s",
        median(took[1:]) / median(bare),
    )
    for share, name, goal in ((0.5, "p50", ""), (0.99, "p99", "at most 1.5")):
        a, b = at(peace, share), at(busy, share)
        yield Figure(
            f"guide page {name} while workbooks are looked through",
            f"{b:.2f} ms",
            f"nobody sends any: {a:.2f} ms",
            b / a,
            goal,
        )


async def _prepare(url: str) -> None:
    await prepare(url)
    store = Store(url)
    await store.open()
    hire = partial(
        accounts.hire,
        actor=COMMAND_LINE,
        name="editor",
        full_name="Editor",
        password_hash=passwords.hashed(PASSWORD),
        grants=(Grant(Role.EDITOR),),
        now=NOW,
    )
    await store.write(hire)
    await store.close()


class _Editor:
    """A person of the office, who sends the workbook with a new draft each time."""

    def __init__(self, port: int) -> None:
        self.port, self.cookie = port, ""
        form = urlencode({"name": "editor", "password": PASSWORD}).encode()
        self.cookie = self._post("/staff/sessions", form).getheader("set-cookie", "").split(";")[0]

    def send(self, book: bytes) -> None:
        form = urlencode({"kind": "finance", "request": FormKey.new().key}).encode()
        draft = self._post(HERE, form).getheader("location", "").removesuffix("/draft")
        line = b"--b\r\ncontent-disposition: form-data; name=file; filename=a.xlsx\r\n\r\n"
        self._post(
            f"{draft}/file", line + book + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"
        )

    def _post(
        self, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded"
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", path, body, {"content-type": kind, "cookie": self.cookie})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != http.client.SEE_OTHER:
            raise RuntimeError(f"{path}: {answer.status}")
        return answer


def _send(editor: _Editor, book: bytes, stop: threading.Event, took: list[float]) -> None:
    while not stop.is_set():
        began = time.perf_counter()
        editor.send(book)
        took.append(time.perf_counter() - began)


def _bare(book: bytes) -> float:
    began = time.perf_counter()
    for row in load_workbook(BytesIO(book), read_only=True).active.iter_rows(values_only=True):
        list(row)
    return time.perf_counter() - began
