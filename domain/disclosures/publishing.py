"""From a draft through its steps to a revision, now or at a time, and back again.

What is published is a revision and never overwritten: a correction is the next one, a withdrawn
disclosure keeps its title, its day and the reason.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from domain.disclosures import chain
from domain.disclosures.content import Audience
from domain.disclosures.draft import content_of
from domain.disclosures.duties import due_on_of
from domain.disclosures.errors import (
    ChangedMeanwhileError,
    NothingWrittenError,
    NotYourStepError,
    PastError,
    StepsMissingError,
    WithdrawnError,
)
from domain.disclosures.happened import DisclosurePublished, DisclosureWithdrawn
from domain.disclosures.markdown import plain_of
from domain.disclosures.open_until import open_until
from domain.disclosures.steps import DisclosureSteps
from domain.disclosures.tables import (
    Disclosure,
    DisclosureRevision,
    DisclosureSettings,
    DisclosureState,
    DisclosureStep,
)
from domain.disclosures.unused_files import forget_unused
from domain.events import record
from domain.places.tables import Community, Subdistrict
from domain.revision import touch_content
from domain.staff.journal import note

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from typing import Any

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.disclosures.content import DisclosureContent, DisclosureKind
    from domain.disclosures.steps import Step
    from domain.staff.actor import Actor
    from domain.staff.tables import Role


async def steps_of(session: AsyncSession, kind: DisclosureKind) -> tuple[Step, ...]:
    """The steps of a kind of disclosure, as this district names them."""
    settings = await session.get(DisclosureSettings, 1)
    return (settings.steps if settings else DisclosureSteps()).of(kind)


async def begin(  # noqa: PLR0913, PLR0917 - whose it is, who begins it, and the form
    session: AsyncSession,
    actor: Actor,
    kind: DisclosureKind,
    subdistrict_id: int,
    community_id: int | None,
    form_key: str,
    now: dt.datetime,
) -> Disclosure:
    """A new disclosure without words, or the one that this form began already."""
    kept = await session.scalar(select(Disclosure).where(Disclosure.form_key == form_key))
    if kept is not None:
        return kept
    disclosure = Disclosure(
        uid=str(uuid.uuid4()),
        form_key=form_key,
        subdistrict_id=subdistrict_id,
        community_id=community_id,
        kind=kind,
        owner_id=actor.staff_id,
        draft={},
        draft_saved_at=now,
        draft_saved_by=actor.staff_id,
    )
    session.add(disclosure)
    await session.flush()
    return disclosure


async def locked(session: AsyncSession, disclosure_id: int) -> Disclosure:
    """The disclosure, locked against every other act, with its draft. Raises `NoResultFound`."""
    found = await session.scalars(
        select(Disclosure)
        .where(Disclosure.id == disclosure_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    disclosure = found.one()
    await session.refresh(disclosure, ["draft", "words", "confirmed"])
    return disclosure


async def save_draft(  # noqa: PLR0913, PLR0917 - what is saved, and what it began from
    session: AsyncSession,
    disclosure: Disclosure,
    draft: dict[str, Any],
    reason: str,
    base: int,
    now: dt.datetime,
    staff_id: int | None = None,
) -> None:
    """Keep what was typed. A change takes the steps back; saving without one does not.

    `base` is the number of the draft that this person saw, `staff_id` who it is. Raises
    `ChangedMeanwhileError`, `WithdrawnError`.
    """
    if disclosure.state is DisclosureState.WITHDRAWN:
        raise WithdrawnError
    if draft == disclosure.draft and reason == disclosure.draft_reason:
        return
    if base != disclosure.draft_number:
        raise ChangedMeanwhileError
    disclosure.draft, disclosure.draft_reason = draft, reason
    disclosure.draft_number += 1
    disclosure.draft_saved_at, disclosure.draft_saved_by = now, staff_id
    disclosure.draft_trouble = ""
    await begin_steps_again(session, disclosure)


async def begin_steps_again(session: AsyncSession, disclosure: Disclosure) -> None:
    """Let the draft take all of its steps again; a schedule ends with them."""
    disclosure.steps_taken, disclosure.publish_at = 0, None
    await session.execute(
        update(DisclosureStep)
        .where(DisclosureStep.disclosure_id == disclosure.id, DisclosureStep.holds)
        .values(holds=False)
    )


async def drop_draft(session: AsyncSession, disclosure: Disclosure) -> None:
    """Forget a draft; what is published stays. One that was never published goes wholly."""
    disclosure.draft, disclosure.draft_reason = None, ""
    disclosure.draft_is_spelling, disclosure.draft_trouble = False, ""
    disclosure.confirmed = {}
    disclosure.draft_number += 1
    await begin_steps_again(session, disclosure)
    await forget_unused(session, disclosure)


async def steps_taken(session: AsyncSession, disclosure: Disclosure) -> list[DisclosureStep]:
    """The steps that the draft has taken, in order."""
    found = await session.scalars(
        select(DisclosureStep)
        .where(DisclosureStep.disclosure_id == disclosure.id, DisclosureStep.holds)
        .order_by(DisclosureStep.id)
    )
    return list(found)


async def next_step(session: AsyncSession, disclosure: Disclosure) -> Step | None:
    """The step that the draft waits for; None when it took all, or there is no draft."""
    steps = await steps_of(session, disclosure.kind)
    if disclosure.draft is None or disclosure.steps_taken >= len(steps):
        return None
    return steps[disclosure.steps_taken]


def holds(
    actor: Actor, roles: Iterable[Role], community: Community, disclosure: Disclosure
) -> bool:
    """Whether one of these roles is theirs where the disclosure belongs.

    What a subdistrict publishes for all its communities is for roles at the subdistrict or above:
    a role in one of them says nothing for the others.
    """
    if disclosure.community_id is not None:
        return actor.may(frozenset(roles), community)
    return any(
        grant.role in roles
        and (grant.is_district_wide or grant.subdistrict_id == disclosure.subdistrict_id)
        for grant in actor.grants
    )


async def may_take(
    session: AsyncSession, actor: Actor, community: Community, disclosure: Disclosure
) -> bool:
    """Whether the next step is this person's: the role, and no step of this draft before."""
    step = await next_step(session, disclosure)
    if step is None or not holds(actor, step.roles, community, disclosure):
        return False
    taken = await steps_taken(session, disclosure)
    return actor.staff_id not in {each.staff_id for each in taken}


