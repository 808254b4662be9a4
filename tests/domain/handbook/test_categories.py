"""Categories change, and numbers and addresses on paper keep their meaning."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from domain.errors import ItemNotFoundError
from domain.handbook.categories import (
    CategoriesContent,
    CategoryContent,
    EndedCategory,
    brought_back,
)
from domain.handbook.tables import Category, ServiceItem
from domain.papers.kinds import CATEGORIES
from domain.papers.paper import Paper, letters_in_use
from domain.places.tables import Counter
from domain.published import load_published
from tests.world.papers import faults, publish_right

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.published import Handbook
    from domain.store import Store

HERE = Paper(CATEGORIES)
DAY = dt.date(2026, 11, 20)
NEW = CategoryContent(letter="M", slug="lvyou", name="文旅服务", character="游", summary="去哪玩。")


async def document(store: Store) -> CategoriesContent:
    """The categories as published."""
    async with store.read() as session:
        found: Any = await HERE.read(session)
        return CategoriesContent.model_validate(found)


async def handbook(store: Store) -> Handbook:
    """The handbook as residents see it."""
    found = await load_published(store, lambda _community: ())
    assert found
    return found.handbook


async def empty(store: Store, letter: str) -> None:
    """Take a category's items and counters away."""

    async def unit(session: AsyncSession) -> None:
        ids = {row.letter: row.id for row in await session.scalars(select(Category))}
        await session.execute(
            update(ServiceItem)
            .where(ServiceItem.category_id == ids[letter])
            .values(category_id=ids["A"])
        )
        for counter in await session.scalars(select(Counter)):
            left = tuple(each for each in counter.categories if each != letter)
            counter.categories = left or ("A",)

    await store.write(unit)


def ended(what: str, successor: str = "A") -> EndedCategory:
    """A category that ended."""
    return EndedCategory(what=what, successor=successor, day=DAY, reason="合并")


def changed(places: CategoriesContent, **values: Any) -> CategoriesContent:
    """The document with other values."""
    return places.model_copy(update=values)


async def test_what_is_published_is_what_was_loaded(sample) -> None:
    before = await document(sample)
    assert "".join(each.letter for each in before.categories) == "ABCDEFGHIJKL"
    assert await faults(sample, HERE, before) == []


async def test_a_new_name_and_another_order_keep_letter_slug_and_items(sample) -> None:
    before = await document(sample)
    first = before.categories[0].model_copy(update={"name": "社会救助和帮扶", "character": "帮"})
    new = changed(before, categories=(*before.categories[1:], first))
    await publish_right(sample, HERE, new)
    assert await document(sample) == new
    found = await handbook(sample)
    last = found.categories[-1]
    assert (last.letter, last.slug, last.name) == ("A", "assistance", "社会救助和帮扶")
    assert last.items
    assert found.by_letter["A"] is last
    assert found.category("assistance", "jian") is last


async def test_a_new_category_has_a_free_letter(sample) -> None:
    before = await document(sample)
    taken = NEW.model_copy(update={"letter": "B"})
    assert await faults(sample, HERE, changed(before, categories=(*before.categories, taken))) == [
        "categories.12.letter: Two categories have this letter. Free letters: MNOPQRSTUVWXYZ."
    ]
    await publish_right(sample, HERE, changed(before, categories=(*before.categories, NEW)))
    assert (await handbook(sample)).by_letter["M"].name == "文旅服务"


async def test_a_category_with_items_or_counters_does_not_end(sample) -> None:
    new = changed(await document(sample), ended_categories=(ended("L"),))
    (said,) = await faults(sample, HERE, new)
    assert said.startswith("ended_categories.0.what: Items are still in it: ")

    async def unit(session: AsyncSession) -> None:
        await session.execute(update(ServiceItem).values(category_id=1))

    await sample.write(unit)
    (said,) = await faults(sample, HERE, new)
    assert said.startswith("ended_categories.0.what: Counters still serve it: ")
    assert "1 " in said
    assert "…" in said


async def test_an_ended_category_is_not_offered_and_its_numbers_stay_readable(sample) -> None:
    await empty(sample, "L")
    before = await document(sample)
    slug, name = before.categories[-1].slug, before.categories[-1].name
    await publish_right(sample, HERE, changed(before, ended_categories=(ended("L", "J"),)))
    found = await handbook(sample)
    assert "L" not in [each.letter for each in found.categories]
    assert found.by_letter["L"].name == name
    assert found.category(slug, "jian").letter == "J"
    with pytest.raises(ItemNotFoundError):
        found.category("nothing", "jian")
    async with sample.read() as session:
        assert "L" not in await letters_in_use(session)
        assert await session.scalar(select(func.count(Category.id))) == 12
    again = NEW.model_copy(update={"letter": "L"})
    now = await document(sample)
    (said,) = await faults(sample, HERE, changed(now, categories=(*now.categories, again)))
    assert said.startswith("categories.12.letter: Two categories have this letter.")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((ended("Z"),), "ended_categories.0.what: There is no category Z in the list above."),
        (
            (ended("L", "Z"),),
            "ended_categories.0.successor: There is no category Z in the list above.",
        ),
        ((ended("L", "L"),), "ended_categories.0.successor: “党群社团” cannot be followed"),
        (
            (ended("L", "K"), ended("K", "L")),
            "ended_categories.0.successor: “环境物业” is no longer in use either.",
        ),
        ((ended("L"), ended("L")), "ended_categories.1.what: “党群社团” stands here twice."),
    ],
)
async def test_a_successor_is_another_category_in_use(sample, rows, said) -> None:
    new = changed(await document(sample), ended_categories=rows)
    assert any(each.startswith(said) for each in await faults(sample, HERE, new))


async def test_letters_and_slugs_never_change(sample) -> None:
    before = await document(sample)
    first = before.categories[0].model_copy(update={"letter": "Q"})
    assert await faults(
        sample, HERE, changed(before, categories=(first, *before.categories[1:]))
    ) == ["categories.0.letter: Its letter is A and stays so: numbers and paper have it."]
    said = await faults(sample, HERE, changed(before, categories=before.categories[1:]))
    assert said[0].startswith("categories: “社会救助” may be printed on paper")
    renamed = before.categories[0].model_copy(update={"slug": "jiuzhu"})
    said = await faults(sample, HERE, changed(before, categories=(renamed, *before.categories[1:])))
    assert said[0].startswith("categories: “社会救助” may be printed on paper")
    twin = NEW.model_copy(update={"name": "社会救助"})
    assert await faults(sample, HERE, changed(before, categories=(*before.categories, twin))) == [
        "categories: Two of them are called “社会救助”. Residents could not tell them apart."
    ]


async def test_an_old_version_comes_back_with_what_came_since(sample) -> None:
    old = await document(sample)
    await publish_right(sample, HERE, changed(old, categories=(NEW, *old.categories)))
    back = brought_back(old, await document(sample))
    assert "".join(each.letter for each in back.categories) == "ABCDEFGHIJKLM"
    await publish_right(sample, HERE, back, base=2)
