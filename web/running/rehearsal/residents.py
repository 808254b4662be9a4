"""Simulated residents: they take a number, wait, sometimes miss the call or leave, and rate."""

from __future__ import annotations

import asyncio
import re
import secrets
from contextlib import aclosing
from http import HTTPStatus
from random import Random
from typing import TYPE_CHECKING

from web.running.rehearsal.browser import Browser

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from web.running.rehearsal.browser import Site
    from web.running.rehearsal.hall import RehearsedHall

REQUEST = re.compile(r'name="request" value="([^"]+)"')
ITEM = re.compile(r'name="item"\s+value="([^"]+)"')
NUMBER = re.compile(r'class="ticket-number">([A-Z]\d+)<')
ON_PAPER = re.compile(r'class="kiosk-number">([A-Z]\d+)<')
STATE = re.compile(r'data-state="([a-z-]+)"')

# Shares of people: who take a number at the kiosk, are called earlier, miss their call, come back
# then, give up while waiting, and rate their visit.
AT_KIOSK, PRIORITY, MISSES, RETURNS, GIVES_UP, RATES = 0.3, 0.06, 0.08, 0.7, 0.04, 0.45
# States of a ticket at which its page has nothing more to follow; empty for a page of none.
OVER = {"done", "cancelled", "closed", "past", ""}
# How often each rating is given, and what was good or wrong.
LEVELS: Mapping[str, int] = {
    "very-satisfied": 60, "satisfied": 28, "basically-satisfied": 8, "dissatisfied": 3,
    "very-dissatisfied": 1,
}  # fmt: skip


class Resident:
    """One person, from the number to the way home."""

    def __init__(self, hall: RehearsedHall, kiosk: Kiosk | None) -> None:
        # Drawn before anything else happens, so that the same seed gives the same people.
        self._random = Random(hall.random.getrandbits(64))  # noqa: S311 - no secret
        self._hall, self._kiosk = hall, kiosk
        self.letter = self._random.choice(hall.letters)
        self.comes_when_called = self._random.random() >= MISSES
        self._is_at_kiosk = kiosk is not None and self._random.random() < AT_KIOSK
        self._gives_up = self._random.random() < GIVES_UP
        self.ticket = ""

    async def live(self) -> None:
        """Come, wait, and go."""
        browser = Browser(self._hall.site, self._random)
        number = ""
        try:
            number = await self._take(browser)
            if number:
                self._hall.people[number] = self
                await self._wait_and_rate(browser)
        finally:
            self._hall.people.pop(number, None)
            await browser.close()

    async def _take(self, browser: Browser) -> str:
        """Take a number; empty when there is none."""
        if self._is_at_kiosk and self._kiosk is not None:
            number, token = await self._kiosk.take(self.letter)
            self.ticket = f"/tickets/{token}" if number else ""
            return number
        page = await browser.get(f"/c/{self._hall.slug}/take?category={self.letter}")
        key, items = REQUEST.search(page.text), ITEM.findall(page.text)
        if key is None:
            return ""
        await self._hall.site.pass_time(self._random.uniform(5, 25))
        form = [("category", self.letter), ("request", key[1])]
        if items:
            form.append(("item", self._random.choice(items)))
        if self._random.random() < PRIORITY:
            form.append(("priority", "aged"))
        taken = await browser.post(f"/halls/{self._hall.slug}/tickets", *form)
        found = NUMBER.search(taken.text)
        self.ticket = taken.path if found else ""
        return found[1] if found else ""

    async def _wait_and_rate(self, browser: Browser) -> None:
        async with aclosing(self._states(browser)) as states:
            async for state in states:
                if state == "waiting" and self._gives_up and not self._is_at_kiosk:
                    await self._hall.site.pass_time(self._random.uniform(60, 240))
                    await browser.post(f"{self.ticket}/cancellation")
                    return
                if state == "no-show" and not await self._comes_back(browser):
                    return
                if state in OVER:
                    if state == "done" and self._random.random() < RATES:
                        await self._rate(browser)
                    return

    async def _states(self, browser: Browser) -> AsyncGenerator[str]:
        """The state of the ticket, read again whenever its page would read it again."""
        mark = None
        async with aclosing(browser.follow(f"/live{self.ticket}")) as messages:
            async for message in messages:
                # A message without a mark knows nothing of a number that was just taken.
                if message.get("mark") not in {mark, None}:
                    mark = message["mark"]
                    yield await self._state(browser)
        yield await self._state(browser)

    async def _state(self, browser: Browser) -> str:
        part = await browser.get(f"/f{self.ticket}")
        state = STATE.search(part.text)
        return state[1] if state else ""

    async def _comes_back(self, browser: Browser) -> bool:
        """After a missed call most people come back, once; with paper that is up to the clerk."""
        if self._is_at_kiosk or self.comes_when_called or self._random.random() >= RETURNS:
            return False
        self.comes_when_called = True
        await self._hall.site.pass_time(self._random.uniform(20, 90))
        answer = await browser.post(f"{self.ticket}/return")
        return answer.status == HTTPStatus.OK

    async def _rate(self, browser: Browser) -> None:
        await self._hall.site.pass_time(self._random.uniform(5, 30))
        level = self._random.choices(tuple(LEVELS), tuple(LEVELS.values()))[0]
        await browser.post(f"{self.ticket}/rating", ("level", level))


class Kiosk:
    """The hall's kiosk. A paired device also tells the server that this network is a hall's.

    So many people behind one address take numbers within the ordinary limits.
    """

    # Seconds between two check-ins.
    EVERY = 30.0

    def __init__(self, site: Site, random: Random) -> None:
        self._browser = Browser(site, random)

    async def close(self) -> None:
        await self._browser.close()

    async def check_in(self) -> str:
        """Ask what to show, as kiosks do; the code while it waits to be paired, else empty."""
        shown = await self._browser.post("/f/devices/kiosk")
        code = re.search(r"/staff/pairings/([A-Z0-9]+)", shown.text)
        return code[1] if code else ""

    async def stand(self) -> None:
        """Check in for as long as the rehearsal lasts."""
        while True:
            await self.check_in()
            await asyncio.sleep(self.EVERY)

    async def take(self, letter: str) -> tuple[str, str]:
        """A number on paper and the address under its code; both empty when there is none."""
        await self._browser.get(f"/kiosk/categories/{letter}")
        form = ("category", letter), ("request_key", secrets.token_urlsafe(24))
        page = await self._browser.post("/kiosk/tickets", *form)
        number = ON_PAPER.search(page.text)
        return (number[1], page.path.rpartition("/")[2]) if number else ("", "")
