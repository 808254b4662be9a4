"""Drafts and publishing: what is typed is kept, what is published is a version for ever.

Publishing is optimistic: a person who began from a version that is no longer the newest is
told so and loses nothing; `take_in` brings the others' changes into the draft.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from domain.errors import LianxinError, NotFoundError
from domain.handbook.tables import ServiceItem
from domain.papers.compare import Conflict, merged
from domain.papers.kinds.guide import GUIDE, item_of
from domain.papers.paper import Paper, add_version, current_number
from domain.papers.tables import PaperDraft, PaperVersion
from domain.places.tables import Community, CommunityNote
from domain.revision import touch_content
from domain.staff.journal import note
from domain.staff.tables import StaffMember

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content
    from domain.staff.actor import Actor


class PublishedMeanwhileError(LianxinError):
    """A newer version was published since this draft began."""


class UnchangedError(LianxinError):
    """What was to be published is what is published."""


@dataclass(frozen=True)
class Published:
    """A document as it is published, as plain values; number 0 and None when it is not."""

    number: int
    document: Any


async def published(session: AsyncSession, paper: Paper) -> Published:
    """What is published of a paper. Raises `NotFoundError` where there cannot be one."""
    try:
        document = await paper.read(session)
    except NotFoundError:
        if not paper.kind.can_be_new:
            raise
        # A new item: it has no rows before its first publication.
        return Published(0, None)
    number = await current_number(session, paper.subject)
    if document is None:
        newest = await version(session, paper, number)
        return Published(newest.number if newest else 0, None)
    return Published(number, document.model_dump(mode="json"))


async def version(session: AsyncSession, paper: Paper, number: int) -> PaperVersion | None:
    """One version of a paper, None when there is none of that number."""
    found: PaperVersion | None = await session.scalar(
        select(PaperVersion).where(
            PaperVersion.subject == paper.subject, PaperVersion.number == number
        )
    )
    return found


async def versions(
    session: AsyncSession, paper: Paper
) -> list[tuple[PaperVersion, StaffMember | None]]:
    """Every version, the newest first, with who published it."""
    rows = await session.execute(
        select(PaperVersion, StaffMember)
        .outerjoin(StaffMember, StaffMember.id == PaperVersion.staff_id)
        .where(PaperVersion.subject == paper.subject)
        .order_by(PaperVersion.number.desc())
    )
    return [(row[0], row[1]) for row in rows]


# Publishing is refused unless `base` is the newest version. Version 1 is what was loaded from
# files; it is stored when someone first publishes over it.
async def publish(  # noqa: PLR0913, PLR0917 - everything a publication is made of
    session: AsyncSession,
    actor: Actor,
    paper: Paper,
    document: Content,
    base: int,
    reason: str,
    now: dt.datetime,
    *,
    keeps_draft: bool = False,
) -> int:
    """Publish a checked document that began from version `base`; returns the new number.

    This person's draft is what was published, and is forgotten; `keeps_draft` says it is not.
    Raises `PublishedMeanwhileError` and `UnchangedError`.
    """
    current = await published(session, paper)
    document = paper.kind.settled(document)
    new = PaperVersion(
        subject=paper.subject,
        number=base + 1,
        document=document.model_dump(mode="json"),
        staff_id=actor.staff_id,
        published_at=now,
        reason=reason,
    )
    _check(current, new)
    try:
        await add_version(session, new, current.document)
    except IntegrityError:
        # Two published at once, and the other was first.
        raise PublishedMeanwhileError from None
    await paper.write(session, document, now)
    if not keeps_draft:
        await drop_draft(session, paper, actor)
    before, after = _changed(current, new)
    await note(
        session,
        actor,
        "published",
        paper.subject,
        now=now,
        before=before,
        after=after,
        community_id=await _community_id(session, paper),
    )
    await touch_content(session)
    return new.number


def _check(current: Published, new: PaperVersion) -> None:
    """Raises `PublishedMeanwhileError` and `UnchangedError`."""
    if new.number != current.number + 1:
        raise PublishedMeanwhileError
    is_nothing = current.document is None and not any(new.document.values())
    if is_nothing or new.document == current.document:
        raise UnchangedError


def _changed(current: Published, new: PaperVersion) -> tuple[Any, dict[str, Any]]:
    """What the log says of a publication: the parts that changed, before and after."""
    old, after = current.document, new.document
    about = {"version": new.number, "reason": new.reason}
    if old is None:
        return None, {**about, **after}
    names = [name for name in after if old.get(name) != after[name]]
    before = {name: old.get(name) for name in names}
    return before, {**about, **{name: after[name] for name in names}}


async def _community_id(session: AsyncSession, paper: Paper) -> int | None:
    if paper.community is None:
        return None
    return await session.scalar(select(Community.id).where(Community.slug == paper.community))


async def draft_of(session: AsyncSession, paper: Paper, actor: Actor) -> PaperDraft | None:
    """The draft of a paper that this person is writing."""
    found: PaperDraft | None = await session.scalar(
        select(PaperDraft).where(
            PaperDraft.subject == paper.subject, PaperDraft.staff_id == actor.staff_id
        )
    )
    return found


def mark_of(draft: PaperDraft) -> str:
    """A word that differs whenever what stands in a draft does."""
    text = json.dumps(draft.document, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


async def save_draft(  # noqa: PLR0913, PLR0917 - everything a draft is made of
    session: AsyncSession,
    actor: Actor,
    paper: Paper,
    document: Any,
    base: int,
    now: dt.datetime,
    *,
    form: str | None = None,
) -> PaperDraft:
    """Keep what a person typed, whether it is right or not; `form` is the open form it is from.

    A draft keeps the version it began from: saving in another tab does not move it on. It goes
    back with a form that began earlier, since what that form sends lacks what was published since.
    """
    draft = await draft_of(session, paper, actor)
    if draft is None:
        draft = PaperDraft(subject=paper.subject, staff_id=actor.staff_id, base=base)
        session.add(draft)
    elif base < draft.base:
        draft.base, draft.merged_from = base, None
    draft.document, draft.saved_at, draft.saved_by_form = document, now, form
    await session.flush()
    return draft


async def drop_draft(session: AsyncSession, paper: Paper, actor: Actor) -> None:
    await session.execute(
        delete(PaperDraft).where(
            PaperDraft.subject == paper.subject, PaperDraft.staff_id == actor.staff_id
        )
    )


async def other_drafts(
    session: AsyncSession, paper: Paper, actor: Actor
) -> list[tuple[str, dt.datetime]]:
    """Who else is writing on a paper: full name and when they last typed."""
    rows = await session.execute(
        select(StaffMember.full_name, PaperDraft.saved_at)
        .join(StaffMember, StaffMember.id == PaperDraft.staff_id)
        .where(PaperDraft.subject == paper.subject, PaperDraft.staff_id != actor.staff_id)
        .order_by(PaperDraft.saved_at.desc())
    )
    return [(row[0], row[1]) for row in rows]


async def drafts_by(session: AsyncSession, actor: Actor) -> list[PaperDraft]:
    """What this person is writing, the last touched first."""
    found = await session.scalars(
        select(PaperDraft)
        .where(PaperDraft.staff_id == actor.staff_id)
        .order_by(PaperDraft.saved_at.desc())
    )
    return list(found)


async def take_in(
    session: AsyncSession,
    paper: Paper,
    draft: PaperDraft,
    now: dt.datetime,
    as_typed: Callable[[Any], Any],
) -> list[Conflict]:
    """Bring what others published since into a draft.

    `as_typed` makes a document or a draft into the values of a form, in which all are compared.
    Where both changed the same place mine stands; those places are returned.
    """
    standing = await published(session, paper)
    began = await version(session, paper, draft.base)
    base = began.document if began is not None else {}
    documents = (base, draft.document, standing.document)
    whole, conflicts = merged(*map(as_typed, documents))
    draft.document, draft.saved_at = whole, now
    draft.merged_from, draft.base = draft.base, standing.number
    await session.flush()
    return conflicts


async def stale_notes(session: AsyncSession, community_id: int | None = None) -> list[StaleNote]:
    """What communities added to items whose district text changed since they wrote it."""
    notes = (
        select(CommunityNote, Community.slug, Community.name)
        .join(Community, Community.id == CommunityNote.community_id)
        .order_by(CommunityNote.id)
    )
    if community_id is not None:
        notes = notes.where(CommunityNote.community_id == community_id)
    newest = await _newest_guides(session)
    later = []
    for noted, slug, name in (await session.execute(notes)).all():
        number = newest.get(noted.item_id, 1)
        if number > noted.item_version:
            later.append(StaleNote(slug, name, noted.item_id, noted.item_version, number))
    texts = await _texts(session, later)
    return [
        each
        for each in later
        if texts.get((each.item_id, each.known), {}) != texts.get((each.item_id, each.newest))
    ]


# Every half year each guide is checked again and its date moves on. That is no news for a community
# with words of its own beside it; fifty such notices would hide the one that is.
NOT_TEXT = {"assured"}


async def _texts(
    session: AsyncSession, notes: list[StaleNote]
) -> dict[tuple[int, int], dict[str, Any]]:
    """What the guides of these notes say, by the item's id and the number of the version."""
    numbers = {number for note in notes for number in (note.known, note.newest)}
    rows = await session.execute(
        select(ServiceItem.id, PaperVersion.number, PaperVersion.document)
        .join(PaperVersion, PaperVersion.subject == "handbook/" + ServiceItem.slug)
        .where(
            ServiceItem.id.in_({note.item_id for note in notes}),
            PaperVersion.number.in_(numbers),
        )
    )
    return {
        (item, number): {name: document[name] for name in document.keys() - NOT_TEXT}
        for item, number, document in rows
    }


