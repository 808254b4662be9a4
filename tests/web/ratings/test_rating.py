"""好差评 over the wire: who may rate, what is said of it, and what the office does about it."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from domain.devices import pairing
from domain.devices.tables import DeviceKind
from domain.places.tables import Community
from domain.published import load_community
from domain.queue.calling import StaffedCounter
from domain.queue.snapshot import queue_now
from domain.queue.tickets import ticket_of
from domain.ratings.rating import RATED_WITHIN
from domain.ratings.tables import CallBack, RatingLevel, RatingSource, RatingTag, ServiceRating
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role
from tests.world.district import places
from tests.world.forms import RATING, take, words
from tests.world.people import arrived
from web.ratings.tablet import words_at
from web.site.device_key import COOKIE

if TYPE_CHECKING:
    from tests.world.app import Browser
    from tests.world.clock import Clock
    from tests.world.halls import HallDesk

CALL_BACKS = "/staff/c/liujiazhuang/call-backs"


async def visit(own: Browser, desk: HallDesk) -> str:
    """Take a number on the phone, be called, be done; the ticket's address."""
    if not desk.shifts:
        await desk.sit()
    address = await take(own)
    await desk.do(StaffedCounter.call_next)
    await desk.do(StaffedCounter.finish)
    return address


async def only_rating(browser: Browser) -> ServiceRating:
    """The one rating there is."""
    async with browser.store.read() as session:
        return (await session.scalars(select(ServiceRating))).one()


async def editor(browser: Browser, slug: str = "liujiazhuang") -> dict[str, str]:
    """The headers of someone of the office."""
    place = (await places(browser.store)).community[slug]
    person = await arrived(browser.store, f"editor-{slug}", Grant(Role.EDITOR, community_id=place))
    return person.headers


async def tablet(browser: Browser, counter: int = 2, slug: str = "liujiazhuang") -> None:
    """Be the rating tablet of a counter from now on."""

    async def unit(session: Any) -> str:
        community = (
            await session.scalars(select(Community.id).where(Community.slug == slug))
        ).one()
        hall, now = await pairing.hall_of(session, community), browser.services.now()
        begun, key = await pairing.begin(session, DeviceKind.RATING, "x" * 64, now)
        await pairing.confirm(session, COMMAND_LINE, begun.code, hall, "评价器", counter, now)
        return key

    key = await browser.store.write(unit)
    browser.cookies.clear()
    browser.cookies.set("device-rating", key)


# On the ticket's page


async def test_a_visit_that_is_over_can_be_rated_and_nothing_is_chosen_before(own, desk) -> None:
    await desk.sit()
    address = await take(own)
    assert "评价本次服务" not in (await own.get(address)).text
    await desk.do(StaffedCounter.call_next)
    await desk.do(StaffedCounter.finish)
    page = (await own.get(address)).text
    assert "评价本次服务" in page
    assert 'name="level"' in page
    assert "checked" not in page
    response = await own.post(f"{address}/rating", data=RATING)
    assert (response.status_code, response.headers["location"]) == (303, address)
    said = await only_rating(own)
    assert (said.level, said.tags, said.words, said.source) == (
        RatingLevel.DISSATISFIED,
        (RatingTag.LONG_WAIT,),
        "等了\n一小时",
        RatingSource.PAGE,
    )
    page = words(await own.get(address))
    assert "您的评价：不满意、等得太久" in page
    assert "最晚11月30日星期一答复您" in page
    assert "请您评价本次服务" not in page


async def test_a_rating_stands_whatever_is_sent_again(own, desk) -> None:
    address = await visit(own, desk)
    answers = await asyncio.gather(
        *(own.post(f"{address}/rating", data={"level": "satisfied"}) for _ in range(8))
    )
    # The same words again are what a phone sends that heard no answer.
    assert {each.status_code for each in answers} <= {303, 409}
    assert (await own.post(f"{address}/rating", data={"level": "satisfied"})).status_code == 303
    late = await own.post(f"{address}/rating", data={"level": "dissatisfied"})
    assert late.status_code == 409
    assert "您的评价：满意" in words(late)
    assert (await only_rating(own)).level is RatingLevel.SATISFIED


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({}, "请在五项中选一项"),
        ({"level": "wonderful"}, "请在五项中选一项"),
        ({"level": ""}, "请在五项中选一项"),
        ({**RATING, "phone": "call me"}, "请只填电话号码的数字"),
        ({**RATING, "phone": "1" * 60}, "请只填电话号码的数字"),
        ({**RATING, "phone": "١٢٣٤٥٦٧"}, "请只填电话号码的数字"),
    ],
)
async def test_what_cannot_be_taken_is_said_and_nothing_typed_is_lost(own, desk, sent, why) -> None:
    address = await visit(own, desk)
    response = await own.post(f"{address}/rating", data={**sent, "words": "我说的话"})
    assert response.status_code == 422
    assert why in response.text
    assert "我说的话" in response.text
    if "tag" in sent:
        assert 'value="dissatisfied" required checked' in response.text
        assert 'value="long-wait" checked' in response.text
    async with own.store.read() as session:
        assert await session.scalar(select(func.count(ServiceRating.id))) == 0


