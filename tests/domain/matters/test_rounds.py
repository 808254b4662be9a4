"""A matter begins, is closed, opened again and rated: each time a round of its own."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING

import pytest

from domain.matters.errors import (
    ClosedError,
    KeyReusedError,
    RatedAlreadyError,
    StillOpenError,
    TooLateError,
)
from domain.matters.ladder import Level
from domain.matters.rounds import ALPHABET, CODE, REOPENS, SILENCE
from domain.matters.tables import EntryKind, Promise
from tests.world.clock import NOW
from tests.world.matters import DUE, TIMER, kinds, written

if TYPE_CHECKING:
    from domain.matters.timeline import Act

MINUTE = dt.timedelta(minutes=1)


async def test_a_matter_begins_with_a_holder_a_date_and_a_round(office) -> None:
    matter_id, is_new = await office.begun()
    matter = await office.matter(matter_id)
    assert is_new
    assert (matter.level, matter.holder_id) == (Level.HOLDER, office.people["holder"])
    assert (matter.owed_since, matter.due_on, matter.moves_at) == (NOW, DUE, TIMER)
    assert len(matter.code) == CODE
    assert set(matter.code) <= set(ALPHABET)
    assert await kinds(office, matter_id) == [EntryKind.MESSAGE, EntryKind.HELD]
    assert [each.number for each in await office.rounds(matter_id)] == [1]
    assert await office.handlers(matter_id) == {"holder"}


async def test_a_form_that_is_sent_twice_is_one_matter(office) -> None:
    given = written(key="k" * 64)
    first = await office.begun(given)
    assert await office.begun(given) == (first[0], False)
    assert await kinds(office, first[0]) == [EntryKind.MESSAGE, EntryKind.HELD]
    with pytest.raises(KeyReusedError):
        await office.begun(written("other words", "k" * 64))


async def test_a_form_that_two_tabs_send_at_once_is_one_matter(office) -> None:
    for number in range(4):
        given = written(key=f"{number}" * 64)
        found = await asyncio.gather(*(office.begun(given) for _ in range(5)))
        assert len({matter_id for matter_id, _ in found}) == 1
        assert [is_new for _, is_new in found].count(True) == 1


async def test_a_closed_matter_owes_nothing_and_moves_nowhere(office) -> None:
    matter_id = await office.opens()
    await office.closes(matter_id)
    matter = await office.matter(matter_id)
    assert (matter.owed_since, matter.due_on, matter.moves_at) == (None, None, None)
    office.later(days=9)
    assert await office.settle() == 0
    with pytest.raises(ClosedError):
        await office.closes(matter_id)
    assert [each.is_closed_by_office for each in await office.rounds(matter_id)] == [False]


async def test_what_was_answered_closes_after_a_long_silence(office) -> None:
    matter_id = await office.opens()
    await office.answers("holder", matter_id)
    office.later(days=SILENCE.days)
    assert await office.close_silent() == 0
    await office.thanks(matter_id)
    office.later(days=1)
    assert await office.close_silent() == 0
    office.later(days=SILENCE.days)
    assert await office.close_silent() == 1
    assert await office.close_silent() == 0
    assert (await office.entries(matter_id))[-1].facts == {"why": "silence"}
    assert (await office.matter(matter_id)).closed_at == office.now
    await office.rates(matter_id, 4)
    await office.reopens(matter_id)
    assert [each.rating for each in await office.rounds(matter_id)] == [4, None]


async def test_what_owes_an_answer_or_a_promise_never_closes_by_itself(office) -> None:
    asked, promised = await office.opens(), await office.opens()
    await office.answers("holder", promised)
    promise = await office.promises("holder", promised, office.now + dt.timedelta(days=90))
    office.later(days=200)
    assert await office.close_silent() == 0
    assert (await office.matter(asked)).is_open

    async def keep(act: Act) -> None:
        (await act.session.get_one(Promise, promise)).kept_at = act.now

    await office.do(keep)
    assert await office.close_silent() == 1


async def test_the_office_closes_and_says_that_it_did(office) -> None:
    matter_id = await office.opens()
    await office.answers("holder", matter_id)
    await office.closes_for_office("holder", matter_id)
    assert [each.is_closed_by_office for each in await office.rounds(matter_id)] == [True]
    assert (await office.entries(matter_id))[-1].staff_id == office.people["holder"]


async def test_a_reopened_matter_goes_to_who_holds_the_post_now(office) -> None:
    matter_id = await office.opens()
    await office.closes(matter_id)
    await office.change_post(holder="colleague")
    office.now += REOPENS
    await office.reopens(matter_id, written("又不亮了"))
    matter = await office.matter(matter_id)
    assert (matter.is_open, matter.owed_since) == (True, office.now)
    assert await office.handlers(matter_id) == {"colleague"}
    assert [each.number for each in await office.rounds(matter_id)] == [1, 2]
    entries = await kinds(office, matter_id)
    assert entries[-3:] == [EntryKind.REOPENED, EntryKind.MESSAGE, EntryKind.HELD]


async def test_a_matter_is_reopened_once_within_14_days_and_only_when_closed(office) -> None:
    matter_id = await office.opens()
    with pytest.raises(StillOpenError):
        await office.reopens(matter_id)
    await office.closes(matter_id)
    given = written("又不亮了", "r" * 64)
    await office.reopens(matter_id, given)
    await office.reopens(matter_id, given)
    with pytest.raises(KeyReusedError):
        await office.reopens(matter_id, written("other words", "r" * 64))
    assert len(await office.rounds(matter_id)) == 2
    await office.closes(matter_id)
    office.now += REOPENS + MINUTE
    with pytest.raises(TooLateError):
        await office.reopens(matter_id)


async def test_each_round_is_rated_once(office) -> None:
    matter_id = await office.opens()
    with pytest.raises(StillOpenError):
        await office.rates(matter_id, 5)
    await office.closes(matter_id)
    await office.rates(matter_id, 2)
    with pytest.raises(RatedAlreadyError):
        await office.rates(matter_id, 5)
    await office.reopens(matter_id)
    await office.closes(matter_id)
    await office.rates(matter_id, 5)
    assert [each.rating for each in await office.rounds(matter_id)] == [2, 5]
    await office.reopens(matter_id)
    await office.closes(matter_id)
    office.now += REOPENS + MINUTE
    with pytest.raises(TooLateError):
        await office.rates(matter_id, 5)
