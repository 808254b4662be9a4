"""联系岗位: the form of a community's posts, and their page."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from domain.contacts.content import PostKind
from domain.contacts.posts import unassigned_buildings
from domain.papers import kinds
from domain.words import N_
from web.contacts import contacts
from web.papers.form.shape import FormSpec
from web.papers.form.words import TIMES
from web.papers.preview import page_of_community
from web.papers.slugs import with_slugs
from web.papers.spec import PaperSpec

if TYPE_CHECKING:
    from domain.papers.paper import Paper
    from domain.places.tables import Community

# Characters of a community's name in the address of its posts.
LONGEST_PREFIX = 20
NO_CONTACT = N_("Buildings without a contact: {}")
LABELS = {
    "ContactPosts.posts": N_("Contact posts"),
    "PostContent": N_("Contact post"),
    "PostContent.slug": N_("Name in the address"),
    "PostContent.kind": N_("Kind"),
    "PostContent.name": N_("What it is called"),
    "PostContent.answers_for": N_("Responsible for"),
    "PostContent.buildings": N_("Buildings"),
    "PostContent.holder": N_("Held by"),
    "PostContent.substitute": N_("Substitute"),
    "PostContent.phone": N_("Office telephone"),
    "PostContent.email": N_("Office e-mail"),
    "PostContent.hours": N_("On working days"),
    "PostContent.saturday": N_("Saturdays"),
    "PostContent.answers_within": N_("Answers within (working days)"),
    "PostContent.passes_on_after": N_("Goes to the substitute after (hours on duty)"),
    "PostContent.most_open": N_("Open matters at most"),
    "PostContent.pledge": N_("Pledge"),
}
HELPS = {
    "ContactPosts.posts": N_(
        "A post keeps its printed code for ever, also when another person holds it. A post that"
        " you remove is ended: its card then says what to do instead."
    ),
    "PostContent.buildings": N_("No tick means the whole community."),
    "PostContent.holder": N_("Without a holder, the secretary answers."),
    "PostContent.phone": N_("The desk's number, never a private one. It is printed on paper."),
    "PostContent.hours": TIMES,
    "PostContent.saturday": TIMES,
    "PostContent.answers_within": N_("1 to 5. Residents see the date when they write."),
    "PostContent.most_open": N_(
        "Beyond it, new matters go to the substitute. Leave it empty for no limit."
    ),
    "PostContent.pledge": N_("In the holder's own words; residents can read it on the card."),
}
OPTIONS = (
    (PostKind.BUILDING, N_("Building contact")),
    (PostKind.COMMITTEE, N_("Residents' committee")),
    (PostKind.POLICE, N_("Community police")),
    (PostKind.LAWYER, N_("Public-interest lawyer")),
    (PostKind.MEDIATOR, N_("Mediator")),
    (PostKind.PROPERTY, N_("Property management")),
    (PostKind.OTHER, N_("Other post")),
)
CHOICES = {
    "PostContent.buildings": "buildings",
    "PostContent.holder": "accounts",
    "PostContent.substitute": "accounts",
}


def _with_slugs(paper: Paper, values: dict[str, Any]) -> dict[str, Any]:
    """A new post gets its name in addresses from its community and from how its name sounds."""
    return {"posts": with_slugs(values["posts"], prefix_of(paper.community or ""))}


# The address of a card names no community, and two offices may not see each other's names. So the
# name begins with the community's, and no two of them can meet.
def prefix_of(community: str) -> str:
    """The beginning of a community's names in addresses; cut and marked when it is long."""
    if len(community) <= LONGEST_PREFIX:
        return community
    mark = hashlib.sha256(community.encode()).hexdigest()[:4]
    return f"{community[: LONGEST_PREFIX - 5].rstrip('-')}-{mark}"


def _unassigned(community: Community) -> list[tuple[str, str]]:
    """The buildings that no contact is there for, as published."""
    names = [building.name for building in unassigned_buildings(community)]
    return [(NO_CONTACT, "、".join(names))] if names else []


POSTS = PaperSpec(
    kind=kinds.POSTS,
    name=N_("Contact posts"),
    path="/staff/c/{community}/posts",
    fields=FormSpec(
        labels=LABELS,
        helps=HELPS,
        choices=CHOICES,
        options=OPTIONS,
        hidden=frozenset({"PostContent.slug"}),
    ),
    preview=page_of_community("contacts", contacts.show),
    shown_at=("/c/{community}/contacts",),
    completed=_with_slugs,
    notices=_unassigned,
)
