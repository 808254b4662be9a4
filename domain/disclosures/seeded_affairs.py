"""三日, 申请增加公开事项 and 质询 that a sample district's files hold, each as of its own moment.

They go through the functions that people's own go through, so that clocks, holders and the log are
what they would have been.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, NaiveDatetime, StringConstraints, model_validator
from sqlalchemy import select

from domain.calendar import load_calendar
from domain.content import Content, Contradiction, Line, Text
from domain.disclosures import days, inquiries, moderation, wishes
from domain.disclosures.content import LineKey
from domain.disclosures.seeding import ZONE
from domain.disclosures.tables import AffairsDayKind, Disclosure, Inquiry, InquiryKind
from domain.matters import holders, timeline
from domain.matters.happened import MatterAnswered
from domain.matters.tables import Outcome
from domain.matters.timeline import Act, Answer, Written
from domain.staff.actor import COMMAND_LINE
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.seeding import SeededDisclosure
    from domain.matters.tables import Matter
    from domain.places.tables import Community

Markdown = Annotated[str, StringConstraints(max_length=4000)]


def _in_order(*moments: dt.datetime | None) -> None:
    known = [moment for moment in moments if moment is not None]
    if known != sorted(set(known)):
        msg = N_("its moments do not follow each other")
        raise ValueError(msg)


class SeededDay(Content):
    """三日 as a file has it: with its minutes once it is over."""

    kind: AffairsDayKind
    planned_at: NaiveDatetime
    title: Line
    begins_at: NaiveDatetime
    ends_at: NaiveDatetime
    place: Line
    agenda: Markdown = ""
    minutes: Markdown = ""
    minutes_at: NaiveDatetime | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        _in_order(self.planned_at, self.begins_at, self.ends_at, self.minutes_at)
        if bool(self.minutes) != (self.minutes_at is not None):
            msg = N_("minutes have a moment, and no minutes have none")
            raise ValueError(msg)
        return self


class SeededPaper(Content):
    """A list of supporters on paper."""

    entered_at: NaiveDatetime
    residents: int = Field(ge=0)
    representatives: int = Field(ge=0)
    where: Line


class SeededWish(Content):
    """申请增加公开事项 as a file has it: shown to everyone."""

    asked_at: NaiveDatetime
    title: Line
    why: Text
    shown_at: NaiveDatetime
    on_paper: SeededPaper

    @model_validator(mode="after")
    def _check(self) -> Self:
        _in_order(self.asked_at, self.shown_at, self.on_paper.entered_at)
        return self


class SeededAnswer(Content):
    """答复 as a file has it."""

    at: NaiveDatetime
    words: Text


class SeededInquiry(Content):
    """质询 as a file has it: a question about a published disclosure, shown to everyone."""

    # The title of the disclosure, and the key of a line of its ledger.
    about: Line
    line: LineKey | None = None
    asked_at: NaiveDatetime
    words: Text
    shown_at: NaiveDatetime
    answer: SeededAnswer | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        _in_order(self.asked_at, self.shown_at, self.answer.at if self.answer else None)
        return self


class SeededAffairs(Content):
    """What the sample shows of a community's people: nobody really asked or said any of it."""

    days: tuple[SeededDay, ...] = ()
    wishes: tuple[SeededWish, ...] = ()
    inquiries: tuple[SeededInquiry, ...] = ()


def contradictions_of(
    affairs: SeededAffairs, published: Sequence[SeededDisclosure]
) -> Iterator[Contradiction]:
    """Inquiries about what the community's own file does not publish before them."""
    by_title = {each.title: each for each in published}
    for n, inquiry in enumerate(affairs.inquiries):
        disclosure = by_title.get(inquiry.about)
        if disclosure is None:
            yield Contradiction(
                ("inquiries", n, "about"), "no disclosure is called {}", inquiry.about
            )
            continue
        if inquiry.asked_at < disclosure.published_at:
            yield Contradiction(("inquiries", n, "asked_at"), "is before it was published")
        if inquiry.line is not None and inquiry.line not in {
            line.key for line in disclosure.ledger
        }:
            yield Contradiction(("inquiries", n, "line"), "its ledger has no line {}", inquiry.line)


