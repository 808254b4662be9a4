"""One document of an office, and what every kind of document must know of its own.

A kind says where its document stands in the store and what must hold for it. Versions, drafts,
comparing and publishing ask the kind and are the same for all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from domain.errors import NotFoundError
from domain.handbook.tables import Category
from domain.papers.tables import PaperVersion
from domain.places.tables import Community
from domain.published import load_community

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content, Contradiction


# Everything an office keeps true is a paper (文稿) with versions: a guide, a hall, a list of
# people, a year's holidays. Each is one validated document, whatever rows its pages are made
# of, and all share drafts, preview, review, publication with a reason, versions and
# comparison. Rows are written from the document.
# Not taken: a form and a history per table.
class PaperKind(ABC):
    """文稿种类."""

    # Its name in code and, for the documents of a community, in addresses.
    word: str
    # Where it stands among the kinds on the office's pages: the lowest first, in tens.
    rank: int
    # The class of its document.
    shape: type[Content]
    # The name of a document in the store, with `{community}` and `{key}` for what differs.
    subject: str
    # Whether each community has one of its own; otherwise it is the district's.
    is_of_community: bool = False
    # Whether a document can be begun that has no rows in the store before it is published.
    can_be_new: bool = False

    def __str__(self) -> str:
        return self.word

    @abstractmethod
    async def read(self, session: AsyncSession, paper: Paper) -> Content | None:
        """The document as published; None for one that can be written but was not yet.

        Raises `NotFoundError` where there cannot be one: no such item, no such community.
        """

    @abstractmethod
    async def write(
        self, session: AsyncSession, paper: Paper, document: Any, now: dt.datetime
    ) -> None:
        """Let pages be made of this document from now on."""

    async def contradictions(
        self, _session: AsyncSession, _paper: Paper, _document: Any
    ) -> Iterable[Contradiction]:
        """What is wrong with a document that is right by its shape."""
        return ()

    def settled(self, document: Any) -> Content:
        """What is stored of a document that is right: the same, unless it says what to do."""
        settled: Content = document
        return settled

    def brought_back(self, old: Any, _now: Any) -> Content:
        """An old version as it can be published again; `_now` is what is published."""
        back: Content = old
        return back

    # A draft knows only this name. Reading it back by the pattern that it was made with keeps
    # both in one place; taking it apart by hand was a second list of kinds.
    def paper_of(self, subject: str) -> Paper | None:
        """The document with this name in the store; None when it is of another kind."""
        ours, given = self.subject.split("/"), subject.split("/")
        if len(ours) != len(given):
            return None
        names = {step: value for step, value in zip(ours, given, strict=True) if step != value}
        if not names.keys() <= {"{community}", "{key}"}:
            return None
        return Paper(self, names.get("{community}"), names.get("{key}", ""))


class CommunityKind(PaperKind):
    """A kind of document that is a part of its community's rows."""

    is_of_community = True

    def __init_subclass__(cls) -> None:
        cls.subject = f"c/{{community}}/{cls.word}"

    @abstractmethod
    def document_of(self, community: Community) -> Content:
        """What the community says now."""

    @abstractmethod
    def put(self, community: Community, document: Any) -> None:
        """Let a loaded community say this: to be written, or only to be looked at."""

    def contradictions_within(self, _document: Any) -> Iterable[Contradiction]:
        """What is wrong with a document by itself, in a form as in a community's file."""
        return ()

    async def contradictions(
        self, _session: AsyncSession, _paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """What is wrong with a document; by itself, unless a kind looks into the store."""
        return self.contradictions_within(document)

    async def read(self, session: AsyncSession, paper: Paper) -> Content | None:
        """The community's document. Raises `NotFoundError`."""
        return self.document_of(await community_of(session, paper))

    async def write(
        self, session: AsyncSession, paper: Paper, document: Any, _now: dt.datetime
    ) -> None:
        """Put the document into the community's rows."""
        self.put(await community_of(session, paper), document)


@dataclass(frozen=True)
class Paper:
    """文稿: its kind, whose it is, and which (the item's slug, the year)."""

    kind: PaperKind
    community: str | None = None
    key: str = ""

    @property
    def subject(self) -> str:
        """Its name in the store and in the log; below /staff/ also its address."""
        return self.kind.subject.format(community=self.community, key=self.key)

    @property
    def shape(self) -> type[Content]:
        """The class of its document."""
        return self.kind.shape

    async def read(self, session: AsyncSession) -> Content | None:
        """The document as published, see `PaperKind.read`."""
        return await self.kind.read(session, self)

    async def write(self, session: AsyncSession, document: Content, now: dt.datetime) -> None:
        """Let pages be made of this document from now on."""
        await self.kind.write(session, self, document, now)

    async def contradictions(self, session: AsyncSession, document: Any) -> list[Contradiction]:
        """What is wrong with a document that is right by its shape."""
        return list(await self.kind.contradictions(session, self, document))


async def community_of(session: AsyncSession, paper: Paper) -> Community:
    """The community a document belongs to, whole. Raises `NotFoundError`.

    A session holds the last one: a publication asks four times, and each time is nine queries.
    """
    slug = paper.community or ""
    last: Community | None = session.info.get("last_community")
    if last is not None and last.slug == slug:
        return last
    if await session.scalar(select(Community.id).where(Community.slug == slug)) is None:
        raise NotFoundError(slug)
    found = session.info["last_community"] = await load_community(session, slug)
    return found


async def letters_in_use(session: AsyncSession) -> set[str]:
    """The letters of the categories in use."""
    return set(await session.scalars(select(Category.letter).where(Category.ended.is_(None))))


async def current_number(session: AsyncSession, subject: str) -> int:
    """The number of the newest version; 1 for what was loaded and never edited."""
    newest = await session.scalar(
        select(func.max(PaperVersion.number)).where(PaperVersion.subject == subject)
    )
    return newest or 1


async def add_version(session: AsyncSession, new: PaperVersion, before: Any) -> None:
    """Add a version, and the one before it if that was loaded from files and never stored.

    `before` is what is published as plain values; None for nothing.
    """
    at = select(PaperVersion.number).where(
        PaperVersion.subject == new.subject, PaperVersion.number == new.number - 1
    )
    if before is not None and await session.scalar(at) is None:
        loaded = {"subject": new.subject, "number": new.number - 1, "document": before}
        session.add(PaperVersion(**loaded, reason=""))
    session.add(new)
    await session.flush()
