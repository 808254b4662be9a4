"""Phones, screens, kiosks and desks in a real Chromium, and what axe finds on their pages."""

from __future__ import annotations

import asyncio
import re
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from domain.devices import pairing
from domain.staff.actor import COMMAND_LINE
from tests.world.servers import PATIENCE, ROOT, BrowserHall

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.devices.tables import DeviceKind

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


HOME = "/c/liujiazhuang"


GUIDE = f"{HOME}/handbook/gaoling-jintie"


MOST_TABS = 60
"""Presses of the tab key after which nobody looks any further."""


PHONE = {"width": 390, "height": 844}


CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    # A phone bought here. Playwright's own `locale` would add a header that scripts can see,
    # which real browsers do not, and which a kept answer's Vary then trips over.
    "--lang=zh-CN",
    "--accept-lang=zh-CN",
]


@asynccontextmanager
async def system_chromium(*more: str) -> AsyncIterator[Browser]:
    """The system's browser, with more arguments. Raises `RuntimeError` where there is none."""
    program = shutil.which("chromium")
    if program is None:
        raise RuntimeError("Chromium is missing. On Debian: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=[*CHROMIUM_ARGUMENTS, *more]
        )
        try:
            yield browser
        finally:
            await browser.close()


class Phone:
    """One person's browser: its pages, and everything they complained about."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        self.complaints: list[str] = []
        self.expected: list[str] = []
        context.on("weberror", lambda found: self.complaints.append(f"uncaught: {found.error}"))
        context.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def expect(self, pattern: str) -> None:
        """Say that a complaint matching this regular expression is part of the test."""
        self.expected.append(pattern)

    @property
    def unexpected(self) -> list[str]:
        """Console errors, refusals of the Content-Security-Policy and uncaught exceptions."""
        return [
            complaint
            for complaint in self.complaints
            if not any(re.search(pattern, complaint) for pattern in self.expected)
        ]

    async def open(self, path: str) -> Page:
        """A new tab at this address."""
        page = await self.context.new_page()
        await page.goto(path)
        return page


async def tab_to(page: Page, selector: str) -> None:
    """Press the tab key until the focus stands on a match, as someone without a mouse does."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        if await page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"the tab key does not reach {selector}")


async def kept_at_once(page: Page) -> None:
    """Have the phone keep the handbook now, and not when the page has settled for two seconds."""
    await page.evaluate(
        """async () => {
            const said = (name) => document.querySelector(`meta[name=lianxin-${name}]`).content;
            const { active } = await navigator.serviceWorker.ready;
            active.postMessage({ keep: said("community"), revision: said("revision") });
        }"""
    )
    await kept(page)


async def kept(page: Page, community: str = "liujiazhuang") -> None:
    """Wait until the phone keeps the handbook of the revision that the page is of."""
    looking = page.evaluate(
        """async (community) => {
            const wanted = document.querySelector("meta[name=lianxin-revision]").content;
            const look = async () => (await (await caches.match("/kept"))?.json()) ?? [];
            const found = (each) => each.community === community && each.revision === wanted;
            while (!(await look()).some(found)) await new Promise((again) => setTimeout(again, 50));
        }""",
        community,
    )
    await asyncio.wait_for(looking, PATIENCE / 1000)


def faults_of_axe(results: dict[str, Any]) -> list[str]:
    """What axe found, a line for each place."""
    return [
        f"{violation['id']}: {node['target']} {node['html'][:120]} {node['failureSummary']}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]


async def axe(page: Page, rules: dict[str, Any] | None = None) -> list[str]:
    """Every violation that axe-core finds on the page as it stands; `rules` are its options."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    # A page in a frame is looked at as the page it is, elsewhere.
    options = {"resultTypes": ["violations"], "iframes": False, **(rules or {})}
    results = await page.evaluate("(options) => axe.run(document, options)", options)
    return faults_of_axe(results)


KIOSKS = (
    {"width": 1280, "height": 800},
    {"width": 800, "height": 1280},
    {"width": 1024, "height": 768},
    {"width": 1280, "height": 1024},
)


OVERFLOW = """() => {
  const { scrollWidth, scrollHeight } = document.documentElement;
  const out = [...document.querySelectorAll(".device p, .device li, .device a, .device img, .btn")]
    .filter((each) => each.checkVisibility() && !each.closest(".hidden, .wall-calls"))
    .filter((each) => {
      const { right, bottom, width, height } = each.getBoundingClientRect();
      return width && height && (right > innerWidth + 1 || bottom > scrollHeight + 1);
    });
  return [...(scrollWidth > innerWidth ? [`page ${scrollWidth}`] : []), ...out.map((e) => e.outerHTML.slice(0, 90))];
}"""


async def pair(
    hall: BrowserHall, phone: Phone, kind: DeviceKind, counter: int | None = None, name: str = ""
) -> None:
    """Make this browser a device of the hall, or of one of its counters."""

    async def unit(session: AsyncSession) -> str:
        begun, key = await pairing.begin(session, kind, "x" * 64, hall.now)
        given = name or f"{kind} {begun.code}"
        await pairing.confirm(
            session, COMMAND_LINE, begun.code, hall.hall, given, counter, hall.now
        )
        return key

    key = await hall.store.write(unit)
    cookie: Any = {"name": f"device-{kind}", "value": key, "url": hall.server.url}
    await phone.context.add_cookies([cookie])


LOST = r"net::ERR_|Failed to fetch|NetworkError|when fetching the script|status of (404|50\d)"


WALL = {"width": 1920, "height": 1080}


async def hurry(page: Page) -> None:
    """Have the device check in now, as it does when it wakes."""
    await page.evaluate("dispatchEvent(new Event('online'))")


async def seated(phone: Phone, key: str, hall: BrowserHall) -> Page:
    """The desk of the first counter."""
    cookie: Any = {"name": "staff", "value": key, "url": phone.url}
    await phone.context.add_cookies([cookie])
    page: Page = await phone.open("/staff/counters")
    await page.locator(".seat").first.get_by_role("button").click()
    await expect(page).to_have_url(re.compile(f"{hall.desk()}$"))
    return page
