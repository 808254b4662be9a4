"""负责人 as a document: all of a community."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import rules
from domain.content import Content
from domain.papers.paper import CommunityKind, Paper, letters_in_use
from domain.places.content import PersonContent
from domain.places.writing import people_of, person_content

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Contradiction
    from domain.places.tables import Community


class People(Content):
    """负责人, all of a community."""

    people: tuple[PersonContent, ...] = ()


class PeopleKind(CommunityKind):
    """负责人."""

    word = "people"
    rank = 60
    shape = People

    def document_of(self, community: Community) -> Content:
        """The people in charge."""
        return People(people=tuple(map(person_content, community.people)))

    def put(self, community: Community, document: Any) -> None:
        """Replace the people in charge."""
        community.people = people_of(document.people)

    async def contradictions(
        self, session: AsyncSession, _paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """The categories they are shown with must be there."""
        return rules.of_people(document.people, await letters_in_use(session))


PEOPLE = PeopleKind()
