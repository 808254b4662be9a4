"""A district's first day, by its pages alone: from an empty site to a number on the wall."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from playwright.async_api import expect

from tests.world.phones import LOST, WALL, hurry
from tests.world.servers import PATIENCE, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.async_api import Page

    from tests.world.servers import Server

DESK = {"width": 1280, "height": 900}
PASSWORD = "a kettle on the stove"
HALL = "/staff/c/xinsha/hall"
MOST_LOADS = 60
ALL_DAY = "00:00-23:59"


def new_district(server: Server, folder: Path) -> str:
    """What the person at the machine does; the path of the administrator's link."""
    places = folder / "places.txt"
    places.write_text("吴家堡街道：新沙社区、裕园社区\n段店北路街道：绿地社区", encoding="utf-8")
    given = {
        "name": "槐荫区",
        "city": "济南市",
        "hotline": "0531-85900000",
        "administrator": "韩秀芝",
    }
    options = [each for name, value in given.items() for each in (f"--{name}", value)]
    done = subprocess.run(
        [sys.executable, "-m", "web", "new-district", *options, "--places", str(places)],
        cwd=ROOT,
        env={**os.environ, "LIANXIN_DATA": str(server.data), "LIANXIN_PORT": str(server.port)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"/invitations/\S+", done.stdout)
    assert found
    return found[0]


async def accept(page: Page, link: str, name: str) -> None:
    """Follow the link, choose a name and a password, and sign in."""
    await page.goto(link)
    for _ in ("the account", "the way in"):
        await page.fill("[name=name]", name)
        await page.fill("[name=password]", PASSWORD)
        await page.locator("main form").get_by_role("button").click()
    await page.wait_for_url("**/staff")


async def describe_hall(page: Page) -> None:
    """Enter where the hall is and when it is open, and publish it."""
    await page.goto(HALL)
    for day in ("working_day", "saturday", "sunday", "public_holiday"):
        await page.fill(f"[name='hours.{day}']", ALL_DAY)
    await page.fill("[name='position.latitude']", "36.6712")
    await page.fill("[name='position.longitude']", "116.9012")
    await page.select_option("[name='position.datum']", "GCJ-02")
    await page.locator("button[value=review]").click()
    await page.wait_for_url(f"**{HALL}/publication")
    await page.fill("[name=reason]", "开张")
    await page.get_by_role("button", name=re.compile("^发布")).click()
    await page.wait_for_url(f"**{HALL}/versions")


async def invite_clerk(page: Page) -> str:
    """Make a link for someone at the counter; its path."""
    await page.goto("/staff/people")
    await page.fill("#full_name", "李明")
    await page.select_option("#role", "clerk")
    await page.select_option("#place", label="新沙社区")
    await page.get_by_role("button", name="生成链接").click()
    address = await page.locator(".secret").inner_text()
    return "/invitations/" + address.rpartition("/")[2]


async def confirm(page: Page, code: str) -> None:
    """Let a screen in by the code it shows."""
    await page.goto("/staff/c/xinsha/devices")
    await page.fill("[name=code]", code)
    await page.locator("form[action='/staff/pairings'] button").click()
    await page.locator("form:has([name=name]) button.btn").click()
    await page.wait_for_url("**/devices**")


async def test_from_an_empty_site_to_a_number_on_the_wall(
    new_server: Callable[..., Server], new_phone: Any, tmp_path: Path
) -> None:
    server = new_server("empty")
    server.start()
    loads: list[str] = []
    async with AsyncExitStack() as stack:

        async def device(viewport: dict[str, int]) -> Any:
            found = await stack.enter_async_context(new_phone(url=server.url, viewport=viewport))
            found.expect(LOST)
            found.context.on("page", lambda page: page.on("load", lambda _: loads.append(page.url)))
            return found

        office, desk, wall = await device(DESK), await device(DESK), await device(WALL)
        phone = await device({"width": 390, "height": 844})
        page = await office.open("/")
        await expect(page.locator("main")).to_contain_text("python -m web new-district")

        await accept(page, new_district(server, tmp_path), "han")
        await page.goto("/staff/first-week")
        await expect(page.locator("main")).to_contain_text("大厅的时间和位置")
        await describe_hall(page)
        link = await invite_clerk(page)
        counter = await desk.open("/")
        await accept(counter, link, "li.ming")
        await page.goto("/c/xinsha/posters")
        await expect(page.locator("main img").first).to_be_visible()

        screen = await wall.open("/screen")
        await confirm(page, await screen.locator(".device-code").inner_text())
        await hurry(screen)
        await expect(screen.locator("body")).to_contain_text("新沙社区服务大厅", timeout=PATIENCE)

        resident = await phone.open("/c/xinsha/take")
        await resident.get_by_text("社会救助").first.click()
        await resident.get_by_role("button", name="取号").click()
        await expect(resident.locator(".ticket-number")).to_have_text("A001")
        await counter.goto("/staff/c/xinsha/counters")
        await counter.locator("form[action$='/counters/1/shifts'] button").click()
        await expect(counter.locator("#live-line")).to_have_text("实时", timeout=PATIENCE)
        await counter.keyboard.press("n")
        await expect(screen.locator(".wall-number")).to_have_text("A001", timeout=PATIENCE)
    assert 20 < len(loads) < MOST_LOADS, loads
