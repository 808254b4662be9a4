"""Life events on the page: steps in order, and guides that say which step they are."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from domain.handbook.events import EventSteps
from domain.papers import kinds
from domain.papers.paper import Paper
from domain.revision import touch_content
from tests.world.clock import NOW
from tests.world.district import FILES
from tests.world.forms import posted

if TYPE_CHECKING:
    from tests.world.app import Browser

HOME = "/c/liujiazhuang/handbook"
EVENT = f"{HOME}/events/bereavement"
ITEMS = {item.slug: item for source in FILES.handbook for item in source.content.items}


def words(html: str) -> str:
    """What can be read in a piece of a page."""
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", html)))


def steps_in(page: str) -> list[str]:
    """The steps of a page, each as it is written."""
    return re.findall(r'<li class="line-step".*?(?=<li class="line-step"|</ol>)', page, re.DOTALL)


async def planned(browser: Browser, event: str, *steps: dict[str, Any]) -> None:
    """Publish these steps."""
    document = EventSteps.model_validate({"steps": steps})

    async def publish(session: Any) -> None:
        await Paper(kinds.EVENT, None, event).write(session, document, NOW)
        await touch_content(session)

    await browser.store.write(publish)


async def test_steps_stand_in_order_with_when_where_and_what_they_lead_to(resident) -> None:
    page = (await resident.get(EVENT)).text
    steps = steps_in(page)
    assert FILES.events is not None
    plan = next(each for each in FILES.events.content if each.event == "bereavement")
    assert [step.title in html for step, html in zip(plan.steps, steps, strict=True)] == [True] * 10
    assert "第1步：先开死亡证明" in words(steps[0])
    assert "当天" in words(steps[0])
    assert "：医院，或者社区卫生服务站" in words(steps[0])
    assert "第2步：再联系殡仪馆" in words(steps[1])
    assert "第4步：同时问职工的丧葬费" in words(steps[4])
    assert "第5步：或者家里有争执" in words(steps[7])
    assert "一共6步" in words(page)


async def test_what_is_done_elsewhere_is_named_with_where(resident) -> None:
    step = steps_in((await resident.get(EVENT)).text)[1]
    assert 'href="/c/liujiazhuang/elsewhere#binzang"' in step
    assert "区殡仪馆" in words(step)
    assert "不在这里办" in words(step)


async def test_a_guide_that_no_step_names_is_listed_below_the_steps(resident) -> None:
    for event in ("child", "moving-in", "army"):
        page = (await resident.get(f"{HOME}/events/{event}")).text
        wanted = {slug for slug, item in ITEMS.items() if event in item.life_events}
        assert wanted
        assert set(re.findall(rf'class="row" href="{HOME}/([a-z-]+)"', page)) == wanted


async def test_steps_are_ticked_as_documents_are(resident) -> None:
    page = (await resident.get(EVENT)).text
    assert 'data-item="events/bereavement"' in page
    assert re.findall(r'data-tick="([^"]+)"', page)[:2] == ["开死亡证明", "联系殡仪馆，办火化"]
    mine = (await resident.get("/mine")).text
    found = re.search(r"data-items=(?:\"([^\"]*)\"|'([^']*)')", mine)
    assert found
    names = json.loads(unescape(found[1] or found[2]))
    assert names["events/bereavement"] == "家人去世"
    assert names["dibao"] == ITEMS["dibao"].name


async def test_a_guide_says_which_step_it_is_with_the_ones_before_and_after(resident) -> None:
    page = (await resident.get(f"{HOME}/hukou-zhiyin")).text
    nav = page.partition("part-of")[2].partition("</nav>")[0]
    part = next(each for each in nav.split("<details") if "家人去世" in each)
    assert "第3步，共6步" in words(part)
    # The step before is done elsewhere, so its place among the steps is shown.
    assert f'href="{EVENT}#step-2"' in part
    assert "联系殡仪馆，办火化" in part
    # Step 4 has others beside it.
    assert f'href="{EVENT}#step-4"' in part
    assert f'href="{EVENT}#step-3"' in part


async def test_the_step_after_is_its_guide_when_it_is_only_that(resident) -> None:
    page = (await resident.get(f"{HOME}/tuiyi-jiandang")).text
    nav = page.partition("part-of")[2].partition("</nav>")[0]
    assert f'href="{HOME}/yiwubing-youdai"' in nav
    assert f'href="{HOME}/tuiyi-youdai-zheng"' in nav


async def test_a_guide_of_no_step_says_nothing_of_steps(resident) -> None:
    assert "part-of" not in (await resident.get(f"{HOME}/zhiyuanzhe")).text


async def test_an_event_without_steps_is_the_list_it_was(own) -> None:
    await planned(own, "bereavement")
    page = (await own.get(EVENT)).text
    wanted = {slug for slug, item in ITEMS.items() if "bereavement" in item.life_events}
    assert set(re.findall(rf'class="row" href="{HOME}/([a-z-]+)"', page)) == wanted
    assert f"有 {len(wanted)} 件事可以办" in page
    assert steps_in(page) == []


async def test_a_step_stays_when_what_it_led_to_is_gone(own) -> None:
    gone = {"title": "甲", "items": ["gone"], "elsewhere": ["gone"]}
    await planned(own, "army", gone, {"title": "乙", "items": ["youfu-buzhu"]})
    steps = steps_in((await own.get(f"{HOME}/events/army")).text)
    assert len(steps) == 2
    assert 'class="row"' not in steps[0]
    assert "part-of" in (await own.get(f"{HOME}/youfu-buzhu")).text


async def test_words_of_the_office_are_words(own) -> None:
    hostile = "<script>alert(1)</script>\"'&"
    await planned(own, "army", {"title": hostile, "about": hostile, "where": hostile})
    page = (await own.get(f"{HOME}/events/army")).text
    assert "<script>alert" not in page
    assert steps_in(page)


async def test_the_steps_are_in_english_too_and_kept_offline(resident) -> None:
    page = await resident.get(EVENT, headers={"cookie": "lianxin=lang:en"})
    assert "Step1:First" in words(page.text)
    kept = (await resident.get("/c/liujiazhuang/offline.json")).text
    assert "line-step" in kept


async def test_a_hall_s_terminal_shows_the_steps_without_ticks(resident) -> None:
    page = (await resident.get("/terminal/zh-Hans/c/liujiazhuang/handbook/events/army")).text
    assert len(steps_in(page)) == 5
    assert "data-tick=" not in page
    assert "/elsewhere#" not in page
    page = (await resident.get("/terminal/zh-Hans/c/liujiazhuang/handbook/events/moving-in")).text
    assert 'href="/terminal/zh-Hans/c/liujiazhuang/facilities"' in page
    assert "/contacts" not in "".join(steps_in(page))


# At the office


async def test_the_office_lists_every_event_and_says_which_has_no_steps(own, cast) -> None:
    await planned(own, "army")
    page = (await own.get("/staff/events")).text
    rows = page.split("<li>")
    assert sum("/staff/events/" in row for row in rows) == 10
    assert ["/staff/events/army" in row for row in rows if "还没有步骤" in row] == [True]
    assert 'href="/staff/events"' in (await own.get("/staff/handbook")).text


async def test_the_office_writes_steps_and_residents_read_them(own, cast) -> None:
    desk = "/staff/events/army"
    page = await own.get(desk)
    form = posted(page.text, "paper")
    form["steps.0.title"], form["steps.0.when"] = ["新的第一步"], ["30 天以内"]
    response = await own.post(f"{desk}/draft", data={**form, "do": "review"})
    assert response.headers["location"] == f"{desk}/publication"
    assert "新的第一步" in (await own.get(f"{desk}/publication")).text
    assert "新的第一步" in (await own.get(f"{desk}/preview")).text
    assert "新的第一步" not in (await own.get(f"{HOME}/events/army")).text
    response = await own.post(f"{desk}/publication", data={"reason": "说得更清楚"})
    assert response.headers["location"] == f"{desk}/versions"
    step = steps_in((await own.get(f"{HOME}/events/army")).text)[0]
    assert "新的第一步" in step
    assert "30 天以内" in step


async def test_a_step_that_leads_nowhere_is_not_published(own, cast) -> None:
    desk = "/staff/events/army"
    form = posted((await own.get(desk)).text, "paper")
    form = {name: value for name, value in form.items() if not name.startswith("steps.0.items")}
    response = await own.post(f"{desk}/draft", data={**form, "do": "review"})
    assert response.headers["location"] != f"{desk}/publication"
    assert "请选一份指南、一个地方" in (await own.get(response.headers["location"])).text


@pytest.mark.parametrize("below", ["", "/preview", "/publication", "/versions", "/versions/1"])
async def test_an_event_that_is_none_is_not_found_at_the_office(own, cast, below) -> None:
    assert (await own.get(f"/staff/events/nothing{below}")).status_code == 404