@dataclass(frozen=True)
class StaleNote:
    """社区补充 whose item changed since: which version the community knew, and the newest."""

    community: str
    community_name: str
    item_id: int
    known: int
    newest: int


async def _newest_guides(session: AsyncSession) -> dict[int, int]:
    """The newest version of each guide that was ever edited, by the item's id."""
    rows = await session.execute(
        select(ServiceItem.id, func.max(PaperVersion.number))
        .join(PaperVersion, PaperVersion.subject == "handbook/" + ServiceItem.slug)
        .group_by(ServiceItem.id)
    )
    return {row[0]: row[1] for row in rows}


async def confirm_note(session: AsyncSession, actor: Actor, paper: Paper, now: dt.datetime) -> None:
    """The community read the district's new text; what it added is still right."""
    item = await item_of(session, paper.key)
    noted = await session.scalar(
        select(CommunityNote)
        .join(Community, Community.id == CommunityNote.community_id)
        .where(Community.slug == paper.community, CommunityNote.item_id == item.id)
    )
    if noted is None:
        raise NotFoundError(paper.key)
    before = noted.item_version
    noted.item_version = await current_number(session, Paper(GUIDE, None, item.slug).subject)
    await note(
        session,
        actor,
        "note-confirmed",
        paper.subject,
        now=now,
        before=before,
        after=noted.item_version,
        community_id=noted.community_id,
    )
