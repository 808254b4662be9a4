"""Positions by a tap on our own drawing, below the fields of an office's forms."""

from __future__ import annotations

import re
from math import hypot
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from tests.browser.eyes import LANGUAGES, LOW, WIDE, faults_for_everyone

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

OFFICE = "/staff/c/liujiazhuang"
# One place beside the hall of 刘家庄, as a map sold in China and as a phone's receiver writes it.
LINK = "https://uri.amap.com/marker?position=116.965882,36.683960"
AS_A_PHONE = ("36.6838", "116.9602")
# Metres east and north of the hall, by what a person reads off a drawing: its house and its bar.
METRES = """(svg, place) => {
  const numbers = (path) => path.getAttribute("d").match(/-?[\\d.]+/g).map(Number);
  const [left, low] = numbers(svg.querySelector(".hall-mark path"));
  const units = numbers(svg.querySelector(".bar-scale path"))[3];
  const metres = parseFloat(svg.querySelector(".bar-scale text").textContent) / units;
  const mark = [...svg.querySelectorAll("text.number")].find((one) => one.textContent === place);
  const spot = mark
    ? ["x", "y"].map((name) => Number(mark.getAttribute(name)))
    : svg.querySelector(".pin").getAttribute("transform").match(/[\\d.]+/g).map(Number);
  return [(spot[0] - left - 10) * metres, (low - 9 - spot[1]) * metres];
}"""


async def saved(page: Page) -> None:
    """Wait until what was filled in is kept."""
    await expect(page.locator("[data-autosave]:not([data-unsaved])")).to_have_count(1)
    await expect(page.locator("#saved")).to_contain_text("草稿已存")


async def publish(page: Page) -> None:
    """Review and publish."""
    await page.get_by_role("button", name="核对并发布").click()
    await page.get_by_label("为什么改").fill("位置改了")
    await page.get_by_role("button", name=re.compile("发布第")).click()
    await expect(page).to_have_url(re.compile("/versions$"))


def drawing_of(part: Page | Locator) -> Locator:
    """The drawing below a position."""
    return part.locator(".place-by-tap").first


async def opened(part: Page | Locator) -> Locator:
    """The drawing below a position, unfolded."""
    drawing = drawing_of(part)
    await drawing.get_by_text("在图上点出位置").click()
    return drawing


async def tapped(drawing: Locator, x: float, y: float) -> None:
    """Tap a place of the drawing: shares of its width, and of its height."""
    ground = await drawing.locator(".ground").bounding_box()
    button = await drawing.get_by_role("button", name="社区简图").bounding_box()
    assert ground
    assert button
    at: Any = {
        "x": ground["x"] - button["x"] + ground["width"] * x,
        "y": ground["y"] - button["y"] + ground["height"] * y,
    }
    await drawing.get_by_role("button", name="社区简图").click(position=at)


async def values(part: Page | Locator, name: str = "position") -> list[str]:
    """What stands in the fields of a position."""
    return [
        await part.locator(f"[id='{name}.{each}']").input_value()
        for each in ("latitude", "longitude", "datum")
    ]


@pytest.mark.parametrize("screen", [LOW, WIDE], ids=["phone", "desk"])
async def test_what_is_tapped_is_published_where_it_was_tapped(desk_of, own_server, screen) -> None:
    async with desk_of(own_server, f"taps{screen['width']}", viewport=screen) as office:
        page = await office.open(f"{OFFICE}/facilities")
        row = page.locator("[id='facilities.0']")
        slug = await row.locator("[name='facilities.0.slug']").input_value()
        drawing = await opened(row)
        # Beyond all that is there: further away than the other tap of this test.
        await tapped(drawing, 0.8 if screen is LOW else 0.2, 0.9)
        await expect(drawing.get_by_role("status")).to_contain_text("已")
        latitude, longitude, datum = await values(page, "facilities.0.position")
        assert re.fullmatch(r"36\.\d{6}", latitude)
        assert re.fullmatch(r"116\.\d{6}", longitude)
        assert datum == "WGS-84"
        at = await drawing.locator("svg").evaluate(METRES, "")
        await saved(page)
        if screen is WIDE:
            beside = page.frame_locator("[data-preview]")
            place = beside.locator(f"#{slug}")
            await expect(place).to_have_attribute("data-latitude", re.compile(latitude))
        await publish(page)

        await page.goto("/c/liujiazhuang/facilities")
        number = await page.locator(f"#{slug} .number").text_content()
        shown = await page.locator(".locator svg").evaluate(METRES, number)
        assert hypot(at[0], at[1]) > 150
        assert hypot(shown[0] - at[0], shown[1] - at[1]) < 2

        # And where the office opens it again, the pin stands where the server draws the place.
        await page.goto(f"{OFFICE}/facilities")
        again = await opened(page.locator("[id='facilities.0']"))
        await expect(again.locator(".pin")).to_be_visible()
        pin = await again.locator("svg").evaluate(METRES, "")
        assert hypot(pin[0] - at[0], pin[1] - at[1]) < 2


