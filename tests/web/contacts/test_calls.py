"""The hotline: a call becomes a matter while the caller is on the phone."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from domain.contacts.tables import Source
from domain.matters.tables import EntryKind, MatterDevice
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.conversations import matters, said, with_post
from tests.world.district import places
from tests.world.forms import CHINESE, ENGLISH, hidden
from tests.world.people import arrived

if TYPE_CHECKING:
    from tests.world.app import Browser
    from tests.world.clock import Clock
    from tests.world.people import Person

CALLS = "/staff/c/liujiazhuang/calls"
WORDS = "三号楼一单元的灯坏了，晚上看不见。"


@pytest.fixture
async def clerk(own: Browser) -> Person:
    home = (await places(own.store)).community["liujiazhuang"]
    return await arrived(own.store, "below", Grant(Role.CLERK, community_id=home))


async def filled(own: Browser, person: Person, **typed: str) -> dict[str, str]:
    """The form as it was shown, with what was typed."""
    page = (await own.get(f"{CALLS}/new", headers=person.headers)).text
    return {**hidden(page), "words": WORDS, **typed}


async def entered(own: Browser, person: Person, **typed: str) -> str:
    """The page after a call was entered."""
    form = await filled(own, person, **typed)
    response = await own.post(CALLS, data=form, headers=person.headers)
    assert response.status_code == 303, response.text
    return (await own.get(response.headers["location"], headers=person.headers)).text


async def test_a_call_becomes_a_matter_of_no_device(own, clerk) -> None:
    await with_post(own.store, holder="below")
    await entered(own, clerk, asker="王桂英", phone="138 0000 0000", may_call_back="yes")
    [(matter, conversation)] = await matters(own.store)
    assert conversation.source is Source.HOTLINE
    assert (conversation.asker, conversation.phone) == ("王桂英", "13800000000")
    assert conversation.taken_by_id == matter.holder_id == clerk.id
    assert await said(own.store, matter.id) == [(EntryKind.MESSAGE, WORDS)]
    async with own.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(MatterDevice)) == 0


async def test_the_page_says_the_code_by_when_and_who_has_it(own, clerk) -> None:
    await with_post(own.store, holder="below")
    page = await entered(own, clerk)
    [(matter, _)] = await matters(own.store)
    code = page.partition('class="call-code"')[2].partition("</p>")[0]
    assert "".join(re.findall(r"<span>(\w\w)</span>", code)) == matter.code
    assert matter.due_on == dt.date(2026, 11, 26)
    assert "11月26日" in page
    assert "Below Wang" in page


async def test_the_code_opens_the_matter_on_the_callers_phone(own, clerk) -> None:
    await entered(own, clerk)
    [(matter, _)] = await matters(own.store)
    own.cookies.clear()
    form = hidden((await own.get("/matters/code")).text)
    response = await own.post("/matters/code", data={**form, "code": matter.code.lower()})
    assert response.headers["location"] == matter.path


async def test_a_call_that_is_sent_twice_is_one_matter(own, clerk) -> None:
    form = await filled(own, clerk)
    first = await own.post(CALLS, data=form, headers=clerk.headers)
    second = await own.post(CALLS, data=form, headers=clerk.headers)
    assert first.headers["location"] == second.headers["location"]
    assert len(await matters(own.store)) == 1


async def test_the_same_form_with_other_words_is_refused_and_keeps_them(own, clerk) -> None:
    form = await filled(own, clerk)
    await own.post(CALLS, data=form, headers=clerk.headers)
    changed = {**form, "words": "不是灯，是门。"}
    again = await own.post(CALLS, data=changed, headers=clerk.headers)
    assert again.status_code == 422
    assert "不是灯，是门。" in again.text
    assert len(await matters(own.store)) == 1


@pytest.mark.parametrize(
    ("typed", "mark"),
    [
        ({"words": "  "}, 'id="words"'),
        ({"words": "灯" * 2001}, "2,000"),
        ({"phone": "13800000000"}, "call-back-wrong"),
        ({"may_call_back": "yes"}, "call-back-wrong"),
        ({"phone": "打给我女儿", "may_call_back": "yes"}, "phone-wrong"),
        ({"on_behalf_of": "母亲"}, "agreed_by-wrong"),
        ({"request": "x"}, "take-trouble"),
    ],
)
async def test_a_refused_call_keeps_everything_that_was_typed(own, clerk, typed, mark) -> None:
    kept = {"asker": "王桂英", "words": "楼道的灯坏了"}
    form = await filled(own, clerk, **{**kept, **typed})
    page = await own.post(CALLS, data=form, headers={**clerk.headers, **ENGLISH})
    assert page.status_code == 422
    assert mark in page.text
    for name in ("asker", "phone", "on_behalf_of"):
        assert f'value="{form.get(name, "")}"' in page.text
    assert form["words"].strip()[:20] in page.text
    assert await matters(own.store) == []


async def test_danger_is_named_before_anything_is_entered(own, clerk) -> None:
    form = await filled(own, clerk, words="楼下着火了", asker="王桂英")
    page = await own.post(CALLS, data=form, headers=clerk.headers)
    assert page.status_code == 422
    assert 'href="tel:119"' in page.text
    assert "楼下着火了" in page.text
    assert 'value="王桂英"' in page.text
    assert await matters(own.store) == []
    calm = {**form, **hidden(page.text)}
    assert (await own.post(CALLS, data=calm, headers=clerk.headers)).status_code == 303


async def test_danger_is_named_once(own, clerk) -> None:
    """Another refusal of the same form does not ask for it a second time."""
    form = await filled(own, clerk, words="楼下着火了", phone="13800000000")
    page = await own.post(CALLS, data=form, headers=clerk.headers)
    again = await own.post(CALLS, data={**form, **hidden(page.text)}, headers=clerk.headers)
    assert "call-back-wrong" in again.text
    last = {**form, **hidden(again.text), "may_call_back": "yes"}
    assert (await own.post(CALLS, data=last, headers=clerk.headers)).status_code == 303


async def test_danger_is_named_once_to_a_resident(own) -> None:
    path = "/c/liujiazhuang/messages"
    form = {**hidden((await own.get(f"{path}/new")).text), "words": "楼下着火了", "phone": "x"}
    page = await own.post(path, data=form)
    again = await own.post(path, data={**form, **hidden(page.text)})
    assert "phone-wrong" in again.text
    last = {**form, **hidden(again.text), "phone": ""}
    assert (await own.post(path, data=last)).status_code == 303


async def test_a_complaint_by_telephone_goes_past_the_contact(own, clerk) -> None:
    await with_post(own.store, holder="below")
    await entered(own, clerk, complaint="yes")
    [(matter, _)] = await matters(own.store)
    assert (matter.about_id, matter.level.value) == (clerk.id, "secretary")


async def test_only_who_took_the_call_is_shown_its_code_and_not_for_long(
    own, clerk, admin, clock: Clock
) -> None:
    await entered(own, clerk)
    [(matter, _)] = await matters(own.store)
    path = f"{CALLS}/{matter.id}"
    assert (await own.get(path, headers=admin.headers)).status_code == 404
    away = f"/staff/c/jian/calls/{matter.id}"
    assert (await own.get(away, headers=clerk.headers)).status_code == 404
    clock.now += dt.timedelta(hours=1, minutes=30)
    assert (await own.get(path, headers=clerk.headers)).status_code == 200
    clock.now += dt.timedelta(hours=1, minutes=30)
    assert matter.code not in (await own.get("/staff", headers=clerk.headers)).text


async def test_a_party_member_takes_calls(own) -> None:
    home = (await places(own.store)).community["liujiazhuang"]
    member = await arrived(own.store, "member", Grant(Role.PARTY_MEMBER, community_id=home))
    assert "calls/new" in (await own.get("/staff", headers=member.headers)).text
    await entered(own, member)
    assert len(await matters(own.store)) == 1


async def test_the_form_and_the_answer_are_in_both_languages(own, clerk) -> None:
    for language, words in ((ENGLISH, "What the caller says"), (CHINESE, "对方说了什么")):
        page = await own.get(f"{CALLS}/new", headers={**clerk.headers, **language})
        assert words in page.text


async def test_a_get_on_the_forms_address_leads_to_the_form(own, clerk) -> None:
    response = await own.get(CALLS, headers=clerk.headers)
    assert response.headers["location"] == f"{CALLS}/new"
