"""What becomes public of inquiries and answers, who decides it, and what nobody can hide."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from domain.calendar import calendar_of
from domain.disclosures.erasing import erase
from domain.disclosures.errors import (
    NoReasonError,
    NothingToDisputeError,
    OwnDecisionError,
    PersonalDataError,
)
from domain.disclosures.moderation import (
    checked_too_long,
    make_answer_public,
    moderate_by,
    waiting_answers,
    waiting_inquiries,
)
from domain.disclosures.tables import Inquiry, InquiryAnswer, InquiryKind, InquiryState
from tests.world.clock import SHANGHAI
from tests.world.disclosures import DRAFT
from tests.world.inquiries import ANSWER, OTHER_PHONE, WORDS
from tests.world.matters import written

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.inquiries_shown import PublicInquiry
    from domain.disclosures.tables import Disclosure
    from domain.staff.actor import Actor
    from tests.world.inquiries import InquiryOffice

IDENTITY = "11010519491231002X"
OUT_OF_TURN = "张三家的低保怎么还没停？"


@pytest.mark.parametrize(
    ("waits_since", "decided_by"),
    [
        ("2026-11-23", "2026-11-25"),
        # Over the Spring Festival and its make-up day, and over the end of a year.
        ("2026-02-12", "2026-02-14"),
        ("2026-02-13", "2026-02-24"),
        ("2025-12-31", "2026-01-05"),
    ],
)
def test_a_decision_is_due_in_two_working_days_and_then_silence_is_shown(
    waits_since, decided_by
) -> None:
    calendar = calendar_of([])
    moment = dt.datetime.fromisoformat(f"{waits_since}T18:00").replace(tzinfo=SHANGHAI)
    due = moderate_by(moment, calendar)
    assert due == dt.date.fromisoformat(decided_by)
    last = dt.datetime.combine(due, dt.time(23, 59), SHANGHAI)
    assert moment >= checked_too_long(calendar, last)
    assert moment < checked_too_long(calendar, last + dt.timedelta(minutes=1))


async def test_nobody_reads_an_inquiry_before_a_moderator_looked(inquiries: InquiryOffice) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published(), asker="王桂英")
    assert await inquiries.public(inquiry_id) is None
    await inquiries.moderates("second", inquiry_id)
    public = await inquiries.shown(inquiry_id)
    assert (public.words, public.inquiry.asker) == (WORDS, "王桂英")
    assert public.due_on == dt.date(2026, 11, 30)


async def test_what_nobody_looked_at_in_time_is_shown_without_its_words(
    inquiries: InquiryOffice,
) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published())
    inquiries.later(days=2)
    assert await inquiries.public(inquiry_id) is None
    inquiries.later(days=1)
    public = await inquiries.shown(inquiry_id)
    assert public.words == ""
    assert public.checked_since == dt.datetime(2026, 11, 23, 10, 26, tzinfo=SHANGHAI)
    assert not public.is_erased


@pytest.mark.parametrize(
    "words", [f"他的身份证 {IDENTITY}", "打 13800138000", "住 3 号楼 2 单元 501 室"]
)
async def test_personal_data_is_named_before_it_becomes_public(inquiries, words) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published(), given=written(words))
    with pytest.raises(PersonalDataError) as refused:
        await inquiries.moderates("second", inquiry_id, words)
    assert refused.value.found
    assert await inquiries.public(inquiry_id) is None
    await inquiries.moderates("second", inquiry_id, "他的身份证（略）", "去掉了个人信息")
    assert (await inquiries.shown(inquiry_id)).words == "他的身份证（略）"
    # The original stays in the conversation, for who handles it.
    assert await inquiries.said(inquiry_id) == [words]


async def test_other_words_than_the_askers_need_a_reason(inquiries: InquiryOffice) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published(), given=written(OUT_OF_TURN))
    for words in ("低保怎么还没停？", " "):
        with pytest.raises(NoReasonError):
            await inquiries.moderates("second", inquiry_id, words)
    with pytest.raises(NoReasonError):
        await inquiries.holds_back("second", inquiry_id, "")
    await inquiries.moderates("second", inquiry_id, "低保怎么还没停？", "去掉了名字")
    assert (await inquiries.inquiry(inquiry_id)).moderated_why == "去掉了名字"


async def test_what_is_held_back_is_disputed_once_and_reviewed_by_a_colleague(
    inquiries: InquiryOffice,
) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published())
    with pytest.raises(NothingToDisputeError):
        await inquiries.disputes(inquiry_id)
    await inquiries.holds_back("second", inquiry_id)
    assert await inquiries.public(inquiry_id) is None
    inquiries.later(days=1)
    await inquiries.disputes(inquiry_id)
    with pytest.raises(NothingToDisputeError):
        await inquiries.disputes(inquiry_id)
    with pytest.raises(OwnDecisionError):
        await inquiries.moderates("second", inquiry_id)
    with pytest.raises(OwnDecisionError):
        await inquiries.holds_back("second", inquiry_id)
    await inquiries.moderates("chief", inquiry_id)
    inquiry = await inquiries.inquiry(inquiry_id)
    assert inquiry.moderated_by == inquiries.people["second"]
    assert inquiry.reviewed_by == inquiries.people["chief"]
    assert inquiry.waits_since is None
    assert (await inquiries.shown(inquiry_id)).words == WORDS
    with pytest.raises(NothingToDisputeError):
        await inquiries.disputes(inquiry_id)


async def test_a_review_that_nobody_makes_is_shown_as_well(inquiries: InquiryOffice) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published())
    await inquiries.holds_back("second", inquiry_id)
    await inquiries.disputes(inquiry_id)
    inquiries.later(days=3)
    public = await inquiries.shown(inquiry_id)
    assert (public.words, public.is_erased) == ("", False)
    assert public.checked_since


async def test_words_that_were_cut_can_be_disputed_and_stay_public_meanwhile(
    inquiries: InquiryOffice,
) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published(), given=written(OUT_OF_TURN))
    await inquiries.moderates("second", inquiry_id, "低保怎么还没停？", "去掉了名字")
    await inquiries.disputes(inquiry_id)
    assert (await inquiries.shown(inquiry_id)).words == "低保怎么还没停？"
    async with inquiries.store.read() as session:
        waiting = await waiting_inquiries(session, [inquiries.community.id], 9)
    assert [each.matter_id for each in waiting] == [inquiry_id]


async def test_what_is_shown_as_it_was_asked_has_nothing_to_dispute(
    inquiries: InquiryOffice,
) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published())
    await inquiries.moderates("second", inquiry_id)
    with pytest.raises(NothingToDisputeError):
        await inquiries.disputes(inquiry_id)


async def test_a_held_back_inquiry_is_answered_to_its_asker_alone(
    inquiries: InquiryOffice,
) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published())
    await inquiries.holds_back("second", inquiry_id)
    await inquiries.answers("writer", inquiry_id)
    assert ANSWER in await inquiries.said(inquiry_id)
    assert await inquiries.public(inquiry_id) is None


async def test_an_answer_is_public_at_once_with_how_late_it_is(inquiries: InquiryOffice) -> None:
    disclosure_id = await inquiries.published()
    in_time, late = (
        await inquiries.asks(disclosure_id),
        await inquiries.asks(disclosure_id, device=OTHER_PHONE),
    )
    for inquiry_id in (in_time, late):
        await inquiries.moderates("second", inquiry_id)
    await inquiries.answers("writer", in_time)
    inquiries.later(days=9)
    assert (await inquiries.shown(late)).days_late == 2
    await inquiries.answers("above", late)
    shown = [await inquiries.shown(each) for each in (in_time, late)]
    assert [each.answers[0].days_late for each in shown] == [0, 2]
    assert [each.due_on for each in shown] == [None, None]
    assert {each.answers[0].words for each in shown} == {ANSWER}


async def test_an_answer_with_personal_data_waits_for_a_moderator(
    inquiries: InquiryOffice,
) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published())
    await inquiries.moderates("second", inquiry_id)
    words = f"已核实，身份证 {IDENTITY}。"
    await inquiries.answers("writer", inquiry_id, words)
    # The asker has it at once.
    assert words in await inquiries.said(inquiry_id)
    [answer] = (await inquiries.shown(inquiry_id)).answers
    assert (answer.words, answer.is_being_checked) == ("", True)

    async def publish(session: AsyncSession, words: str) -> None:
        [(kept, inquiry)] = await waiting_answers(session, [inquiries.community.id], 9)
        actor = await inquiries.actor(session, "second")
        await make_answer_public(session, actor, inquiry, kept, words, inquiries.now)

    with pytest.raises(PersonalDataError):
        await inquiries.write(lambda session: publish(session, words))
    await inquiries.write(lambda session: publish(session, "已核实。"))
    [answer] = (await inquiries.shown(inquiry_id)).answers
    assert (answer.words, answer.is_being_checked) == ("已核实。", False)


async def test_an_erased_disclosure_takes_the_words_about_it_along(
    inquiries: InquiryOffice,
) -> None:
    disclosure_id = await inquiries.published(ledger=[{**DRAFT["ledger"][0], "purpose": "SECRET"}])
    given = written("SECRET 是什么？")
    inquiry_id = await inquiries.asks(disclosure_id, given=given, line="a1")
    await inquiries.moderates("second", inquiry_id, "SECRET 是什么？")
    await inquiries.answers("writer", inquiry_id, "SECRET 是误登的。")

    async def deed(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
        await erase(session, actor, made, [1], "误登", inquiries.now, dt.timedelta(days=30))

    await inquiries.do(disclosure_id, deed)
    inquiry, answer = await inquiries.inquiry(inquiry_id), await inquiries.answer(inquiry_id)
    kept = [inquiry.public_words, inquiry.line_words, answer.public_words]
    assert (kept, inquiry.line) == (["", "", ""], None)
    assert (await inquiries.shown(inquiry_id)).is_erased
    # What it was about can still be asked.
    assert await inquiries.asks(disclosure_id, given=written("为什么删除？"))


async def test_an_erased_older_revision_has_everything_about_it_checked_again(
    inquiries: InquiryOffice,
) -> None:
    disclosure_id = await inquiries.published()
    inquiry_id = await inquiries.asks(disclosure_id)
    await inquiries.moderates("second", inquiry_id)
    await inquiries.answers("writer", inquiry_id)
    await inquiries.corrected(disclosure_id, "更正", title="更正后的")
    await inquiries.all_steps(disclosure_id)
    await inquiries.publishes(disclosure_id)

    async def deed(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
        await erase(session, actor, made, [1], "误登", inquiries.now, dt.timedelta(days=30))

    await inquiries.do(disclosure_id, deed)
    inquiry, answer = await inquiries.inquiry(inquiry_id), await inquiries.answer(inquiry_id)
    assert (inquiry.state, inquiry.public_words) == (InquiryState.WAITING, "")
    assert (answer.waits_since, answer.public_words) == (inquiries.now, "")
    assert await inquiries.public(inquiry_id) is None
    await inquiries.moderates("second", inquiry_id)
    assert (await inquiries.shown(inquiry_id)).words == WORDS


async def test_lists_are_open_ones_by_date_and_answered_ones_newest_first(
    inquiries: InquiryOffice,
) -> None:
    disclosure_id = await inquiries.published(open_days=20)
    asked = {}
    for name, kind in (
        ("answered first", InquiryKind.QUESTION),
        ("answered second", InquiryKind.QUESTION),
        ("due last", InquiryKind.APPLICATION),
        ("due first", InquiryKind.QUESTION),
        ("held back", InquiryKind.QUESTION),
        ("unseen", InquiryKind.QUESTION),
    ):
        asked[name] = await inquiries.asks(disclosure_id, kind, written(name), device=name)
        if name == "held back":
            await inquiries.holds_back("second", asked[name])
        elif name != "unseen":
            await inquiries.moderates("second", asked[name], name)
    for name in ("answered first", "answered second"):
        inquiries.later(minutes=1)
        await inquiries.answers("writer", asked[name], f"Answer to what was {name}")
    here = inquiries.community.id

    def words(found: list[PublicInquiry]) -> list[str]:
        return [each.words for each in found]

    open_ones = await inquiries.reader(lambda reader: reader.open_in(here))
    assert words(open_ones) == ["due first", "due last"]
    answered = await inquiries.reader(lambda reader: reader.answered_in(here))
    assert words(answered) == ["answered second", "answered first"]
    older = await inquiries.reader(lambda reader: reader.answered_in(here, answered[0].id))
    assert words(older) == ["answered first"]
    found = await inquiries.reader(lambda reader: reader.answered_in(here, words="was second"))
    assert words(found) == ["answered second"]
    assert await inquiries.reader(lambda reader: reader.open_in(here, "没有这个词")) == []
    assert await inquiries.reader(lambda reader: reader.held_back_in(here)) == 1
    elsewhere = here + 1
    assert await inquiries.reader(lambda reader: reader.open_in(elsewhere)) == []
    assert await inquiries.reader(lambda reader: reader.one(elsewhere, asked["due first"])) is None


async def test_similar_ones_are_of_the_same_line_first_and_then_by_words(
    inquiries: InquiryOffice,
) -> None:
    disclosure_id = await inquiries.published()
    asked = [
        ("楼道照明的发票在哪里看？", None),
        ("拨款什么时候到账？", "a1"),
        ("楼道照明维修是哪家公司做的？", None),
    ]
    for words, line in asked:
        inquiry_id = await inquiries.asks(disclosure_id, given=written(words), line=line)
        await inquiries.moderates("second", inquiry_id, words)
    disclosure = (await inquiries.seen(disclosure_id)).disclosure

    async def like(line: str | None, words: str) -> list[str]:
        found = await inquiries.reader(lambda reader: reader.like(disclosure, line, words))
        return [each.words for each in found]

    assert await like("a1", "") == [asked[1][0], asked[2][0], asked[0][0]]
    assert await like(None, "楼道照明修的是哪家公司") == [asked[2][0], asked[0][0]]
    assert await like(None, "物业费为什么涨价") == []


async def test_no_two_rows_can_say_that_the_moderator_reviewed(inquiries: InquiryOffice) -> None:
    inquiry_id = await inquiries.asks(await inquiries.published())
    await inquiries.holds_back("second", inquiry_id)

    async def forge(session: AsyncSession) -> None:
        inquiry = await session.get_one(Inquiry, inquiry_id)
        inquiry.reviewed_by = inquiry.moderated_by

    with pytest.raises(Exception, match="reviewer"):
        await inquiries.write(forge)
    async with inquiries.store.read() as session:
        assert await session.get(InquiryAnswer, inquiry_id) is None