async def test_by_keyboard_alone_the_pin_is_put_moved_and_taken_back(desk_of, own_server) -> None:
    async with desk_of(own_server, "keys", viewport=WIDE) as office:
        page = await office.open(f"{OFFICE}/compounds")
        name = "compounds.0.position"
        before = await values(page, name)
        await page.locator(f"[id='{name}.datum']").focus()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        drawing = drawing_of(page)
        await expect(drawing.locator(".pin")).to_be_visible()
        # The pin stands where the server says that the fields of a Chinese map lie.
        compound = drawing.locator(f"[data-near='{await name_of(page)}']")
        x, y = ((await compound.get_attribute("data-at")) or "").split()
        pin = await drawing.locator(".pin").get_attribute("transform")
        found = [float(each) for each in re.findall(r"[\d.]+", pin or "")]
        assert found == pytest.approx([float(x), float(y)], abs=0.2)
        await page.keyboard.press("Tab")
        await expect(drawing.get_by_role("button", name="社区简图")).to_be_focused()
        await page.keyboard.press("Enter")
        start = await values(page, name)
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("ArrowUp")
        moved = await values(page, name)
        assert start[2] == moved[2] == "WGS-84"
        # One press is about a metre.
        assert 0 < float(moved[0]) - float(start[0]) < 0.00002
        assert 0 < float(moved[1]) - float(start[1]) < 0.00002
        await saved(page)
        await page.reload()
        assert await values(page, name) == moved

        drawing = await opened(page)
        await expect(drawing.locator(".pin")).to_be_visible()
        button = drawing.get_by_role("button", name="社区简图")
        await button.press("ArrowLeft")
        await page.keyboard.press("Tab")
        back = drawing.get_by_role("button", name="恢复原来的位置")
        await expect(back).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(button).to_be_focused()
        await expect(back).to_be_hidden()
        assert await values(page, name) == moved
        assert before[2] == "GCJ-02"


async def name_of(page: Page) -> str:
    """The name of the first compound in the form."""
    return await page.locator("[id='compounds.0.name']").input_value()


async def test_what_is_typed_or_pasted_is_shown_as_the_pin(desk_of, own_server) -> None:
    async with desk_of(own_server, "types", viewport=LOW) as office:
        page = await office.open(f"{OFFICE}/hall")
        drawing = await opened(page)
        pin, status = drawing.locator(".pin"), drawing.get_by_role("status")
        await expect(pin).to_be_visible()
        north, east, datum = (
            page.locator(f"[id='position.{name}']") for name in ("latitude", "longitude", "datum")
        )
        await north.fill("36.70")
        await expect(pin).to_be_hidden()
        await expect(status).to_have_text("这个位置在图外。")
        await north.fill("")
        await expect(status).to_have_text("")
        await east.fill("")
        await datum.select_option("")
        await north.fill(LINK)
        await expect(pin).to_be_visible()
        pasted = await pin.get_attribute("transform")
        await north.fill(AS_A_PHONE[0])
        await east.fill(AS_A_PHONE[1])
        await expect(pin).to_be_hidden()
        await datum.select_option("WGS-84")
        await expect(pin).to_be_visible()
        typed = await pin.get_attribute("transform")
        numbers = [
            [float(each) for each in re.findall(r"[\d.]+", at or "")] for at in (pasted, typed)
        ]
        assert hypot(*(a - b for a, b in zip(*numbers, strict=True))) < 0.5


async def test_each_position_of_a_list_has_its_own_drawing(desk_of, own_server) -> None:
    async with desk_of(own_server, "rows", viewport=WIDE) as office:
        page = await office.open(f"{OFFICE}/facilities")
        rows = page.locator("[data-parts=facilities] > ol > .part")
        await expect(page.locator(".place-by-tap")).to_have_count(await rows.count())
        await page.get_by_role("button", name="+ 设施").click()
        added = rows.last
        drawing = await opened(added)
        await expect(drawing.locator(".pin")).to_be_hidden()
        await tapped(drawing, 0.25, 0.25)
        name = "facilities.n1.position"
        first = await values(page, name)
        assert first[2] == "WGS-84"
        assert await values(page, "facilities.0.position") != first
        await added.get_by_role("button", name="删除").click()
        await page.get_by_role("button", name=re.compile("放回")).click()
        await expect(page.locator(".place-by-tap")).to_have_count(await rows.count())
        await tapped(drawing, 0.75, 0.25)
        assert float((await values(page, name))[1]) > float(first[1])
        # Each button names a help of its own.
        ids = await page.evaluate("[...document.querySelectorAll('[id]')].map(({ id }) => id)")
        assert len(set(ids)) == len(ids)


async def test_without_a_position_here_a_sentence_says_what_to_do(desk_of, own_server) -> None:
    async with desk_of(own_server, "bare") as office:
        desk = "/staff/c/houhuangtun/hall"
        page = await office.open(desk)
        await page.locator("[id='position.latitude']").fill("")
        await page.locator("[id='position.longitude']").fill("")
        await page.locator("[id='position.datum']").select_option("")
        await saved(page)
        await publish(page)
        await page.goto(desk)
        await expect(page.get_by_text("第一个位置要粘贴或手工填写")).to_be_visible()
        await expect(page.locator("[data-frame]")).to_have_count(0)


async def test_without_a_script_the_fields_stand_alone(desk_of, own_server) -> None:
    async with desk_of(own_server, "plain", java_script_enabled=False) as office:
        page = await office.open(f"{OFFICE}/hall")
        await expect(page.locator("[id='position.latitude']")).to_be_visible()
        await expect(page.get_by_text("在图上点出位置")).to_have_count(0)


async def test_the_drawing_can_be_used_by_everybody(desk_of, own_server) -> None:
    async with desk_of(own_server, "everybody") as office:
        for language, preferences in LANGUAGES.items():
            cookie = {"name": "lianxin", "value": preferences, "url": own_server.url}
            await office.context.add_cookies([cookie])
            page = await office.open(f"{OFFICE}/hall")
            await page.locator(".place-by-tap summary").click()
            await expect(page.locator(".place-by-tap .pin")).to_be_visible()
            await page.locator(".tap button").press("ArrowUp")
            await expect(page.locator("[data-pin-back]")).to_be_visible()
            assert await faults_for_everyone(page, language, axe_on=(WIDE,)) == []
