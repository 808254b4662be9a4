"""How a visit ended: noted by one press at the desk, told in kind words on the ticket's page."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from domain.queue.calling import StaffedCounter
from domain.queue.tables import VisitOutcome
from tests.world.clerks import DESK
from tests.world.databases import both_databases
from tests.world.forms import take, words

if TYPE_CHECKING:
    from tests.world.halls import HallDesk

SAYS = {
    VisitOutcome.DONE: "谢谢您来",
    VisitOutcome.COME_BACK: "请再来一趟",
    VisitOutcome.WRONG_PLACE: "让您多跑一趟",
    VisitOutcome.HANDED_ON: "不用再排队",
}


async def served(desk: HallDesk) -> None:
    await desk.sit()
    await desk.do(StaffedCounter.call_next)
    await desk.do(StaffedCounter.start)


@pytest.mark.parametrize("outcome", VisitOutcome)
async def test_the_page_says_what_was_noted(own, desk, outcome) -> None:
    address = await take(own)
    await served(desk)
    await desk.do(StaffedCounter.finish, outcome=outcome)
    page = words(await own.get(address))
    assert [each for each, said in SAYS.items() if said in page] == [outcome]


async def test_who_comes_again_reads_what_is_missing_or_what_to_bring(own, desk) -> None:
    for missing in ([], ["户口簿"]):
        address = await take(own, item="gaoling-jintie")
        await served(desk)
        if missing:
            await desk.do(StaffedCounter.tell_missing, missing=missing)
        await desk.do(StaffedCounter.finish, outcome=VisitOutcome.COME_BACK)
        page = (await own.get(address)).text
        assert ("户口簿</li>" in page) is bool(missing)
        assert ("handbook/gaoling-jintie" in page) is (not missing)


@both_databases
async def test_one_press_notes_the_outcome_and_another_takes_it_back(clerk) -> None:
    await clerk.sits(letters=(clerk.letter,))
    ticket = await clerk.take()
    await clerk.does("calls")
    page = await clerk.browser.get(DESK, headers=clerk.person.headers)
    assert 'name="outcome"' not in page.text
    await clerk.does("starts")
    page = await clerk.browser.get(DESK, headers=clerk.person.headers)
    assert re.findall(r'value="([a-z-]+)"\s+data-keys="(\w)"', page.text) == [
        ("come-back", "c"),
        ("wrong-place", "w"),
        ("handed-on", "o"),
    ]
    assert "请选办理结果" in unescape(await clerk.refused("finishes", outcome="other"))
    assert f"{ticket.label}走错地方撤回" in await clerk.does("finishes", outcome="wrong-place")
    assert ticket.label in await clerk.does("undoings")
    assert f"{ticket.label}已办完撤回" in await clerk.does("finishes")