async def test_odd_tags_and_endless_words_are_cut_not_refused(own, desk) -> None:
    address = await visit(own, desk)
    sent = {"level": "satisfied", "tag": ["quick", "quick", "x", "long-wait"], "words": "好" * 900}
    assert (await own.post(f"{address}/rating", data=sent)).status_code == 303
    said = await only_rating(own)
    assert (said.tags, len(said.words)) == ((RatingTag.QUICK,), 500)


async def test_only_the_phone_that_took_the_number_rates_it(own, desk) -> None:
    address = await visit(own, desk)
    own.cookies.clear()
    assert "评价本次服务" not in (await own.get(address)).text
    response = await own.post(f"{address}/rating", data=RATING)
    assert response.status_code == 403
    own.cookies.set(COOKIE, "someone-else")
    assert (await own.post(f"{address}/rating", data=RATING)).status_code == 403
    guessed = await own.post("/tickets/guessed/rating", data=RATING)
    assert guessed.status_code == 404


async def test_a_number_on_paper_is_rated_by_who_scans_it(own, desk) -> None:
    address = await visit(own, desk)
    token = address.rpartition("/")[2]

    async def unit(session: Any) -> None:
        found = await ticket_of(session, token)
        assert found is not None
        found.device_hash = None

    await own.store.write(unit)
    own.cookies.clear()
    assert (await own.post(f"{address}/rating", data=RATING)).status_code == 303


async def test_a_visit_long_ago_is_not_rated(own, desk, clock: Clock) -> None:
    address = await visit(own, desk)
    clock.now += RATED_WITHIN + dt.timedelta(days=1)
    assert "评价本次服务" not in (await own.get(address)).text
    assert (await own.post(f"{address}/rating", data=RATING)).status_code == 409


# On the tablet


async def test_the_tablet_asks_who_was_finished_with_at_its_counter(own, desk) -> None:
    address = await visit(own, desk)
    await tablet(own)
    shown = (await own.post("/f/devices/rating", data={"version": "v1"})).text
    token = address.rpartition("/")[2]
    assert token in shown
    sent = {"ticket": token, "level": "very-satisfied", "tag": "quick"}
    assert (await own.post("/rating/ratings", data=sent)).status_code == 204
    assert (await own.post("/rating/ratings", data=sent)).status_code == 204, "sent again"
    said = await only_rating(own)
    assert (said.level, said.source) == (RatingLevel.VERY_SATISFIED, RatingSource.TABLET)
    shown = (await own.post("/f/devices/rating", data={"version": "v1"})).text
    assert token not in shown


async def test_a_tablet_elsewhere_asks_nobody_and_rates_nothing(own, desk) -> None:
    address = await visit(own, desk)
    token = address.rpartition("/")[2]
    await tablet(own, counter=1)
    assert token not in (await own.post("/f/devices/rating", data={"version": "v1"})).text
    await tablet(own, slug="yikang")
    sent = {"ticket": token, "level": "satisfied"}
    assert (await own.post("/rating/ratings", data=sent)).status_code == 404
    own.cookies.clear()
    assert (await own.post("/rating/ratings", data=sent)).status_code == 404
    assert (await own.get("/live/rating")).status_code == 404


async def test_a_tablet_is_told_what_it_sent_wrong(own, desk) -> None:
    await desk.sit()
    waiting = (await take(own)).rpartition("/")[2]
    await tablet(own)
    for sent, status in (
        ({"ticket": waiting, "level": "satisfied"}, 409),
        ({"ticket": waiting}, 422),
        ({"level": "satisfied"}, 404),
        ({"ticket": "x\x00y", "level": "satisfied"}, 404),
    ):
        assert (await own.post("/rating/ratings", data=sent)).status_code == status, sent


