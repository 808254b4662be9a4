"""连心卡: the page of a post, its file for the phone's contacts, and its holder's photograph."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.contacts.cards import day_length, details_of, photo_of, usual_time
from domain.contacts.posts import building_names, post_at
from domain.contacts.vcard import MEDIA_TYPE, Contact, vcard
from domain.hours import hall_state
from web.site.errors import found_or_404
from web.site.pages import Page

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.contacts.cards import HolderDetails
    from domain.contacts.tables import ContactPost
    from domain.hours import HallState
    from domain.places.tables import Community
    from web.site.visits import ResidentVisit

HOUR = dt.timedelta(hours=1)
# Kept nowhere: it may show what its holder takes back tomorrow.
PERSONAL = {"cache-control": "no-store", "x-robots-tag": "noindex, noarchive"}


@dataclass(frozen=True)
class Usual:
    """How long an answer usually takes: opening hours, or working days when it takes longer."""

    hours: int = 0
    days: int = 0


@dataclass(frozen=True, kw_only=True)
class CardPage(Page):
    """连心卡: who is there, what for, when, and how to write."""

    template: ClassVar[str] = "contacts/card.html"
    tab: ClassVar[str] = "home"
    post: ContactPost
    # Empty for the whole community.
    buildings: list[str]
    holder: HolderDetails
    state: HallState
    # None while too few were answered to say.
    usual: Usual | None


@dataclass(frozen=True, kw_only=True)
class EndedCard(Page):
    """连心卡 of a post that ended: what to do instead."""

    template: ClassVar[str] = "contacts/ended.html"
    tab: ClassVar[str] = "home"
    post: ContactPost


async def show(visit: ResidentVisit) -> Page:
    """A post's card. A printed code leads here for ever, also when the post ended."""
    async with visit.services.store.read() as session:
        post, community = await _asked(visit, session)
        if post.ended_at is not None:
            return EndedCard(community=community, post=post)
        return CardPage(
            community=community,
            post=post,
            buildings=building_names(community, post),
            holder=await details_of(session, post),
            state=hall_state(post.hours, visit.published.calendar, visit.now),
            usual=await _usual(visit, session, post),
        )


async def _usual(visit: ResidentVisit, session: AsyncSession, post: ContactPost) -> Usual | None:
    usual = await usual_time(session, post, visit.published.calendar, visit.now)
    return None if usual is None else usual_words(usual, day_length(post.hours))


async def _asked(visit: ResidentVisit, session: AsyncSession) -> tuple[ContactPost, Community]:
    """The post in the address and its community; 404 when there never was one."""
    post = found_or_404(await post_at(session, visit.params["slug"]))
    _, slug = visit.place_of(None, post.community_id)
    return post, await visit.published.community(slug, session)


def usual_words(usual: dt.timedelta, day: dt.timedelta) -> Usual:
    """The time rounded up: within a working day in hours, beyond it in working days."""
    if not day or usual < day:
        return Usual(hours=max(1, math.ceil(usual / HOUR)))
    return Usual(days=math.ceil(usual / day))


async def file(visit: ResidentVisit) -> Response:
    """The card as a vCard; 404 for a post that ended."""
    async with visit.services.store.read() as session:
        post, community = await _asked(visit, session)
        if post.ended_at is not None:
            raise HTTPException(404)
        holder = await details_of(session, post)
    contact = _contact(visit.manner.origin, community, post, holder)
    named = {"content-disposition": f'attachment; filename="{post.slug}.vcf"'}
    return Response(vcard(contact), headers={**PERSONAL, **named}, media_type=MEDIA_TYPE)


def _contact(
    origin: str, community: Community, post: ContactPost, holder: HolderDetails
) -> Contact:
    """The contact by its holder's name; without consent, by the post's and the community's."""
    return Contact(
        name=holder.name or f"{community.name} {post.name}",
        organisation=community.name,
        title=post.name,
        phone=post.phone,
        mobile=holder.phone,
        email=holder.email or post.email or "",
        url=f"{origin}/cards/{post.slug}",
        note=post.answers_for,
    )


async def photo(visit: ResidentVisit) -> Response:
    """The photograph that the holder agreed to show, or 404."""
    async with visit.services.store.read() as session:
        post, _ = await _asked(visit, session)
        data = found_or_404(await photo_of(session, post))
    return Response(data, headers=PERSONAL, media_type="image/jpeg")
