"""From a draft through its steps to a revision, and what may never be skipped."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from domain.disclosures import publishing
from domain.disclosures.content import DisclosureKind
from domain.disclosures.errors import (
    ChangedMeanwhileError,
    NothingWrittenError,
    NotYourStepError,
    PastError,
    StepsMissingError,
    WithdrawnError,
)
from domain.disclosures.happened import DisclosurePublished
from domain.disclosures.tables import DisclosureState
from tests.world.disclosures import DRAFT

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure
    from domain.events import Event
    from domain.staff.actor import Actor
    from tests.world.disclosures import DisclosureOffice

HOUR = dt.timedelta(hours=1)


async def test_a_draft_is_public_only_after_every_step(office: DisclosureOffice) -> None:
    disclosure_id = await office.begun()
    for name in ("writer", "supervisor", "chief"):
        with pytest.raises(StepsMissingError):
            await office.publishes(disclosure_id)
        assert await office.sees(disclosure_id) is None
        assert disclosure_id not in await office.finds("照明维修")
        await office.steps(disclosure_id, name)
    assert await office.sees(disclosure_id) is None
    await office.publishes(disclosure_id)
    seen = await office.seen(disclosure_id)
    assert (seen.totals.received, seen.totals.spent, seen.totals.closing) == (
        1_200_000, 450_000, 750_000,
    )  # fmt: skip
    assert disclosure_id in await office.finds("照明维修")


async def test_a_step_is_taken_only_by_its_role_and_nobody_takes_two(
    office: DisclosureOffice,
) -> None:
    disclosure_id = await office.begun()
    for name in ("supervisor", "clerk"):
        with pytest.raises(NotYourStepError):
            await office.steps(disclosure_id, name)
    # The chief may propose, and is then the one who may not also decide in the meeting.
    await office.steps(disclosure_id, "chief")
    await office.steps(disclosure_id, "supervisor", "账实相符")
    with pytest.raises(NotYourStepError):
        await office.steps(disclosure_id, "chief")


async def test_what_is_sent_back_begins_its_steps_again(office: DisclosureOffice) -> None:
    disclosure_id = await office.begun()
    await office.steps(disclosure_id, "writer")
    await office.steps(disclosure_id, "supervisor", "缺发票", passes=False)
    with pytest.raises(NotYourStepError):
        await office.steps(disclosure_id, "supervisor")
    await office.all_steps(disclosure_id)
    await office.publishes(disclosure_id)


async def test_a_change_takes_the_steps_back_and_saving_the_same_does_not(
    office: DisclosureOffice,
) -> None:
    disclosure_id = await office.begun()
    await office.all_steps(disclosure_id)
    await office.corrected(disclosure_id, "")
    await office.publishes(disclosure_id)
    await office.corrected(disclosure_id, "错字", title="11 月份工作经费")
    await office.all_steps(disclosure_id)
    await office.corrected(disclosure_id, "错字", title="11 月份社区经费")
    with pytest.raises(StepsMissingError):
        await office.publishes(disclosure_id)


async def test_the_second_of_two_editors_is_told(office: DisclosureOffice) -> None:
    disclosure_id = await office.begun()

    async def save(session: AsyncSession, _actor: Actor, made: Disclosure, title: str) -> None:
        await publishing.save_draft(session, made, {**DRAFT, "title": title}, "", 1, office.now)

    await office.do(disclosure_id, partial(save, title="一"))
    with pytest.raises(ChangedMeanwhileError):
        await office.do(disclosure_id, partial(save, title="二"))


async def test_a_draft_that_is_not_right_is_kept_and_never_published(
    office: DisclosureOffice,
) -> None:
    disclosure_id = await office.begun(title="")
    await office.all_steps(disclosure_id)
    with pytest.raises(ValidationError):
        await office.publishes(disclosure_id)
    assert await office.sees(disclosure_id) is None


async def test_a_correction_is_a_revision_and_the_first_stays(office: DisclosureOffice) -> None:
    disclosure_id = await office.published()
    first = await office.seen(disclosure_id)
    office.later(days=1)
    await office.corrected(disclosure_id, "金额写错", title="更正")
    assert (await office.seen(disclosure_id)).disclosure.title == DRAFT["title"]
    await office.all_steps(disclosure_id)
    await office.publishes(disclosure_id, changes_meaning=False)
    now = await office.seen(disclosure_id)
    titles = [(await office.content(disclosure_id, number)).title for number in (2, 1)]
    assert titles == ["更正", DRAFT["title"]]
    assert now.revision.reason == "金额写错"
    # Only a change of meaning makes it news again.
    assert now.disclosure.updated_at == first.disclosure.updated_at
    assert now.disclosure.published_at == first.disclosure.published_at


async def test_those_who_follow_hear_of_each_revision_once(office: DisclosureOffice) -> None:
    heard: list[Event] = []
    office.store.listen(heard.append)
    disclosure_id = await office.published()
    with pytest.raises(NothingWrittenError):
        await office.publishes(disclosure_id)
    published = [each for each in heard if isinstance(each, DisclosurePublished)]
    assert [(each.number, each.is_first) for each in published] == [(1, True)]


async def test_a_schedule_is_for_the_future_and_withdrawing_ends_it(
    office: DisclosureOffice,
) -> None:
    disclosure_id = await office.begun()

    async def schedule(
        session: AsyncSession, actor: Actor, made: Disclosure, at: dt.datetime
    ) -> None:
        await publishing.schedule(session, actor, made, at, office.now)

    async def withdraw(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
        await publishing.withdraw(session, actor, made, "写错了", office.now)

    with pytest.raises(StepsMissingError):
        await office.do(disclosure_id, partial(schedule, at=office.now + HOUR))
    await office.all_steps(disclosure_id)
    with pytest.raises(PastError):
        await office.do(disclosure_id, partial(schedule, at=office.now))
    await office.do(disclosure_id, partial(schedule, at=office.now + HOUR))
    await office.do(disclosure_id, withdraw)
    async with office.store.read() as session:
        assert await publishing.due_disclosures(session, office.now + 2 * HOUR, 10) == []
    # It was never public, so it waits as a draft whose steps hold.
    await office.publishes(disclosure_id)


async def test_a_withdrawn_one_keeps_title_day_and_reason_and_nothing_else(
    office: DisclosureOffice,
) -> None:
    disclosure_id = await office.published()

    async def withdraw(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
        await publishing.withdraw(session, actor, made, "金额有误", office.now)

    await office.do(disclosure_id, withdraw)
    for number in (None, 1):
        seen = await office.seen(disclosure_id, number)
        assert seen.content is None
        assert seen.disclosure.state is DisclosureState.WITHDRAWN
        assert (seen.disclosure.title, seen.disclosure.withdrawn_why) == (
            DRAFT["title"],
            "金额有误",
        )
    assert disclosure_id not in await office.finds("照明维修")
    with pytest.raises(WithdrawnError):
        await office.do(disclosure_id, withdraw)
    with pytest.raises(WithdrawnError):
        await office.corrected(disclosure_id, "again", title="x")


async def test_what_is_for_some_shows_its_title_and_where_to_see_it(
    office: DisclosureOffice,
) -> None:
    disclosure_id = await office.published(audience="some", where_to_see="一楼公告栏")
    seen = await office.seen(disclosure_id)
    assert seen.content is None
    assert (seen.disclosure.title, seen.where_to_see) == (DRAFT["title"], "一楼公告栏")
    assert seen.disclosure.summary == ""
    assert disclosure_id not in await office.finds("照明维修")


async def test_party_affairs_are_reviewed_and_approved(office: DisclosureOffice) -> None:
    disclosure_id = await office.begun(DisclosureKind.PARTY)
    await office.steps(disclosure_id, "writer")
    with pytest.raises(NotYourStepError):
        await office.steps(disclosure_id, "supervisor")
    await office.steps(disclosure_id, "chief", "不涉密")
    with pytest.raises(NotYourStepError):
        await office.steps(disclosure_id, "chief")
