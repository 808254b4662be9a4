"""What is asked about a disclosure: by when an answer is owed, who owes it, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from domain.calendar import calendar_of
from domain.disclosures import publishing
from domain.disclosures.errors import (
    AnsweredAlreadyError,
    LineGoneError,
    NotAskableError,
    NotOpenForObjectionsError,
    NotPublicError,
    TooManyAskedError,
)
from domain.disclosures.inquiries import INQUIRY, MOST_ASKED, RULES
from domain.disclosures.objections import ObjectionState
from domain.disclosures.tables import Disclosure, InquiryKind
from domain.matters.clock import Clock
from domain.matters.errors import KeyReusedError, NotHandlerError
from domain.matters.holders import settle_due
from domain.matters.ladder import HoldReason, Level
from domain.matters.retention import erase_matters
from domain.staff.actor import COMMAND_LINE
from domain.staff.roles import deactivate
from tests.world.disclosures import LEDGER
from tests.world.inquiries import ANSWER, OTHER_PHONE, PHONE, WORDS
from tests.world.matters import written

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure as Published
    from domain.matters.timeline import Act
    from domain.staff.actor import Actor
    from tests.world.inquiries import InquiryOffice

QUESTION, OBJECTION = InquiryKind.QUESTION, InquiryKind.OBJECTION
APPLICATION, ON_SITE = InquiryKind.APPLICATION, InquiryKind.ON_SITE


@pytest.mark.parametrize(
    ("asked", "question", "objection", "application"),
    [
        ("2026-11-23", "2026-11-30", "2026-11-30", "2026-12-21"),
        # The Spring Festival with a make-up day on Saturday the 14th.
        ("2026-02-12", "2026-02-26", "2026-02-24", "2026-03-18"),
        ("2026-02-13", "2026-02-27", "2026-02-24", "2026-03-19"),
        # Make-up days on Sunday 20 September and Saturday 10 October.
        ("2026-09-18", "2026-09-24", "2026-09-23", "2026-10-22"),
        ("2026-09-29", "2026-10-12", "2026-10-08", "2026-11-02"),
        # Over the end of a year, with a make-up day on Sunday 4 January.
        ("2025-12-30", "2026-01-07", "2026-01-04", "2026-01-28"),
        ("2025-12-31", "2026-01-08", "2026-01-05", "2026-01-29"),
    ],
)
def test_each_kind_is_counted_by_its_own_rule(asked, question, objection, application) -> None:
    expected = {
        QUESTION: question,
        OBJECTION: objection,
        APPLICATION: application,
        ON_SITE: question,
    }
    for kind, rule in RULES.items():
        due = Clock(rule.answer, dt.date.fromisoformat(asked)).due(calendar_of([]))
        assert (due.day, due.is_provisional) == (dt.date.fromisoformat(expected[kind]), False)
        assert rule.answer.source


async def test_the_person_responsible_has_a_question_and_its_date(inquiries: InquiryOffice) -> None:
    disclosure_id = await inquiries.published()
    matter = await inquiries.matter(await inquiries.asks(disclosure_id, line="a2"))
    assert (matter.level, matter.holder_id) == (Level.HOLDER, inquiries.people["writer"])
    assert matter.due_on == dt.date(2026, 11, 30)


async def test_the_secretary_has_it_where_the_person_responsible_left(
    inquiries: InquiryOffice,
) -> None:
    disclosure_id = await inquiries.published()

    async def leave(act: Act) -> None:
        await deactivate(act.session, COMMAND_LINE, inquiries.people["writer"], act.now)

    await inquiries.act(leave)
    matter = await inquiries.matter(await inquiries.asks(disclosure_id))
    assert (matter.level, matter.held_why) == (Level.SECRETARY, HoldReason.VACANT)
    await inquiries.answers("chief", matter.id)


async def test_an_unanswered_question_goes_up_and_its_date_stays(inquiries: InquiryOffice) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published())
    levels = []
    for _ in range(3):
        levels.append((await inquiries.matter(inquiry_id)).level)
        inquiries.later(days=3)
        await inquiries.act(lambda act: settle_due(act, lambda _: INQUIRY))
    assert levels == [Level.HOLDER, Level.SECRETARY, Level.SUBDISTRICT]
    assert (await inquiries.matter(inquiry_id)).due_on == dt.date(2026, 11, 30)


async def test_an_application_is_the_subdistricts_from_the_beginning(
    inquiries: InquiryOffice,
) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published(), APPLICATION)
    matter = await inquiries.matter(inquiry_id)
    assert (matter.level, matter.holder_id, matter.held_why) == (
        Level.SUBDISTRICT,
        None,
        HoldReason.ASSIGNED,
    )
    for name in ("writer", "chief", "clerk"):
        with pytest.raises(NotHandlerError):
            await inquiries.answers(name, inquiry_id)
    await inquiries.answers("above", inquiry_id)


async def test_only_an_application_can_be_about_what_was_never_published(
    inquiries: InquiryOffice,
) -> None:
    assert await inquiries.asks(None, APPLICATION)
    with pytest.raises(NotAskableError):
        await inquiries.asks(None)


async def test_an_objection_is_taken_to_the_last_minute_of_the_period(
    inquiries: InquiryOffice,
) -> None:
    disclosure_id = await inquiries.published(open_days=5)
    assert (await inquiries.objected(disclosure_id)).until == dt.date(2026, 11, 30)
    inquiries.now = inquiries.now.replace(month=11, day=30, hour=23, minute=59)
    assert await inquiries.asks(disclosure_id, OBJECTION)
    inquiries.later(minutes=1)
    with pytest.raises(NotOpenForObjectionsError):
        await inquiries.asks(disclosure_id, OBJECTION, written("另一条"))
    with pytest.raises(NotOpenForObjectionsError):
        await inquiries.asks(await inquiries.published(), OBJECTION)


async def test_a_disclosure_is_undisputed_only_without_an_objection(
    inquiries: InquiryOffice,
) -> None:
    quiet, disputed = [await inquiries.published(open_days=5) for _ in range(2)]
    assert await inquiries.objections(await inquiries.published()) is None
    first = await inquiries.asks(disputed, OBJECTION, device=PHONE)
    await inquiries.asks(disputed, OBJECTION, device=OTHER_PHONE)
    await inquiries.asks(quiet, QUESTION)
    # What a moderator decides about words makes nothing undisputed.
    await inquiries.holds_back("second", first)
    states = [(await inquiries.objected(each)).state for each in (quiet, disputed)]
    assert states == [ObjectionState.OPEN, ObjectionState.DISPUTED]
    inquiries.later(days=8)
    found = [await inquiries.objected(each) for each in (quiet, disputed)]
    assert [(each.state, each.count) for each in found] == [
        (ObjectionState.UNDISPUTED, 0),
        (ObjectionState.DISPUTED, 2),
    ]


async def test_a_line_keeps_its_inquiry_over_a_correction_and_its_words_when_it_is_gone(
    inquiries: InquiryOffice,
) -> None:
    disclosure_id = await inquiries.published()
    inquiry_id = await inquiries.asks(disclosure_id, line="a2")
    await inquiries.corrected(disclosure_id, "并入另一项", ledger=LEDGER[:1])
    await inquiries.all_steps(disclosure_id)
    await inquiries.publishes(disclosure_id)
    inquiry = await inquiries.inquiry(inquiry_id)
    assert (inquiry.line, inquiry.line_words) == ("a2", "楼道照明维修")
    for line in ("a2", "zz"):
        with pytest.raises(LineGoneError):
            await inquiries.asks(disclosure_id, given=written("还在吗"), line=line)


async def test_a_withdrawn_disclosure_can_be_asked_about_but_not_its_lines_or_objected_to(
    inquiries: InquiryOffice,
) -> None:
    disclosure_id = await inquiries.published(open_days=5)
    before = await inquiries.asks(disclosure_id, line="a1")

    async def withdraw(session: AsyncSession, actor: Actor, made: Published) -> None:
        await publishing.withdraw(session, actor, made, "金额有误", inquiries.now)

    await inquiries.do(disclosure_id, withdraw)
    assert await inquiries.asks(disclosure_id, given=written("为什么撤回？"))
    with pytest.raises(LineGoneError):
        await inquiries.asks(disclosure_id, given=written("第一行"), line="a1")
    with pytest.raises(NotOpenForObjectionsError):
        await inquiries.asks(disclosure_id, OBJECTION, written("有异议"))
    assert await inquiries.objections(disclosure_id) is None
    # What was asked before is owed an answer all the same.
    await inquiries.answers("writer", before)
    assert (await inquiries.answer(before)).public_words == ANSWER


async def test_what_is_sent_twice_is_one_inquiry_also_when_its_period_is_over(
    inquiries: InquiryOffice,
) -> None:
    disclosure_id = await inquiries.published(open_days=5)
    form = written(WORDS, "the form's key")
    first = await inquiries.asks(disclosure_id, OBJECTION, form)
    inquiries.later(days=30)
    assert await inquiries.asks(disclosure_id, OBJECTION, form) == first
    with pytest.raises(KeyReusedError):
        await inquiries.asks(disclosure_id, OBJECTION, written("别的", "the form's key"))


async def test_copies_of_one_phone_are_one_inquiry_and_a_flood_ends(
    inquiries: InquiryOffice,
) -> None:
    disclosure_id = await inquiries.published()
    first = await inquiries.asks(disclosure_id)
    assert await inquiries.asks(disclosure_id) == first
    assert await inquiries.asks(disclosure_id, device=OTHER_PHONE) != first
    assert await inquiries.asks(disclosure_id, line="a1") != first
    for number in range(MOST_ASKED - 2):
        await inquiries.asks(disclosure_id, given=written(f"问题 {number}"))
    with pytest.raises(TooManyAskedError):
        await inquiries.asks(disclosure_id, given=written("再问一个"))
    # What is closed makes room, and another disclosure has room of its own.
    await inquiries.closes(first)
    assert await inquiries.asks(disclosure_id, given=written("再问一个"))
    assert await inquiries.asks(await inquiries.published())


async def test_others_can_want_to_know_it_too_while_it_is_public_and_unanswered(
    inquiries: InquiryOffice,
) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published())
    with pytest.raises(NotPublicError):
        await inquiries.supports(inquiry_id)
    await inquiries.moderates("second", inquiry_id)
    for device in (OTHER_PHONE, OTHER_PHONE, "c" * 64, PHONE):
        await inquiries.supports(inquiry_id, device)
    assert (await inquiries.shown(inquiry_id)).supporters == 2
    await inquiries.answers("writer", inquiry_id)
    with pytest.raises(AnsweredAlreadyError):
        await inquiries.supports(inquiry_id, "d" * 64)


async def test_the_conversation_can_be_erased_and_the_publication_stays(
    inquiries: InquiryOffice,
) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published(), asker="王桂英")
    await inquiries.moderates("second", inquiry_id)
    await inquiries.supports(inquiry_id)
    await inquiries.answers("writer", inquiry_id)
    await inquiries.closes(inquiry_id)

    async def erase(act: Act) -> None:
        await erase_matters(act.session, [inquiry_id], lambda _: INQUIRY, act.now)

    await inquiries.act(erase)
    assert await inquiries.said(inquiry_id) == []
    public = await inquiries.shown(inquiry_id)
    assert (public.words, public.inquiry.asker, public.supporters) == (WORDS, "", 0)
    assert [answer.words for answer in public.answers] == [ANSWER]

    async def take_back(act: Act) -> None:
        await INQUIRY.taken_back(act.session, [inquiry_id])

    await inquiries.act(take_back)
    public = await inquiries.shown(inquiry_id)
    assert (public.words, public.is_erased) == ("", True)
    assert [answer.words for answer in public.answers] == [""]


async def test_a_new_person_responsible_gets_what_is_open(inquiries: InquiryOffice) -> None:
    disclosure_id = await inquiries.published()
    inquiry_id = await inquiries.asks(disclosure_id)

    async def change(act: Act) -> None:
        row = update(Disclosure).where(Disclosure.id == disclosure_id)
        await act.session.execute(row.values(owner_id=inquiries.people["second"]))

    await inquiries.act(change)
    with pytest.raises(NotHandlerError):
        await inquiries.answers("writer", inquiry_id)
    await inquiries.answers("second", inquiry_id)
