"""Every page for every eye and thumb: axe-core, nothing sideways, text and targets large enough."""

from __future__ import annotations

import re

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
from tests.world.addresses import OF_ITS_OWNER, example_of, open_addresses, parameters_of
from tests.world.phones import GUIDE, HOME

LEADS_ON = "leads to another page"
ELSEWHERE = {
    "/": LEADS_ON,
    "/handbook": LEADS_ON,
    "/take": LEADS_ON,
    "/disclosures": LEADS_ON,
    "/c/{community}/b/{building}": LEADS_ON,
    "/c/{community}/take": "tests/browser/queue/test_ticket.py looks at it",
    "/screen": "tests/browser/devices/test_devices.py looks at it",
    "/kiosk": "tests/browser/devices/test_devices.py looks at it",
    "/rating": "tests/browser/devices/test_devices.py looks at it",
    "/terminal": "tests/browser/devices/test_devices.py looks at it",
    "/push/help": "tests/browser/notifications/test_notifications.py looks at it",
    "/mine/inbox": "tests/browser/notifications/test_notifications.py looks at it",
    "/mine/notifications": "tests/browser/notifications/test_notifications.py looks at it",
    "/push/key": "a script asks for it",
    "/inbox/unread": "a script asks for it",
    "/healthz": "a machine asks for it",
    "/metrics": "a machine asks for it",
}
"""Addresses without a page to look at here, and why."""
# A fragment or a stream is a part of a page, and a name with an ending is a file. What staff see
# before they are signed in is in tests/browser/staff/, a terminal's pages in tests/browser/terminal/.
PART_OR_FILE = re.compile(r"/(?:f|live|staff|terminal)/|.*\.[a-z]+$")
ADDRESSES = [
    address
    for address, methods in open_addresses().items()
    if "GET" in methods
    and address not in ELSEWHERE
    and not PART_OR_FILE.match(address)
    and not parameters_of(address) & OF_ITS_OWNER
]
PAGES = {address: example_of(address) for address in ADDRESSES}
# What an address shows beside its example.
PAGES |= {
    "facilities that are open, the nearest first": "/c/jian/facilities?open=1&from=xinyuan-nanqu",
    "communities by subdistrict": "/communities?by=subdistrict",
    "halls without steps": "/halls?stepfree=1",
    "unwritten home": "/c/guanzhaying",
    "unwritten people": "/c/guanzhaying/people",
    "unwritten contacts": "/c/guanzhaying/contacts",
    "a disclosure with a text": f"{HOME}/disclosures/4",
    "a disclosure with persons": f"{HOME}/disclosures/5",
    "a disclosure for some": f"{HOME}/disclosures/2",
    "nothing published": "/c/guanzhaying/disclosures",
    "no disclosure fits": f"{HOME}/disclosures/search?q=vvv&year=1999",
    "search before a word": f"{HOME}/search",
    "search without results": f"{HOME}/search?q=vvv",
    "communities without results": "/communities?q=vvv",
    "it is for you": f"{GUIDE}/fit?a=1-1",
    "it is not for you": f"{GUIDE}/fit?a=2",
    "calculator wrong": "/working-days?from=xx&days=a",
    "mine with a ticked list": "/mine",
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
            if PAGES[name] == "/mine":
                await page.locator("#here:not([hx-get])").wait_for()
            faults = await faults_for_everyone(page, language)
            if language == "Chinese":
                await page.set_viewport_size({"width": LOW["width"], "height": LOW["height"]})
                for size in ("18", "20", "24", "26", "28", "30"):
                    await wear(page, {**ELDER, "size": size})
                    faults += [f"of {size}: {each}" for each in await faults_of(page, ELDERLY)]
            found += [f"{name}: {fault}" for fault in faults]
        assert not found, "\n".join(found)


async def test_a_phones_own_text_at_twice_its_size_holds(new_phone) -> None:
    """Nothing is cut or scrolls sideways, and no word stands letter under letter."""
    options = {"viewport": {"width": 320, "height": 640}, "service_workers": "block"}
    async with new_phone(LANGUAGES["Chinese"], **options) as phone:
        phone.expect(r"status of (404|422)")
        page, found = await phone.context.new_page(), []
        for name, path in PAGES.items():
            # A sheet is paper, and a table in a text scrolls in a box of its own.
            if "/sheet" in name or name == "a disclosure with a text":
                continue
            await page.goto(path)
            await unfolded(page)
            await page.evaluate("document.documentElement.style.fontSize = '32px'")
            found += [f"{name}: {each}" for each in await faults_of(page, VIEWS["Chinese"][0])]
        assert not found, "\n".join(found)


async def test_categories_stand_four_or_six_in_a_row(phone) -> None:
    page = await phone.open(HOME)
    counts = {}
    for width in (320, 360, 390, 447, 520, 639, 700, 959, 1280):
        await page.set_viewport_size({"width": width, "height": 640})
        counts[width] = await page.evaluate(
            "new Set([...document.querySelectorAll('.grid > li')].map((each) =>"
            " Math.round(each.getBoundingClientRect().left))).size"
        )
    assert set(counts.values()) <= {4, 6}, counts


def test_every_page_is_looked_at_here_or_says_where() -> None:
    assert set(ELSEWHERE) <= set(open_addresses())
    assert {GUIDE, f"{GUIDE}/forms/4", "/offline"} <= set(PAGES.values())
    # A name below another that leads elsewhere is a page of its own.
    assert PART_OR_FILE.match("/f/here")
    assert PART_OR_FILE.match("/c/{community}/offline.json")
    assert not PART_OR_FILE.match("/c/{community}/facilities")
