"""The posts that a member of staff holds, and the way to the form of a call, on the staff home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.contacts.posts import posts_held
from web.contacts.calls import ways_to_calls
from web.site.pages import Card

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.contacts.tables import ContactPost
    from web.staff.access import StaffVisit


@dataclass(frozen=True, kw_only=True)
class PostsCard(Card):
    """联系岗位: my posts, with the ways to what my cards show and to my absences."""

    template: ClassVar[str] = "contacts/_staff_card.html"
    is_waiting: ClassVar[bool] = False
    posts: list[ContactPost]
    # Whether this person enters absences of others as well.
    keeps_others: bool


async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """A card for those who hold a post or keep posts, and the way to the form of a call."""
    posts = await posts_held(session, visit.session.staff.name)
    keeps_others = visit.actor.edits
    mine = [PostsCard(posts=posts, keeps_others=keeps_others)] if posts or keeps_others else []
    return [*mine, *ways_to_calls(visit)]
