"""联系岗位: from what the office wrote to rows and back, and what must hold of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain import rules
from domain.contacts.content import PostContent, PostKind
from domain.contacts.tables import ContactPost
from domain.content import Contradiction
from domain.places.content import HallHours
from domain.rules import SLUG_TAKEN
from domain.staff.accounts import staff_of
from domain.words import N_

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Building, Community

NO_ACCOUNT = N_("no account {} works here")
NO_BUILDING = N_("there is no building {}")
NO_BUILDINGS = N_("a building's contact needs at least one building")
SAME_PERSON = N_("{} cannot be their own substitute")
# The fields that are columns as they are; the hours have another shape in the store.
PLAIN = [name for name in PostContent.model_fields if name not in {"hours", "saturday"}]


def post_content(row: ContactPost) -> PostContent:
    """A post as its office wrote it."""
    columns = {name: getattr(row, name) for name in PLAIN}
    return PostContent(**columns, hours=row.hours.working_day, saturday=row.hours.saturday)


def columns_of_post(content: PostContent) -> dict[str, Any]:
    hours = HallHours(working_day=content.hours, saturday=content.saturday)
    return {**{name: getattr(content, name) for name in PLAIN}, "hours": hours}


def rows_of(community_id: int, contents: Iterable[PostContent]) -> list[ContactPost]:
    """New rows of these posts, ranked in this order: for a district's files and for previews."""
    return [
        ContactPost(community_id=community_id, rank=rank, **columns_of_post(content))
        for rank, content in enumerate(contents)
    ]


# A printed code leads to a post for ever, so a post that is written no more is ended and not
# deleted: its card then says what to do instead. When it is written again, it is the same post.
async def put_posts(
    session: AsyncSession, community_id: int, contents: Iterable[PostContent], now: dt.datetime
) -> None:
    """Let a community have these posts; each keeps its row by its slug."""
    known = {
        row.slug: row
        for row in await session.scalars(
            select(ContactPost).where(ContactPost.community_id == community_id)
        )
    }
    for row in rows_of(community_id, contents):
        post = known.pop(row.slug, None)
        if post is None:
            session.add(row)
            continue
        for name in (*PLAIN, "hours", "rank"):
            setattr(post, name, getattr(row, name))
        post.ended_at = None
    for post in known.values():
        post.ended_at = post.ended_at or now


async def contradictions_of(
    session: AsyncSession, community: Community, posts: tuple[PostContent, ...]
) -> list[Contradiction]:
    """What is wrong with a community's posts beside its buildings and the accounts of its staff."""
    elsewhere = await session.scalars(
        select(ContactPost.slug).where(ContactPost.community_id != community.id)
    )
    accounts = {member.name for member in await staff_of(session, community)}
    return [
        *of_posts(posts, {b.slug for compound in community.compounds for b in compound.buildings}),
        *_taken(posts, set(elsewhere)),
        *_of_people(posts, accounts),
    ]


def of_posts(posts: tuple[PostContent, ...], buildings: set[str]) -> Iterator[Contradiction]:
    """The contradictions of a community's posts, given the slugs of its buildings."""
    yield from rules.twice(("posts",), SLUG_TAKEN, [post.slug for post in posts])
    for n, post in enumerate(posts):
        path = ("posts", n, "buildings")
        if unknown := sorted(set(post.buildings) - buildings):
            yield Contradiction(path, NO_BUILDING, unknown[0])
        if post.kind is PostKind.BUILDING and not post.buildings:
            yield Contradiction(path, NO_BUILDINGS)
        if post.holder is not None and post.holder == post.substitute:
            yield Contradiction(("posts", n, "substitute"), SAME_PERSON, post.holder)


def _taken(posts: tuple[PostContent, ...], elsewhere: set[str]) -> Iterator[Contradiction]:
    for post in posts:
        if post.slug in elsewhere:
            # The address is hidden in the form, so the fault is shown at the list.
            yield Contradiction(("posts",), SLUG_TAKEN, post.slug)


def _of_people(posts: tuple[PostContent, ...], accounts: set[str]) -> Iterator[Contradiction]:
    for n, post in enumerate(posts):
        for field in ("holder", "substitute"):
            name = getattr(post, field)
            if name is not None and name not in accounts:
                yield Contradiction(("posts", n, field), NO_ACCOUNT, name)


async def post_at(session: AsyncSession, slug: str) -> ContactPost | None:
    """The post with this address, ended or not; None when there never was one."""
    found: ContactPost | None = await session.scalar(
        select(ContactPost).where(ContactPost.slug == slug)
    )
    return found


async def posts_held(session: AsyncSession, name: str) -> list[ContactPost]:
    """The posts that this account holds now."""
    rows = await session.scalars(
        select(ContactPost)
        .where(ContactPost.holder == name, ContactPost.ended_at.is_(None))
        .order_by(ContactPost.community_id, ContactPost.rank)
    )
    return list(rows)


def posts_of_building(community: Community, building: str) -> list[ContactPost]:
    """Who is there for a building, its own contact first."""
    posts = [post for post in community.posts if not post.buildings or building in post.buildings]
    return sorted(posts, key=lambda post: post.kind is not PostKind.BUILDING)


def unassigned_buildings(community: Community) -> list[Building]:
    """The buildings that no building's contact is there for."""
    covered = {
        slug
        for post in community.posts
        if post.kind is PostKind.BUILDING
        for slug in post.buildings
    }
    return [
        building
        for compound in community.compounds
        for building in compound.buildings
        if building.slug not in covered
    ]


def building_names(community: Community, post: ContactPost) -> list[str]:
    """The names of a post's buildings in the order of the community; empty for all of it."""
    return [
        building.name
        for compound in community.compounds
        for building in compound.buildings
        if building.slug in post.buildings
    ]


def remembered_as(community: Community, post: ContactPost) -> list[str]:
    """The slugs by which a phone may remember the buildings of a post."""
    old = [str(was) for was, now in community.moved_buildings.items() if now in post.buildings]
    return [*post.buildings, *old]
