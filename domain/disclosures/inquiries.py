"""质询: a question, an objection, an application for information, or what was asked in the room.

Each is a matter with a rule of its own; what is public of it stands in `tables.Inquiry`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from domain.contacts.line import absences_in
from domain.disclosures.errors import (
    AnsweredAlreadyError,
    LineGoneError,
    NotAskableError,
    NotOpenForObjectionsError,
    NotPublicError,
    TooManyAskedError,
    TooManySupportersError,
)
from domain.disclosures.objections import objections_until
from domain.disclosures.shown import revision_of
from domain.disclosures.tables import (
    Disclosure,
    DisclosureState,
    Inquiry,
    InquiryAnswer,
    InquiryKind,
    InquiryState,
    InquirySupporter,
)
from domain.matters.clock import Rule, Unit
from domain.matters.kind import MatterKind
from domain.matters.ladder import OUTER, Ladder, Level
from domain.matters.rounds import Opening, open_matter
from domain.matters.tables import EntryKind, Matter, MatterDevice, MatterEntry
from domain.places.content import HallHours
from domain.places.tables import Community, Hall
from domain.staff.accounts import members_with_role
from domain.staff.tables import StaffRole
from domain.store import inserting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.content import LedgerLine
    from domain.matters.timeline import Act, Written

WORD = "inquiry"
# Opening hours that the person responsible has before the secretary gets it, and the secretary
# before the subdistrict.
PATIENCE = dt.timedelta(hours=16)
# Open inquiries of one device about one disclosure.
MOST_ASKED = 5
# Each of them costs the unit of work of an answer some statements.
MOST_SUPPORTERS = 200


@dataclass(frozen=True)
class InquiryRule:
    """What is owed to an inquiry of a kind. Each rule names its source."""

    answer: Rule
    # How much longer it may take, once and with a reason.
    extension: Rule | None = None
    # Within which the office can ask once to have it corrected, and how long third parties have.
    correction: Rule | None = None
    others: Rule | None = None
    # Who is competent: nobody below.
    lowest: Level = Level.HOLDER


WORKING = Unit.WORKING_DAY
# Counts and articles are those of the project's notes on the law, except the 15 days of third
# parties (article 32): those are from memory and were not checked against the text.
RULES: dict[InquiryKind, InquiryRule] = {
    # The office's promise; 12345 regulations allow it no more than these days.
    InquiryKind.QUESTION: InquiryRule(OUTER),
    InquiryKind.OBJECTION: InquiryRule(
        Rule(5, Unit.CALENDAR_DAY, "山东省村务公开条例：异议五日内答复")
    ),
    InquiryKind.APPLICATION: InquiryRule(
        Rule(20, WORKING, "政府信息公开条例第三十三条"),
        extension=Rule(20, WORKING, "政府信息公开条例第三十三条"),
        correction=Rule(7, WORKING, "政府信息公开条例第三十条"),
        others=Rule(15, WORKING, "政府信息公开条例第三十二条"),
        lowest=Level.SUBDISTRICT,
    ),
    InquiryKind.ON_SITE: InquiryRule(OUTER),
}


class InquiryMatter(MatterKind):
    """质询, as a kind of matter."""

    word = WORD

    async def ladder(self, session: AsyncSession, matter: Matter, now: dt.datetime) -> Ladder:
        """The person responsible for the disclosure as it is now, then the offices."""
        inquiry = await session.get_one(Inquiry, matter.id)
        disclosure = await disclosure_of(session, inquiry)
        return await ladder_of(
            session, matter.community_id, disclosure, inquiry.kind, now, matter.holder_id
        )

    async def may_reopen(self, session: AsyncSession, matter: Matter) -> bool:
        """Once; after that the next step is the office above."""
        inquiry = await session.get_one(Inquiry, matter.id)
        return inquiry.reopened_at is None

    async def reopened(self, session: AsyncSession, matter: Matter, now: dt.datetime) -> None:
        """Remember that it was opened again."""
        inquiry = await session.get_one(Inquiry, matter.id)
        inquiry.reopened_at = now

    async def closed(self, session: AsyncSession, matters: Sequence[int]) -> None:
        """Nothing was kept for the time it was open."""

    # What was moderated and answered is a publication, and outlives the conversation; the name of
    # who asked does not.
    async def erase(self, session: AsyncSession, matters: Sequence[int]) -> None:
        """Erase who asked, and the devices of those who wanted to know it too."""
        of_these = Inquiry.matter_id.in_(matters)
        await session.execute(update(Inquiry).where(of_these).values(asker=""))
        await forget_supporters(session, matters)

    async def taken_back(self, session: AsyncSession, matters: Sequence[int]) -> None:
        """Erase the public words and answers as well: the asker took them back."""
        await erase_public_words(session, matters)


INQUIRY = InquiryMatter()


async def erase_public_words(session: AsyncSession, matters: Sequence[int]) -> None:
    """Leave nothing of what the public read of these inquiries, asked or answered."""
    await session.execute(
        update(Inquiry).where(Inquiry.matter_id.in_(matters)).values(public_words="", line_words="")
    )
    await session.execute(
        update(InquiryAnswer)
        .where(InquiryAnswer.matter_id.in_(matters))
        .values(public_words="", waits_since=None)
    )


async def forget_supporters(session: AsyncSession, matters: Sequence[int]) -> None:
    """Forget which devices wanted to know it; how many they were is forgotten too."""
    await session.execute(delete(InquirySupporter).where(InquirySupporter.matter_id.in_(matters)))


async def disclosure_of(session: AsyncSession, inquiry: Inquiry) -> Disclosure | None:
    """What it was asked about; None for an application for what was never published."""
    if inquiry.disclosure_id is None:
        return None
    return await session.get(Disclosure, inquiry.disclosure_id)


async def ladder_of(  # noqa: PLR0913, PLR0917 - what is asked, when, and who has it now
    session: AsyncSession,
    community_id: int,
    disclosure: Disclosure | None,
    kind: InquiryKind,
    now: dt.datetime,
    present: int | None = None,
) -> Ladder:
    """Who answers now: the person responsible if they work here, else the secretary.

    An application is the subdistrict's from the beginning. `present` is who has it now.
    """
    community = await session.get_one(Community, community_id)
    lowest = RULES[kind].lowest
    owner = disclosure.owner_id if disclosure and not lowest.is_office else None
    people = {owner, present} - {None}
    competent = StaffRole.is_above(community) if lowest.is_office else StaffRole.covers(community)
    found = await members_with_role(session, StaffRole.staff_id.in_(people), competent)
    here = {member.id for member in found}
    hours = await session.scalar(select(Hall.hours).where(Hall.community_id == community_id))
    return Ladder(
        holder=owner if owner in here else None,
        substitute=None,
        hours=hours or HallHours(working_day=()),
        patience=PATIENCE,
        absences=await absences_in(session, community, now),
        gone=frozenset(person for person in people if person is not None) - here,
        lowest=lowest,
    )


@dataclass(frozen=True)
class Asked:
    """What an inquiry begins with, besides its words.

    `disclosure` is None for an application for what was never published. `asker` is the name to be
    shown; empty for none. `device` is None for what a clerk wrote down.
    """

    community_id: int
    kind: InquiryKind
    disclosure: Disclosure | None = None
    line: str | None = None
    asker: str = ""
    device: str | None = None
    written_by: int | None = None


async def ask(act: Act, asked: Asked, written: Written) -> tuple[Matter, bool]:
    """Begin an inquiry, and whether it is new: what was sent twice is one.

    So are the same words of one device about the same thing, as long as the first is open. Raises
    `NotAskableError`, `NotOpenForObjectionsError`, `LineGoneError`, `TooManyAskedError`,
    `KeyReusedError`.
    """
    session = act.session
    line = None
    if not await _was_sent(session, written):
        if asked.disclosure is None and asked.kind is not InquiryKind.APPLICATION:
            raise NotAskableError
        kept = await _same_words(session, asked, written.words)
        if kept is not None:
            return kept, False
        line = await _line(act, asked)
        await _refuse_objection(act, asked)
        await _refuse_too_many(session, asked)
    opening = Opening(
        kind=WORD,
        community_id=asked.community_id,
        written=written,
        rule=RULES[asked.kind].answer,
        device=asked.device,
    )
    ladder = await ladder_of(session, asked.community_id, asked.disclosure, asked.kind, act.now)
    matter, is_new = await open_matter(act, opening, ladder)
    if is_new:
        session.add(_inquiry(act, matter, asked, line))
        await session.flush()
    return matter, is_new


def _inquiry(act: Act, matter: Matter, asked: Asked, line: LedgerLine | None) -> Inquiry:
    return Inquiry(
        matter_id=matter.id,
        community_id=asked.community_id,
        disclosure_id=asked.disclosure.id if asked.disclosure else None,
        line=line.key if line else None,
        line_words=line.purpose if line else "",
        kind=asked.kind,
        asked_at=act.now,
        written_by=asked.written_by,
        asker=asked.asker,
        waits_since=act.now,
    )


# After a lost answer the form comes again, perhaps when its kind is not possible any more.
async def _was_sent(session: AsyncSession, written: Written) -> bool:
    if written.form_key is None:
        return False
    found = await session.scalar(select(Matter.id).where(Matter.form_key == written.form_key))
    return found is not None


async def _same_words(session: AsyncSession, asked: Asked, words: str) -> Matter | None:
    """The open inquiry in which this device said the same about the same thing."""
    if asked.device is None:
        return None
    found: Matter | None = await session.scalar(
        select(Matter)
        .join(Inquiry, Inquiry.matter_id == Matter.id)
        .join(MatterDevice, MatterDevice.matter_id == Matter.id)
        .join(MatterEntry, MatterEntry.matter_id == Matter.id)
        .where(
            MatterDevice.device == asked.device,
            Matter.closed_at.is_(None),
            Inquiry.kind == asked.kind,
            Inquiry.disclosure_id.is_not_distinct_from(_id(asked.disclosure)),
            Inquiry.line.is_not_distinct_from(asked.line),
            MatterEntry.kind == EntryKind.MESSAGE,
            MatterEntry.words == words,
        )
        .limit(1)
    )
    return found


def _id(disclosure: Disclosure | None) -> int | None:
    return disclosure.id if disclosure else None


async def _line(act: Act, asked: Asked) -> LedgerLine | None:
    """The line as it is published now. Raises `LineGoneError`."""
    if asked.line is None:
        return None
    found = await line_of(act.session, asked.disclosure, asked.line)
    if found is None:
        raise LineGoneError
    return found


async def line_of(
    session: AsyncSession, disclosure: Disclosure | None, key: str
) -> LedgerLine | None:
    """A line of the published ledger; None where there is none of this key any more."""
    if disclosure is None or disclosure.state is not DisclosureState.PUBLISHED:
        return None
    newest = await revision_of(session, disclosure, disclosure.number)
    document = newest.document if newest else None
    lines = document.ledger if document else ()
    return next((line for line in lines if line.key == key), None)


async def _refuse_objection(act: Act, asked: Asked) -> None:
    if asked.kind is not InquiryKind.OBJECTION or asked.disclosure is None:
        return
    zone = act.now.tzinfo
    until = await objections_until(act.session, asked.disclosure, act.calendar, zone)
    if until is None or act.now.date() > until:
        raise NotOpenForObjectionsError


async def _refuse_too_many(session: AsyncSession, asked: Asked) -> None:
    if asked.device is None:
        return
    count = await session.scalar(
        select(func.count())
        .select_from(Inquiry)
        .join(Matter, Matter.id == Inquiry.matter_id)
        .join(MatterDevice, MatterDevice.matter_id == Inquiry.matter_id)
        .where(
            MatterDevice.device == asked.device,
            Matter.closed_at.is_(None),
            Inquiry.community_id == asked.community_id,
            Inquiry.disclosure_id.is_not_distinct_from(_id(asked.disclosure)),
        )
    )
    if (count or 0) >= MOST_ASKED:
        raise TooManyAskedError


async def support(session: AsyncSession, inquiry: Inquiry, device: str, now: dt.datetime) -> None:
    """我也想知道: tell this device of the answer; again is no error.

    Raises `NotPublicError`, `AnsweredAlreadyError`, `TooManySupportersError`.
    """
    if inquiry.state is not InquiryState.PUBLIC or not inquiry.public_words:
        raise NotPublicError
    matter = await session.get_one(Matter, inquiry.matter_id)
    if matter.owed_since is None:
        raise AnsweredAlreadyError
    if await session.get(MatterDevice, (inquiry.matter_id, device)) is not None:
        return
    if await session.get(InquirySupporter, (inquiry.matter_id, device)) is not None:
        return
    counts = await supporters_of(session, [inquiry.matter_id])
    if counts.get(inquiry.matter_id, 0) >= MOST_SUPPORTERS:
        raise TooManySupportersError
    # Two taps at once are one wish.
    row = {"matter_id": inquiry.matter_id, "device": device, "since": now}
    await session.execute(inserting(session, InquirySupporter).values(row).on_conflict_do_nothing())


async def supporters_of(session: AsyncSession, matter_ids: Sequence[int]) -> dict[int, int]:
    """How many more want to know each of these; those that nobody supports are left out."""
    rows = await session.execute(
        select(InquirySupporter.matter_id, func.count())
        .where(InquirySupporter.matter_id.in_(matter_ids))
        .group_by(InquirySupporter.matter_id)
    )
    return {matter_id: count for matter_id, count in rows}  # noqa: C416 - a Result has keys()


async def supported_by(
    session: AsyncSession, device: str | None, matter_ids: Sequence[int]
) -> set[int]:
    """Which of these the device wants to know too. None is a device without a key."""
    if device is None:
        return set()
    found = await session.scalars(
        select(InquirySupporter.matter_id).where(
            InquirySupporter.device == device, InquirySupporter.matter_id.in_(matter_ids)
        )
    )
    return set(found)
