"""Promises of a matter: kept, moved and broken, and what the public list shows."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import pytest

from domain.matters import promises
from domain.matters.errors import PromiseEndedError
from domain.matters.promises import PromiseState, state_of
from domain.matters.tables import EntryKind, Matter, Promise, Readers
from tests.world.clock import NOW
from tests.world.matters import DAY, HOUR, kinds

if TYPE_CHECKING:
    from domain.matters.ladder import Ladder
    from domain.matters.timeline import Act

MINUTE = dt.timedelta(minutes=1)


async def test_a_promise_is_kept_in_time_or_late(office) -> None:
    matter_id = await office.opens()
    due_at = NOW + DAY
    made_id = await office.promises("holder", matter_id, due_at)
    made = await office.promise(made_id)
    assert state_of(made, NOW) is PromiseState.OPEN
    assert state_of(made, due_at) is PromiseState.OPEN
    assert state_of(made, due_at + MINUTE) is PromiseState.LATE

    async def keep(act: Act, matter: Matter, _: Ladder, who: int) -> None:
        promises.keep(act, matter, await act.session.get_one(Promise, made_id), who)

    await office.handles("holder", matter_id, keep)
    assert state_of(await office.promise(made_id), NOW + 9 * DAY) is PromiseState.KEPT
    with pytest.raises(PromiseEndedError):
        await office.handles("holder", matter_id, keep)
    late = await office.promise(made_id)
    late.kept_at = due_at + MINUTE
    assert state_of(late, NOW + 9 * DAY) is PromiseState.KEPT_LATE
    assert EntryKind.PROMISE_KEPT in await kinds(office, matter_id, Readers.ALL)


async def test_a_promise_moves_with_a_reason_and_keeps_its_first_date(office) -> None:
    matter_id = await office.opens()
    made_id = await office.promises("holder", matter_id, NOW + DAY)

    async def put_off(act: Act, matter: Matter, _: Ladder, who: int) -> None:
        made = await act.session.get_one(Promise, made_id)
        promises.put_off(act, matter, made, who, NOW + 3 * DAY, "零件没到")

    await office.handles("holder", matter_id, put_off)
    made = await office.promise(made_id)
    assert (made.first_due_at, made.due_at) == (NOW + DAY, NOW + 3 * DAY)
    entry = (await office.entries(matter_id))[-1]
    assert entry.kind is EntryKind.PROMISE_MOVED
    assert entry.facts["reason"] == "零件没到"
    moments = [dt.datetime.fromisoformat(str(entry.facts[name])) for name in ("before", "due")]
    assert moments == [NOW + DAY, NOW + 3 * DAY]


async def test_a_promise_that_cannot_be_kept_is_broken_with_a_reason(office) -> None:
    matter_id = await office.opens()
    made_id = await office.promises("holder", matter_id, NOW + DAY)

    async def break_off(act: Act, matter: Matter, _: Ladder, who: int) -> None:
        made = await act.session.get_one(Promise, made_id)
        promises.break_off(act, matter, made, who, "没有资金")

    await office.handles("holder", matter_id, break_off)
    assert state_of(await office.promise(made_id), NOW) is PromiseState.BROKEN
    with pytest.raises(PromiseEndedError):
        await office.handles("holder", matter_id, break_off)


async def test_the_public_list_has_open_promises_always_and_others_for_a_while(office) -> None:
    matter_id = await office.opens()
    old = await office.promises("holder", matter_id, NOW + HOUR)
    ended = await office.promises("holder", matter_id, NOW + 2 * HOUR)

    async def keep(act: Act, matter: Matter, _: Ladder, who: int) -> None:
        promises.keep(act, matter, await act.session.get_one(Promise, ended), who)

    await office.handles("holder", matter_id, keep)
    listed = partial(promises.promises_in, community_id=office.community.id, most=10)
    for since, wanted in ((NOW, [ended, old]), (NOW + DAY, [old])):
        found = await office.read(partial(listed, since=since))
        assert [made.id for made in found] == wanted
