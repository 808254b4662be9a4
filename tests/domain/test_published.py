"""What is published: a community whole, and the nearest names of what is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.errors import CommunityNotFoundError, ItemNotFoundError
from domain.handbook.guide import LifeEvent
from domain.places.search import entries_of
from domain.published import Published, load_published, nearest
from domain.store import Store
from tests.world.district import FILES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.world.databases import SqliteFiles


@pytest.fixture(scope="module")
async def published(sqlite_files: SqliteFiles) -> AsyncIterator[Published]:
    """The sample district. For tests that change nothing."""
    store = Store(sqlite_files.copy("sample"))
    await store.open()
    found = await load_published(store, entries_of)
    assert found is not None
    yield found
    await store.close()


async def test_an_empty_store_has_published_nothing(store) -> None:
    assert await load_published(store, entries_of) is None


async def test_the_whole_district_is_there_on_either_database(sample) -> None:
    found = await load_published(sample, entries_of)
    assert found is not None
    expected = FILES.district.content
    assert (found.district.slug, found.revision) == (expected.slug, 1)
    assert [each.slug for each in found.district.subdistricts] == [
        each.slug for each in expected.subdistricts
    ]
    assert len(found.names) == sum(len(each.communities) for each in expected.subdistricts)
    assert "".join(each.letter for each in found.handbook.categories) == "ABCDEFGHIJKL"
    assert len(found.handbook.items) == 50


async def test_a_community_comes_whole_and_in_the_order_it_was_written(sample) -> None:
    found = await load_published(sample, entries_of)
    assert found is not None
    community = await found.community("liujiazhuang")
    written = FILES.communities["liujiazhuang"].content
    assert community.subdistrict.name.endswith("街道")
    assert community.brand == written.brand
    assert community.first_secretary == written.first_secretary
    assert community.hall.hours == written.hall.hours
    assert community.hall.zones == written.hall.zones
    assert [each.number for each in community.hall.counters] == [1, 2, 3]
    for part in ("compounds", "facilities"):
        names = [each.slug for each in getattr(written, part)]
        assert [each.slug for each in getattr(community, part)] == names
    for part in ("people", "partners"):
        names = [each.name for each in getattr(written, part)]
        assert [each.name for each in getattr(community, part)] == names
    buildings = [each.slug for each in community.compounds[0].buildings]
    assert buildings == [each.slug for each in written.compounds[0].buildings]
    by_item = {found.handbook.items[each.item].id: each.own() for each in written.notes}
    assert {each.item_id: each.own for each in community.notes} == by_item


async def test_a_community_that_wrote_nothing_about_itself_has_its_hall(published) -> None:
    community = await published.community("yihe")
    assert community.hall.name == "义和社区服务大厅"
    assert (community.brand, community.introduction, community.first_secretary) == (None,) * 3
    assert (community.facilities, community.people, community.notes) == ([], [], [])


async def test_a_misspelt_community_is_answered_with_the_nearest_names(published) -> None:
    with pytest.raises(CommunityNotFoundError) as caught:
        await published.community("liujiazhang")
    assert caught.value.slug == "liujiazhang"
    assert caught.value.nearest[0] == ("liujiazhuang", "刘家庄社区")


async def test_capital_letters_in_an_address_are_understood(published) -> None:
    with pytest.raises(CommunityNotFoundError) as caught:
        await published.community("YIKANG")
    assert caught.value.nearest[0] == ("yikang", "益康社区")


async def test_what_is_like_nothing_has_no_nearest_names(published) -> None:
    for slug in ("qqqqqqqq", "", "x" * 5000, "'; DROP TABLE community; --", "😀"):
        with pytest.raises(CommunityNotFoundError) as caught:
            await published.community(slug)
        assert caught.value.nearest == ()


async def test_a_misspelt_item_is_answered_with_the_nearest_names(published) -> None:
    with pytest.raises(ItemNotFoundError) as caught:
        published.handbook.item("gaoling-jingtie", "yikang")
    assert caught.value.community == "yikang"
    assert caught.value.nearest[0] == ("gaoling-jintie", "高龄津贴申领")


async def test_a_misspelt_category_is_answered_with_the_addresses_of_categories(published) -> None:
    with pytest.raises(ItemNotFoundError) as caught:
        published.handbook.category("insurence", "yikang")
    assert caught.value.nearest[0] == ("categories/insurance", "社会保险")


def test_at_most_three_names_are_offered() -> None:
    names = {f"dibao-{n}": f"低保 {n}" for n in range(9)}
    assert len(nearest("dibao", names)) == 3


async def test_an_item_knows_its_category_and_its_guide(published) -> None:
    item = published.handbook.item("dibao", "yikang")
    assert (item.category.letter, item.name) == ("A", "最低生活保障申请")
    assert published.handbook.category("assistance", "yikang").items[0] is item


async def test_what_happens_in_a_life_leads_to_its_guides_and_no_others(published) -> None:
    items = published.handbook.for_event(LifeEvent.CHILD)
    assert "shengyu-dengji" in {item.slug for item in items}
    assert all(LifeEvent.CHILD in item.guide.life_events for item in items)
    assert 0 < len(items) < 50


async def test_places_are_found_in_their_own_community_only(published) -> None:
    here = published.index_of(await published.community("liujiazhuang"))
    there = published.index_of(await published.community("jian"))
    assert "/facilities#shufang" in [each.path for each in here.find("老村书房").entries]
    assert "/facilities#shufang" not in [each.path for each in there.find("老村书房").entries]
