"""撤并: nothing is lost when communities are merged, and nobody is left standing in a hall."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from domain.devices.tables import Device, DeviceKind
from domain.papers import kinds, versions
from domain.papers.paper import Paper
from domain.places.content import BuildingContent, EndedCommunity, EndedPlace
from domain.places.tables import Community
from domain.queue.days import close_day
from domain.queue.seats import seats_of
from domain.queue.tables import Ticket
from domain.queue.tickets import TicketRequest, take_ticket
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role, StaffRole
from tests.world.clock import NOW
from tests.world.district import places
from tests.world.halls import HallDay, hall_of
from tests.world.papers import faults, publish_right, published, read
from tests.world.people import arrived

if TYPE_CHECKING:
    from domain.store import Store

HOME, OTHER = "liujiazhuang", "jian"
PLACE = Paper(kinds.PLACE, None, HOME)
TODAY = dt.date(2026, 11, 23)


async def document(store: Store, successor: str | None = OTHER) -> Any:
    before = await read(store, PLACE)
    return before.model_copy(update={"ended": EndedCommunity(day=TODAY, successor=successor)})


async def test_a_merged_community_leads_to_the_other_and_is_listed_no_more(sample) -> None:
    await publish_right(sample, PLACE, await document(sample))
    found = await published(sample)
    assert HOME not in found.names
    assert found.now_at(HOME)[0] == OTHER
    assert (await found.community(HOME)).name == "刘家庄社区"


async def test_its_buildings_are_the_others_and_every_door_is_known(sample) -> None:
    before = await (await published(sample)).community(HOME)
    doors = [one.slug for each in before.compounds for one in each.buildings]
    assert doors
    await publish_right(sample, PLACE, await document(sample))
    found = await published(sample)
    after = await found.community(OTHER)
    here = {one.slug for each in after.compounds for one in each.buildings}
    assert {found.now_at(HOME, door)[1] for door in doors} <= here
    assert len({found.now_at(HOME, door)[1] for door in doors}) == len(doors)
    assert {each.name for each in before.compounds} <= {each.name for each in after.compounds}


async def test_a_door_that_had_ended_before_leads_on(sample) -> None:
    paper = Paper(kinds.COMPOUNDS, HOME)
    before = await read(sample, paper)
    one, two, *_ = (each.slug for compound in before.compounds for each in compound.buildings)
    given = {"what": f"buildings/{one}", "successor": f"buildings/{two}"}
    ended = EndedPlace(day=TODAY, reason="拆了", **given)
    await publish_right(sample, paper, before.model_copy(update={"ended_places": (ended,)}))
    await publish_right(sample, PLACE, await document(sample))
    found = await published(sample)
    assert found.now_at(HOME, one) == found.now_at(HOME, two) != (None, None)


async def test_the_others_document_says_what_it_took_over(sample) -> None:
    paper = Paper(kinds.COMPOUNDS, OTHER)
    await publish_right(sample, PLACE, await document(sample))
    async with sample.read() as session:
        now = await versions.published(session, paper)
        first = await versions.version(session, paper, 1)
        newest = await versions.version(session, paper, 2)
    assert newest is not None
    assert first is not None
    assert now.number == 2
    assert now.document == newest.document != first.document


async def test_its_people_work_at_the_other_as_well(sample) -> None:
    ids = (await places(sample)).community
    clerk = await arrived(sample, "clerk", Grant(Role.CLERK, None, ids[HOME]))
    both = (Grant(Role.EDITOR, None, ids[HOME]), Grant(Role.EDITOR, None, ids[OTHER]))
    await arrived(sample, "both", *both)
    await publish_right(sample, PLACE, await document(sample))
    async with sample.read() as session:
        here = select(StaffRole.staff_id).where(StaffRole.community_id == ids[OTHER])
        roles = sorted(await session.scalars(here))
    assert roles.count(clerk.id) == 1
    assert len(roles) == 2


async def test_nobody_is_left_in_its_hall(sample) -> None:
    hall = await hall_of(sample)
    day = HallDay(sample, hall)
    await day.sit()
    request = TicketRequest("A")
    await sample.write(lambda session: take_ticket(session, hall.id, request, NOW, served={"A"}))
    changed = await document(sample)
    assert len(await faults(sample, PLACE, changed)) == 1
    await sample.write(
        lambda session: close_day(session, COMMAND_LINE, hall.id, hall.community_id, NOW)
    )
    assert await faults(sample, PLACE, changed) == []
    await publish_right(sample, PLACE, changed)
    async with sample.read() as session:
        assert len((await session.scalars(select(Ticket))).all()) == 1
        assert await seats_of(session, hall.id, NOW) == {}


async def test_devices_of_its_hall_end(sample) -> None:
    hall = await hall_of(sample)

    async def pair(session: Any) -> None:
        given = {"kind": DeviceKind.SCREEN, "key_hash": "d", "paired_at": NOW, "seen_at": NOW}
        session.add(Device(hall_id=hall.id, name="大屏", **given))

    await sample.write(pair)
    await publish_right(sample, PLACE, await document(sample, None))
    async with sample.read() as session:
        assert await session.scalar(select(Device.revoked_at)) == NOW


@pytest.mark.parametrize("successor", [HOME, "nowhere"])
async def test_it_is_followed_by_another_that_is_there(sample, successor) -> None:
    assert len(await faults(sample, PLACE, await document(sample, successor))) == 1


async def test_one_that_ended_is_followed_by_none_that_ended(sample) -> None:
    await publish_right(sample, PLACE, await document(sample))
    other = Paper(kinds.PLACE, None, OTHER)
    async with sample.read() as session:
        before: Any = await other.read(session)
        again = before.model_copy(update={"ended": EndedCommunity(day=TODAY, successor=HOME)})
        assert len(await other.contradictions(session, again)) == 1


async def test_a_chain_leads_to_its_end(sample) -> None:
    await publish_right(sample, PLACE, await document(sample))
    other = Paper(kinds.PLACE, None, OTHER)
    before = await read(sample, other)
    again = before.model_copy(update={"ended": EndedCommunity(day=TODAY, successor="yikang")})
    await publish_right(sample, other, again)
    found = await published(sample)
    assert found.now_at(HOME)[0] == found.now_at(OTHER)[0] == "yikang"


async def test_brought_back_it_is_a_community_again(sample) -> None:
    before = await document(sample, None)
    await publish_right(sample, PLACE, before)
    assert (await published(sample)).now_at(HOME) == (None, None)
    await publish_right(sample, PLACE, before.model_copy(update={"ended": None}))
    found = await published(sample)
    assert HOME in found.names
    async with sample.read() as session:
        home = select(Community.ended).where(Community.slug == HOME)
        assert await session.scalar(home) is None


async def test_merged_once_more_it_gives_nothing_a_second_time(sample) -> None:
    ended = await document(sample)
    await publish_right(sample, PLACE, ended)
    once = await published(sample)
    compounds = (await once.community(OTHER)).compounds
    doors = {one.slug for each in (await once.community(HOME)).compounds for one in each.buildings}
    await publish_right(sample, PLACE, ended.model_copy(update={"ended": None}))
    # What was built since comes along.
    paper = Paper(kinds.COMPOUNDS, HOME)
    before = await read(sample, paper)
    built = before.compounds[0].model_copy(
        update={
            "slug": "xin-yuan",
            "name": "新园",
            "buildings": (BuildingContent(slug="xin-1", name="新园 1 号楼"),),
        }
    )
    document_now = before.model_copy(update={"compounds": (*before.compounds, built)})
    await publish_right(sample, paper, document_now)
    await publish_right(sample, PLACE, ended)
    twice = await published(sample)
    names = [each.name for each in (await twice.community(OTHER)).compounds]
    assert names == [*(each.name for each in compounds), "新园"]
    assert {door: once.now_at(HOME, door) for door in doors} == {
        door: twice.now_at(HOME, door) for door in doors
    }
    assert twice.now_at(HOME, "xin-1") == (OTHER, "xin-1")
