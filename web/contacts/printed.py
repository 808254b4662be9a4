"""The codes on contact cards, and on the sheets of stairwells, which show the same posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.contacts.tables import ContactPost
from domain.words import N_
from web.site.printed_code import Poster, PrintedCode, Where
from web.site.words import translations

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit

CARD = N_("The post's card: who holds it now, and how to write")
FOR_STAIRWELL = N_("For the stairwell")
SCAN = N_("Scan: who answers for you here, and a line to write or call.")
ENDED = N_("The post's card, which says who to turn to instead")


async def printed_codes(visit: StaffVisit, session: AsyncSession) -> list[PrintedCode]:
    """A card for each post that there ever was."""
    posts = await session.scalars(
        select(ContactPost)
        .where(ContactPost.community_id == visit.place.id)
        .order_by(ContactPost.ended_at.is_not(None), ContactPost.rank, ContactPost.id)
    )
    return [_of_post(visit, post) for post in posts]


def _of_post(visit: StaffVisit, post: ContactPost) -> PrintedCode:
    path, ended = f"/cards/{post.slug}", post.ended_at
    if ended is None:
        word = translations(visit.lang).gettext
        poster = Poster(word(FOR_STAIRWELL), post.name, word(SCAN))
        return PrintedCode(Where.CARD, post.name, path, CARD, poster=poster)
    day = ended.astimezone(visit.now.tzinfo).date()
    return PrintedCode(Where.CARD, post.name, path, ENDED, since=day, is_ended=True)
