"""收件箱: it says what is so, marks what is not so any more, and leaves out what it cannot word."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from domain.queue import tickets
from domain.queue.calling import StaffedCounter
from push import inbox
from push.tables import InboxMessage, Kind
from push.watches import followed_tickets
from tests.world.outbox import FACTS, FollowedDay, behind, write
from tests.world.push_browsers import device_of

if TYPE_CHECKING:
    from push.inbox import Told


async def told_of(told: FollowedDay) -> tuple[Told, ...]:
    async with told.store.read() as session:
        return await inbox.messages(session, device_of(), told.day.now)


async def new_ones(told: FollowedDay) -> list[Kind]:
    async with told.store.read() as session:
        found = await inbox.unread(session, [device_of()], told.day.now)
    return [each.kind for each in found]


async def followed(told: FollowedDay, ahead: int):
    ticket = await behind(told, ahead)
    await told.follows(device_of(), ticket)
    return ticket


async def test_three_ahead_becomes_two_ahead(told) -> None:
    await followed(told, 4)
    await told.day.do(StaffedCounter.call_next)
    [near] = await told_of(told)
    assert (near.kind, near.facts["ahead"], near.is_new) == (Kind.TICKET_NEAR, 3, True)
    await told.day.do(StaffedCounter.finish)
    await told.day.do(StaffedCounter.call_next)
    [near] = await told_of(told)
    assert (near.facts["ahead"], near.is_new) == (2, True)


@pytest.mark.parametrize("end", ["cancelled", "passed", "a day later"])
async def test_what_is_not_so_any_more_is_no_news(told, end) -> None:
    ticket = await followed(told, 4)
    await told.day.do(StaffedCounter.call_next)
    assert await new_ones(told) == [Kind.TICKET_NEAR]

    async def unit(session: Any) -> None:
        [found] = await followed_tickets(session, {ticket.id})
        if end == "cancelled":
            await tickets.cancel(session, found, told.day.now)
        else:
            await tickets.let_pass(session, found, 5, told.day.now)

    if end == "a day later":
        told.day.later(days=1)
    elif end == "passed":
        for _ in range(4):
            await told.day.take()
        await told.store.write(unit)
    else:
        await told.store.write(unit)
    [near] = await told_of(told)
    assert (near.is_so, near.is_read, near.is_new) == (False, False, False)
    assert await new_ones(told) == []


async def test_a_call_that_was_undone_for_who_was_passed_is_not_said_to_wait_again(told) -> None:
    ticket = await followed(told, 0)
    await told.day.do(StaffedCounter.call_next)
    await told.day.do(StaffedCounter.no_show)
    await told.day.do(StaffedCounter.call_chosen, ticket_id=ticket.id)
    await told.day.do(StaffedCounter.undo_call)
    newest = (await told_of(told))[0]
    assert (newest.kind, newest.is_so) == (Kind.TICKET_MOVED, False)
    assert Kind.TICKET_MOVED not in await new_ones(told)


ODD = (
    ("case-due", '{"ticket": 1}'),
    ("ticket-near", "{}"),
    ("ticket-near", '{"ticket": "x", "ahead": []}'),
    ("ticket-called", "[]"),
    ("disclosure-new", '{"disclosure": "x"}'),
    ("ticket-near", '"three"'),
)
"""Kinds and facts of another version."""


async def test_what_cannot_be_worded_is_left_out_alone(told) -> None:
    await followed(told, 0)
    await told.day.do(StaffedCounter.call_next)
    for number, (kind, facts) in enumerate(ODD):
        at = told.day.now.astimezone(dt.UTC)
        values = {
            "kind": kind,
            "facts": facts,
            "subject": f"odd/{number}",
            "who": device_of(),
            "at": at.replace(tzinfo=None) if told.store.is_sqlite else at,
        }
        insert = text(
            "INSERT INTO inbox_message (recipient, subject, kind, facts, leads_to, created_at)"
            " VALUES (:who, :subject, :kind, :facts, '/', :at)"
        )

        async def unit(session: Any, insert=insert, values=values) -> None:
            await session.execute(insert, values)

        await told.store.write(unit)
    assert [each.kind for each in await told_of(told)] == [Kind.TICKET_CALLED]
    assert await new_ones(told) == [Kind.TICKET_CALLED]


async def test_a_message_about_what_is_gone_is_not_so(told) -> None:
    message = InboxMessage(
        recipient=device_of(), subject="ticket/1", kind=Kind.TICKET_CALLED, facts=FACTS,
        leads_to="/", created_at=told.day.now,
    )  # fmt: skip

    async def unit(session: Any) -> None:
        session.add(message)

    await told.store.write(unit)
    [gone] = await told_of(told)
    assert (gone.kind, gone.is_so) == (Kind.TICKET_CALLED, False)
    await write(told.store, inbox.read, recipient=device_of(), now=told.day.now)
    [gone] = await told_of(told)
    assert gone.is_read


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**70, "x", None, [1]])
@pytest.mark.parametrize("kind", [Kind.TICKET_CALLED, Kind.MATTER_WAITS])
async def test_a_message_that_names_nothing_fails_alone(told, kind, number) -> None:
    bad: Any = {**FACTS, "ticket": number, "matter": number}
    good = {"recipient": device_of(), "leads_to": "/", "created_at": told.day.now}
    rows = [
        InboxMessage(subject="bad", kind=kind, facts=bad, **good),
        InboxMessage(subject="good", kind=Kind.PROMISE_NEWS, facts=FACTS, **good),
    ]

    async def unit(session: Any) -> None:
        session.add_all(rows)

    try:
        await told.store.write(unit)
    except StatementError:
        # The column takes numbers and words alone.
        return
    assert Kind.PROMISE_NEWS in [each.kind for each in await told_of(told)]
