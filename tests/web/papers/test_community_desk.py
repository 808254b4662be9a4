"""A community's own documents: what is different here, its hours, people and facilities."""

from __future__ import annotations

from domain.papers import kinds
from domain.papers.paper import Paper
from domain.queue.happened import HallHoursChanged
from tests.world.clock import NOW
from tests.world.papers import GUIDE, OFFICE, guide_form, publish_form, typed_form, words
from tests.world.people import sign_in

OWN = f"{OFFICE}/handbook/gaoling-jintie"


async def test_a_community_says_what_is_different_here(own, cast) -> None:
    await sign_in(own, cast.editor, NOW)
    desk = f"{OFFICE}/handbook/dibao"
    form = {
        "base": "0",
        "note": "先到二楼登记。",
        "counter": "2",
        "hours": "每周三下午",
        "person": "",
        "phones.0.name": "低保专线",
        "phones.0.phone": "0531-00009999",
    }
    await publish_form(own, desk, form, "方便居民")
    page = words(await own.get("/c/liujiazhuang/handbook/dibao"))
    for said in ("先到二楼登记。", "2 号窗口", "每周三下午", "低保专线", "0531-0000 9999"):
        assert said in page
    assert "先到二楼登记" not in (await own.get("/c/yikang/handbook/dibao")).text
    wrong = {**form, "base": "1", "counter": "55"}
    await own.post(f"{desk}/draft", data={**wrong, "do": "review"})
    assert "大厅没有 55 号窗口" in (await own.get(f"{desk}?check=1")).text


async def test_a_community_is_told_when_the_district_changed_the_text(own, cast) -> None:
    await publish_form(own, GUIDE, {**await guide_form(own), "summary": "区里改过的一句话"})
    await sign_in(own, cast.editor, NOW)
    assert "区里改了原文" in (await own.get("/staff")).text
    assert "区里改了原文" in (await own.get(OFFICE)).text
    page = await own.get(OWN)
    assert "区里改过的一句话" in words(page)
    assert (await own.post(f"{OWN}/confirmation")).status_code == 303
    assert "区里改了原文" not in (await own.get("/staff")).text
    assert (await own.post(f"{OFFICE}/handbook/dibao/confirmation")).status_code == 404


async def test_a_guide_that_was_only_checked_again_is_no_news_for_a_community(own, cast) -> None:
    form = await guide_form(own)
    await publish_form(own, GUIDE, {**form, "assured.date": "2026-11-20"}, "仍然无误")
    await sign_in(own, cast.editor, NOW)
    assert "区里改了原文" not in (await own.get(OFFICE)).text
    await sign_in(own, cast.admin, NOW)
    form = await guide_form(own)
    await publish_form(own, GUIDE, {**form, "summary": "区里改过的一句话"})
    await sign_in(own, cast.editor, NOW)
    assert "区里改了原文" in (await own.get(OFFICE)).text


PASTED = """· 户口簿
1．身份证
（2）照片
3.8妇女节
1.5 元
- 申请表
—— 落款"""


async def test_the_marks_of_a_pasted_list_are_left_out(own, cast) -> None:
    form = await guide_form(own)
    await own.post(f"{GUIDE}/draft", data={**form, "conditions": PASTED, "do": "save"})
    kept = ["户口簿", "身份证", "照片", "3.8妇女节", "1.5 元", "申请表", "落款"]
    assert (await guide_form(own))["conditions"].splitlines() == kept


