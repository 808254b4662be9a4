"""A clerk at a counter of a hall, by plain forms: what tests of the desk and of the day share."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from functools import partial
from html import unescape
from typing import TYPE_CHECKING, Any

from domain.published import load_community
from domain.queue import tickets
from domain.queue.snapshot import QueueNow, queue_now
from domain.queue.tickets import TicketRequest
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.district import places
from tests.world.forms import words
from tests.world.people import Person, arrived, begun

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from domain.queue.tables import Ticket
    from tests.world.app import Browser
    from tests.world.clock import Clock

HOME = "liujiazhuang"
HALL = f"/staff/c/{HOME}"
COUNTERS = f"{HALL}/counters"
DESK = f"{COUNTERS}/1"
SECOND = dt.timedelta(seconds=1)
MINUTE = dt.timedelta(minutes=1)


class Clerk:
    """Someone at a counter, with a browser."""

    def __init__(self, browser: Browser, clock: Clock, person: Person) -> None:
        self.browser, self.clock, self.person = browser, clock, person
        self.letter = "B"

    async def get(self, path: str = DESK) -> str:
        """The words of a page."""
        response = await self.browser.get(path, headers=self.person.headers)
        assert response.status_code == 200, (path, response.status_code)
        return words(response)

    async def post(self, noun: str, desk: str = DESK, **form: Any) -> httpx.Response:
        """Press a button of the desk."""
        return await self.browser.post(f"{desk}/{noun}", data=form, headers=self.person.headers)

    async def does(self, noun: str, **form: Any) -> str:
        """Press a button that works; the desk afterwards."""
        response = await self.post(noun, **form)
        assert (response.status_code, response.headers.get("location")) == (303, DESK), noun
        return await self.get()

    async def refused(self, noun: str, **form: Any) -> str:
        """Press a button that cannot work now; what is said."""
        response = await self.post(noun, **form)
        assert response.status_code == 422, noun
        found = re.search(r'<p class="said" role="alert">(.*?)</p>', response.text)
        assert found is not None
        return unescape(found[1])

    async def unit(self, work: Callable[..., Any]) -> Any:
        """Something done in the store."""
        return await self.browser.store.write(work)

    async def take(self, slug: str = HOME, **wish: Any) -> Ticket:
        """Someone takes a number elsewhere."""
        async with self.browser.store.read() as session:
            hall = (await load_community(session, slug)).hall
        letter, phone = wish.pop("letter", self.letter), wish.pop("device_hash", None)
        ticket: Ticket = await self.unit(
            partial(
                tickets.take_ticket,
                hall_id=hall.id,
                request=TicketRequest(letter, **wish),
                now=self.clock.now,
                served={letter},
                device_hash=phone,
            )
        )
        return ticket

    async def look(self) -> QueueNow:
        """The hall's queue."""
        async with self.browser.store.read() as session:
            hall = (await load_community(session, HOME)).hall
            return await queue_now(session, hall, self.clock.now)

    async def sits(self, desk: str = DESK, letters: tuple[str, ...] = ("A", "B")) -> None:
        """Sign on."""
        response = await self.post("shifts", desk, letters=letters)
        assert response.headers["location"] == desk


async def another(clerk: Clerk, name: str = "other", slug: str = HOME) -> Clerk:
    """One more clerk."""
    place = (await places(clerk.browser.store)).community[slug]
    person = await arrived(clerk.browser.store, name, Grant(Role.CLERK, community_id=place))
    return Clerk(clerk.browser, clerk.clock, person)


async def again(clerk: Clerk) -> Person:
    """The same person, signed in once more."""
    key = await begun(clerk.browser.store, clerk.person.id, clerk.clock.now)
    return replace(clerk.person, key=key)