async def take_step(  # noqa: PLR0913, PLR0917 - who takes which step, and what they found
    session: AsyncSession,
    actor: Actor,
    community: Community,
    disclosure: Disclosure,
    opinion: str,
    now: dt.datetime,
    *,
    passes: bool = True,
) -> None:
    """Take the next step of the draft; without `passes` it goes back to who proposed it.

    Raises `NotYourStepError`.
    """
    step = await next_step(session, disclosure)
    if step is None or not await may_take(session, actor, community, disclosure):
        raise NotYourStepError
    session.add(
        DisclosureStep(
            disclosure_id=disclosure.id,
            number=disclosure.number + 1,
            kind=step.kind,
            staff_id=actor.staff_id,
            at=now,
            opinion=opinion,
            is_passed=passes,
            holds=passes,
        )
    )
    if passes:
        disclosure.steps_taken += 1
    else:
        await begin_steps_again(session, disclosure)
    after = {"step": step.kind, "passed": passes, "draft": disclosure.draft_number}
    await _note(session, actor, "disclosure-step", disclosure, now, after)


async def schedule(
    session: AsyncSession, actor: Actor, disclosure: Disclosure, at: dt.datetime, now: dt.datetime
) -> None:
    """Publish by itself at this moment. Raises `PastError`, `StepsMissingError`."""
    if at <= now:
        raise PastError
    await _refuse_without_steps(session, disclosure)
    disclosure.publish_at = at
    await _note(session, actor, "disclosure-scheduled", disclosure, now, {"at": at.isoformat()})


async def unschedule(
    session: AsyncSession, actor: Actor, disclosure: Disclosure, now: dt.datetime
) -> None:
    """Let a scheduled disclosure wait."""
    if disclosure.publish_at is None:
        return
    disclosure.publish_at = None
    await _note(session, actor, "disclosure-unscheduled", disclosure, now, {})


async def _refuse_without_steps(session: AsyncSession, disclosure: Disclosure) -> None:
    if disclosure.draft is None:
        raise NothingWrittenError
    if await next_step(session, disclosure) is not None:
        raise StepsMissingError


