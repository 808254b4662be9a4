"""区和社区 as documents: named, renamed, moved and begun, and what refers to them stays."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from domain.handbook.tables import ServiceItem
from domain.papers import kinds
from domain.papers.paper import Paper
from domain.places.content import CommunityPlace, Standing, SubdistrictName
from domain.places.tables import Community, District, Hall, Subdistrict
from tests.world.papers import faults, publish, published, read

DISTRICT = Paper(kinds.DISTRICT)
HOME = Paper(kinds.PLACE, None, "liujiazhuang")
NEW = Paper(kinds.PLACE, None, "xincun")


async def test_a_district_is_renamed_with_its_hotline_and_subdistricts(sample) -> None:
    before = await read(sample, DISTRICT)
    first, *others = before.subdistricts
    renamed = SubdistrictName(slug=first.slug, name="新名街道")
    new = SubdistrictName(slug="xinjie", name="新街道")
    after = before.model_copy(
        update={"hotline": "0531-85900000", "subdistricts": (*others, renamed, new)}
    )
    assert await faults(sample, DISTRICT, after) == []
    await publish(sample, DISTRICT, after)
    district = (await published(sample)).district
    assert district.hotline == "0531-85900000"
    assert [each.slug for each in district.subdistricts][-2:] == [first.slug, "xinjie"]
    assert len(district.subdistricts[-2].communities) > 0


async def test_a_subdistrict_in_use_is_not_removed_and_an_empty_one_is(sample) -> None:
    before = await read(sample, DISTRICT)
    fewer = before.model_copy(update={"subdistricts": before.subdistricts[1:]})
    assert len(await faults(sample, DISTRICT, fewer)) == 1
    more = (*before.subdistricts, SubdistrictName(slug="empty", name="空街道"))
    await publish(sample, DISTRICT, before.model_copy(update={"subdistricts": more}))
    assert await faults(sample, DISTRICT, before) == []
    await publish(sample, DISTRICT, before)
    async with sample.read() as session:
        empty = select(Subdistrict).where(Subdistrict.slug == "empty")
        assert await session.scalar(empty) is None


async def test_a_slug_stands_once(sample) -> None:
    before = await read(sample, DISTRICT)
    twice = before.model_copy(update={"subdistricts": before.subdistricts * 2})
    assert len(await faults(sample, DISTRICT, twice)) == len(before.subdistricts)


async def test_a_sample_becomes_real_once_and_its_guides_when_they_are_published(
    sample,
) -> None:
    async def practise(session: Any) -> None:
        for hall in await session.scalars(select(Hall)):
            hall.is_rehearsing = True

    await sample.write(practise)
    before = await read(sample, DISTRICT)
    real = before.model_copy(update={"standing": Standing.REAL})
    await publish(sample, DISTRICT, real)
    assert await faults(sample, DISTRICT, before) == [
        "standing: a real district does not become a sample"
    ]
    guide = Paper(kinds.GUIDE, None, "dibao")
    document = await read(sample, guide)
    await publish(sample, guide, document.model_copy(update={"version": "2027.1"}))
    async with sample.read() as session:
        assert await session.scalar(select(District.is_sample)) is False
        assert not any(await session.scalars(select(Hall.is_rehearsing)))
        marked = dict(
            (await session.execute(select(ServiceItem.slug, ServiceItem.is_sample))).all()
        )
    assert not marked.pop("dibao")
    assert all(marked.values())


async def test_a_community_is_renamed_and_moved_and_its_address_stays(sample) -> None:
    before = await read(sample, HOME)
    district = await read(sample, DISTRICT)
    other = next(e.slug for e in district.subdistricts if e.slug != before.subdistrict)
    moved = CommunityPlace(name="刘家庄新社区", subdistrict=other)
    assert await faults(sample, HOME, moved) == []
    await publish(sample, HOME, moved)
    found = await published(sample)
    assert found.names["liujiazhuang"] == "刘家庄新社区"
    now = next(each for each in found.district.subdistricts if each.slug == other)
    assert now.communities[-1].slug == "liujiazhuang"
    home = await found.community("liujiazhuang")
    assert home.subdistrict.slug == other
    assert home.compounds


async def test_a_new_community_has_a_hall_that_nobody_described(sample) -> None:
    subdistrict = (await read(sample, HOME)).subdistrict
    await publish(sample, NEW, CommunityPlace(name="新村社区", subdistrict=subdistrict))
    found = await published(sample)
    home = await found.community("xincun")
    assert home.hall.name == "新村社区服务大厅"
    assert not home.hall.hours.is_written
    assert home.hall.position is None
    assert home.hall.letters == set(found.handbook.by_letter)


async def test_a_name_stands_once_in_a_subdistrict_and_the_subdistrict_is_there(sample) -> None:
    before = await read(sample, HOME)
    async with sample.read() as session:
        here = (
            select(Community.name)
            .join(Subdistrict)
            .where(Subdistrict.slug == before.subdistrict, Community.slug != "liujiazhuang")
        )
        taken = (await session.scalars(here)).first()
    same = CommunityPlace(name=taken or before.name, subdistrict=before.subdistrict)
    assert len(await faults(sample, NEW, same)) == 1
    assert len(await faults(sample, NEW, CommunityPlace(name="x", subdistrict="nowhere"))) == 1
