"""A seat that its clerk left: taken over, freed by a colleague, or ended with the role."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial

import pytest
from sqlalchemy import select

from domain.papers.kinds import HALL
from domain.papers.paper import Paper
from domain.papers.versions import save_draft
from domain.queue.tables import CounterShift
from domain.staff.actor import Grant
from domain.staff.journal import JournalEntry
from domain.staff.tables import Role
from tests.world.clerks import COUNTERS, DESK, HOME, MINUTE, Clerk, again, another
from tests.world.databases import both_databases
from tests.world.district import places
from tests.world.forms import words
from tests.world.people import arrived

pytestmark = both_databases


@pytest.fixture
async def desk(clerk: Clerk) -> Clerk:
    """The clerk at the first counter."""
    await clerk.sits(letters=(clerk.letter,))
    return clerk


async def test_a_seat_left_yesterday_is_nobodys_the_next_morning(desk) -> None:
    other = await another(desk)
    desk.clock.now += dt.timedelta(hours=23)
    for clerk in (desk, other):
        clerk.person = await again(clerk)
        assert "Clerk Wang" not in await clerk.get(COUNTERS)
        assert f"回到 {1} 号窗口" not in await clerk.get("/staff")
    response = await desk.browser.get(DESK, headers=desk.person.headers)
    assert response.headers["location"] == f"{COUNTERS}?at=1"
    await other.sits(letters=(desk.letter,))
    # Who forgot to sign off chooses another counter as if nothing had been.
    await desk.sits(f"{COUNTERS}/2", (desk.letter,))


async def test_a_seat_that_was_just_touched_cannot_be_taken_over_yet(desk) -> None:
    await desk.take()
    desk.clock.now += 4 * MINUTE
    await desk.does("calls")
    other = await another(desk)
    desk.clock.now += 3 * MINUTE
    page = await other.get(COUNTERS)
    assert "最后一次操作：10:30" in page
    assert "10:40 起别人可以接替" in page
    assert "接替这个窗口" not in page
    asked = await other.get(f"{DESK}/take-over")
    assert "Clerk Wang 10:30 还在 1 号窗口操作过" in asked
    assert "10:40 起您可以接替" in asked
    response = await other.post("take-over", letters=(desk.letter,), shift=await shift_id(desk))
    assert response.status_code == 422
    assert "10:40 起您可以接替" in words(response)
    assert f"{desk.letter}001" in await desk.get()


@pytest.mark.parametrize("role", [Role.CLERK, Role.ADMINISTRATOR])
async def test_a_seat_left_alone_is_taken_over_after_a_question(desk, role) -> None:
    await desk.take()
    await desk.does("calls")
    await desk.does("starts")
    desk.clock.now += 10 * MINUTE
    place = (await places(desk.browser.store)).community[HOME]
    person = await arrived(desk.browser.store, "other", Grant(role, community_id=place))
    other = Clerk(desk.browser, desk.clock, person)
    assert "接替这个窗口" in await other.get(COUNTERS)
    asked = await other.get(f"{DESK}/take-over")
    assert "接替 1 号窗口？" in asked
    assert "Clerk Wang 最后一次操作是 10:26。改由您坐这里吗？" in asked
    assert f"{desk.letter}001 正在这个窗口，由您接着办" in asked
    shift = await shift_id(desk)
    response = await other.post("take-over", letters=(desk.letter,), shift=shift)
    assert (response.status_code, response.headers["location"]) == (303, DESK)
    theirs = await other.get()
    assert f"{desk.letter}001" in theirs
    assert "办理中" in theirs
    # The clerk who comes back reads what happened, from each way to the old desk.
    said = "Other Wang 已于 10:36 坐到 1 号窗口。"
    response = await desk.browser.get(DESK, headers=desk.person.headers)
    assert said in await desk.get(response.headers["location"])
    response = await desk.browser.get(f"/f{DESK}", headers=desk.person.headers)
    assert said in await desk.get(response.headers["location"])
    assert said in await desk.refused("finishes")
    assert "没有人在等" in await other.does("finishes")
    async with desk.browser.store.read() as session:
        entry = await session.scalar(
            select(JournalEntry).where(JournalEntry.action == "seat-taken-over")
        )
    assert entry is not None
    assert entry.staff_id == person.id
    assert entry.after["ticket"] == f"{desk.letter}001"


async def test_the_question_is_asked_again_when_the_answer_does_not_fit(desk) -> None:
    other = await another(desk)
    desk.clock.now += 10 * MINUTE
    path = f"{DESK}/take-over"
    for form in ({}, {"shift": "x"}, {"shift": "999999999"}, {"shift": "-1"}):
        response = await other.post("take-over", letters=(desk.letter,), **form)
        assert response.status_code == 422, form
        assert "改由您坐这里吗" in words(response)
    response = await other.post("take-over", shift=await shift_id(desk))
    assert response.status_code == 422
    assert "请至少选一类业务" in words(response)
    assert "改由您坐这里吗" in words(response)
    assert "接替 1 号窗口？" in await other.get(path)
    for noun in ("get", "post"):
        answer = await getattr(desk.browser, noun)(
            f"{COUNTERS}/99/take-over", headers=other.person.headers
        )
        assert answer.status_code == 404
    # Nobody is in the way at a free counter, or at the clerk's own.
    for clerk, counter in ((other, 2), (desk, 1)):
        response = await desk.browser.get(
            f"{COUNTERS}/{counter}/take-over", headers=clerk.person.headers
        )
        assert response.headers["location"] == COUNTERS


async def test_a_clerk_with_a_person_at_another_counter_finishes_first(desk) -> None:
    other = await another(desk)
    await other.sits(f"{COUNTERS}/2", (desk.letter,))
    await desk.take()
    await other.post("calls", f"{COUNTERS}/2")
    desk.clock.now += 10 * MINUTE
    response = await other.post("take-over", letters=(desk.letter,), shift=await shift_id(desk))
    assert response.status_code == 422
    assert f"请先办完 {desk.letter}001" in words(response)


@pytest.mark.parametrize("noun", ["shifts", "take-over"])
async def test_a_refusal_shows_the_clerks_own_seat_as_it_stays(desk, noun) -> None:
    other = await another(desk)
    await other.sits(f"{COUNTERS}/2", (desk.letter,))
    response = await other.post(noun, letters=(desk.letter,), shift=await shift_id(desk))
    assert response.status_code == 422
    after = await desk.browser.get(COUNTERS, headers=other.person.headers)
    assert pills(response.text) == pills(after.text)
    assert pills(after.text)[:2] == ["有人", "您在这里"]


def pills(page: str) -> list[str]:
    """Whether each counter is free, as a page of the seats says it."""
    return re.findall(r'<span class="pill \w+">(.*?)</span>', page)


async def test_a_number_taken_for_someone_is_something_done_at_the_seat(desk) -> None:
    desk.clock.now += 9 * MINUTE
    assert (await desk.post("tickets", category=desk.letter, key="once")).status_code == 303
    other = await another(desk)
    desk.clock.now += 9 * MINUTE
    assert "10:45 起您可以接替" in await other.get(f"{DESK}/take-over")


async def test_who_loses_the_role_leaves_the_seat_and_the_person_is_next(desk) -> None:
    await desk.take()
    await desk.does("calls")
    await desk.take()
    boss = await arrived(desk.browser.store, "boss", Grant(Role.ADMINISTRATOR))
    response = await desk.browser.post(
        f"/staff/people/{desk.person.id}/roles", data={}, headers=boss.headers
    )
    assert response.status_code == 303
    assert (await desk.post("sign-off")).status_code == 404
    other = await another(desk)
    page = await other.get(COUNTERS)
    assert "Clerk Wang" not in page
    assert f"{desk.letter}001 已叫号" not in page
    await other.sits(letters=(desk.letter,))
    await other.does("calls")
    found = await other.look()
    assert [each.ticket and each.ticket.label for each in found.desks] == [f"{desk.letter}001"]


async def test_who_works_here_no_more_holds_no_counter(desk) -> None:
    boss = await arrived(desk.browser.store, "boss", Grant(Role.ADMINISTRATOR))
    response = await desk.browser.post(
        f"/staff/people/{desk.person.id}/deactivation", headers=boss.headers
    )
    assert response.status_code == 303
    assert (await desk.look()).desks == ()


async def shift_id(clerk: Clerk) -> int:
    """The open shift of a clerk, as the question carries it."""
    async with clerk.browser.store.read() as session:
        found = await session.scalar(
            select(CounterShift.id).where(
                CounterShift.staff_id == clerk.person.id, CounterShift.ended_at.is_(None)
            )
        )
    assert found is not None
    return int(found)


async def test_a_colleague_signs_off_a_clerk_who_left(desk) -> None:
    await desk.take()
    await desk.does("calls")
    other = await another(desk)
    shift = await shift_id(desk)
    refused = await other.post("left-seat", shift=shift)
    assert refused.status_code == 422
    assert "起您可以接替" in words(refused)
    desk.clock.now += 10 * MINUTE
    assert "只让 Clerk Wang 下岗" in await other.get(f"{DESK}/take-over")
    refused = await other.post("left-seat", shift="1000000")
    assert refused.status_code == 422
    assert len((await desk.look()).desks) == 1
    response = await other.post("left-seat", shift=shift)
    assert (response.status_code, response.headers["location"]) == (303, COUNTERS)
    queue = await desk.look()
    assert queue.desks == ()
    assert [each.label for each in queue.waiting] == [f"{desk.letter}001"]
    async with desk.browser.store.read() as session:
        entry = await session.scalar(
            select(JournalEntry).where(JournalEntry.action == "seat-freed")
        )
    assert entry.staff_id == other.person.id
    assert (entry.before["full_name"], entry.after["ticket"]) == ("Clerk Wang", f"{desk.letter}001")
    # Who asks again finds nobody there, and nothing is written.
    assert (await other.post("left-seat", shift=shift)).status_code == 303


async def test_the_review_says_whom_a_removed_counter_leaves_behind(desk) -> None:
    await desk.take()
    await desk.does("calls")
    await desk.take()
    place = (await places(desk.browser.store)).community[HOME]
    editor = await arrived(desk.browser.store, "editor", Grant(Role.EDITOR, community_id=place))
    paper, store = Paper(HALL, HOME), desk.browser.store
    async with store.read() as session:
        published = await paper.read(session)
    assert published is not None
    document = published.model_dump(mode="json")
    kept = [each for each in document["counters"] if desk.letter not in each["categories"]]
    assert 0 < len(kept) < len(document["counters"])
    document["counters"] = kept
    save = partial(save_draft, actor=editor.actor, paper=paper, document=document, base=1)
    await store.write(partial(save, now=desk.clock.now))
    path = f"/staff/c/{HOME}/hall/publication"
    page = words(await desk.browser.get(path, headers=editor.headers))
    assert "发布后就没有 1 号窗口了，Clerk Wang 会自动下岗" in page
    assert "以后没有窗口办" in page
    assert "正在等的人：1" in page
    response = await desk.browser.post(path, data={"reason": "并窗"}, headers=editor.headers)
    assert response.status_code == 303
    queue = await desk.look()
    assert queue.desks == ()
    assert [each.number for each in queue.waiting] == [1, 2]
