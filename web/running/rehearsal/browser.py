"""A browser of one simulated person: its cookies, its patience, and the time it keeps."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from random import Random

# Seconds before asking again, when the server is not there or asks to wait.
PATIENCE = (1.0, 2.0, 5.0, 10.0)
# The longest that a person waits because the server said so, in seconds.
LONGEST_WAIT = 60.0
ASKS_TO_WAIT = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
TIMEOUT = aiohttp.ClientTimeout(total=30)
# A stream says something each minute; it is opened again after one of these pauses, in seconds.
STREAM_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=80)
REOPEN = 2.0, 7.0


@dataclass(frozen=True)
class Answer:
    """A page, at the address where the redirects ended."""

    status: int
    path: str
    text: str


@dataclass
class Site:
    """The server under rehearsal, and how much faster than real time people live there."""

    url: str
    speed: float
    connector: aiohttp.BaseConnector
    # Hears how long each answer took, in seconds.
    took: Callable[[float], None] = field(default=lambda _: None)

    # Only the people hurry: the server's clock, its limits and its deadlines are the real ones.
    # Not taken: a faster clock in the server, at which pages would show times that are not now.
    async def pass_time(self, seconds: float) -> None:
        """Let so much of a person's time pass."""
        await asyncio.sleep(seconds / self.speed)


class Browser:
    """One person's browser. It asks again, with growing pauses, until it is answered."""

    def __init__(
        self,
        site: Site,
        random: Random,
        language: str = "zh-CN",
        cookies: Mapping[str, str] | None = None,
    ) -> None:
        self._site, self._random = site, random
        self._http = aiohttp.ClientSession(
            connector=site.connector,
            connector_owner=False,
            # The server's address may be a number, whose cookies a jar refuses by default.
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            cookies=cookies,
            headers={"Accept-Language": language},
            timeout=TIMEOUT,
        )

    async def close(self) -> None:
        await self._http.close()

    async def get(self, path: str) -> Answer:
        return await self._ask("GET", path, ())

    async def post(self, path: str, *form: tuple[str, str]) -> Answer:
        """Send a form. It may arrive twice: every form of ours is safe against that."""
        return await self._ask("POST", path, form)

    async def follow(self, path: str) -> AsyncGenerator[dict[str, Any]]:
        """The messages of a stream, until it says that there is nothing more to follow."""
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with self._http.get(
                    URL(self._site.url + path), timeout=STREAM_TIMEOUT
                ) as stream:
                    if stream.status == HTTPStatus.NOT_FOUND:
                        return
                    async for line in stream.content:
                        if line.startswith(b"event: gone"):
                            return
                        if line.startswith(b"data: "):
                            yield json.loads(line.removeprefix(b"data: "))
            await asyncio.sleep(self._random.uniform(*REOPEN))

    async def _ask(self, method: str, path: str, form: tuple[tuple[str, str], ...]) -> Answer:
        asked = 0
        while True:
            try:
                answer, wait = await self._ask_once(method, path, form)
            except (aiohttp.ClientError, TimeoutError):
                answer, wait = None, 0.0
            if answer is not None:
                return answer
            wait = max(wait, PATIENCE[min(asked, len(PATIENCE) - 1)])
            asked += 1
            # Not all at once: a server that has just come back is busy enough.
            await asyncio.sleep(wait * (1 + self._random.random()))

    async def _ask_once(
        self, method: str, path: str, form: tuple[tuple[str, str], ...]
    ) -> tuple[Answer | None, float]:
        """The answer; None and how long to wait when the server asks for that."""
        data = aiohttp.FormData(form, charset="utf-8") if method == "POST" else None
        began = time.perf_counter()
        async with self._http.request(method, URL(self._site.url + path), data=data) as response:
            text = await response.text()
            self._site.took(time.perf_counter() - began)
            if response.status in ASKS_TO_WAIT:
                after = response.headers.get("Retry-After", "")
                return None, min(float(after) if after.isdigit() else 0.0, LONGEST_WAIT)
            return Answer(response.status, response.url.path, text), 0.0
