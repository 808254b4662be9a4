"""A hall's day that tells those who follow it, and what they are told."""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from push.channels import Address, Outcome, Result
from push.delivery import Delivery
from push.events import Teller
from push.messages import message
from push.outbox import Ways
from push.patience import Pace
from push.tables import ChannelKind, Facts, Kind, Language, OutboxRow, SendState
from push.watches import follow, followed_ticket
from tests.world.clock import NOW
from tests.world.push_browsers import PushBrowser, device_of

if TYPE_CHECKING:
    from domain.queue.tables import Ticket
    from domain.store import Store
    from push.messages import Message
    from push.recipients import Recipient
    from tests.world.halls import Day

HALL = "街" * 80


FACTS: Facts = {
    "number": "B023", "ahead": 3, "hall": HALL, "counter": 12, "token": "t" * 32,
    "hours": "08:00-11:30, 13:30-17:00", "callback": 2**31, "key": "k" * 43, "distance": 5, "ticket": 2**31,
    "matter": 2**31, "staff": 2**31, "place": "刘家庄社区",
    "promise": 2**31, "inquiry": 2**31, "disclosure": 2**31, "day": 2**31, "when": "12-31 23:59", "community": "c" * 40, "slug": "s" * 40,
}  # fmt: skip
"""The longest that each can be."""
CONTACT = "https://lianxin.example.cn"


NEAR = message(
    Kind.TICKET_NEAR, FACTS, Language.CHINESE, device_of(), "ticket/1", dt.timedelta(1), NOW
)

SOON = 10.0
"""Seconds after which something that should have happened never will."""


PACE = Pace(poll=0.02, gather=0.0, first_wait=0.01, drain=1.0)


ALL_WAYS = Ways(frozenset(ChannelKind))


class Postbox:
    """A channel that keeps what it is given, and answers as it is told."""

    def __init__(self, *answers: Outcome) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[Message, Address]] = []

    async def send(self, message: Message, address: Address) -> Outcome:
        self.sent.append((message, address))
        return self.answers.pop(0) if self.answers else Outcome(Result.SENT)

    async def close(self) -> None:
        """Nothing is open."""

    @property
    def titles(self) -> list[str]:
        return [message.title for message, _ in self.sent]


class FollowedDay:
    """A hall's day, those who follow it, and what reaches them."""

    def __init__(self, day: Day, ways: Ways = ALL_WAYS) -> None:
        self.day, self.store, self.ways = day, day.store, ways
        self.store.before_commit(Teller(ways))
        self.push, self.email, self.webhook = Postbox(), Postbox(), Postbox()

    async def reachable(self, name: str = "li", **other: Any) -> Recipient:
        """Someone whose browser allowed notifications."""
        browser = PushBrowser(f"https://fcm.googleapis.com/fcm/send/{name}")
        await browser.subscribe(self.store, device_of(name), **other)
        return device_of(name)

    async def follows(self, recipient: Recipient, ticket: Ticket, ahead: int = 3) -> None:
        """Someone taps "tell me"."""

        async def unit(session: Any) -> None:
            found = await followed_ticket(session, ticket.id)
            await follow(session, recipient, found, ahead, self.day.now)

        await self.store.write(unit)

    async def rows(self, state: SendState | None = None) -> list[OutboxRow]:
        """The outbox."""
        async with self.store.read() as session:
            found = list(await session.scalars(select(OutboxRow).order_by(OutboxRow.id)))
        return [each for each in found if state is None or each.state is state]

    async def said(self) -> list[tuple[str, str]]:
        """Kind and state of every row."""
        return [(each.kind.value, each.state.value) for each in await self.rows()]

    def delivery(self, pace: Pace = PACE) -> Delivery:
        channels = {
            ChannelKind.PUSH: self.push,
            ChannelKind.EMAIL: self.email,
            ChannelKind.WEBHOOK: self.webhook,
        }
        return Delivery(self.store, self.ways, channels, lambda: self.day.now, pace)

    async def deliver(self) -> None:
        """Send all that is due now."""
        await run_until(self.delivery(), self.is_idle)

    async def is_idle(self) -> bool:
        """Whether nothing is due any more, and nothing is held."""
        waiting = await self.rows(SendState.WAITING)
        return all(each.due_at > self.day.now and each.lease_until is None for each in waiting)


async def run_until(delivery: Delivery, is_done: Any, within: float = SOON) -> None:
    """Deliver until `is_done` says so."""
    running = asyncio.create_task(delivery.run())
    try:
        async with asyncio.timeout(within):
            # What is waited for stands in the database, which rings no bell.
            while not running.done() and not await is_done():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        delivery.close()
        await running


def write(store: Store, verb: Any, **given: Any) -> Any:
    """One unit of work that does one thing."""
    return store.write(partial(verb, **given))


MINUTE = dt.timedelta(minutes=1)


async def behind(told: FollowedDay, ahead: int):
    """A ticket with so many ahead, and a counter that calls."""
    await told.day.sit(1)
    for _ in range(ahead):
        await told.day.take()
    return await told.day.take(device_hash="phone")
