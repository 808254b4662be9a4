"""社区补充 as a document: what a community adds to an item that the district keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import rules
from domain.papers.kinds.guide import GUIDE, item_of
from domain.papers.paper import Paper, PaperKind, community_of, current_number
from domain.places.content import OwnContent
from domain.places.tables import CommunityNote

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content, Contradiction
    from domain.handbook.tables import ServiceItem
    from domain.places.tables import Community


class OwnKind(PaperKind):
    """社区补充, a community's; its key is the item's slug."""

    word = "own"
    rank = 30
    shape = OwnContent
    subject = "c/{community}/handbook/{key}"
    is_of_community = True

    async def read(self, session: AsyncSession, paper: Paper) -> Content | None:
        """What the community adds; None when it adds nothing. Raises `NotFoundError`."""
        community = await community_of(session, paper)
        noted = _note_on(community, await item_of(session, paper.key))
        return noted.own if noted else None

    async def write(
        self, session: AsyncSession, paper: Paper, document: Any, _now: dt.datetime
    ) -> None:
        """Write the note, with the version of the district's text that the community knew."""
        community, item = await community_of(session, paper), await item_of(session, paper.key)
        self.put(community, item, document)
        if noted := _note_on(community, item):
            guide = Paper(GUIDE, None, item.slug)
            noted.item_version = await current_number(session, guide.subject)

    def put(self, community: Community, item: ServiceItem, own: OwnContent) -> None:
        """Let a loaded community add this to an item: to be written, or only to be looked at."""
        noted = _note_on(community, item)
        if own.is_empty:
            community.notes = [note for note in community.notes if note is not noted]
        elif noted is None:
            community.notes.append(CommunityNote(item_id=item.id, own=own, item_version=1))
        else:
            noted.own = own

    async def contradictions(
        self, session: AsyncSession, paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """The counter and the post must be this community's."""
        community = await community_of(session, paper)
        counters = {counter.number for counter in community.hall.counters}
        posts = {person.post for person in community.people}
        return rules.of_own(document, counters, posts)


def _note_on(community: Community, item: ServiceItem) -> CommunityNote | None:
    return next((note for note in community.notes if note.item_id == item.id), None)


OWN = OwnKind()
