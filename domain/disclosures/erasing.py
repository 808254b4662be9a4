"""Erasing what must never have been published, and persons whose time is over.

A content that must not stand there (an identity number in a list) goes from every revision and file
it is in. Pages, search, feeds, CSV files and the copies that phones keep are made of the revisions,
so they follow at their next contact; only backups made before still hold it, until they are old.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from domain.disclosures.happened import DisclosureErased
from domain.disclosures.inquiries import erase_public_words
from domain.disclosures.publishing import drop_draft
from domain.disclosures.tables import (
    BoardPosting,
    Disclosure,
    DisclosureErasure,
    DisclosureFile,
    DisclosureRevision,
    DisclosureState,
    DisclosureStep,
    Inquiry,
    InquiryAnswer,
    InquiryState,
)
from domain.events import record
from domain.revision import touch_content
from domain.staff.journal import note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor

BATCH = 200


async def erase(  # noqa: PLR0913, PLR0917 - what, who does it, why
    session: AsyncSession,
    actor: Actor,
    disclosure: Disclosure,
    numbers: Sequence[int],
    why: str,
    now: dt.datetime,
    keep_backups: dt.timedelta,
) -> DisclosureErasure:
    """Erase these revisions with every file and draft of the disclosure.

    When the newest one is among them, title and summary go as well: nothing of it is left but the
    day, who erased it, and why. `keep_backups` is how long a backup is kept.
    """
    await session.execute(
        update(DisclosureRevision)
        .where(
            DisclosureRevision.disclosure_id == disclosure.id,
            DisclosureRevision.number.in_(numbers),
        )
        .values(document=None, salt=None, persons=None, persons_salt=None, reason="", erased_at=now)
    )
    files = await session.execute(
        update(DisclosureFile)
        .where(DisclosureFile.disclosure_id == disclosure.id, DisclosureFile.data.is_not(None))
        .values(data=None, name="", size=0, report=None)
    )
    # An opinion may quote it, and a photograph of the board shows what the sheet says.
    await session.execute(
        update(DisclosureStep)
        .where(DisclosureStep.disclosure_id == disclosure.id)
        .values(opinion="")
    )
    await session.execute(
        update(BoardPosting)
        .where(BoardPosting.disclosure_id == disclosure.id, BoardPosting.number.in_(numbers))
        .values(photo=None)
    )
    await drop_draft(session, disclosure)
    if disclosure.number in numbers:
        _leave_nothing(disclosure, why, now)
        await _erase_inquiries(session, disclosure)
    else:
        await _check_inquiries_again(session, disclosure, now)
    erasure = DisclosureErasure(
        disclosure_id=disclosure.id,
        numbers=tuple(sorted(numbers)),
        files=files.rowcount,  # type: ignore[attr-defined]
        at=now,
        staff_id=actor.staff_id,
        why=why,
        backups_until=(now + keep_backups).date(),
    )
    session.add(erasure)
    # The log says that it was erased, never what it was.
    await note(
        session,
        actor,
        "disclosure-erased",
        f"disclosure/{disclosure.id}",
        now=now,
        after={"numbers": list(erasure.numbers), "why": why},
        community_id=disclosure.community_id,
    )
    record(session, DisclosureErased(disclosure.id, now))
    await touch_content(session)
    return erasure


def _leave_nothing(disclosure: Disclosure, why: str, now: dt.datetime) -> None:
    disclosure.state = DisclosureState.WITHDRAWN
    disclosure.title = disclosure.summary = disclosure.words = ""
    disclosure.withdrawn_at = disclosure.withdrawn_at or now
    disclosure.withdrawn_why, disclosure.updated_at = why, now


async def _erase_inquiries(session: AsyncSession, disclosure: Disclosure) -> None:
    """Erase what the public read of inquiries about it: they may quote what it said."""
    about_it = Inquiry.disclosure_id == disclosure.id
    await erase_public_words(session, list(await session.scalars(_matters(disclosure))))
    await session.execute(update(Inquiry).where(about_it).values(line=None))


# What an older revision said is quoted in some of them, and nobody can say in which.
async def _check_inquiries_again(
    session: AsyncSession, disclosure: Disclosure, now: dt.datetime
) -> None:
    """Take inquiries about it and their answers from the public, until a moderator looked again."""
    matters = list(await session.scalars(_matters(disclosure)))
    await erase_public_words(session, matters)
    await session.execute(
        update(Inquiry)
        .where(Inquiry.matter_id.in_(matters), Inquiry.state == InquiryState.PUBLIC)
        .values(state=InquiryState.WAITING, waits_since=now)
    )
    await session.execute(
        update(InquiryAnswer).where(InquiryAnswer.matter_id.in_(matters)).values(waits_since=now)
    )


def _matters(disclosure: Disclosure) -> Select[int]:
    return select(Inquiry.matter_id).where(Inquiry.disclosure_id == disclosure.id)


async def erase_persons(session: AsyncSession, today: dt.date) -> int:
    """Erase rows with persons whose last day is over, `BATCH` at most; how many revisions."""
    old = list(
        await session.scalars(
            select(DisclosureRevision.id)
            .where(
                DisclosureRevision.persons_until < today,
                DisclosureRevision.persons_salt.is_not(None),
            )
            .limit(BATCH)
        )
    )
    if old:
        await session.execute(
            update(DisclosureRevision)
            .where(DisclosureRevision.id.in_(old))
            .values(persons=None, persons_salt=None)
        )
        await touch_content(session)
    return len(old)