async def plant_affairs(
    session: AsyncSession, community: Community, affairs: SeededAffairs
) -> None:
    """Let all of it have happened. The disclosures are there already."""
    for day in affairs.days:
        await _plant_day(session, community, day)
    for wish in affairs.wishes:
        await _plant_wish(session, community, wish)
    for inquiry in sorted(affairs.inquiries, key=lambda one: one.asked_at):
        await _plant_inquiry(session, community, inquiry)


def _local(wall: dt.datetime) -> dt.datetime:
    return wall.replace(tzinfo=ZONE)


async def _plant_day(session: AsyncSession, community: Community, seeded: SeededDay) -> None:
    planned = days.DayPlan(
        kind=seeded.kind,
        title=seeded.title,
        begins_at=_local(seeded.begins_at),
        ends_at=_local(seeded.ends_at),
        place=seeded.place,
        agenda=seeded.agenda,
    )
    uid, at = str(uuid.uuid4()), _local(seeded.planned_at)
    day = await days.plan(session, COMMAND_LINE, community.id, planned, uid, at)
    if seeded.minutes_at is not None:
        at = _local(seeded.minutes_at)
        minutes = days.Minutes(seeded.minutes)
        await days.write_minutes(session, COMMAND_LINE, day, minutes, at)


async def _plant_wish(session: AsyncSession, community: Community, seeded: SeededWish) -> None:
    key = hashlib.sha256(f"{community.slug}/{seeded.title}".encode()).hexdigest()
    # A wish has the device that asked for it. This one is nobody's: no key has a hash of words.
    at, device = _local(seeded.asked_at), key
    wish = await wishes.ask(session, community, key, device, seeded.title, seeded.why, at)
    at = _local(seeded.shown_at)
    await wishes.show(session, COMMAND_LINE, community, wish, seeded.title, seeded.why, at)
    paper = seeded.on_paper
    await wishes.enter_paper(
        session,
        COMMAND_LINE,
        community,
        wish,
        paper.residents,
        paper.representatives,
        paper.where,
        _local(paper.entered_at),
    )


async def _plant_inquiry(
    session: AsyncSession, community: Community, seeded: SeededInquiry
) -> None:
    calendar = await load_calendar(session)
    act = Act(session, calendar, _local(seeded.asked_at))
    asked = inquiries.Asked(
        community.id,
        InquiryKind.QUESTION,
        await _disclosure(session, community, seeded.about),
        seeded.line,
    )
    matter, _ = await inquiries.ask(act, asked, Written(seeded.words))
    inquiry = await session.get_one(Inquiry, matter.id)
    at = _local(seeded.shown_at)
    await moderation.make_public(session, COMMAND_LINE, inquiry, seeded.words, "", at)
    if seeded.answer is not None:
        await _answer(Act(session, calendar, _local(seeded.answer.at)), matter, seeded.answer.words)


async def _disclosure(session: AsyncSession, community: Community, title: str) -> Disclosure:
    found = await session.scalars(
        select(Disclosure)
        .where(Disclosure.community_id == community.id, Disclosure.title == title)
        .order_by(Disclosure.id.desc())
        .limit(1)
    )
    return found.one()


async def _answer(act: Act, matter: Matter, words: str) -> None:
    """The office answers, through nobody's account: before the demo accounts there is none."""
    ladder = await inquiries.INQUIRY.ladder(act.session, matter, act.now)
    holders.settle(act, matter, ladder)
    timeline.answer(act, matter, None, Answer(Outcome.DONE, Written(words)))
    holders.expect(act, matter, ladder)
    # The application calls this with every event; files are planted without it.
    await moderation.keep_answer(act.session, MatterAnswered(matter.id, act.now))
