"""关门前 and 没人叫号: what phone, ticket, kiosk and screen say when the hall stops, or nobody calls."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from domain.queue import days
from domain.queue.calling import StaffedCounter
from domain.staff.actor import COMMAND_LINE
from tests.world.clock import NOW
from tests.world.forms import POST, TAKE, form, take

if TYPE_CHECKING:
    from tests.world.halls import HallDesk

STOPPED, CALLED = "今天不再发号", "已取的号照常叫"
NOBODY, SOON = "现在没有窗口", "快到了"


async def unit(desk: HallDesk, verb: Any) -> None:
    place = {"hall_id": desk.hall.id, "community_id": desk.hall.community_id}
    await desk.store.write(partial(verb, actor=COMMAND_LINE, now=desk.now, **place))


async def test_by_hand_the_page_says_so_and_those_who_wait_are_called(own, desk) -> None:
    fields, address = await form(own), await take(own)
    await desk.sit()
    await unit(desk, days.stop_numbers)
    page = (await own.get(TAKE)).text
    assert STOPPED in page
    assert CALLED in page
    assert '<form class="take"' not in page
    assert "您的号照常叫" in (await own.get(address)).text
    own.cookies.clear()
    response = await own.post(POST, data=fields)
    assert response.status_code == 409
    assert STOPPED in response.text
    assert (await desk.do(StaffedCounter.call_next)).label == "B001"


async def test_the_ticket_page_of_a_closed_hall_does_not_say_that_it_calls(own, desk) -> None:
    await take(own)
    await desk.end()
    page = (await own.get(TAKE)).text
    assert STOPPED in page
    assert CALLED not in page


async def crowd(desk: HallDesk, count: int) -> None:
    for _ in range(count):
        await desk.take()


async def test_a_number_that_cannot_be_served_is_not_given(own, desk, clock) -> None:
    fields = await form(own)
    await desk.sit(2, "B")
    await crowd(desk, 40)
    clock.now = desk.now = NOW.replace(hour=16, minute=50)
    page = (await own.get(f"{TAKE}?category=B")).text
    assert STOPPED in page
    assert "11月24日" in page
    assert '<form class="take"' not in page
    response = await own.post(POST, data=fields)
    assert response.status_code == 409
    assert STOPPED in response.text
    assert len((await desk.look()).waiting) == 40


async def test_a_form_that_was_answered_before_finds_its_number_at_the_end_too(
    own, desk, clock
) -> None:
    fields = await form(own)
    first = await own.post(POST, data=fields)
    await desk.sit(2, "B")
    await crowd(desk, 40)
    clock.now = desk.now = NOW.replace(hour=16, minute=50)
    again = await own.post(POST, data=fields)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == again.headers["location"]


async def test_no_page_names_a_time_after_closing(own, desk, clock) -> None:
    await desk.sit(2, "B")
    await crowd(desk, 40)
    address = await take(own)
    clock.now = desk.now = NOW.replace(hour=16, minute=50)
    page = (await own.get(address)).text
    assert 'data-live="back"' not in page
    assert "不一定轮得到您" in page


@pytest.mark.parametrize(
    "leaves", [StaffedCounter.sign_off, partial(StaffedCounter.pause, reason="吃饭")]
)
async def test_where_nobody_calls_every_page_says_so(own, desk, leaves) -> None:
    address = await take(own)
    await desk.sit(2, "B")
    assert NOBODY not in (await own.get(address)).text
    await desk.do(leaves)
    page = (await own.get(address)).text
    assert NOBODY in page
    assert SOON not in page
    assert 'data-live="wait"' not in page
    assert NOBODY in (await own.get(TAKE)).text


async def test_a_number_for_an_empty_counter_says_so_and_others_call_it_after_the_longest_wait(
    own, desk, clock
) -> None:
    address = await take(own)
    await desk.sit(2, "B")
    await desk.sit(1, "B")
    await desk.do(StaffedCounter.call_next)
    await desk.do(StaffedCounter.start)
    await desk.do(StaffedCounter.transfer, counter=3)
    page = (await own.get(address)).text
    assert NOBODY in page
    assert SOON not in page
    clock.now = desk.now = clock.now + dt.timedelta(minutes=61)
    assert (await desk.do(StaffedCounter.call_next, 1)).label == "B001"


async def test_who_was_left_at_closing_reads_on_both_pages_who_goes_first(own, desk, clock) -> None:
    address = await take(own)
    await desk.end()
    assert "让您先办" in (await own.get(address)).text
    clock.now = desk.now = NOW + dt.timedelta(days=1)
    await desk.take()
    second = await take(own)
    assert "上次没轮到您" in (await own.get(second)).text
    assert (await desk.look()).waiting[0].left_id is not None
