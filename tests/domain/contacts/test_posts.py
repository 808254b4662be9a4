"""Contact posts: a printed code leads to one for ever, whatever the office writes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from domain.contacts.content import ContactPosts, PostContent, PostKind
from domain.contacts.posts import post_at, posts_of_building, unassigned_buildings
from domain.contacts.tables import ContactPost
from domain.papers import versions
from domain.papers.kinds import POSTS
from domain.papers.paper import Paper
from domain.published import load_community
from domain.revision import content_revision
from domain.staff import roles
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role
from tests.world.clock import NOW
from tests.world.people import hire_cast
from tests.world.posts import POST

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store

HERE = Paper(POSTS, "liujiazhuang")
LATER = NOW + dt.timedelta(days=1)


async def posts_now(store: Store) -> tuple[PostContent, ...]:
    """What 刘家庄 has written of its posts."""
    async with store.read() as session:
        document: Any = await HERE.read(session)
        found: tuple[PostContent, ...] = document.posts
        return found


async def publish(
    store: Store, posts: tuple[PostContent, ...], base: int, now: dt.datetime = NOW
) -> None:
    """Publish these posts over version `base`."""

    async def unit(session: AsyncSession) -> None:
        document = ContactPosts(posts=posts)
        await versions.publish(session, COMMAND_LINE, HERE, document, base, "换人", now)

    await store.write(unit)


async def row(store: Store, slug: str = POST) -> ContactPost:
    """The row of a post."""
    async with store.read() as session:
        found = await post_at(session, slug)
        assert found is not None
        return found


async def wrong_with(store: Store, **changed: Any) -> list[str]:
    """What is wrong with 刘家庄's posts once the first is changed in this way."""
    first, *others = await posts_now(store)
    plain = {**first.model_dump(), **changed}
    document = ContactPosts(posts=(PostContent.model_validate(plain), *others))
    async with store.read() as session:
        found = await HERE.contradictions(session, document)
    return [f"{'.'.join(map(str, each.path))}: {each}" for each in found]


async def test_the_sample_has_posts_that_nobody_holds(sample) -> None:
    async with sample.read() as session:
        posts = list(await session.scalars(select(ContactPost)))
    assert len({post.community_id for post in posts}) == 3
    assert {post.kind for post in posts} >= set(PostKind) - {PostKind.OTHER}
    assert {post.holder for post in posts} == {None}


async def test_every_building_of_the_sample_has_a_contact(sample) -> None:
    async with sample.read() as session:
        for slug in ("liujiazhuang", "jian", "yikang"):
            assert unassigned_buildings(await load_community(session, slug)) == []


async def test_a_post_that_is_left_out_ends_and_keeps_its_row(sample) -> None:
    before, posts = await row(sample), await posts_now(sample)
    await publish(sample, tuple(post for post in posts if post.slug != POST), 1)
    ended = await row(sample)
    assert (ended.id, ended.ended_at) == (before.id, NOW)
    assert POST not in {post.slug for post in await posts_now(sample)}


async def test_an_ended_post_keeps_the_moment_at_which_it_ended(sample) -> None:
    posts = await posts_now(sample)
    fewer = tuple(post for post in posts if post.slug != POST)
    await publish(sample, fewer, 1)
    await publish(sample, fewer[:-1], 2, LATER)
    assert (await row(sample)).ended_at == NOW


async def test_a_post_that_is_written_again_is_the_same_post(sample) -> None:
    before, posts = await row(sample), await posts_now(sample)
    await publish(sample, tuple(post for post in posts if post.slug != POST), 1)
    await publish(sample, posts, 2, LATER)
    again = await row(sample)
    assert (again.id, again.ended_at) == (before.id, None)


async def test_posts_read_back_as_they_were_published(sample) -> None:
    posts = tuple(
        post.model_copy(update={"answers_within": 4, "most_open": 7, "pledge": None})
        for post in (await posts_now(sample))[::-1]
    )
    await publish(sample, posts, 1)
    assert await posts_now(sample) == posts


