"""What is said in a matter: what asks for an answer, what is one, and who reads it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from domain.matters.errors import ClosedError, KeyReusedError
from domain.matters.happened import MatterAnswered, MatterHeld
from domain.matters.tables import EntryKind, Outcome, Readers
from tests.world.clock import NOW
from tests.world.matters import DAY, DUE, TIMER, kinds, written

if TYPE_CHECKING:
    from domain.events import Event


async def test_a_message_that_is_sent_twice_arrives_once(office) -> None:
    matter_id = await office.opens()
    given = written("还是不亮", "m" * 64)
    await office.says(matter_id, given)
    await office.says(matter_id, given)
    assert (await kinds(office, matter_id)).count(EntryKind.MESSAGE) == 2
    with pytest.raises(KeyReusedError):
        await office.says(matter_id, written("other words", "m" * 64))
    with pytest.raises(KeyReusedError):
        await office.thanks(matter_id, written("other words", "m" * 64))


async def test_a_message_that_two_tabs_send_at_once_arrives_once(office) -> None:
    matter_id = await office.opens()
    given = written("还是不亮", "m" * 64)
    await asyncio.gather(*(office.says(matter_id, given) for _ in range(5)))
    assert (await kinds(office, matter_id)).count(EntryKind.MESSAGE) == 2


async def test_a_message_that_is_sent_again_after_the_matter_was_closed_is_no_error(office) -> None:
    matter_id = await office.opens()
    given = written("还是不亮", "m" * 64)
    await office.says(matter_id, given)
    await office.closes(matter_id)
    await office.says(matter_id, given)
    with pytest.raises(ClosedError):
        await office.says(matter_id, written())


async def test_more_messages_move_no_date(office) -> None:
    matter_id = await office.opens()
    office.later(hours=2)
    await office.says(matter_id)
    matter = await office.matter(matter_id)
    assert (matter.owed_since, matter.due_on, matter.moves_at) == (NOW, DUE, TIMER)


async def test_an_answer_ends_what_is_owed_and_the_next_message_begins_it(office) -> None:
    matter_id = await office.opens()
    office.later(hours=1)
    await office.answers("holder", matter_id)
    matter = await office.matter(matter_id)
    assert (matter.owed_since, matter.due_on, matter.moves_at) == (None, None, None)
    office.later(days=1)
    await office.says(matter_id)
    matter = await office.matter(matter_id)
    assert (matter.owed_since, matter.due_on) == (office.now, DUE + DAY)
    assert matter.moves_at == office.now + DAY


async def test_neither_thanks_nor_a_note_ask_for_anything_or_stop_anything(office) -> None:
    matter_id = await office.opens()
    office.later(hours=1)
    await office.thanks(matter_id)
    await office.notes("holder", matter_id)
    matter = await office.matter(matter_id)
    assert (matter.owed_since, matter.due_on, matter.moves_at) == (NOW, DUE, TIMER)
    await office.answers("holder", matter_id)
    await office.closes(matter_id)
    await office.thanks(matter_id)
    matter = await office.matter(matter_id)
    assert (matter.is_open, matter.owed_since) == (False, None)


async def test_a_resident_sees_no_note_and_every_other_entry(office) -> None:
    matter_id = await office.opens()
    await office.notes("holder", matter_id)
    await office.hands_over("holder", matter_id, "colleague")
    await office.answers("colleague", matter_id, Outcome.LATER)
    seen = await kinds(office, matter_id, Readers.ALL)
    assert seen == [EntryKind.MESSAGE, EntryKind.HELD, EntryKind.HELD, EntryKind.ANSWER]
    everything = await kinds(office, matter_id)
    assert everything.count(EntryKind.NOTE) == 2


async def test_events_are_told_of_answers_and_holders(office) -> None:
    heard: list[Event] = []
    office.store.listen(heard.append)
    matter_id = await office.opens()
    await office.answers("holder", matter_id)
    assert MatterHeld(matter_id, NOW) in heard
    assert MatterAnswered(matter_id, NOW) in heard
