"""民情连心卡: contact cards on screens and on paper, their holders, and the contact line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.contacts.letters import queue_answer
from domain.contacts.line import LINE
from domain.contacts.search import entries_of
from domain.matters.happened import MatterAnswered
from web.contacts import contacts
from web.contacts.about import about, about_for_handlers
from web.contacts.first_steps import first_steps_here
from web.contacts.mail_round import fetch_by_and_by, forget_by_and_by, send_by_and_by
from web.contacts.posts_paper import POSTS
from web.contacts.printed import printed_codes
from web.contacts.routes import ROUTES
from web.contacts.staff_card import on_staff_home
from web.contacts.subjects import subjects
from web.matters.spec import MatterSpec
from web.site.feature import Feature, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.tables import Community
    from web.site.visit import Visit


def kept_offline(_visit: Visit, community: Community) -> Iterator[Kept]:
    """The list of posts, which shows nothing personal. Cards do, so none of them is kept."""
    yield Kept("/c/{community}/contacts", contacts.show, {"community": community.slug})


def in_sitemap(_visit: Visit, slug: str) -> Iterator[str]:
    """The list of posts. Cards show what can be taken back, so search engines get none."""
    yield f"/c/{slug}/contacts"


FEATURE = Feature(
    routes=ROUTES,
    kept_offline=kept_offline,
    in_sitemap=in_sitemap,
    found_by_search=entries_of,
    on_staff_home=on_staff_home,
    first_steps_here=first_steps_here,
    printed_codes=printed_codes,
    papers=(POSTS,),
    matters=(MatterSpec(LINE, about, about_for_handlers, subjects),),
    background=(fetch_by_and_by, send_by_and_by, forget_by_and_by),
    follows={MatterAnswered: queue_answer},
)
