"""What everyone reads of inquiries: under a disclosure, of a community, and one of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, or_, select

from domain.disclosures.inquiries import supporters_of
from domain.disclosures.moderation import checked_too_long
from domain.disclosures.tables import Disclosure, Inquiry, InquiryAnswer, InquiryState
from domain.matters.tables import Matter
from domain.search.reading import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar

PAGE = 20
# Under a disclosure, and open ones of a community.
MOST_LISTED = 50
MOST_WORDS = 5
# Pairs of characters that two questions must share to be shown as alike, of all that they have.
ALIKE = 0.2


@dataclass(frozen=True)
class PublicAnswer:
    """答复 as everyone reads it: without words while it is checked, and once it is erased."""

    words: str
    outcome: str
    # Aware local time.
    at: dt.datetime
    is_being_checked: bool
    # Days after the date on which it was owed; 0 for in time.
    days_late: int


@dataclass(frozen=True)
class PublicInquiry:
    """质询 as everyone reads it. Moments are aware local times."""

    inquiry: Inquiry
    # What it is about; None for an application for what was never published.
    disclosure: Disclosure | None
    asked_at: dt.datetime
    # None while none is owed: answered, or closed.
    due_on: dt.date | None
    # Days after that date; 0 while it is not over.
    days_late: int
    is_open: bool
    # Since when its words are withheld because nobody has looked at them; None for no such time.
    checked_since: dt.datetime | None
    answers: tuple[PublicAnswer, ...]
    # How many more want to know it.
    supporters: int

    @property
    def id(self) -> int:
        return self.inquiry.matter_id

    @property
    def words(self) -> str:
        """What was asked; empty while that is checked, and once it is erased."""
        return "" if self.checked_since else self.inquiry.public_words

    @property
    def is_erased(self) -> bool:
        """Whether its words were erased, with the disclosure or by who asked."""
        return not self.checked_since and not self.inquiry.public_words


class Reader:
    """Reads inquiries as everyone sees them at `now` (aware local time)."""

    def __init__(self, session: AsyncSession, calendar: WorkingCalendar, now: dt.datetime) -> None:
        self._session, self._now = session, now
        self._overdue = checked_too_long(calendar, now)

    @property
    def _is_shown(self) -> ColumnElement[bool]:
        """Public ones, and those that nobody decided about in time."""
        return or_(Inquiry.state == InquiryState.PUBLIC, Inquiry.waits_since < self._overdue)

    def _chosen(self) -> Select[Inquiry, Matter]:
        return (
            select(Inquiry, Matter)
            .join(Matter, Matter.id == Inquiry.matter_id)
            .where(self._is_shown)
        )

    async def about(self, disclosure: Disclosure, most: int = MOST_LISTED) -> list[PublicInquiry]:
        """What was asked about a disclosure, the newest first."""
        chosen = self._chosen().where(Inquiry.disclosure_id == disclosure.id)
        return await self._read(chosen.order_by(Inquiry.matter_id.desc()).limit(most))

    async def open_in(self, community_id: int, words: str = "") -> list[PublicInquiry]:
        """What is owed an answer in a community, the first due first."""
        chosen = self._chosen().where(
            Matter.community_id == community_id,
            Matter.closed_at.is_(None),
            Matter.due_on.is_not(None),
            *_holding(words),
        )
        return await self._read(chosen.order_by(Matter.due_on, Matter.id).limit(MOST_LISTED))

    async def answered_in(
        self, community_id: int, before: int | None = None, words: str = ""
    ) -> list[PublicInquiry]:
        """What was answered in a community, the newest first; `PAGE` + 1 at most.

        `before` is the id of the last one of the page before.
        """
        chosen = self._chosen().where(
            Inquiry.community_id == community_id,
            Inquiry.answered_at.is_not(None),
            Matter.due_on.is_(None),
            *_holding(words),
        )
        last = None if before is None else await self._session.get(Inquiry, before)
        if last is not None and last.answered_at is not None:
            is_same = and_(
                Inquiry.answered_at == last.answered_at, Inquiry.matter_id < last.matter_id
            )
            chosen = chosen.where(or_(Inquiry.answered_at < last.answered_at, is_same))
        ordered = chosen.order_by(Inquiry.answered_at.desc(), Inquiry.matter_id.desc())
        return await self._read(ordered.limit(PAGE + 1))

    async def one(self, community_id: int, inquiry_id: int) -> PublicInquiry | None:
        """One of a community; None for one that is not shown."""
        chosen = self._chosen().where(
            Inquiry.community_id == community_id, Inquiry.matter_id == inquiry_id
        )
        found = await self._read(chosen)
        return found[0] if found else None

    async def held_back_in(self, community_id: int) -> int:
        """How many of a community are held back from the public, with a reason."""
        count = await self._session.scalar(
            select(func.count())
            .select_from(Inquiry)
            .where(Inquiry.community_id == community_id, Inquiry.state == InquiryState.HELD_BACK)
        )
        return count or 0

    async def like(
        self, disclosure: Disclosure, line: str | None, words: str = ""
    ) -> list[PublicInquiry]:
        """Public ones about the same: of the same line first, then by shared words.

        With `words`, only those that share some.
        """
        found = [each for each in await self.about(disclosure) if each.words]
        likeness = {each.id: likeness_of(words, each.words) for each in found}
        if words:
            found = [each for each in found if likeness[each.id] >= ALIKE]
        found.sort(key=lambda each: (each.inquiry.line != line, -likeness[each.id], -each.id))
        return found

    async def _read(self, chosen: Select[Inquiry, Matter]) -> list[PublicInquiry]:
        rows = [(inquiry, matter) for inquiry, matter in await self._session.execute(chosen)]
        ids = [inquiry.matter_id for inquiry, _ in rows]
        answers = await self._answers(ids)
        supporters = await supporters_of(self._session, ids)
        disclosures = await self._disclosures({inquiry.disclosure_id for inquiry, _ in rows})
        return [
            self._public(
                inquiry,
                matter,
                disclosures.get(inquiry.disclosure_id or 0),
                answers.get(inquiry.matter_id, ()),
                supporters.get(inquiry.matter_id, 0),
            )
            for inquiry, matter in rows
        ]

    def _public(
        self,
        inquiry: Inquiry,
        matter: Matter,
        disclosure: Disclosure | None,
        answers: Sequence[InquiryAnswer],
        supporters: int,
    ) -> PublicInquiry:
        is_checked = inquiry.state is not InquiryState.PUBLIC
        waits_since = inquiry.waits_since if is_checked else None
        due_on = matter.due_on
        return PublicInquiry(
            inquiry=inquiry,
            disclosure=disclosure,
            asked_at=self._local(inquiry.asked_at),
            due_on=due_on,
            days_late=max(0, (self._now.date() - due_on).days) if due_on else 0,
            is_open=matter.is_open,
            checked_since=self._local(waits_since) if waits_since else None,
            answers=tuple(self._answer(answer) for answer in answers),
            supporters=supporters,
        )

    def _answer(self, answer: InquiryAnswer) -> PublicAnswer:
        at, owed_by = self._local(answer.at), answer.owed_by
        return PublicAnswer(
            words=answer.public_words,
            outcome=answer.outcome.value,
            at=at,
            is_being_checked=answer.waits_since is not None,
            days_late=max(0, (at.date() - owed_by).days) if owed_by else 0,
        )

    def _local(self, moment: dt.datetime) -> dt.datetime:
        return moment.astimezone(self._now.tzinfo)

    async def _answers(self, ids: Sequence[int]) -> dict[int, list[InquiryAnswer]]:
        found = await self._session.scalars(
            select(InquiryAnswer)
            .where(InquiryAnswer.matter_id.in_(ids))
            .order_by(InquiryAnswer.entry_id)
        )
        by_matter: dict[int, list[InquiryAnswer]] = {}
        for answer in found:
            by_matter.setdefault(answer.matter_id, []).append(answer)
        return by_matter

    async def _disclosures(self, ids: set[int | None]) -> dict[int, Disclosure]:
        found = await self._session.scalars(
            select(Disclosure).where(Disclosure.id.in_(ids - {None}))
        )
        return {disclosure.id: disclosure for disclosure in found}


async def public_inquiries(
    session: AsyncSession, disclosure: Disclosure, calendar: WorkingCalendar, now: dt.datetime
) -> list[PublicInquiry]:
    """What everyone reads of the inquiries about a disclosure, the newest first."""
    return await Reader(session, calendar, now).about(disclosure)


def _holding(words: str) -> list[ColumnElement[bool]]:
    """Whether question or answer hold each of these words."""
    return [
        or_(
            Inquiry.public_words.icontains(word, autoescape=True),
            exists().where(
                InquiryAnswer.matter_id == Inquiry.matter_id,
                InquiryAnswer.public_words.icontains(word, autoescape=True),
            ),
        )
        for word in normalise(words).split()[:MOST_WORDS]
    ]


def likeness_of(one: str, other: str) -> float:
    """How much two questions share, by pairs of characters: 0 to 1, of what the shorter has."""
    pairs, others = (_pairs(normalise(text)) for text in (one, other))
    return len(pairs & others) / max(1, min(len(pairs), len(others)))


def _pairs(text: str) -> set[str]:
    plain = "".join(character for character in text if character.isalnum())
    return {plain[at : at + 2] for at in range(len(plain) - 1)}
