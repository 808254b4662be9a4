"""本页有误 over the wire: the form, its address, and the office's list."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from domain.mistakes.tables import LONGEST_WORDS, MistakeReport
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.clock import NOW
from tests.world.district import places
from tests.world.forms import hidden, words
from tests.world.people import arrived
from web.features import FEATURES
from web.offline.bundle import pages_of
from web.papers.spec import specs_of
from web.running.retention import erase_mistakes

if TYPE_CHECKING:
    import httpx

    from tests.world.app import Browser

HERE = "/c/liujiazhuang/mistakes"
GUIDE = "/c/liujiazhuang/handbook/gaoling-jintie"
DESK = "/staff/mistakes"
LINK = "本页有误？告诉我们"
WORDS = "咨询电话没人接"


async def form(own: Browser, page: str = GUIDE) -> httpx.Response:
    return await own.get(f"{HERE}/new", params={"page": page})


async def sends(own: Browser, page: str = GUIDE, **more: str) -> httpx.Response:
    shown = await form(own, page)
    return await own.post(HERE, data={**hidden(shown.text), "words": WORDS, **more})


async def reports(own: Browser) -> list[MistakeReport]:
    async with own.store.read() as session:
        return list(await session.scalars(select(MistakeReport).order_by(MistakeReport.id)))


async def office(own: Browser, slug: str = "liujiazhuang") -> dict[str, str]:
    """The headers of an editor of one community, or of the district."""
    place = (await places(own.store)).community.get(slug)
    person = await arrived(own.store, f"editor-{slug}", Grant(Role.EDITOR, community_id=place))
    return person.headers


async def closes(own: Browser, headers: Any, number: int = 1, **typed: str) -> httpx.Response:
    address = f"/staff{HERE}/{number}/closing"
    return await own.post(address, data=typed, headers=headers)


async def kept_pages(resident: Browser) -> dict[str, str]:
    """The last page that phones keep of each route."""
    published = await resident.services.published()
    visit = type("Published", (), {"published": published})
    community = await published.community("liujiazhuang")
    kept = pages_of(FEATURES, visit, community)  # type: ignore[arg-type]
    return {each.route: each.route.format(**each.params) for each in kept}


async def test_every_page_that_asks_for_reports_is_one_the_form_knows(resident) -> None:
    asking = set()
    for route, path in (await kept_pages(resident)).items():
        shown = (await resident.get(path)).text
        if LINK in shown:
            asking.add(route)
            link = f"{HERE}/new?page={path}"
            assert f'href="{link}"' in shown
            assert hidden((await resident.get(link)).text)["page"] == path
    assert len(asking) == 13


async def test_each_page_of_a_document_asks_for_reports(resident) -> None:
    pages = await kept_pages(resident)
    for route in {route for spec in specs_of(FEATURES) for route in spec.shown_at}:
        assert LINK in (await resident.get(pages[route])).text


@pytest.mark.parametrize(
    "page", ["/c/jian/hall", "/staff", "//evil.cn", "/c/liujiazhuang/search", "x" * 3000, ""]
)
async def test_a_page_that_is_none_is_the_home_of_the_community(resident, page) -> None:
    assert hidden((await form(resident, page)).text)["page"] == "/c/liujiazhuang"


async def test_a_report_goes_from_the_page_to_the_office_and_back(own) -> None:
    answer = await sends(own)
    address = answer.headers["location"]
    receipt = await own.get(address)
    assert "收到了" in words(receipt)
    assert WORDS in words(receipt)
    assert GUIDE in receipt.text
    headers = await office(own)
    assert "居民说页面有误，1 条还没处理" in words(await own.get("/staff", headers=headers))
    desk = await own.get(DESK, headers=headers)
    assert WORDS in words(desk)
    assert "第 1 版，是最新的" in words(desk)
    # The community may edit what it adds to the guide, not the guide.
    assert "/staff/c/liujiazhuang/handbook/gaoling-jintie" in desk.text
    assert 'href="/staff/handbook/gaoling-jintie"' not in desk.text
    done = await closes(own, headers, outcome="corrected", answer="电话已改")
    assert done.headers["location"] == DESK
    assert "电话已改" in words(await own.get(address))
    assert "没有人报错" in words(await own.get(DESK, headers=headers))
    assert "已改好" in words(await own.get(DESK, headers=headers))
    assert "页面有误" not in words(await own.get("/staff", headers=headers))


async def test_the_district_sees_one_guide_of_two_communities_once(own) -> None:
    await sends(own)
    shown = await own.get(f"/c/jian/mistakes/new?page={GUIDE.replace('liujiazhuang', 'jian')}")
    await own.post("/c/jian/mistakes", data={**hidden(shown.text), "words": "地址旧了"})
    desk = await own.get(DESK, headers=await office(own, "district"))
    assert desk.text.count("<h2") == 1
    assert 'href="/staff/handbook/gaoling-jintie"' in desk.text
    assert "地址旧了" in desk.text
    assert WORDS in desk.text


async def test_the_office_of_another_community_sees_and_closes_nothing(own) -> None:
    await sends(own)
    headers = await office(own, "jian")
    assert WORDS not in (await own.get(DESK, headers=headers)).text
    assert (await closes(own, headers, outcome="corrected")).status_code == 404
    elsewhere = "/staff/c/jian/mistakes/1/closing"
    answer = await own.post(elsewhere, data={"outcome": "corrected"}, headers=headers)
    assert answer.status_code == 404
    assert (await reports(own))[0].is_open


async def test_setting_aside_needs_a_word_and_keeps_what_was_typed(own) -> None:
    await sends(own)
    headers = await office(own)
    refused = await closes(own, headers, outcome="set-aside")
    assert refused.status_code == 422
    assert "为什么不改" in words(refused)
    assert (await closes(own, headers, outcome="nonsense", answer="号码没错")).status_code == 422
    await closes(own, headers, outcome="set-aside", answer="号码没错")
    twice = await closes(own, headers, outcome="corrected", answer="另一句")
    assert "同事已经处理了" in words(twice)
    assert [report.answer for report in await reports(own)] == ["号码没错"]


async def test_the_form_sent_twice_is_one_report_and_other_words_become_another(own) -> None:
    shown = hidden((await form(own)).text)
    addresses = {
        (await own.post(HERE, data={**shown, "words": WORDS})).headers["location"] for _ in range(2)
    }
    assert len(addresses) == 1
    other = await own.post(HERE, data={**shown, "words": "还有一处"})
    assert other.status_code == 409
    assert "还有一处" in other.text
    await own.post(HERE, data={**hidden(other.text), "words": "还有一处"})
    assert [report.words for report in await reports(own)] == [WORDS, "还有一处"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"words": "  "}, "请写一写哪里不对"),
        ({"words": "长" * (LONGEST_WORDS + 1)}, "请不要超过 500 个字"),
        ({"phone": "三个字"}, "请用数字"),
    ],
)
async def test_what_is_refused_keeps_every_word(own, typed, said) -> None:
    answer = await sends(own, **typed)
    assert answer.status_code == 422
    assert said in words(answer)
    assert next(iter(typed.values())).strip() in answer.text
    assert await reports(own) == []


async def test_an_address_sends_a_bounded_number_an_hour(own, clock) -> None:
    for _ in range(20):
        assert (await sends(own)).status_code == 303
    refused = await sends(own)
    assert refused.status_code == 429
    assert WORDS in refused.text
    clock.now += dt.timedelta(hours=1)
    assert (await sends(own)).status_code == 303


async def test_the_form_is_held_without_a_network(resident) -> None:
    assert "data-outbox" in (await form(resident)).text


async def test_reports_are_erased_and_their_address_says_so(own) -> None:
    address = (await sends(own, phone="0531-00002100")).headers["location"]
    await erase_mistakes(own.store, NOW + dt.timedelta(days=1))
    assert (await own.get(address)).status_code == 404
    async with own.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(MistakeReport)) == 0


async def test_the_longest_words_and_number_are_kept(own) -> None:
    answer = await sends(own, words="长" * LONGEST_WORDS, phone="+12345678901234-1234")
    assert answer.status_code == 303
    [report] = await reports(own)
    assert (len(report.words), len(report.phone)) == (LONGEST_WORDS, 20)
