"""Hostile requests to every route, as everyone who can ask: the server answers, and never with 5xx.

`make fuzz` sends 30,000 of them, with another seed each time; the suite sends a few hundred.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import httpx
from starlette.routing import Route

from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.app import Browser, opened
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.devices import Devices, set_up_devices
from tests.world.district import places
from tests.world.forms import POST
from tests.world.people import arrived
from web.routes import routes

if TYPE_CHECKING:
    from collections.abc import Collection

pytestmark = both_databases

REQUESTS = int(os.environ.get("FUZZ", "300"))
SEED = int(os.environ.get("FUZZ_SEED", "13"))
AGAIN = 400
"""Requests after which the identities are made again: some sign themselves out."""

HOSTILE = (
    *("", " ", "\x00", "\u202e", "\ud83d", "字" * 5000, "x" * 70_000, "-1", "0", "1e9", "٣", "²"),
    *("9" * 30, "9" * 5000, "NaN", "null", "[]", "{}", "true", "../../etc/passwd", "%00", "%ff"),
    *(
        "'",
        '"',
        "<script>alert(1)</script>",
        "{{7*7}}",
        "{% raw %}",
        "';--",
        "a\r\nb: c",
        "http://[",
    ),
    *("2026-02-30", "0000-00-00", "24:00", "9999-12-31T23:59:59", "tel:1", "javascript:alert(1)"),
)
WORDS = {
    "community": ("liujiazhuang", "jian", "yikang", "mars"),
    "hall": ("liujiazhuang", "jian", "mars"),
    "item": ("gaoling-jintie", "dibao", "nothing"),
    "letter": ("A", "B", "Z", "1"),
    "size": ("a4", "a5", "x"),
    "format": ("svg", "png", "gif"),
}
"""What the names in addresses may be, when they are right."""
NAMES = ("name", "request", "text", "code", "page", "next", "reason", "title", "day", "photo", "id")


class Fuzzer:
    """Requests at random, of what earlier answers named."""

    def __init__(self, browser: Browser, seed: int) -> None:
        self.browser, self.random = browser, random.Random(seed)  # noqa: S311 - no secret
        # Streams never end, and answer in a test of their own.
        found = (each for each in routes() if isinstance(each, Route))
        self.routes = [each for each in found if not each.path.startswith("/live/")]
        self.fields: set[str] = set(NAMES)
        self.values: set[str] = {"1", "2", "yes", "liujiazhuang"}
        self.tokens: set[str] = {"A" * 22}
        self.cookies: list[str] = [""]
        self.devices: Devices | None = None
        self.statuses: Counter[int] = Counter()
        # The headers and the form of the last request.
        self.sent: tuple[Any, ...] = ()

    async def meet(self) -> None:
        """Make everyone who asks: residents, staff of each role, devices, and what is broken."""
        store, found = self.browser.store, await places(self.browser.store)
        home = found.community["liujiazhuang"]
        grants = [Grant(Role.ADMINISTRATOR), *(Grant(role, community_id=home) for role in Role)]
        number = self.random.randrange(10**9)
        keys = [
            (await arrived(store, f"p{number}.{at}", grant)).key for at, grant in enumerate(grants)
        ]
        if self.devices is None:
            self.devices = await set_up_devices(store, NOW)
        # Refused while one of the administrators among them has closed the hall.
        await self.browser.post(POST, data={"category": "B", "request": f"fuzz-{number}"})
        device = self.browser.cookies.get("device-key", "")
        self.browser.cookies.clear()
        self.cookies = [
            *(
                "",
                f"device-key={device}",
                "device-key=" + "x" * 300,
                "staff=x",
                "lianxin=view:elder",
            ),
            *(f"device-screen={self.devices.key}", f"device-rating={self.devices.key}"),
            *(f"staff={key}; device-key={device}" for key in (*keys[:1] * 4, *keys)),
        ]

    def _any(self, values: Collection[str]) -> str:
        return self.random.choice(sorted(values))

    def _value(self) -> str:
        return self._any(HOSTILE if self.random.random() < 0.4 else self.values)

    def _part(self, name: str, kind: str | None) -> str:
        if self.random.random() < 0.1:
            return re.sub(r"[/?#]", "", self._value()[:400]) or "x"
        if kind == "int":
            return self._any(("0", "1", "2", "3", "17", "9" * 25))
        if name in {"token", "key"}:
            return self._any(self.tokens)
        return self._any(WORDS.get(name, self.values))

    def _request(self) -> httpx.Request:
        route = self.random.choice(self.routes)
        path = re.sub(
            r"\{(\w+)(?::(\w+))?\}", lambda found: self._part(found[1], found[2]), route.path
        )
        method = self._any((route.methods or {"GET"}) - {"HEAD"})
        if self.random.random() < 0.05:
            method = self._any(("GET", "POST", "HEAD", "OPTIONS", "DELETE", "BREW"))
        headers = {"cookie": self._any(self.cookies), "accept-language": self._any(("zh", "en"))}
        if self.random.random() < 0.2:
            headers[self._any(("hx-request", "referer", "range", "origin", "content-type"))] = (
                self._any(HOSTILE)[:200]
                .encode("utf-8", "replace")
                .replace(b"\r\n", b"")
                .decode("latin-1")
            )
        query = {
            self._any(self.fields): self._value()[:400] for _ in range(self.random.randrange(3))
        }
        given: dict[str, Any] = {}
        fields = {self._any(self.fields): self._value() for _ in range(self.random.randrange(6))}
        if method == "POST" and self.random.random() < 0.2:
            plain = {name: value.encode("utf-8", "replace") for name, value in fields.items()}
            given = {"data": plain, "files": {"file": ("x.xlsx", plain.get("name", b"x"))}}
        elif method == "POST":
            headers.setdefault("content-type", "application/x-www-form-urlencoded")
            given["content"] = urlencode(fields, errors="surrogatepass")
        self.sent = headers, given
        return self.browser.build_request(
            method,
            httpx.URL("http://lianxin.test", raw_path=_raw(path, query)),
            headers=[
                (name.encode(), value.encode("latin-1", "replace"))
                for name, value in headers.items()
            ],
            **given,
        )

    def _learn(self, text: str) -> None:
        """Remember the names, values and keys that a page has: the next request may use them."""
        self.fields.update(re.findall(r'name="([\w-]{1,40})"', text))
        self.values.update(
            unescape(each) for each in re.findall(r'value="([^"]{1,60})"', text)[:50]
        )
        self.tokens.update(re.findall(r"/(?:tickets|matters|files)/([\w-]{16,44})", text))
        if len(self.values) > 3000:
            self.values = set(self.random.sample(sorted(self.values), 1500))

    async def send(self) -> None:
        """One request more. Fails for an answer that tells of our own fault."""
        request = self._request()
        self.browser.cookies.clear()
        response = await self.browser.send(request)
        self.statuses[response.status_code] += 1
        assert response.status_code < 500, f"{request.method} {request.url} {self.sent}"
        if response.headers.get("content-type", "").startswith("text/html"):
            self._learn(response.text)


def _raw(path: str, query: dict[str, str]) -> bytes:
    """Path and query as a browser would spell them."""
    asked = urlencode(query, errors="replace")
    return f"{quote(path, errors='replace')}{'?' if asked else ''}{asked}".encode()


async def test_no_request_brings_the_server_down(databases, clock) -> None:
    url = databases.copy("lively")
    async with opened(url, clock, numbers_an_address=1_000_000) as browser:
        fuzzer = Fuzzer(browser, SEED)
        for at in range(REQUESTS):
            if at % AGAIN == 0:
                await fuzzer.meet()
            await fuzzer.send()
        print(f"seed {SEED}: {REQUESTS} requests {sorted(fuzzer.statuses.items())}")  # noqa: T201 - for `make fuzz`
        assert fuzzer.statuses[200] > REQUESTS // 20
        assert (await browser.get("/healthz")).status_code == 200
    databases.drop(url)