async def publish(  # noqa: PLR0913 - who publishes what, by which calendar
    session: AsyncSession,
    actor: Actor,
    disclosure: Disclosure,
    calendar: WorkingCalendar,
    now: dt.datetime,
    *,
    changes_meaning: bool = True,
) -> DisclosureRevision:
    """Publish the draft as the next revision.

    Without `changes_meaning` it is a correction of spelling, of which nobody is told. Raises
    `StepsMissingError`, `NothingWrittenError`, and pydantic's `ValidationError` for a draft that is
    not right yet.
    """
    await _refuse_without_steps(session, disclosure)
    content = content_of(disclosure.draft)
    await _refuse_without_change(session, disclosure, content)
    revision = await put(
        session, actor, disclosure, content, calendar, now, changes_meaning=changes_meaning
    )
    await drop_draft(session, disclosure)
    # The log is never erased, so it holds no word of what may have to be.
    after = {"number": revision.number, "hash": revision.hash}
    await _note(session, actor, "disclosure-published", disclosure, now, after)
    record(session, DisclosurePublished(disclosure.id, revision.number, revision.number == 1, now))
    await touch_content(session)
    return revision


async def _refuse_without_change(
    session: AsyncSession, disclosure: Disclosure, content: DisclosureContent
) -> None:
    """Raises `NothingWrittenError` where a correction says what is published."""
    newest = await session.scalar(
        select(DisclosureRevision).where(
            DisclosureRevision.disclosure_id == disclosure.id,
            DisclosureRevision.number == disclosure.number,
        )
    )
    if newest is None or newest.document is None:
        return
    if content == newest.document.model_copy(update={"persons": tuple(newest.persons or ())}):
        raise NothingWrittenError


async def put(  # noqa: PLR0913, PLR0917 - as `publish`
    session: AsyncSession,
    actor: Actor,
    disclosure: Disclosure,
    content: DisclosureContent,
    calendar: WorkingCalendar,
    now: dt.datetime,
    *,
    changes_meaning: bool = True,
) -> DisclosureRevision:
    """Let this content be the newest revision, and what lists show; its steps were taken."""
    revision = await _link(session, actor, disclosure, content, calendar, now)
    # Before anything of the row changes: a query would store it while it is half published.
    if (disclosure.item, disclosure.period) != (content.item, content.period):
        disclosure.due_on = await due_on_of(
            session, disclosure, content.item, content.period, calendar
        )
    revision.changes_meaning = changes_meaning or revision.number == 1
    _show(disclosure, content)
    disclosure.number = revision.number
    disclosure.state = DisclosureState.PUBLISHED
    disclosure.published_at = disclosure.published_at or now
    if revision.changes_meaning:
        disclosure.updated_at = now
    return revision


async def _link(  # noqa: PLR0913, PLR0917 - what a link is made of
    session: AsyncSession,
    actor: Actor,
    disclosure: Disclosure,
    content: DisclosureContent,
    calendar: WorkingCalendar,
    now: dt.datetime,
) -> DisclosureRevision:
    """The revision as the newest link of its place's chain."""
    chain_name = await _lock_chain(session, disclosure)
    before = await session.scalar(
        select(DisclosureRevision)
        .where(DisclosureRevision.chain == chain_name)
        .order_by(DisclosureRevision.link.desc())
        .limit(1)
    )
    published_on = (disclosure.published_at or now).astimezone(now.tzinfo).date()
    persons = content.persons or None
    revision = DisclosureRevision(
        disclosure_id=disclosure.id,
        number=disclosure.number + 1,
        chain=chain_name,
        link=before.link + 1 if before else 1,
        document=content.model_copy(update={"persons": ()}),
        salt=chain.new_salt(),
        persons=persons,
        persons_salt=chain.new_salt() if persons else None,
        persons_until=_persons_until(content, published_on, calendar) if persons else None,
        previous_hash=before.hash if before else chain.BEGINNING,
        published_at=now,
        staff_id=actor.staff_id,
        reason=disclosure.draft_reason,
    )
    revision.content_hash = computed_content_hash(revision)
    revision.persons_hash = computed_persons_hash(revision)
    revision.hash = computed_hash(revision)
    session.add(revision)
    await session.flush()
    return revision


def _persons_until(
    content: DisclosureContent, published_on: dt.date, calendar: WorkingCalendar
) -> dt.date:
    """The last day on which the persons are shown: as the office said, or the 公示期's."""
    until = content.persons_until or open_until(content, published_on, calendar)
    return until or published_on


def computed_content_hash(revision: DisclosureRevision) -> str:
    """The hash that the document must have; the kept one for an erased document."""
    if revision.document is None or revision.salt is None:
        return revision.content_hash
    return chain.content_hash(revision.salt, revision.document.model_dump(mode="json"))


