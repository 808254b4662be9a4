"""Acts on a ticket: each way into a state has its check, and none does anything on a closed day."""

from __future__ import annotations

import ast
import inspect
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from domain.queue import tickets
from domain.queue.calling import StaffedCounter
from domain.queue.days import close_day
from domain.queue.errors import HoldsOneError, NobodyWaitsError, QueueClosedError
from domain.queue.tables import PriorityKind, TicketState
from domain.staff.actor import COMMAND_LINE

QUEUE = Path(tickets.__file__).parent
# What acts of a ticket's holder need beside the ticket and the moment.
MORE: dict[str, Any] = {"names": (), "count": 1}


def acts_of_a_holder() -> list[str]:
    """Every verb of a ticket's holder, also those to come."""
    return [
        name
        for name, verb in vars(tickets).items()
        if inspect.iscoroutinefunction(verb)
        and verb.__module__ == tickets.__name__
        and not name.startswith("_")
        and list(inspect.signature(verb).parameters)[:2] == ["session", "ticket"]
    ]


async def missed(day: Any, **more: Any) -> Any:
    """A ticket that missed its call at the first counter."""
    ticket = await day.take(**more)
    await day.do(StaffedCounter.call_next)
    await day.do(StaffedCounter.no_show)
    return ticket


async def closed(day: Any) -> None:
    closing = partial(
        close_day,
        actor=COMMAND_LINE,
        hall_id=day.hall.id,
        community_id=day.hall.community_id,
        now=day.now,
    )
    await day.store.write(closing)


async def state_of(day: Any, ticket: Any) -> TicketState:
    async with day.store.read() as session:
        found = await tickets.ticket_of(session, ticket.token)
    assert found is not None
    return found.state


@pytest.mark.parametrize("name", acts_of_a_holder())
async def test_no_act_of_a_holder_does_anything_on_a_closed_day(day, name) -> None:
    await day.sit()
    ticket = await missed(day, device_hash="phone")
    await closed(day)
    verb = getattr(tickets, name)
    more = {key: MORE[key] for key in inspect.signature(verb).parameters if key in MORE}
    with pytest.raises(QueueClosedError):
        await day.act(verb, ticket, **more)
    assert await state_of(day, ticket) is TicketState.NO_SHOW


def test_the_acts_of_a_holder_are_found() -> None:
    assert {"bring", "cancel", "let_pass", "come_back"} <= set(acts_of_a_holder())


async def called_by_hand(day: Any, ticket: Any) -> Any:
    return await day.do(StaffedCounter.call_chosen, ticket_id=ticket.id)


async def back_by_themselves(day: Any, ticket: Any) -> None:
    await day.act(tickets.come_back, ticket)


@pytest.mark.parametrize("way", [called_by_hand, back_by_themselves])
async def test_a_missed_number_stays_missed_while_its_phone_holds_another(day, way) -> None:
    await day.sit()
    ticket = await missed(day, device_hash="phone")
    newer = await day.take(device_hash="phone")
    with pytest.raises(HoldsOneError) as refused:
        await way(day, ticket)
    assert refused.value.ticket.id == newer.id
    assert await state_of(day, ticket) is TicketState.NO_SHOW
    await day.do(StaffedCounter.call_next)
    await day.do(StaffedCounter.finish)
    assert (await called_by_hand(day, ticket)).id == ticket.id


def test_a_ticket_changes_its_state_in_one_place() -> None:
    # The check of who holds a number stands there; a second place would forget it.
    changing = {
        file.name
        for file in QUEUE.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr == "state"
        and isinstance(node.ctx, ast.Store)
        and ast.unparse(node.value) != "self"
    }
    assert changing == {"trail.py"}


async def test_letting_nobody_pass_costs_nothing(day) -> None:
    await day.rules(most_lets=1)
    ticket = await day.take(device_hash="phone")
    day.later(minutes=50)
    for _ in range(2):
        with pytest.raises(NobodyWaitsError):
            await day.act(tickets.let_pass, ticket, count=3)
    # What another counter calls passes nobody either.
    await day.sit(1, "B")
    await day.sit(2, "A")
    await day.take("A")
    with pytest.raises(NobodyWaitsError):
        await day.act(tickets.let_pass, ticket, count=3)
    mine = next(each for each in (await day.look()).waiting if each.id == ticket.id)
    assert (mine.lets, mine.waits_from) == (0, mine.joined_at)
    await day.take()
    await day.act(tickets.let_pass, ticket, count=3)
    assert await day.order() == ["A001", "B002", "B001"]


async def test_a_denied_priority_gives_its_place_back(day) -> None:
    await day.sit(1, "B")
    for _ in range(2):
        await day.take("D")
        day.later(minutes=1)
    await day.take("B", priority=PriorityKind.AGED)
    await day.do(StaffedCounter.call_next)
    await day.do(StaffedCounter.confirm_priority, is_right=False)
    await day.do(StaffedCounter.transfer, category="D")
    assert await day.order() == ["D001", "D002", "B001"]


async def test_a_denied_priority_keeps_the_place_behind_those_who_were_let_pass(day) -> None:
    await day.sit(1, "B")
    ticket = await day.take("B", priority=PriorityKind.AGED, device_hash="phone")
    day.later(minutes=1)
    await day.take("B")
    await day.act(tickets.let_pass, ticket, count=1)
    await day.do(StaffedCounter.call_chosen, ticket_id=ticket.id)
    await day.do(StaffedCounter.confirm_priority, is_right=False)
    await day.do(StaffedCounter.transfer, category="B")
    assert await day.order() == ["B002", "B001"]


async def test_every_call_of_the_last_minute_is_known(day) -> None:
    # A screen that was away for most of it announces them all, however many counters there are.
    await day.sit()
    for _ in range(14):
        await day.take()
    for _ in range(12):
        await day.do(StaffedCounter.call_next)
        await day.do(StaffedCounter.finish)
        day.later(seconds=4)
    assert [call.number for call in (await day.look()).calls] == [
        f"B{number:03}" for number in range(12, 0, -1)
    ]
    day.later(minutes=2)
    assert len((await day.look()).calls) == 8