async def test_publishing_makes_kept_pages_stale(sample) -> None:
    async with sample.read() as session:
        before = await content_revision(session)
    await publish(sample, (await posts_now(sample))[::-1], 1)
    async with sample.read() as session:
        assert await content_revision(session) == before + 1


async def test_a_holder_and_a_substitute_are_accounts_with_a_role_here(sample) -> None:
    cast = await hire_cast(sample, NOW)
    assert await wrong_with(sample, holder="clerk", substitute="editor") == []
    assert await wrong_with(sample, holder="admin") == []
    assert await wrong_with(sample, holder="neighbour") == [
        "posts.0.holder: no account neighbour works here"
    ]
    assert await wrong_with(sample, substitute="nobody") == [
        "posts.0.substitute: no account nobody works here"
    ]

    async def leave(session: AsyncSession) -> None:
        await roles.deactivate(session, COMMAND_LINE, cast.clerk, NOW)

    await sample.write(leave)
    assert await wrong_with(sample, holder="clerk") == [
        "posts.0.holder: no account clerk works here"
    ]


async def test_a_role_in_the_subdistrict_counts_here(sample) -> None:
    cast = await hire_cast(sample, NOW)
    async with sample.read() as session:
        here = await load_community(session, "liujiazhuang")
    above = Grant(Role.PARTY_MEMBER, subdistrict_id=here.subdistrict_id)

    async def move(session: AsyncSession) -> None:
        await roles.set_roles(session, COMMAND_LINE, cast.neighbour, [above], NOW)

    await sample.write(move)
    assert await wrong_with(sample, holder="neighbour") == []


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"buildings": ("1", "99")}, "posts.0.buildings: there is no building 99"),
        (
            {"buildings": ()},
            "posts.0.buildings: a building's contact needs at least one building",
        ),
        ({"slug": "liujiazhuang-wuye"}, "posts: the slug liujiazhuang-wuye is taken"),
        ({"slug": "jian-wuye"}, "posts: the slug jian-wuye is taken"),
    ],
)
async def test_what_contradicts_the_community_is_named(sample, changed, wrong) -> None:
    assert await wrong_with(sample, **changed) == [wrong]


async def test_nobody_is_their_own_substitute(sample) -> None:
    await hire_cast(sample, NOW)
    assert await wrong_with(sample, holder="clerk", substitute="clerk") == [
        "posts.0.substitute: clerk cannot be their own substitute"
    ]


async def test_an_ended_post_of_another_community_keeps_its_address(sample) -> None:
    """Its code may still hang somewhere."""
    posts = await posts_now(sample)
    await publish(sample, tuple(post for post in posts if post.slug != POST), 1)
    elsewhere = Paper(POSTS, "jian")
    async with sample.read() as session:
        document: Any = await elsewhere.read(session)
        taken = document.posts[0].model_copy(update={"slug": POST})
        found = await elsewhere.contradictions(session, ContactPosts(posts=(taken,)))
    assert list(map(str, found)) == [f"the slug {POST} is taken"]


async def test_a_building_has_its_own_contact_first_and_then_the_posts_for_everyone(sample) -> None:
    async with sample.read() as session:
        here = await load_community(session, "liujiazhuang")
    found = [post.slug for post in posts_of_building(here, "3")]
    assert found[0] == POST
    assert "liujiazhuang-juweihui" in found
    assert "liujiazhuang-beiyuan" not in found


async def test_a_building_whose_contact_ended_is_unassigned(sample) -> None:
    posts = await posts_now(sample)
    await publish(sample, tuple(post for post in posts if post.slug != POST), 1)
    async with sample.read() as session:
        here = await load_community(session, "liujiazhuang")
    assert [building.slug for building in unassigned_buildings(here)] == ["3", "4", "5"]
