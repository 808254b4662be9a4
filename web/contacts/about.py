"""What a conversation is about, on its page: the post, the place, and how its person is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.contacts.tables import ContactPost, Conversation
from web.places.map import LocatorMap, locator_map
from web.site.pages import Card

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.tables import Matter
    from domain.places.tables import Community
    from web.site.visit import Visit


@dataclass(frozen=True, kw_only=True)
class About(Card):
    """For the resident: which post, which place."""

    template: ClassVar[str] = "contacts/_about.html"
    post: ContactPost | None
    place: str
    # With the point that was tapped; None without one.
    map: LocatorMap | None


@dataclass(frozen=True, kw_only=True)
class AboutForHandlers(About):
    """For the people who answer: who asks and how they are reached as well."""

    template: ClassVar[str] = "contacts/_about_for_handlers.html"
    conversation: Conversation
    # Of the guide it was written from; empty for none.
    item: str


async def about(visit: Visit, session: AsyncSession, matter: Matter) -> About:
    """The post and the place of a conversation."""
    conversation = await session.get_one(Conversation, matter.id)
    post = None
    if conversation.post_id is not None:
        post = await session.get(ContactPost, conversation.post_id)
    _, slug = visit.place_of(None, matter.community_id)
    community = await visit.published.community(slug, session)
    point = conversation.point
    return About(
        community=community,
        post=post,
        place=place_name(community, conversation),
        map=locator_map(community, point) if point else None,
    )


async def about_for_handlers(visit: Visit, session: AsyncSession, matter: Matter) -> Card:
    """The same, with who asks."""
    conversation = await session.get_one(Conversation, matter.id)
    item = visit.published.handbook.ever.get(conversation.item or "")
    return AboutForHandlers(
        **vars(await about(visit, session, matter)),
        conversation=conversation,
        item=item.name if item else "",
    )


def place_name(community: Community, conversation: Conversation) -> str:
    """The building and the facility that were chosen; empty for neither."""
    names = [
        compound.name_of(building)
        for compound in community.compounds_ever
        for building in compound.buildings_ever
        if building.slug == conversation.building
    ]
    names += [
        facility.name for facility in community.facilities if facility.slug == conversation.facility
    ]
    return " · ".join(names)
