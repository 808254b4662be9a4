"""找我的联系人: who is there for a building, and every post of a community."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.contacts.content import PostKind
from domain.contacts.posts import building_names, remembered_as
from web.site.pages import Page

if TYPE_CHECKING:
    from domain.contacts.tables import ContactPost
    from web.site.visit import Visit


@dataclass(frozen=True)
class PostRow:
    """A post in a list, with the names of its buildings; none for the whole community."""

    post: ContactPost
    buildings: list[str]
    # The slugs of its buildings, and of those that they followed.
    slugs: list[str]


# Every phone keeps this page, so it shows posts and offices and nobody's name. Which building is
# at home only the phone knows: its script brings that building's posts to the top.
@dataclass(frozen=True, kw_only=True)
class Contacts(Page):
    """找我的联系人: the contacts of buildings, then the posts for everyone."""

    template: ClassVar[str] = "contacts/contacts.html"
    tab: ClassVar[str] = "home"
    takes_reports: ClassVar[bool] = True
    of_buildings: list[PostRow]
    for_everyone: list[PostRow]
    # Names of buildings by slug, as JSON.
    names: str


async def show(visit: Visit) -> Page:
    """Every post of a community."""
    community = await visit.community()
    rows = [
        PostRow(post, building_names(community, post), remembered_as(community, post))
        for post in community.posts
    ]
    names = {b.slug: b.name for compound in community.compounds for b in compound.buildings}
    # A phone may remember a building that another one followed.
    moved = community.moved_buildings.items()
    names |= {str(old): names[new] for old, new in moved if new in names}
    return Contacts(
        community=community,
        of_buildings=[row for row in rows if row.post.kind is PostKind.BUILDING],
        for_everyone=[row for row in rows if row.post.kind is not PostKind.BUILDING],
        names=json.dumps(names, ensure_ascii=False),
    )
