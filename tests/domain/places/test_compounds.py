"""Compounds and buildings change, and a code on an old door still leads to the right page."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from domain.contacts.posts import posts_of_building
from domain.papers import versions
from domain.papers.kinds import COMPOUNDS
from domain.papers.paper import Paper
from domain.papers.versions import PublishedMeanwhileError
from domain.places.compounds import CompoundsContent, brought_back, door_of
from domain.places.content import (
    BuildingContent,
    CompoundContent,
    EndedPlace,
    Move,
)
from domain.places.search import entries_of
from domain.places.tables import Building, Community, name_with_compound
from domain.published import load_community
from tests.world.clock import NOW
from tests.world.papers import faults, publish_right

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store

HERE = Paper(COMPOUNDS, "jian")
DAY = dt.date(2026, 11, 20)


async def document(store: Store) -> CompoundsContent:
    """The places of 济安 as published."""
    async with store.read() as session:
        found: Any = await HERE.read(session)
        return CompoundsContent.model_validate(found)


async def community(store: Store) -> Community:
    """济安, whole."""
    async with store.read() as session:
        return await load_community(session, "jian")


def ended(what: str, successor: str | None = None) -> EndedPlace:
    """A place that ended."""
    return EndedPlace(what=what, day=DAY, reason="拆迁", successor=successor)


def ending(places: CompoundsContent, *rows: EndedPlace) -> CompoundsContent:
    """These places with others ended."""
    return places.model_copy(update={"ended_places": rows})


def with_buildings(places: CompoundsContent, at: int, *names: str) -> CompoundsContent:
    """These places with new buildings in one compound, called and addressed by these names."""
    compounds = list(places.compounds)
    new = tuple(BuildingContent(slug=name, name=name) for name in names)
    buildings = (*compounds[at].buildings, *new)
    compounds[at] = compounds[at].model_copy(update={"buildings": buildings})
    return places.model_copy(update={"compounds": tuple(compounds)})


def without_building(places: CompoundsContent, slug: str) -> CompoundsContent:
    """These places with one building taken out."""
    compounds = tuple(
        each.model_copy(update={"buildings": tuple(b for b in each.buildings if b.slug != slug)})
        for each in places.compounds
    )
    return places.model_copy(update={"compounds": compounds})


async def test_what_is_published_is_what_was_loaded(sample) -> None:
    places = await document(sample)
    assert [each.slug for each in places.compounds] == [
        "xinyuan-nanqu", "xinyuan-beiqu", "zhigejie-laoyuan",
    ]  # fmt: skip
    assert not places.ended_places
    assert not places.moves
    assert await faults(sample, HERE, places) == []


async def test_a_new_building_has_a_door_and_is_found(sample) -> None:
    new = with_buildings(await document(sample), 0, "8")
    await publish_right(sample, HERE, new)
    assert await document(sample) == new
    here = await community(sample)
    door = door_of(here, "8")
    assert door
    assert (door.name, door.ended) == ("济安新苑南区 8", None)
    assert posts_of_building(here, "8")
    assert here.compound_with("8") is here.compounds[0]


async def test_a_new_name_keeps_the_row_and_its_code(sample) -> None:
    places = await document(sample)
    before = door_of(await community(sample), "1")
    assert before
    compound = places.compounds[0]
    first = compound.buildings[0].model_copy(update={"name": "南苑 1 号楼"})
    renamed = compound.model_copy(
        update={"name": "济安南苑", "buildings": (first, *compound.buildings[1:])}
    )
    await publish_right(
        sample, HERE, places.model_copy(update={"compounds": (renamed, *places.compounds[1:])})
    )
    after = door_of(await community(sample), "1")
    assert after
    assert after.name == "济安南苑 1 号楼"
    assert (after.building.id, after.compound.id) == (before.building.id, before.compound.id)


async def test_an_ended_building_is_in_no_list_and_its_code_leads_to_the_next(sample) -> None:
    new = ending(await document(sample), ended("buildings/3", "buildings/5"))
    await publish_right(sample, HERE, new)
    assert await document(sample) == new
    here = await community(sample)
    assert "3" not in [each.slug for each in here.compounds[0].buildings]
    assert "3 号楼" not in " ".join(
        word for entry in entries_of(here) for word in [entry.name, entry.about]
    )
    door = door_of(here, "3")
    assert door
    assert door.ended
    assert (door.name, door.successor) == ("济安新苑南区 3 号楼", "济安新苑南区 5 号楼")
    assert (door.ended.day, door.ended.reason) == (DAY, "拆迁")
    assert here.building_now("3") == "5"
    assert here.compound_with("3") is here.compounds[0]
    assert door_of(here, "9") is None
    assert here.building_now("9") is None


async def test_without_a_successor_a_code_leads_to_no_building(sample) -> None:
    await publish_right(sample, HERE, ending(await document(sample), ended("buildings/3")))
    here = await community(sample)
    door = door_of(here, "3")
    assert door
    assert door.ended
    assert door.successor == ""
    assert here.building_now("3") is None
    assert here.compound_with("3") is None


async def test_an_ended_compound_takes_its_buildings_with_it(sample) -> None:
    places = await document(sample)
    blocked = await faults(sample, HERE, ending(places, ended("compounds/zhigejie-laoyuan")))
    assert blocked == [
        (
            "ended_places.0.what: The contact post “制革街老院联系党员” would have no building left."
            " Give it another building under Contact posts first, or remove it there."
        )
    ]
    new = CompoundContent(
        slug="xinyuan",
        name="新院",
        address="天桥区制革街 1 号",
        position=places.compounds[2].position,
    )
    whole = {
        "compounds": (*places.compounds, new),
        "moves": (Move(what="buildings/xi", to="compounds/xinyuan"),),
        "ended_places": (ended("compounds/zhigejie-laoyuan", "compounds/xinyuan"),),
    }
    await publish_right(sample, HERE, places.model_copy(update=whole))
    here = await community(sample)
    assert [each.slug for each in here.compounds][-1] == "xinyuan"
    assert "zhigejie-laoyuan" not in [each.slug for each in here.compounds]
    door = door_of(here, "dong")
    assert door
    assert (door.successor, door.next_building) == ("新院", None)
    west = door_of(here, "xi")
    assert west
    assert (west.name, west.ended) == ("新院 西楼", None)


async def test_a_building_moves_to_another_compound_with_its_code(sample) -> None:
    before = door_of(await community(sample), "bei-1")
    assert before
    move = Move(what="buildings/bei-1", to="compounds/xinyuan-nanqu")
    places = await document(sample)
    await publish_right(sample, HERE, places.model_copy(update={"moves": (move,)}))
    after = door_of(await community(sample), "bei-1")
    assert after
    assert after.building.id == before.building.id
    assert after.compound.slug == "xinyuan-nanqu"
    now = await document(sample)
    assert now.moves == ()
    assert now.compounds[0].buildings[-1].slug == "bei-1"
    async with sample.read() as session:
        stored = await versions.version(session, HERE, 2)
        assert stored
        assert stored.document == now.model_dump(mode="json")
        assert await session.scalar(select(func.count(Building.id))) == 12 + await _others(session)


async def _others(session: AsyncSession) -> int:
    """How many buildings the other communities have."""
    count = await session.scalar(
        select(func.count(Building.id))
        .join(Community, Community.id == Building.community_id)
        .where(Community.slug != "jian")
    )
    return int(count or 0)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("buildings/99", None)], "ended_places.0.what: This place is not in the list above."),
        (
            [("buildings/3", "buildings/3")],
            "ended_places.0.successor: “济安新苑南区 3 号楼” cannot be followed by itself.",
        ),
        (
            [("buildings/3", "buildings/99")],
            "ended_places.0.successor: This place is not in the list above.",
        ),
        (
            [("buildings/3", "buildings/5"), ("buildings/5", "buildings/6")],
            (
                "ended_places.0.successor: “济安新苑南区 5 号楼” is no longer in use either."
                " Choose a place that is."
            ),
        ),
        (
            [("buildings/3", "buildings/5"), ("buildings/5", "buildings/3")],
            (
                "ended_places.1.successor: “济安新苑南区 3 号楼” is no longer in use either."
                " Choose a place that is."
            ),
        ),
        (
            [("compounds/xinyuan-nanqu", "buildings/3")],
            (
                "ended_places.0.successor: “济安新苑南区 3 号楼” is no longer in use either."
                " Choose a place that is."
            ),
        ),
        (
            [("buildings/3", None), ("buildings/3", None)],
            "ended_places.0.what: “济安新苑南区 3 号楼” stands here twice.",
        ),
    ],
    ids=["unknown", "itself", "elsewhere", "chain", "circle", "into its own end", "twice"],
)
async def test_a_successor_is_another_place_in_use_here(sample, rows, said) -> None:
    places = ending(await document(sample), *(ended(what, to) for what, to in rows))
    assert said in await faults(sample, HERE, places)


async def test_what_is_printed_cannot_be_removed(sample) -> None:
    places = await document(sample)
    fault = "compounds: “济安新苑南区 3 号楼” may be printed on paper and cannot be removed."
    assert any(
        each.startswith(fault) for each in await faults(sample, HERE, without_building(places, "3"))
    )
    gone = places.model_copy(update={"compounds": places.compounds[1:]})
    assert any("“济安新苑南区”" in each for each in await faults(sample, HERE, gone))
    other = with_buildings(without_building(places, "3"), 0, "three")
    assert any(each.startswith(fault) for each in await faults(sample, HERE, other))


async def test_a_place_that_a_document_leaves_out_is_not_deleted(sample) -> None:
    places = without_building(await document(sample), "3")

    async def unit(session: AsyncSession) -> None:
        await HERE.write(session, places, NOW)

    await sample.write(unit)
    assert door_of(await community(sample), "3")


async def test_slugs_and_names_stand_once_and_reserved_words_are_refused(sample) -> None:
    places = await document(sample)
    assert await faults(sample, HERE, with_buildings(places, 1, "3")) == [
        "compounds: the slug 3 is taken"
    ]
    first = places.compounds[0]
    twin = first.model_copy(update={"slug": "hall", "buildings": ()})
    assert await faults(
        sample, HERE, places.model_copy(update={"compounds": (*places.compounds, twin)})
    ) == [
        "compounds.3.name: Addresses use the word hall for something else.",
        "compounds: Two of them are called “济安新苑南区”. Residents could not tell them apart.",
    ]
    again = BuildingContent(slug="3-2", name="3 号楼")
    doubled = first.model_copy(update={"buildings": (*first.buildings, again)})
    whole = places.model_copy(update={"compounds": (doubled, *places.compounds[1:])})
    assert await faults(sample, HERE, whole) == [
        "compounds.0.buildings: Two of them are called “3 号楼”. Residents could not tell them apart."
    ]
    # What an ended building was called, a new one may be.
    assert await faults(sample, HERE, ending(whole, ended("buildings/3", "buildings/3-2"))) == []


@pytest.mark.parametrize(
    ("move", "said"),
    [
        (("buildings/99", "compounds/xinyuan-nanqu"), "moves.0.what: This place is not"),
        (("compounds/xinyuan-beiqu", "compounds/xinyuan-nanqu"), "moves.0.what: This place is not"),
        (("buildings/3", "compounds/elsewhere"), "moves.0.to: This place is not"),
        (("buildings/3", "buildings/5"), "moves.0.to: This place is not"),
        (
            ("buildings/1", "compounds/xinyuan-beiqu"),
            "moves.0.what: “济安新苑南区 1 号楼” is no longer",
        ),
    ],
)
async def test_only_a_building_in_use_moves_to_a_compound_in_use(sample, move, said) -> None:
    what, to = move
    places = ending(await document(sample), ended("buildings/1"))
    places = places.model_copy(update={"moves": (Move(what=what, to=to),)})
    assert any(each.startswith(said) for each in await faults(sample, HERE, places))


async def test_a_post_keeps_at_least_one_building(sample) -> None:
    places = await document(sample)
    assert (
        await faults(sample, HERE, ending(places, ended("buildings/1"), ended("buildings/2"))) == []
    )
    three = [ended(f"buildings/{n}") for n in (1, 2, 3)]
    assert await faults(sample, HERE, ending(places, *three)) == [
        (
            "ended_places.0.what: The contact post “南区 1 至 3 号楼联系党员” would have no building"
            " left. Give it another building under Contact posts first, or remove it there."
        )
    ]


async def test_an_old_version_comes_back_without_taking_a_code_away(sample) -> None:
    old = await document(sample)
    new = ending(with_buildings(old, 0, "8", "9"), ended("buildings/9"), ended("buildings/3"))
    await publish_right(sample, HERE, new)
    now = await document(sample)
    back = brought_back(old, now)
    assert [each.slug for each in back.compounds[0].buildings][-2:] == ["8", "9"]
    # The building that the old version knew is in use again; the one it did not know stays ended.
    assert [each.what for each in back.ended_places] == ["buildings/9"]
    await publish_right(sample, HERE, back, base=2)
    door = door_of(await community(sample), "3")
    assert door
    assert door.ended is None


async def test_of_two_who_publish_at_once_one_is_told(sample) -> None:
    places = await document(sample)
    await publish_right(sample, HERE, ending(places, ended("buildings/3", "buildings/5")), base=1)
    with pytest.raises(PublishedMeanwhileError):
        await publish_right(sample, HERE, ending(places, ended("buildings/3")), base=1)


async def test_three_hundred_buildings_in_one_compound(sample) -> None:
    many = [f"n{n}" for n in range(300)]
    await publish_right(sample, HERE, with_buildings(await document(sample), 0, *many))
    here = await community(sample)
    assert len(here.compounds[0].buildings) == 306
    assert door_of(here, "n299")


async def test_every_compound_of_a_community_can_end(sample) -> None:
    async def unit(session: AsyncSession) -> None:
        for post in (await load_community(session, "jian")).posts:
            post.ended_at = NOW

    await sample.write(unit)
    places = await document(sample)
    rows = [ended(f"compounds/{each.slug}") for each in places.compounds]
    await publish_right(sample, HERE, ending(places, *rows))
    here = await community(sample)
    assert here.compounds == []
    assert len(list(entries_of(here))) > 0
    assert door_of(here, "1")


@pytest.mark.parametrize(
    ("compound", "building", "said"),
    [
        ("堤口北院", "北院 1 号楼", "堤口北院 1 号楼"),
        ("锦禾苑", "锦禾苑 1 号楼", "锦禾苑 1 号楼"),
        ("刘家庄新居", "1 号楼", "刘家庄新居 1 号楼"),
        ("幸福里 1", "1 号楼", "幸福里 1 1 号楼"),
        ("北院", "北院", "北院"),
    ],
)
def test_a_building_with_its_compound_says_no_name_twice(compound, building, said) -> None:
    assert name_with_compound(compound, building) == said
