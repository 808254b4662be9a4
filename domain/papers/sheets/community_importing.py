"""What a workbook of communities would change, and its publication, a document at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.papers.kinds.place import PLACE
from domain.papers.sheets.communities import KINDS
from domain.papers.sheets.community_documents import (
    CommunitiesReading,
    CommunityStands,
    PlacesStanding,
    with_contradictions,
)
from domain.papers.sheets.importing import Changed, changes_in, newest_numbers
from domain.papers.tables import PaperVersion
from domain.papers.versions import publish, published
from domain.places.content import CommunityPlace
from domain.places.tables import Community, Subdistrict
from domain.published import load_community
from domain.staff.journal import note

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content
    from domain.papers.paper import Paper, PaperKind
    from domain.papers.sheets.tables import SheetProblem
    from domain.papers.tables import PaperImport
    from domain.staff.actor import Actor


async def standing_communities(
    session: AsyncSession, slugs: Iterable[str]
) -> tuple[dict[str, int], dict[str, CommunityStands]]:
    """The newest versions by subject, and what is published of these communities, by slug.

    The versions are read first: what is published in between is newer than they say, and refuses.
    """
    numbers = await newest_numbers(session)
    stands = {}
    for slug in slugs:
        community = await load_community(session, slug)
        documents: dict[PaperKind, Content] = {k: k.document_of(community) for k in KINDS}
        stands[slug] = CommunityStands(community.name, documents)
    return numbers, stands


async def standing_places(session: AsyncSession) -> PlacesStanding:
    """What the communities are called and where they belong, in the order of the district."""
    rows = await session.execute(
        select(Community.slug, Community.name, Community.ended, Subdistrict.slug)
        .join(Subdistrict, Subdistrict.id == Community.subdistrict_id)
        .order_by(Subdistrict.rank, Community.rank, Community.id)
    )
    every = rows.all()
    names = await session.execute(select(Subdistrict.slug, Subdistrict.name))
    return PlacesStanding(
        {row[0]: CommunityPlace(name=row[1], subdistrict=row[3]) for row in every if not row[2]},
        {row[0]: row[1] for row in names},
        frozenset(row[0] for row in every),
        await _former_names(session),
    )


async def _former_names(session: AsyncSession) -> dict[str, str]:
    """Names that communities had, with their slugs; a name that two had is the later one."""
    found = await session.execute(
        select(PaperVersion.subject, PaperVersion.document)
        .where(PaperVersion.subject.startswith(PLACE.subject.partition("{")[0]))
        .order_by(PaperVersion.id)
    )
    papers = ((PLACE.paper_of(subject), document) for subject, document in found)
    return {document["name"]: paper.key for paper, document in papers if paper}


async def problems_of(
    session: AsyncSession,
    reading: CommunitiesReading,
    stands: Mapping[str, CommunityStands],
    places: PlacesStanding,
) -> list[SheetProblem]:
    """Everything that is wrong with a file, in the order in which one walks through it."""
    found = {
        paper: await paper.contradictions(session, document)
        for paper, document in reading.documents.items()
        if document != _standing(paper, stands, places)
    }
    return with_contradictions(reading, found)


async def is_newer(session: AsyncSession, changed: Iterable[Changed]) -> bool:
    """Whether any of the documents has another version than the file was compared with."""
    numbers = await newest_numbers(session)
    return any(
        numbers.get(each.paper.subject, 1 if each.base else 0) != each.base for each in changed
    )


def changed_documents(
    numbers: Mapping[str, int],
    stands: Mapping[str, CommunityStands],
    places: PlacesStanding,
    reading: CommunitiesReading,
) -> list[Changed]:
    """What a file would change, in its order: the communities themselves first."""
    found = []
    for paper, document in reading.documents.items():
        standing = _standing(paper, stands, places)
        if document != standing:
            base = 0 if standing is None else numbers.get(paper.subject, 1)
            plain = document.model_dump(mode="json")
            found.append(Changed(paper.key, base, plain, paper.kind.word, paper.community))
    return found


def _standing(
    paper: Paper, stands: Mapping[str, CommunityStands], places: PlacesStanding
) -> Content | None:
    """What is published of a paper; None for a community that is new."""
    if paper.community is None:
        return places.places.get(paper.key)
    return stands[paper.community].of(paper)


def by_community(changed: Iterable[Changed]) -> list[list[Changed]]:
    """The documents of an import as they are published: each community by itself, then its own."""
    groups: dict[str | Paper, list[Changed]] = {}
    for change in changed:
        groups.setdefault(change.community or change.paper, []).append(change)
    return list(groups.values())


# A district's file changes hundreds of documents, and one unit of work would hold the writer for
# seconds, in which no number could be taken. Each document is complete by itself, so a community's
# are published by themselves: it is loaded once for all of them, and that holds the writer for
# 50 ms. A server that is stopped in between leaves some published, and pressing again publishes
# the others.
async def publish_some(
    session: AsyncSession, actor: Actor, changed: list[Changed], reason: str, now: dt.datetime
) -> set[str]:
    """Publish documents of an import; returns the subjects of those that stay as they are.

    They have a newer version, or what they refer to has changed: an account, a category.
    Raises `PublishedMeanwhileError` when another was faster by a moment.
    """
    return {
        change.paper.subject
        for change in changed
        if not await _published_one(session, actor, change, reason, now)
    }


async def _published_one(
    session: AsyncSession, actor: Actor, change: Changed, reason: str, now: dt.datetime
) -> bool:
    paper = change.paper
    standing = await published(session, paper)
    document = paper.kind.settled(paper.shape.model_validate(change.document))
    if standing.document == document.model_dump(mode="json"):
        return True
    if standing.number != change.base or await paper.contradictions(session, document):
        return False
    await publish(session, actor, paper, document, change.base, reason, now, keeps_draft=True)
    return True


async def finish(  # noqa: PLR0913, PLR0917 - everything that is said of it
    session: AsyncSession,
    actor: Actor,
    kept: PaperImport,
    left: set[str],
    reason: str,
    now: dt.datetime,
) -> None:
    """Say in the import and in the log what was published; `left` are subjects of what was not."""
    changed = changes_in(kept)
    kept.documents = [{**vars(each), "is_left": each.paper.subject in left} for each in changed]
    kept.published_at = now
    said = {
        "file": kept.file_name,
        "changed": len(changed) - len(left),
        "left": sorted(left),
        "reason": reason,
    }
    await note(session, actor, "communities-imported", "communities", now=now, after=said)
