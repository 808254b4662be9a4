"""审核: what the public reads of inquiries and answers, who decides it, and by when.

Nothing is held back by silence: what nobody decided in time is shown as being checked, without its
words. The asker reads why something is held back or shown in other words, and can object once;
then a colleague decides.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, union_all

from domain.disclosures.errors import (
    NoReasonError,
    NothingToDisputeError,
    OwnDecisionError,
    PersonalDataError,
)
from domain.disclosures.happened import InquiryAnswered, InquiryModerated
from domain.disclosures.personal_data import found_in
from domain.disclosures.tables import Inquiry, InquiryAnswer, InquiryState
from domain.events import record
from domain.matters.clock import Clock, Rule, Unit
from domain.matters.happened import MatterAnswered, MatterChanged
from domain.matters.tables import EntryKind, MatterEntry
from domain.matters.timeline import add, sent_before
from domain.revision import touch_content
from domain.staff.journal import note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.matters.tables import Matter
    from domain.matters.timeline import Act, Written
    from domain.staff.actor import Actor

# How long the office may look at words before everyone reads that it still does.
MODERATION = Rule(2, Unit.WORKING_DAY, "社区承诺：两个工作日内审核")
DAY = dt.timedelta(days=1)
# Counted at most on the staff home of a whole district.
MOST_COUNTED = 1000


def moderate_by(waits_since: dt.datetime, calendar: WorkingCalendar) -> dt.date | None:
    """By when it is decided what has waited since this moment (aware local time)."""
    return Clock(MODERATION, waits_since.date()).due(calendar).day


def checked_too_long(calendar: WorkingCalendar, now: dt.datetime) -> dt.datetime:
    """What has waited since before this moment should have been decided by yesterday."""
    day = now.date()
    while (due := moderate_by(_midnight(day, now), calendar)) is None or due >= now.date():
        day -= DAY
    return _midnight(day + DAY, now)


def _midnight(day: dt.date, now: dt.datetime) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), now.tzinfo)


async def words_asked(session: AsyncSession, matter_id: int) -> str:
    """What was asked, as it was asked; empty once it is erased."""
    words = await session.scalar(
        select(MatterEntry.words)
        .where(MatterEntry.matter_id == matter_id, MatterEntry.kind == EntryKind.MESSAGE)
        .order_by(MatterEntry.id)
        .limit(1)
    )
    return words or ""


async def make_public(  # noqa: PLR0913, PLR0917 - who shows which words, and why they are others
    session: AsyncSession,
    actor: Actor,
    inquiry: Inquiry,
    words: str,
    why: str,
    now: dt.datetime,
    *,
    is_checked: bool = False,
) -> None:
    """Let everyone read the inquiry in these words.

    Words other than the asker's need a reason, and what looks like personal data needs
    `is_checked`: the person looked and found that it is none. Raises `NoReasonError`,
    `PersonalDataError`, `OwnDecisionError`.
    """
    asked = await words_asked(session, inquiry.matter_id)
    is_changed = words.split() != asked.split()
    if not words.strip() or (is_changed and not why):
        raise NoReasonError
    found = [] if is_checked else found_in(f"{words}\n{inquiry.asker}")
    if found:
        raise PersonalDataError(found)
    await _decide(session, actor, inquiry, InquiryState.PUBLIC, why, now)
    inquiry.public_words = words
    if is_changed:
        record(session, InquiryModerated(inquiry.matter_id, now))


async def hold_back(
    session: AsyncSession, actor: Actor, inquiry: Inquiry, why: str, now: dt.datetime
) -> None:
    """Keep the inquiry from the public, with a reason that its asker reads.

    It is owed an answer all the same. Raises `NoReasonError`, `OwnDecisionError`.
    """
    if not why:
        raise NoReasonError
    was_public = inquiry.state is InquiryState.PUBLIC
    await _decide(session, actor, inquiry, InquiryState.HELD_BACK, why, now)
    inquiry.public_words = ""
    record(session, InquiryModerated(inquiry.matter_id, now))
    if was_public:
        # Pages that hold it must go at once.
        await touch_content(session)


async def _decide(  # noqa: PLR0913, PLR0917 - who decides what of which inquiry
    session: AsyncSession,
    actor: Actor,
    inquiry: Inquiry,
    state: InquiryState,
    why: str,
    now: dt.datetime,
) -> None:
    if inquiry.disputed_at is None:
        inquiry.moderated_by, inquiry.moderated_at = actor.staff_id, now
        inquiry.moderated_why = why
    elif actor.staff_id == inquiry.moderated_by:
        raise OwnDecisionError
    else:
        inquiry.reviewed_by, inquiry.reviewed_at = actor.staff_id, now
        inquiry.reviewed_why = why
    inquiry.state, inquiry.waits_since = state, None
    record(session, MatterChanged(inquiry.matter_id, now))
    after: dict[str, object] = {"state": state.value, "review": inquiry.reviewed_at is not None}
    await _note(session, actor, "inquiry-moderated", inquiry, now, after)


def may_dispute(inquiry: Inquiry, asked: str) -> bool:
    """Whether the asker of these words can object to what was decided about them."""
    is_changed = inquiry.public_words.split() != asked.split()
    was_cut = inquiry.state is InquiryState.HELD_BACK or (is_changed and inquiry.public_words)
    return bool(inquiry.moderated_at and inquiry.disputed_at is None and was_cut)


async def dispute(act: Act, matter: Matter, inquiry: Inquiry, written: Written) -> None:
    """Object to what was decided; from now on it waits for a colleague of who decided it.

    Raises `NothingToDisputeError`, `KeyReusedError`.
    """
    if await sent_before(act.session, written):
        return
    if not may_dispute(inquiry, await words_asked(act.session, matter.id)):
        raise NothingToDisputeError
    inquiry.disputed_at = inquiry.waits_since = act.now
    add(act, matter, EntryKind.MESSAGE, written)


# An answer goes to its asker at once. The public waits only where a number or an address in it may
# be a person's.
async def keep_answer(session: AsyncSession, event: MatterAnswered) -> None:
    """Let everyone read an answer to an inquiry, or let a moderator look at it first."""
    inquiry = await session.get(Inquiry, event.matter_id)
    if inquiry is None:
        return
    entry = await _newest_answer(session, event.matter_id)
    found = found_in(entry.words)
    owed_by = entry.facts.get("owed_by")
    session.add(
        InquiryAnswer(
            entry_id=entry.id,
            matter_id=inquiry.matter_id,
            at=entry.at,
            outcome=entry.outcome,
            owed_by=dt.date.fromisoformat(str(owed_by)) if owed_by else None,
            public_words="" if found else entry.words,
            waits_since=event.at if found else None,
        )
    )
    inquiry.answered_at = inquiry.answered_at or event.at
    inquiry.is_answered = None
    if not found:
        record(session, InquiryAnswered(inquiry.matter_id, event.at))


async def _newest_answer(session: AsyncSession, matter_id: int) -> MatterEntry:
    await session.flush()
    found = await session.scalars(
        select(MatterEntry)
        .where(MatterEntry.matter_id == matter_id, MatterEntry.kind == EntryKind.ANSWER)
        .order_by(MatterEntry.id.desc())
        .limit(1)
    )
    return found.one()


async def make_answer_public(  # noqa: PLR0913, PLR0917 - who shows which words of what
    session: AsyncSession,
    actor: Actor,
    inquiry: Inquiry,
    answer: InquiryAnswer,
    words: str,
    now: dt.datetime,
    *,
    is_checked: bool = False,
) -> None:
    """Let everyone read an answer in these words, also one that was public in others.

    Raises `PersonalDataError`, and `NoReasonError` for no words.
    """
    if not words.strip():
        raise NoReasonError
    found = [] if is_checked else found_in(words)
    if found:
        raise PersonalDataError(found)
    if answer.waits_since is None:
        # Pages that hold the words as they were must go at once.
        await touch_content(session)
    else:
        record(session, InquiryAnswered(inquiry.matter_id, now))
    answer.public_words, answer.waits_since = words, None
    answer.moderated_by, answer.moderated_at = actor.staff_id, now
    await _note(session, actor, "inquiry-answer-moderated", inquiry, now, {})


async def _note(  # noqa: PLR0913, PLR0917 - an entry of the log
    session: AsyncSession,
    actor: Actor,
    action: str,
    inquiry: Inquiry,
    now: dt.datetime,
    after: dict[str, object],
) -> None:
    # The log is never erased, so it holds no word of what was asked.
    await note(
        session,
        actor,
        action,
        f"inquiry/{inquiry.matter_id}",
        now=now,
        after=after,
        community_id=inquiry.community_id,
    )


def waits_in(community_ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether an inquiry of these communities waits for a moderator or a reviewer."""
    return Inquiry.community_id.in_(community_ids) & Inquiry.waits_since.is_not(None)


