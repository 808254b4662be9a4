"""关注公开: being told of what a community publishes: everything, a kind, or an item."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.disclosures.content import DisclosureKind
from domain.disclosures.items import title_of_item
from push import follows, recipients
from push.errors import TooManyFollowsError
from push.follows import Topic
from web.site.answers import Redirect, TooOftenError
from web.site.device_key import FormKey
from web.site.pages import Page

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.site.answers import Refusals
    from web.site.visits import ResidentVisit

# Characters of an item's name.
LONGEST = 40
REFUSED: Refusals = {
    TooManyFollowsError: ("many", HTTPStatus.TOO_MANY_REQUESTS),
    TooOftenError: ("often", HTTPStatus.TOO_MANY_REQUESTS),
}


@dataclass(frozen=True)
class FollowRow:
    """Something that can be followed, and whether this device does."""

    # Empty for every kind.
    kind: str
    # Empty for every item.
    item: str
    # What the item was last published as; empty where there is none.
    title: str
    is_followed: bool


@dataclass(frozen=True, kw_only=True)
class Follows(Page):
    """关注公开 of one community."""

    template: ClassVar[str] = "disclosures/follows.html"
    tab: ClassVar[str] = "disclosures"
    asks: ClassVar[tuple[str, ...]] = ("item",)
    rows: list[FollowRow]
    # Of the forms, for a device without a key; see `web.site.device_key`. Empty for all others.
    key: str
    # Why it is not followed; empty at first.
    trouble: str = ""


async def show(visit: ResidentVisit) -> Page:
    """What can be followed here, and what this device follows."""
    return await show_again(visit, "")


async def show_again(visit: ResidentVisit, trouble: str) -> Page:
    """The same, with the reason why something is not followed."""
    community = await visit.community()
    asked = (visit.query.get("item", "") or visit.form.text("item"))[:LONGEST]
    async with visit.services.store.read() as session:
        followed = await _followed(session, visit, community.id)
        items = dict.fromkeys([asked, *(topic.item for topic in followed)])
        titles = {
            item: await title_of_item(session, community, item) or "" for item in items if item
        }
    topics = [
        Topic(community.id),
        *(Topic(community.id, kind=kind.value) for kind in DisclosureKind),
        *(Topic(community.id, item=item) for item, title in titles.items() if title),
    ]
    return Follows(
        community=community,
        rows=[
            FollowRow(each.kind, each.item, titles.get(each.item, ""), each in followed)
            for each in topics
        ],
        key="" if visit.device else FormKey.new().key,
        trouble=trouble,
    )


async def _followed(session: AsyncSession, visit: ResidentVisit, community_id: int) -> set[Topic]:
    if visit.device is None:
        return set()
    found = await follows.follows_of(session, recipients.device(visit.device))
    return {
        Topic(community_id, each.kind, each.item)
        for each, community in found
        if community.id == community_id
    }


async def may_follow(visit: ResidentVisit) -> None:
    """Count one more wish of this address. Raises `TooOftenError`."""
    wait = visit.wait_at_address(visit.services.follows_by_address)
    if wait:
        raise TooOftenError(wait)


async def follow(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Tell this device of it. Raises `TooManyFollowsError`, and 404 for an unknown item."""
    topic, community = await _topic(visit), await visit.community()
    if topic.item and await title_of_item(session, community, topic.item) is None:
        raise HTTPException(404)
    await follows.follow(session, recipients.device(visit.own_device), topic, visit.now)
    return _page(visit)


async def unfollow(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Tell this device nothing more of it; harmless when it did not follow it."""
    if visit.device is not None:
        await follows.unfollow(session, recipients.device(visit.device), await _topic(visit))
    return _page(visit)


async def _topic(visit: ResidentVisit) -> Topic:
    """What the form names; everything for words that name nothing."""
    community = await visit.community()
    kind, item = visit.form.text("kind"), visit.form.text("item")[:LONGEST]
    if kind in set(DisclosureKind):
        return Topic(community.id, kind=kind)
    return Topic(community.id, item=item)


def _page(visit: ResidentVisit) -> Redirect:
    return Redirect(f"/c/{visit.params['community']}/disclosures/follows")
