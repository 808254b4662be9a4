"""Every page for every eye and thumb: axe-core, nothing sideways, text and targets large enough."""

from __future__ import annotations

import pytest

from tests.browser.eyes import (
    ELDER,
    LANGUAGES,
    LOW,
    VIEWS,
    faults_for_everyone,
    faults_of,
    unfolded,
    wear,
)
from tests.world.phones import GUIDE, HOME

PAGES = {
    "home": HOME,
    "unwritten home": "/c/guanzhaying",
    "unwritten people": "/c/guanzhaying/people",
    "contacts": f"{HOME}/contacts",
    "unwritten contacts": "/c/guanzhaying/contacts",
    "card": "/cards/liujiazhuang-xinju-3",
    "handbook": f"{HOME}/handbook",
    "category": f"{HOME}/handbook/categories/elderly",
    "event": f"{HOME}/handbook/events/elderly-parent",
    "guide": GUIDE,
    "blank form": f"{GUIDE}/forms/4",
    "facilities": f"{HOME}/facilities",
    "people": f"{HOME}/people",
    "partners": f"{HOME}/partners",
    "brand": f"{HOME}/brand",
    "hall": f"{HOME}/hall",
    "figures": f"{HOME}/hall/figures",
    "search": f"{HOME}/search",
    "search with results": f"{HOME}/search?q=社保卡丢了怎么办",
    "search without results": f"{HOME}/search?q=vvv",
    "communities": "/communities",
    "communities without results": "/communities?q=vvv",
    "calculator right": "/working-days?from=2027-12-24&days=7",
    "calculator wrong": "/working-days?from=xx&days=a",
    "mine": "/mine",
    "mine with a ticked list": "/mine",
    "code": f"/code?to={GUIDE}",
    "posters": f"{HOME}/posters",
    "offline": "/offline",
    "no such community": "/c/liujiazhuan",
    "no such item": f"{HOME}/handbook/gaoling",
    "no such page": "/nowhere",
}
PARTS = 4
ELDERLY = next(view for view in VIEWS["Chinese"] if view.name == "elder")


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_read_and_press_everything(new_phone, language, part) -> None:
    """Several pages on one phone: opening a phone costs as much as looking at a page."""
    options = {"viewport": LOW, "service_workers": "block"}
    async with new_phone(LANGUAGES[language], **options) as phone:
        phone.expect(r"status of (404|422)")
        page, found = await phone.context.new_page(), []
        for name in list(PAGES)[part::PARTS]:
            if name == "mine with a ticked list":
                await page.goto(GUIDE)
                await page.get_by_role("checkbox").first.check()
            await page.goto(PAGES[name])
            await unfolded(page)
            if name.startswith("mine"):
                await page.locator("#here:not([hx-get])").wait_for()
            faults = await faults_for_everyone(page, language)
            if language == "Chinese":
                await page.set_viewport_size({"width": LOW["width"], "height": LOW["height"]})
                for size in ("18", "20", "24", "26", "28", "30"):
                    await wear(page, {**ELDER, "size": size})
                    faults += [f"of {size}: {each}" for each in await faults_of(page, ELDERLY)]
            found += [f"{name}: {fault}" for fault in faults]
        assert not found, "\n".join(found)
