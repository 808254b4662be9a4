"""社区名称和归属 as a document: also of a community that is new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from domain.content import Contradiction
from domain.errors import NotFoundError
from domain.papers.merging import hand_over, obstacles
from domain.papers.paper import Paper, PaperKind, letters_in_use
from domain.places.content import CommunityPlace, EndedCommunity, EndedDoors
from domain.places.tables import Community, Counter, District, Hall, Subdistrict
from domain.places.undescribed import undescribed_hall
from domain.places.writing import columns_of_hall
from domain.words import N_

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content

NO_SUBDISTRICT = N_("there is no subdistrict {}")
NEW_AND_ENDED = N_("a new community does not begin with its end")
NAME_TAKEN = N_("the subdistrict has a community called {} already")


class PlaceKind(PaperKind):
    """社区名称和归属, the district's; its key is the community's slug, which never changes."""

    word = "place"
    rank = 7
    shape = CommunityPlace
    subject = "places/{key}"
    can_be_new = True

    async def read(self, session: AsyncSession, paper: Paper) -> Content | None:
        """What the community is called. Raises `NotFoundError`."""
        community = await _community(session, paper)
        if community is None:
            raise NotFoundError(paper.key)
        gone = community.ended
        return CommunityPlace(
            name=community.name,
            subdistrict=community.subdistrict.slug,
            ended=EndedCommunity(day=gone.day, successor=gone.successor) if gone else None,
        )

    async def write(
        self, session: AsyncSession, paper: Paper, document: Any, now: dt.datetime
    ) -> None:
        """Rename, move, end or bring back a community, or make one that is new; it stands last."""
        subdistrict = await _subdistrict(session, document.subdistrict)
        community = await _community(session, paper)
        if community is None:
            session.add(await _new(session, paper.key, document, subdistrict))
        else:
            community.name = document.name
            if community.subdistrict_id != subdistrict.id:
                community.rank = await _next_rank(session, subdistrict)
                community.subdistrict_id = subdistrict.id
            await _end(session, community, document.ended, now)
        await session.flush()

    async def contradictions(
        self, session: AsyncSession, paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """The subdistrict is there, and has no other community of that name."""
        wanted = select(Subdistrict.id).where(Subdistrict.slug == document.subdistrict)
        subdistrict = await session.scalar(wanted)
        if subdistrict is None:
            return [Contradiction(("subdistrict",), NO_SUBDISTRICT, document.subdistrict)]
        same = select(Community.id).where(
            Community.subdistrict_id == subdistrict,
            Community.name == document.name,
            Community.slug != paper.key,
            Community.ended.is_(None),
        )
        if await session.scalar(same.limit(1)) is not None:
            return [Contradiction(("name",), NAME_TAKEN, document.name)]
        community = await _community(session, paper)
        if document.ended is None:
            return ()
        if community is None:
            return [Contradiction(("ended", "day"), NEW_AND_ENDED)]
        return [] if community.ended else await obstacles(session, community, document.ended)


async def _community(session: AsyncSession, paper: Paper) -> Community | None:
    wanted = select(Community).where(Community.slug == paper.key)
    found: Community | None = await session.scalar(
        wanted.options(joinedload(Community.subdistrict), joinedload(Community.hall))
    )
    return found


async def _end(
    session: AsyncSession, community: Community, ending: EndedCommunity | None, now: dt.datetime
) -> None:
    """End a community, or bring it back; what it gave to another at its end stays there."""
    if ending is None:
        community.ended = None
        return
    if community.ended and community.ended.successor == ending.successor:
        doors = community.ended.doors
    else:
        doors = await hand_over(session, community, ending.successor, now)
    community.ended = EndedDoors(day=ending.day, successor=ending.successor, doors=doors)


async def _subdistrict(session: AsyncSession, slug: str) -> Subdistrict:
    return (await session.scalars(select(Subdistrict).where(Subdistrict.slug == slug))).one()


async def _next_rank(session: AsyncSession, subdistrict: Subdistrict) -> int:
    wanted = select(func.max(Community.rank)).where(Community.subdistrict_id == subdistrict.id)
    last = await session.scalar(wanted)
    return 0 if last is None else last + 1


async def _new(
    session: AsyncSession, slug: str, document: CommunityPlace, subdistrict: Subdistrict
) -> Community:
    """A community whose hall nobody has described yet."""
    district = await session.get_one(District, 1)
    letters = sorted(await letters_in_use(session))
    address = f"{district.name}{subdistrict.name}{document.name}"
    hall = undescribed_hall(document.name, address, district.hotline, letters)
    return Community(
        slug=slug,
        name=document.name,
        rank=await _next_rank(session, subdistrict),
        subdistrict_id=subdistrict.id,
        hall=Hall(
            counters=[Counter(**each.model_dump()) for each in hall.counters],
            **columns_of_hall(hall),
        ),
    )


PLACE = PlaceKind()