async def test_the_tablets_stream_says_whom_its_counter_has_and_ends(own, desk) -> None:
    await desk.sit()
    await take(own)

    async def said(counter: int) -> Any:
        async with own.store.read() as session:
            hall = (await load_community(session, "liujiazhuang")).hall
            now = await queue_now(session, hall, own.services.now())
        return words_at(counter, now.now)(now)

    assert await said(2) == {}
    await desk.do(StaffedCounter.call_next)
    assert await said(2) == {"number": "B001", "state": "called"}
    assert await said(1) == {}
    await desk.do(StaffedCounter.finish)
    assert await said(2) == {}
    end = own.services.now() - dt.timedelta(seconds=1)
    async with own.store.read() as session:
        hall = (await load_community(session, "liujiazhuang")).hall
        assert words_at(2, end)(await queue_now(session, hall, own.services.now())) is None


# The office


async def test_a_bad_rating_is_answered_from_the_staff_home_to_the_ticket(own, desk) -> None:
    address = await visit(own, desk)
    await own.post(f"{address}/rating", data={**RATING, "phone": "0531-00001234"})
    headers = await editor(own)
    home = await own.get("/staff", headers=headers)
    assert "1 人的差评在等答复" in words(home)
    assert CALL_BACKS in home.text
    listed = await own.get(CALL_BACKS, headers=headers)
    assert "11月30日星期一前" in words(listed)
    async with own.store.read() as session:
        number = (await session.scalars(select(CallBack.id))).one()
    one = f"{CALL_BACKS}/{number}"
    page = await own.get(one, headers=headers)
    assert "0531-00001234" in page.text
    assert "一小时" in page.text
    await own.post(f"{one}/attempts", headers=headers)
    assert "拨打未接通" in (await own.get(one, headers=headers)).text
    assert "没有接通" in (await own.get(address)).text
    empty = await own.post(f"{one}/answer", data={"answer": "  "}, headers=headers)
    assert (empty.status_code, "请先写下答复" in empty.text) == (422, True)
    done = await own.post(f"{one}/answer", data={"answer": "抱歉，已加开窗口。"}, headers=headers)
    assert (done.status_code, done.headers["location"]) == (303, one)
    page = words(await own.get(address))
    assert "11月23日星期一已答复" in page
    assert "抱歉，已加开窗口。" in page
    again = await own.post(f"{one}/answer", data={"answer": "再说一遍"}, headers=headers)
    assert (again.status_code, "同事已经答复了" in again.text) == (422, True)
    late = await own.post(f"{one}/attempts", headers=headers)
    assert late.status_code == 422
    assert "0531-00001234" not in (await own.get(one, headers=headers)).text
    assert "差评在等答复" not in (await own.get("/staff", headers=headers)).text


async def test_the_office_next_door_sees_nothing_of_it(own, desk) -> None:
    address = await visit(own, desk)
    await own.post(f"{address}/rating", data=RATING)
    headers = await editor(own, "yikang")
    assert "差评" not in words(await own.get("/staff", headers=headers))
    async with own.store.read() as session:
        number = (await session.scalars(select(CallBack.id))).one()
    for path in (CALL_BACKS, f"{CALL_BACKS}/{number}", f"/staff/c/yikang/call-backs/{number}"):
        assert (await own.get(path, headers=headers)).status_code == 404, path
    sent = await own.post(
        f"/staff/c/yikang/call-backs/{number}/answer", data={"answer": "x"}, headers=headers
    )
    assert sent.status_code == 404


async def test_an_answer_that_is_late_says_so(own, desk) -> None:
    address = await visit(own, desk)
    await own.post(f"{address}/rating", data=RATING)

    async def longer_ago(session: Any) -> None:
        await session.execute(update(CallBack).values(fix_by=dt.date(2026, 11, 20)))

    await own.store.write(longer_ago)
    headers = await editor(own)
    assert "已超期（11月20日星期五）" in words(await own.get(CALL_BACKS, headers=headers))


async def test_results_stand_there_from_the_fifth_rating_on(own, desk) -> None:
    headers = await editor(own)
    path = "/staff/c/liujiazhuang/ratings"
    for _ in range(5):
        assert "评价还不够五条" in (await own.get(path, headers=headers)).text
        address = await visit(own, desk)
        await own.post(f"{address}/rating", data={"level": "satisfied"})
    page = words(await own.get(path, headers=headers))
    assert "2026年11月" in page
    assert "100%" in page
