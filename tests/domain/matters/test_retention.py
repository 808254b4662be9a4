"""What of a matter is erased, and when: numbers, photographs, words."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

import push.tables
from domain.contacts.tables import Conversation, Source
from domain.matters import promises, retention
from domain.matters.errors import TooLateError
from domain.matters.tables import Matter, MatterPhoto, Promise
from domain.matters.timeline import Act, Picture
from domain.places.content import MapFrame
from tests.world.clock import NOW
from tests.world.matters import DAY, LineOffice, line, written

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.ladder import Ladder

PLANTED = "zhangsan4711"


async def places_of(office: LineOffice, word: str) -> set[str]:
    """Every column of every table in which this word can be read."""
    found = set()
    async with office.store.read() as session:
        for table in push.tables.metadata.sorted_tables:
            for row in (await session.execute(select(table))).mappings():
                for name, value in row.items():
                    is_bytes = isinstance(value, bytes)
                    if (word.encode() in value) if is_bytes else (word in repr(value)):
                        found.add(f"{table.name}.{name}")
    return found


async def told_everything(office: LineOffice) -> int:
    """A closed matter in which the word stands wherever a person can write it."""
    talk = Conversation(
        source=Source.CARD,
        building=PLANTED,
        facility=PLANTED,
        phone=PLANTED,
        asker=PLANTED,
        on_behalf_of=PLANTED,
        agreed_by=PLANTED,
        map_x=0.5,
        map_y=0.5,
        map_frame=MapFrame(latitude=36.68, longitude=116.95, scale=0.4),
    )
    picture = Picture(f"jpeg {PLANTED}".encode(), 3, 2)
    matter_id, _ = await office.begun(written(PLANTED, None, picture), conversation=talk)
    await office.says(matter_id, written(f"{PLANTED} again", None, picture))
    await office.notes("holder", matter_id, PLANTED)
    made_id = await office.promises("holder", matter_id, NOW + DAY)

    async def put_off(act: Act, matter: Matter, _: Ladder, who: int) -> None:
        made = await act.session.get_one(Promise, made_id)
        promises.put_off(act, matter, made, who, NOW + 2 * DAY, PLANTED)

    await office.handles("holder", matter_id, put_off)
    await office.answers("holder", matter_id, words=PLANTED)
    await office.thanks(matter_id, written(PLANTED))
    await office.hands_over("holder", matter_id, "colleague")
    return matter_id


async def test_after_a_year_nothing_of_it_can_be_read(office) -> None:
    matter_id = await told_everything(office)
    other_id = await office.opens(written("another matter"))
    await office.closes(matter_id)
    assert {"matter_entry.words", "matter_photo.data", "conversation.asker"} <= await places_of(
        office, PLANTED
    )
    office.later(days=366)
    year = office.now - 365 * DAY
    erase = partial(retention.erase_old, closed_before=year, kind_of=line, now=office.now)
    assert await office.store.write(erase) == retention.Erased(matters=1)
    assert await office.store.write(erase) == retention.Erased()
    assert await places_of(office, PLANTED) == set()
    talk = await office.conversation(matter_id)
    assert (talk.map_x, talk.map_y, talk.map_frame, talk.building) == (None, None, None, None)
    matter = await office.matter(matter_id)
    assert matter.erased_at == office.now
    assert (await office.promise(1)).subject == "更换路灯"
    assert len(await office.holds(matter_id)) == 2
    assert (await office.matter(other_id)).erased_at is None
    assert (await office.entries(other_id))[0].words == "another matter"
    with pytest.raises(TooLateError):
        await office.reopens(matter_id)


async def test_numbers_to_call_go_with_the_closing_and_photographs_before_the_words(office) -> None:
    matter_id = await told_everything(office)
    await office.closes(matter_id)
    talk = await office.conversation(matter_id)
    assert (talk.phone, talk.asker) == ("", PLANTED)
    erase = partial(retention.erase_photos, closed_before=office.now)
    assert await office.store.write(erase) == retention.Erased()
    office.later(days=91)
    erase = partial(retention.erase_photos, closed_before=office.now - 90 * DAY)
    assert await office.store.write(erase) == retention.Erased(photos=2)
    places = await places_of(office, PLANTED)
    assert "matter_photo.data" not in places
    assert "matter_entry.words" in places


async def test_photographs_are_kept_with_their_size_at_an_address_nobody_guesses(office) -> None:
    matter_id = await office.opens(
        written("lamp", None, Picture(b"one", 3, 2), Picture(b"two", 4, 5))
    )
    entry = (await office.entries(matter_id))[0]
    assert [(photo.width, photo.height) for photo in entry.photos] == [(3, 2), (4, 5)]
    assert all(len(photo.token) == 32 for photo in entry.photos)

    async def data(session: AsyncSession) -> list[bytes]:
        return list(await session.scalars(select(MatterPhoto.data).order_by(MatterPhoto.id)))

    assert await office.read(data) == [b"one", b"two"]
