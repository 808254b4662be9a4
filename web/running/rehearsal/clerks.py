"""Simulated clerks: they sign in, sit down, call, wait for who does not come, and serve."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from domain.errors import LianxinError
from web.running.rehearsal.browser import Browser

if TYPE_CHECKING:
    from random import Random

    from web.running.rehearsal.browser import Answer, Site
    from web.running.rehearsal.hall import RehearsedHall

AT_COUNTER = re.compile(r'id="person-at-counter"[^>]*>([A-Z]\d+)<')
# Seconds: on the way to the counter, from a recall to giving up, until looking for someone again.
ON_THE_WAY, NOBODY_CAME, LOOK = (8.0, 35.0), 25.0, 8.0
# Seconds of real time at the least: who waits at an empty desk does not press the key all the time.
SHORTEST_LOOK = 1.0
# How often a clerk leaves the counter for a moment after a visit, and for how long in seconds.
PAUSES, PAUSE = 0.04, (60.0, 180.0)
# Seconds before trying again to sit down where another clerk sits.
SEAT_TAKEN = 15.0


class SignInError(LianxinError):
    """The server does not know the account: it serves another database."""


class Employee:
    """Someone of the office with an account."""

    def __init__(self, site: Site, name: str, password: str, random: Random) -> None:
        self._site, self._random = site, random
        self._name, self._password = name, password
        self._browser = Browser(site, random)

    async def close(self) -> None:
        await self._browser.close()

    async def sign_in(self) -> None:
        """Raises `SignInError`."""
        form = ("name", self._name), ("password", self._password)
        answer = await self._browser.post("/staff/sessions", *form)
        if answer.path != "/staff":
            raise SignInError(f"{self._site.url} does not know {self._name}: another database?")

    async def pair(self, code: str, slug: str, name: str) -> None:
        """Confirm a device's code, as an editor does who stands in front of it."""
        form = ("community", slug), ("name", name), ("counter", "")
        await self._browser.post(f"/staff/pairings/{code}", *form)


class Clerk(Employee):
    """A clerk at one counter, who calls everything that the hall serves."""

    def __init__(
        self, hall: RehearsedHall, counter: int, name: str, password: str, random: Random
    ) -> None:
        super().__init__(hall.site, name, password, random)
        self._hall, self._counter = hall, counter

    @property
    def _desk(self) -> str:
        return f"{self._hall.desk}/{self._counter}"

    async def work(self) -> None:
        """Serve people until cancelled; `leave` must be called afterwards."""
        await self.sign_in()
        while True:
            desk = await self._at_desk()
            at_counter = AT_COUNTER.search(desk.text)
            if at_counter is None:
                at_counter = AT_COUNTER.search((await self._press("calls")).text)
            if at_counter is None:
                jitter = self._random.uniform(0.7, 1.3)
                await asyncio.sleep(max(LOOK / self._site.speed, SHORTEST_LOOK) * jitter)
            else:
                await self._serve(at_counter[1])

    async def _press(self, noun: str, *form: tuple[str, str]) -> Answer:
        return await self._browser.post(f"{self._desk}/{noun}", *form)

    # A new day empties the seats, a restored server forgets sessions, a colleague takes the seat
    # over: whatever led away from the desk, the way back is the one from the door.
    async def _at_desk(self) -> Answer:
        """The desk; the clerk signs in and sits down first, if need be."""
        while True:
            desk = await self._browser.get(self._desk)
            if desk.path == self._desk:
                return desk
            if desk.path.startswith("/staff/sessions"):
                await self.sign_in()
            letters = (("letters", letter) for letter in self._hall.letters)
            sat_down = await self._press("shifts", *letters)
            if sat_down.path != self._desk:
                await self._site.pass_time(SEAT_TAKEN)

    async def _serve(self, number: str) -> None:
        await self._site.pass_time(self._random.uniform(*ON_THE_WAY))
        person = self._hall.people.get(number)
        # Who is no simulated person is real, and comes.
        if person is not None and not person.comes_when_called:
            await self._press("recalls")
            await self._site.pass_time(NOBODY_CAME)
            await self._press("no-shows")
            return
        await self._press("starts")
        await self._site.pass_time(self._hall.seconds_of_visit(self._random))
        await self._press("finishes")
        if self._random.random() < PAUSES:
            await self._pause()

    async def _pause(self) -> None:
        await self._press("pauses", ("reason", "临时离开"))
        await self._site.pass_time(self._random.uniform(*PAUSE))
        await self._press("pauses/ending")

    async def leave(self) -> None:
        """Finish with the person at the counter and sign off."""
        await self._press("finishes")
        await self._press("sign-off")
