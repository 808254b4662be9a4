"""Pages on paper: printed by Chromium, their codes read by zbar, their words found."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from tests.browser.eyes import LANGUAGES
from tests.world.addresses import OF_ITS_OWNER, example_of, open_addresses, parameters_of
from tests.world.paper import LONG_NAME, printed
from tests.world.phones import GUIDE, HOME

# A fragment, a file, or a page of a device or of the office.
ELSEWHERE = re.compile(r"/(?:f|live|staff|terminal|kiosk|screen|rating|push)\b|.*\.[a-z]+$")
PAGES = [
    example_of(address)
    for address, methods in open_addresses().items()
    if "GET" in methods
    and not ELSEWHERE.match(address)
    and not parameters_of(address) & OF_ITS_OWNER
]
# Parts of the pages, each on one phone; in English a page of each part is enough.
PARTS = 4
EVERY = {"Chinese": 1, "English": 5}


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_carries_its_code_and_the_sample_mark(new_phone, language, part) -> None:
    sample = {"Chinese": "样例", "English": "Sample"}[language]
    found, with_code = [], 0
    options = {"viewport": {"width": 1280, "height": 800}, "service_workers": "block"}
    async with new_phone(LANGUAGES[language], **options) as phone:
        phone.expect("status of 404")
        page = await phone.context.new_page()
        for path in PAGES[part :: PARTS * EVERY[language]]:
            answer = await page.goto(path)
            if answer is None or "html" not in answer.headers["content-type"]:
                continue
            paper = await printed(page)
            words = await paper.words()
            heading = "".join((await page.locator("h1").first.inner_text()).split())
            if await page.locator(".on-paper").count():
                with_code += 1
                # At the end of a page, or at the top of a guide.
                is_first = await page.locator(".on-paper:first-child").count()
                codes = await paper.codes(1 if is_first else paper.sheets)
                here = await page.locator("link[rel=canonical]").get_attribute("href")
                if codes != {here}:
                    found.append(f"{path}: the code says {codes}")
                if heading not in words:
                    found.append(f"{path}: without its heading {heading}")
            if sample not in words:
                found.append(f"{path}: without the sample mark")
    assert not found, "\n".join(found)
    assert with_code > 1


@pytest.mark.parametrize("preferences", [*LANGUAGES.values(), "lang:en|view:elder|size:30"])
@pytest.mark.parametrize("is_long", [False, True], ids=["ordinary", "long"])
async def test_a_poster_never_runs_over(new_phone, preferences, is_long) -> None:
    async with new_phone(preferences, service_workers="block") as phone:
        page = await phone.open(f"{HOME}/posters")
        count = await page.locator(".sheet").count()
        if is_long:
            # As the template would have it.
            await page.evaluate(
                """(name) => document.querySelectorAll(".sheet").forEach((sheet) => {
                  sheet.classList.add("longest");
                  for (const words of sheet.querySelectorAll("h2, .words")) words.textContent = name;
                })""",
                LONG_NAME,
            )
        paper = await printed(page)
        assert paper.sheets == count
        for sheet in (1, 2, 3, count):
            [address] = await paper.codes(sheet)
            assert address.startswith(f"{phone.url}{HOME}")
            words = await paper.words(sheet)
            assert address in words
            assert ("样例" in words) or ("Sample" in words)
            assert "0531-0000" in words
            assert not is_long or LONG_NAME in words


async def test_our_button_waits_for_the_code(new_phone) -> None:
    async with new_phone(service_workers="block", has_touch=True, is_mobile=True) as phone:
        asked = []
        phone.context.on("request", lambda request: asked.append(request.url))
        page = await phone.open(GUIDE)
        await page.wait_for_load_state("networkidle")
        assert not [url for url in asked if "/code.svg" in url]
        await page.evaluate(
            """() => { window.print = () => {
              const code = document.querySelector(".on-paper img");
              document.documentElement.dataset.printed = code.complete && code.naturalWidth;
            }; }"""
        )
        await page.get_by_role("button", name="打印", exact=True).click()
        await page.locator("html[data-printed]").wait_for()
        assert int(await page.locator("html").get_attribute("data-printed")) > 0
        assert [url for url in asked if f"/code.svg?to={quote(GUIDE)}" in url]


async def test_a_guide_wastes_no_paper(new_phone) -> None:
    for preferences, most in (("", 3), ("view:elder", 4), ("view:elder|size:30", 6)):
        async with new_phone(preferences, service_workers="block") as phone:
            paper = await printed(await phone.open(GUIDE))
            assert paper.sheets <= most


@pytest.mark.parametrize("item", ["canji-zheng", "yibao-canbao"])
async def test_no_sheet_holds_nothing_but_the_code(new_phone, item) -> None:
    for preferences in ("", "view:elder", "view:elder|size:30"):
        async with new_phone(preferences, service_workers="block") as phone:
            page = await phone.open(f"{HOME}/handbook/{item}")
            paper = await printed(page)
            here = await page.locator("link[rel=canonical]").get_attribute("href")
            assert await paper.codes(1) == {here}
            last = await paper.words(paper.sheets)
            assert "扫一扫" not in last
            assert len(last) > 60, f"{preferences}: {last}"


async def test_a_blank_form_has_room_for_sentences_and_is_signed_once(new_phone) -> None:
    async with new_phone(service_workers="block") as phone:
        page = await phone.open(f"{HOME}/handbook/renmin-tiaojie/forms/2")
        await page.emulate_media(media="print")
        name = page.get_by_role("row", name="申请人姓名")
        story = page.get_by_role("row", name="发生了什么事")
        heights = [(await row.bounding_box())["height"] for row in (name, story)]
        assert heights[1] >= 2 * heights[0]
        assert (await page.locator("main").inner_text()).count("签名") == 1