def computed_persons_hash(revision: DisclosureRevision) -> str:
    """The hash that the rows with persons must have; the kept one once they are erased."""
    if revision.persons is None or revision.persons_salt is None:
        return revision.persons_hash or chain.BEGINNING
    rows = [row.model_dump(mode="json") for row in revision.persons]
    return chain.content_hash(revision.persons_salt, rows)


def computed_hash(revision: DisclosureRevision) -> str:
    """The hash that the link must have."""
    said = [
        revision.chain,
        revision.link,
        revision.disclosure_id,
        revision.number,
        revision.content_hash,
        revision.persons_hash,
    ]
    return chain.link_hash(revision.previous_hash, said, revision.published_at)


async def _lock_chain(session: AsyncSession, disclosure: Disclosure) -> str:
    """The name of the place's chain, whose row is locked until the commit."""
    if disclosure.community_id is not None:
        place = select(Community.slug).where(Community.id == disclosure.community_id)
        return f"c/{await session.scalar(place.with_for_update())}"
    of_all = select(Subdistrict.slug).where(Subdistrict.id == disclosure.subdistrict_id)
    return f"s/{await session.scalar(of_all.with_for_update())}"


def _show(disclosure: Disclosure, content: DisclosureContent) -> None:
    """Let lists and search show this content."""
    disclosure.title, disclosure.item, disclosure.period = (
        content.title,
        content.item,
        content.period,
    )
    is_for_all = content.audience is Audience.EVERYONE
    disclosure.summary = content.summary if is_for_all else ""
    disclosure.words = words_of(content) if is_for_all else content.title


def words_of(content: DisclosureContent) -> str:
    """Everything that search finds it by. Never the persons: they end, and a word stays found."""
    lines = [f"{line.purpose} {line.counterparty or ''}" for line in content.ledger]
    words = [content.title, content.summary, plain_of(content.body), content.responsible, *lines]
    return "\n".join(filter(None, words))


async def withdraw(
    session: AsyncSession, actor: Actor, disclosure: Disclosure, why: str, now: dt.datetime
) -> None:
    """Take it back: title, day and reason stay. One that was only scheduled waits again."""
    if disclosure.state is DisclosureState.WITHDRAWN:
        raise WithdrawnError
    disclosure.publish_at = None
    if disclosure.state is DisclosureState.PUBLISHED:
        disclosure.state = DisclosureState.WITHDRAWN
        disclosure.withdrawn_at = disclosure.updated_at = now
        disclosure.withdrawn_why = why
        disclosure.summary, disclosure.words = "", disclosure.title
        # What is withdrawn is not corrected any more.
        await drop_draft(session, disclosure)
        record(session, DisclosureWithdrawn(disclosure.id, now))
        await touch_content(session)
    await _note(session, actor, "disclosure-withdrawn", disclosure, now, {})


async def due_disclosures(session: AsyncSession, now: dt.datetime, most: int) -> list[int]:
    """The disclosures whose scheduled moment has come, by id, the oldest moment first."""
    found = await session.scalars(
        select(Disclosure.id)
        .where(Disclosure.publish_at <= now)
        .order_by(Disclosure.publish_at, Disclosure.id)
        .limit(most)
    )
    return list(found)


async def verify(session: AsyncSession, chain_name: str) -> tuple[int, int | None]:
    """How many links of a chain were looked at, and the first that is not what was published."""
    previous, count = chain.BEGINNING, 0
    newest = await session.scalar(
        select(func.max(DisclosureRevision.link)).where(DisclosureRevision.chain == chain_name)
    )
    for link in range(1, (newest or 0) + 1):
        revision = await session.scalar(
            select(DisclosureRevision).where(
                DisclosureRevision.chain == chain_name, DisclosureRevision.link == link
            )
        )
        if revision is None or not _is_whole(revision, previous):
            return count, link
        previous, count = revision.hash, count + 1
        session.expunge(revision)
    return count, None


def _is_whole(revision: DisclosureRevision, previous: str) -> bool:
    return (
        revision.previous_hash == previous
        and revision.content_hash == computed_content_hash(revision)
        and revision.persons_hash == computed_persons_hash(revision)
        and revision.hash == computed_hash(revision)
    )


async def _note(  # noqa: PLR0913, PLR0917 - an entry of the log
    session: AsyncSession,
    actor: Actor,
    action: str,
    disclosure: Disclosure,
    now: dt.datetime,
    after: dict[str, Any],
) -> None:
    await note(
        session,
        actor,
        action,
        f"disclosure/{disclosure.id}",
        now=now,
        after=after,
        community_id=disclosure.community_id,
    )
