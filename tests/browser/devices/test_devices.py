"""Devices of a hall in a real browser: paired, revoked, cut off, and back again by themselves."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from domain.devices import pairing
from domain.devices.tables import Device, DeviceKind
from domain.places.tables import Community
from domain.staff import accounts, sign_in
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.browser.eyes import LANGUAGES, LOW, WIDE, faults_for_everyone, unfolded
from tests.world.halls import open_all_day, shut_all_day
from tests.world.people import HASH
from tests.world.phones import LOST, WALL, axe, hurry
from tests.world.servers import PATIENCE, ROOT, gateway_without_a_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Page
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.servers import Server

GLASS = (LOW, {"width": 800, "height": 1280}, WIDE, {"width": 1080, "height": 1920}, WALL)
AT_HOME = "/staff/c/liujiazhuang/devices"


@asynccontextmanager
async def opened(server: Server) -> AsyncIterator[Store]:
    """The store of a running server."""
    store = Store(server.database)
    await store.open()
    yield store
    await store.close()


async def hired(store: Store, name: str) -> str:
    """The session key of a new administrator."""
    now = dt.datetime.now(dt.UTC)

    async def unit(session: AsyncSession) -> str:
        grant = Grant(Role.ADMINISTRATOR)
        member = await accounts.hire(
            session, COMMAND_LINE, name, "韩秀芝（样例）", HASH, (grant,), now
        )
        return await sign_in.begin_session(session, member.id, "Chrome · Linux", (), now)

    return await store.write(unit)


async def comes_to_show(page: Page, selector: str, count: int) -> None:
    """Have the device check in until it shows that many: the server looks once a second."""
    shown = page.locator(selector)
    for _ in range(PATIENCE // 500):
        await hurry(page)
        with suppress(AssertionError):
            await expect(shown).to_have_count(count, timeout=500)
            return
    await expect(shown).to_have_count(count)


async def let_in(store: Store, page: Page, name: str, counter: int | None = None) -> None:
    """Confirm the code that a device shows, and wait until it shows its hall."""
    code = await page.locator(".device-code").inner_text()

    async def unit(session: AsyncSession) -> Device:
        wanted = select(Community.id).where(Community.slug == "liujiazhuang")
        hall = await pairing.hall_of(session, (await session.scalars(wanted)).one())
        now = dt.datetime.now(dt.UTC)
        return await pairing.confirm(session, COMMAND_LINE, code, hall, name, counter, now)

    await store.write(unit)
    await comes_to_show(page, "h1:has-text('刘家庄社区服务大厅')", 1)


async def kept(page: Page) -> None:
    """Wait until the device keeps its page."""
    await page.evaluate(
        """async () => {
            const kept = async () => (await caches.match(location.pathname))
                && navigator.serviceWorker.controller;
            while (!await kept()) await new Promise((again) => setTimeout(again, 50));
        }"""
    )


def notice(page: Page) -> Any:
    """What the device says of the network."""
    return page.locator("[data-device-notice]")


async def test_a_screen_is_paired_revoked_and_paired_again(new_phone, server) -> None:
    async with (
        opened(server) as store,
        new_phone(viewport=WALL) as wall,
        new_phone(viewport=WIDE) as desk,
    ):
        key = await hired(store, "pairs")
        await desk.context.add_cookies([{"name": "staff", "value": key, "url": desk.url}])
        screen, staff = await wall.open("/screen"), await desk.open("/staff/devices")

        code = await screen.locator(".device-code").inner_text()
        await staff.get_by_label("设备上显示的配对码").fill(code.lower().replace("-", " "))
        await staff.keyboard.press("Enter")
        await staff.get_by_label("放在哪个大厅").select_option(label="济安社区")
        await staff.get_by_role("button", name="继续").click()
        await expect(staff.get_by_label("设备名字")).to_have_value("大屏 1")
        await staff.get_by_role("button", name="配对").click()
        await expect(staff).to_have_url(re.compile("/staff/c/jian/devices$"))
        row = staff.get_by_role("listitem").filter(has_text="大屏 1")
        await expect(row).to_contain_text("在线")

        # Nobody touches the screen: it finds out by itself.
        await expect(screen.get_by_role("heading", level=1)).to_have_text("济安社区便民服务大厅")
        await expect(screen).to_have_title(re.compile("^济安社区便民服务大厅"))

        await row.get_by_text("停用").first.click()
        await row.get_by_role("button", name="停用").click()
        await expect(row).to_have_count(0)
        await hurry(screen)
        again = screen.locator(".device-code")
        await expect(again).to_be_visible()
        assert await again.inner_text() != code


async def test_a_device_outlives_its_server_even_when_it_is_switched_on_without_one(
    new_phone, own_server
) -> None:
    async with (
        opened(own_server) as store,
        new_phone(url=own_server.url, viewport=WALL) as wall,
    ):
        wall.expect(LOST)
        page = await wall.open("/screen")
        await let_in(store, page, "墙上")
        await kept(page)
        own_server.stop()

        await page.reload()
        await expect(notice(page)).to_have_text(
            "请留意叫号，或问工作人员。 正在等网络，会自动再试。"
        )
        await expect(page.get_by_role("heading", level=1)).to_have_text("大屏")
        await expect(page.locator("[data-clock]")).to_have_text(re.compile(r"^\d{1,2}:\d\d$"))
        assert await axe(page) == []

        for status in ("502 Bad Gateway", "404 Not Found", "302 Found"):
            async with gateway_without_a_server(own_server.port, status):
                await page.reload()
                await expect(page.get_by_role("heading", level=1)).to_have_text("大屏")
                await expect(notice(page)).not_to_be_empty()

        own_server.start()
        await hurry(page)
        await expect(page.get_by_role("heading", level=1)).to_have_text("刘家庄社区服务大厅")
        await expect(notice(page)).to_be_empty()


async def test_a_device_without_an_answer_says_since_when_and_hides_what_may_be_untrue(
    new_phone, server
) -> None:
    async with opened(server) as store, new_phone(viewport=WALL) as wall:
        wall.expect(LOST)
        page = await wall.context.new_page()
        await page.clock.install()
        await page.goto("/screen")
        await let_in(store, page, "走廊")
        state = page.locator(".device-state")
        await expect(state).to_be_visible()

        # What a captive portal says is not ours either.
        login = {"status": 200, "content_type": "text/html", "body": "<h1>Please sign in</h1>"}
        await page.route("**/f/devices/*", lambda route: route.fulfill(**login))
        await page.clock.run_for(31_000)
        await expect(notice(page)).to_have_text(
            re.compile(r"^\d{1,2}:\d\d 起没有更新，会自动再试。$")
        )
        await expect(state).to_be_hidden()
        await expect(page.get_by_role("heading", level=1)).to_have_text("刘家庄社区服务大厅")
        assert await axe(page) == []

        await page.unroute("**/f/devices/*")
        await hurry(page)
        await expect(notice(page)).to_be_empty()
        await expect(state).to_be_visible()


async def test_a_wrong_clock_of_the_device_does_not_matter(new_phone) -> None:
    async with new_phone(viewport=WALL, timezone_id="America/New_York") as wall:
        page = await wall.context.new_page()
        await page.clock.install(time=dt.datetime(2001, 1, 1, tzinfo=dt.UTC))
        moment = int(dt.datetime(2026, 11, 23, 2, 26, 5, tzinfo=dt.UTC).timestamp() * 1000)
        answer = (
            f'<div id="device" data-now="{moment}" data-offset="480" data-every="15">'
            "<h1>大厅</h1><p data-clock></p><p data-date></p></div>"
        )
        ours = {"status": 200, "content_type": "text/html; charset=utf-8", "body": answer}
        await page.route("**/f/devices/*", lambda route: route.fulfill(**ours))
        await page.goto("/screen")
        await expect(page.locator("[data-clock]")).to_have_text("10:26")
        await expect(page.locator("[data-date]")).to_have_text("11月23日星期一")


NIGHTS = [
    # now, loaded, is a newer version, is idle, is due
    ("03:00", "-1 22:00", False, False, True),
    ("02:29", "-1 22:00", False, False, False),
    ("02:30", "-1 22:00", False, False, True),
    ("04:59", "-1 22:00", True, False, True),
    ("05:00", "-1 22:00", True, False, False),
    ("03:00", "02:10", False, False, False),
    ("03:00", "01:59", False, False, True),
    ("10:00", "-1 03:00", True, False, False),
    ("10:00", "-1 03:00", True, True, True),
    ("10:00", "-1 03:00", False, True, False),
]


def local(words: str) -> int:
    """A local moment in milliseconds: `-1 22:00` is the evening before."""
    day, _, time = words.rpartition(" ")
    hours, minutes = map(int, time.split(":"))
    return (20_000 + int(day or 0)) * 86_400_000 + (hours * 60 + minutes) * 60_000


async def test_a_page_is_loaded_anew_at_night_and_for_a_new_version(phone) -> None:
    page = await phone.open("/screen")
    moment = local("02:30") - local("00:00")
    for now, loaded, is_newer, is_idle, is_due in NIGHTS:
        given = {"now": local(now), "loaded": local(loaded), "moment": moment}
        given |= {"isNewer": is_newer, "isIdle": is_idle}
        said = await page.evaluate("(given) => modules['devices/check_in'].isDue(given)", given)
        assert said is is_due, (now, loaded, is_newer, is_idle)


async def test_two_servers_of_two_versions_do_not_have_a_device_load_for_ever(phone) -> None:
    other = (
        '<div id="device" data-now="0" data-offset="0" data-every="15" data-version="x" data-idle>'
    )
    ours = {"status": 200, "content_type": "text/html", "body": f"{other}<h1>x</h1></div>"}
    await phone.context.route("**/f/devices/*", lambda route: route.fulfill(**ours))
    page = await phone.context.new_page()
    loads: list[object] = []
    # Counted from before the first: one that came early would be waited for in vain.
    page.on("load", lambda event: loads.append(event))  # noqa: PLW0108 - Playwright marks it
    await page.goto("/screen", wait_until="commit")
    while len(loads) < 2:
        await page.wait_for_timeout(50)
    await page.evaluate("window.stays = true")
    for _ in range(2):
        async with page.expect_response("**/f/devices/*"):
            await hurry(page)
    assert await page.evaluate("window.stays")


async def test_the_screen_is_kept_awake_and_asked_again_when_it_was_let_go(phone) -> None:
    await phone.context.add_init_script(
        """window.locks = [];
        const request = async () => { locks.push({ released: false }); return locks.at(-1); };
        Object.defineProperty(navigator, "wakeLock", { value: { request } });"""
    )
    page = await phone.open("/screen")
    await expect(page.locator(".device-code")).to_be_visible()
    assert await page.evaluate("locks.length") == 1
    await page.evaluate("locks[0].released = true")
    async with page.expect_response("**/f/devices/*"):
        await hurry(page)
    await page.evaluate(
        """async () => {
            while (locks.length < 2) await new Promise((again) => setTimeout(again, 50));
        }"""
    )


async def test_an_idle_device_takes_a_new_version_by_itself_and_keeps_it(
    new_phone, own_server, tmp_path: Path
) -> None:
    for folder in ("domain", "push", "web", "templates", "static"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    with (tmp_path / "static" / "css" / "base.css").open("a", encoding="utf-8") as styles:
        styles.write("\nhtml { --version: newer; }\n")
    async with new_phone(url=own_server.url, viewport=WIDE) as tablet:
        tablet.expect(LOST)
        page = await tablet.open("/kiosk")
        code = await page.locator(".device-code").inner_text()
        own_server.stop()
        own_server.code = tmp_path
        own_server.start()
        async with page.expect_navigation():
            await hurry(page)
        style = "getComputedStyle(document.documentElement).getPropertyValue('--version')"
        assert (await page.evaluate(style)).strip() == "newer"
        await expect(page.locator(".device-code")).to_have_text(code)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_read_a_device_and_keep_a_halls_devices(
    new_phone, own_server, language
) -> None:
    async with (
        opened(own_server) as store,
        new_phone(LANGUAGES[language], url=own_server.url, viewport=WIDE) as phone,
    ):
        phone.expect("status of 4(04|22)")
        key = await hired(store, language.lower())
        await phone.context.add_cookies([{"name": "staff", "value": key, "url": phone.url}])
        found: list[str] = []
        # What is the same in both languages need not be measured on every glass twice.
        glass: tuple[Any, ...] = GLASS if language == "Chinese" else (LOW, WALL)

        async def look(page: Page, what: str, sizes: tuple[Any, ...] = (LOW, WIDE)) -> None:
            await unfolded(page)
            faults = await faults_for_everyone(page, language, sizes, axe_on=sizes[-1:])
            found.extend(f"{what}: {each}" for each in faults)

        staff = await phone.open("/staff/devices")
        await look(staff, "communities")
        for kind in DeviceKind:
            page = await phone.open(f"/{kind}")
            code = (await page.locator(".device-code").inner_text()).replace("-", "")
            await look(page, f"{kind} unpaired", glass)
            await staff.goto(f"/staff/pairings/{code}")
            if kind is DeviceKind.SCREEN:
                await look(staff, "choosing the hall")
            await staff.locator("#community").select_option("liujiazhuang")
            await staff.locator("main form .btn").click()
            await staff.locator("#name").fill(f"{language} {kind}")
            if kind is DeviceKind.RATING:
                await staff.locator("#counter").select_option("2")
                await look(staff, "naming")
            await staff.locator("main form .btn").click()
            await staff.wait_for_url(f"**{AT_HOME}")
            for is_open, hours in enumerate((shut_all_day, open_all_day)):
                await hours(store)
                await comes_to_show(page, ".device-state .pill.jade", is_open)
                await look(page, f"{kind}, {hours.__name__}", glass)
        await look(staff, "devices")
        await staff.goto("/staff/pairings/nothing")
        await look(staff, "no such code")
        assert not found, "\n".join(found)