async def test_closed_this_afternoon_stands_on_the_door_at_once(own, cast) -> None:
    await sign_in(own, cast.editor, NOW)
    day = {"day": "2026-11-23", "periods": "8:30-10:00", "reason": "停电检修"}
    heard: list[object] = []
    own.store.listen(heard.append)
    assert (await own.post(f"{OFFICE}/exceptions", data=day)).status_code == 303
    [told] = [each for each in heard if isinstance(each, HallHoursChanged)]
    assert told.hours == "8:30-10:00"
    tomorrow = {**day, "day": "2026-11-24"}
    assert (await own.post(f"{OFFICE}/exceptions", data=tomorrow)).status_code == 303
    assert sum(isinstance(each, HallHoursChanged) for each in heard) == 1, "who waits waits today"
    home = words(await own.get("/c/liujiazhuang"))
    assert "服务大厅 休息中" in home
    assert "停电检修" in home
    assert "停电检修" in (await own.get("/c/liujiazhuang/hall")).text
    # A second word about a day is a correction; a second press changes nothing.
    assert 'value="8:30-10:00"' not in (await own.get(OFFICE)).text
    assert 'value="08:30-10:00"' in (await own.get(f"{OFFICE}?day=2026-11-23")).text
    longer = {**day, "periods": "13:30-15:00 08:30-11:00"}
    for _ in range(2):
        assert (await own.post(f"{OFFICE}/exceptions", data=longer)).status_code == 303
    page = words(await own.get(OFFICE))
    assert page.count("11月23日星期一：") == 1
    assert "8:30–11:00、13:30–15:00" in page
    far = {**day, "day": "2027-11-23"}
    assert (await own.post(f"{OFFICE}/exceptions", data=far)).status_code == 303
    assert "2027年11月23日星期二：" in words(await own.get(OFFICE))
    for wrong, said in (
        ({**day, "periods": "08:00-12:00 11:00-15:00"}, "08:00-12:00, 11:00-15:00"),
        ({**day, "periods": "12:00-08:00"}, "后一个时间要晚于前一个"),
        ({**day, "periods": "08:00-24:00"}, "一天到 23:59 为止"),
        ({**day, "day": "2026-11-22"}, "这一天已经过去了"),
        ({**day, "day": "明天"}, "请填日期"),
        ({**day, "reason": ""}, "请填写这一项"),
        ({**day, "day": "2026-11-25", "periods": "下午"}, "请这样写时间"),
    ):
        answer = await own.post(f"{OFFICE}/exceptions", data=wrong)
        assert answer.status_code == 422
        assert said in answer.text
    assert (await own.post(f"{OFFICE}/exceptions/2026-11-23/withdrawal")).status_code == 303
    assert "停电检修" not in (await own.get("/c/liujiazhuang")).text
    for day_words in ("2026-11-23", "nonsense"):
        answer = await own.post(f"{OFFICE}/exceptions/{day_words}/withdrawal")
        assert answer.status_code == 404


async def test_people_and_facilities_are_kept_by_the_community(own, cast) -> None:
    await sign_in(own, cast.editor, NOW)
    form = await typed_form(own, Paper(kinds.PEOPLE, "liujiazhuang"))
    await publish_form(own, f"{OFFICE}/people", {**form, "people.0.name": "新来的人"})
    assert "新来的人" in (await own.get("/c/liujiazhuang/people")).text
    form = await typed_form(own, Paper(kinds.FACILITIES, "liujiazhuang"))
    number = 1 + max(int(name.split(".")[1]) for name in form if name.startswith("facilities."))
    new = {
        "slug": "", "name": "新书屋", "kind": "culture", "address": "堤口路 1 号", "hours": "全天",
        "phone": "", "step_free": "yes", "step_free_note": "", "position.latitude": "36.68",
        "position.longitude": "116.96", "position.datum": "GCJ-02", "about": "",
    }  # fmt: skip
    added = {f"facilities.{number}.{name}": value for name, value in new.items()}
    await publish_form(own, f"{OFFICE}/facilities", {**form, **added})
    page = (await own.get("/c/liujiazhuang/facilities")).text
    assert "新书屋" in page
    assert 'id="xin-shu-wu"' in page


async def test_who_edits_one_community_goes_straight_there(own, cast) -> None:
    await sign_in(own, cast.editor, NOW)
    assert (await own.get("/staff/communities")).headers["location"] == OFFICE
    for path in ("/staff/handbook", GUIDE, f"{GUIDE}/preview", "/staff/holidays/2027"):
        assert (await own.get(path)).status_code == 404
    await sign_in(own, cast.admin, NOW)
    assert "益康社区" in (await own.get("/staff/communities")).text