async def waiting_inquiries(
    session: AsyncSession, community_ids: Sequence[int], most: int
) -> list[Inquiry]:
    """What waits in these communities, the longest first."""
    found = await session.scalars(
        select(Inquiry)
        .where(waits_in(community_ids))
        .order_by(Inquiry.waits_since, Inquiry.matter_id)
        .limit(most)
    )
    return list(found)


async def waiting_answers(
    session: AsyncSession, community_ids: Sequence[int], most: int
) -> list[tuple[InquiryAnswer, Inquiry]]:
    """Answers that wait in these communities, the longest first."""
    rows = await session.execute(
        select(InquiryAnswer, Inquiry)
        .join(Inquiry, Inquiry.matter_id == InquiryAnswer.matter_id)
        .where(InquiryAnswer.waits_since.is_not(None), Inquiry.community_id.in_(community_ids))
        .order_by(InquiryAnswer.waits_since, InquiryAnswer.entry_id)
        .limit(most)
    )
    return [(answer, inquiry) for answer, inquiry in rows]


@dataclass(frozen=True)
class WaitingCount:
    """How much waits in a community, and since when the first."""

    community_id: int
    count: int
    since: dt.datetime


async def waiting_by_community(
    session: AsyncSession, community_ids: Sequence[int]
) -> list[WaitingCount]:
    """What waits in each of these communities, the longest first; none for nothing."""
    answers = (
        select(Inquiry.community_id, InquiryAnswer.waits_since)
        .join(Inquiry, Inquiry.matter_id == InquiryAnswer.matter_id)
        .where(InquiryAnswer.waits_since.is_not(None), Inquiry.community_id.in_(community_ids))
    )
    asked = select(Inquiry.community_id, Inquiry.waits_since).where(waits_in(community_ids))
    found: dict[int, list[dt.datetime]] = {}
    for community_id, since in await session.execute(union_all(asked, answers).limit(MOST_COUNTED)):
        if since is not None:
            found.setdefault(community_id, []).append(since)
    counts = [WaitingCount(each, len(since), min(since)) for each, since in found.items()]
    return sorted(counts, key=lambda count: count.since)
