"""The pictures of the README and the manifest: a working morning in a hall, photographed."""

from __future__ import annotations

import datetime as dt
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from domain.content import OpeningPeriod
from domain.devices.tables import DeviceKind
from domain.places.content import HallHours
from domain.store import Store
from tests.world.databases import free_port, prepare
from tests.world.district import FILES
from tests.world.halls import DAYS, hall_of, set_hours
from tests.world.phones import Phone, pair, system_chromium
from tests.world.servers import ROOT, BrowserHall, Server, finish

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import httpx
    from playwright.async_api import Browser, BrowserContext

ICONS = ROOT / "static" / "icons"
PICTURES = ROOT / "docs" / "pictures"
PHONE, WIDE = (390, 844), (1280, 800)
HOME = "/c/liujiazhuang"
GUIDE = f"{HOME}/handbook/gaoling-jintie"
MORNING = 10
NAMES = {DeviceKind.SCREEN: "大屏", DeviceKind.KIOSK: "取号机"}
# A screen that may not speak yet shows a button.
MAY_SPEAK = "--autoplay-policy=no-user-gesture-required"
HOURS = (OpeningPeriod(opens=dt.time(8, 30), closes=dt.time(17)),)


@dataclass(frozen=True)
class Shot:
    """A picture: where it is kept, and of what page."""

    target: Path
    # Empty for the page of the number that was taken on the phone.
    path: str = ""
    cookie: str = ""
    size: tuple[int, int] = PHONE
    scale: int = 1
    device: DeviceKind | None = None
    # Whether the clerk of the first counter looks at it.
    is_desk: bool = False


SHOTS = (
    Shot(ICONS / "screen-home.png", HOME, scale=2),
    Shot(ICONS / "screen-guide.png", GUIDE, scale=2),
    Shot(ICONS / "screen-ticket.png", scale=2),
    Shot(ICONS / "screen-wide.png", HOME, size=WIDE),
    Shot(PICTURES / "home.png", HOME),
    Shot(PICTURES / "guide.png", GUIDE),
    Shot(PICTURES / "ticket.png"),
    Shot(PICTURES / "elder.png", HOME, "view:elder|size:30"),
    Shot(PICTURES / "dark.png", f"{HOME}/facilities", "theme:dark"),
    Shot(PICTURES / "english.png", HOME, "lang:en"),
    Shot(PICTURES / "wall.png", "/screen", size=(1280, 720), device=DeviceKind.SCREEN),
    Shot(PICTURES / "kiosk.png", "/kiosk", size=(1024, 768), device=DeviceKind.KIOSK),
    Shot(PICTURES / "desk.png", f"/staff{HOME}/counters/1", size=WIDE, is_desk=True),
)


async def photograph_all(data: Path, place: Callable[[Path], Path]) -> None:
    """Take every picture of a server of our own; `place` says where a target goes."""
    async with _morning(data) as (hall, browser):
        ticket = await _number(hall, browser)
        for shot in SHOTS:
            await _photograph(hall, browser, shot, ticket, place(shot.target))


def _zone() -> str:
    """The time zone in which it is a morning now, whenever the pictures are made."""
    ahead = MORNING - dt.datetime.now(dt.UTC).hour
    return f"Etc/GMT{-(ahead if ahead >= -12 else ahead + 24):+d}"


@asynccontextmanager
async def _morning(data: Path) -> AsyncIterator[tuple[BrowserHall, Browser]]:
    """A hall with two counters: some were served, two are, and seven wait."""
    zone = _zone()
    server = Server(data, free_port(), LIANXIN_TIMEZONE=zone)
    await prepare(server.database, FILES)
    store, clerks = Store(server.database), list[Any]()
    await store.open()
    await set_hours(store, HallHours(**dict.fromkeys(DAYS, HOURS)))
    server.start()
    try:
        async with system_chromium(MAY_SPEAK) as browser:
            hall = BrowserHall(server, store, await hall_of(store), "liujiazhuang", clerks)
            hall.clock = lambda: dt.datetime.now(ZoneInfo(zone))
            await _work(hall)
            yield hall, browser
    finally:
        await _close(clerks, store)
        server.stop()


async def _close(clerks: list[httpx.AsyncClient], store: Store) -> None:
    for clerk in clerks:
        await clerk.aclose()
    await store.close()


async def _work(hall: BrowserHall) -> None:
    await hall.staff(1, "ABCDEF")
    await hall.staff(2, "BGHIJKL")
    for _ in range(3):
        for counter in (1, 2):
            await hall.call(counter)
            await finish(hall, counter)
    await hall.call(2)
    items = ("gaoling-jintie",)
    await hall.take(items=items, brought=("身份证", "户口簿"))
    await hall.press("calls", 1)
    await hall.press("starts", 1)
    for letter in "ABEAGB":
        await hall.take(letter)


def _options(shot: Shot) -> dict[str, Any]:
    width, height = shot.size
    return {
        "viewport": {"width": width, "height": height},
        "device_scale_factor": shot.scale,
        "locale": "zh-CN",
        "service_workers": "block",
        "reduced_motion": "reduce",
    }


async def _number(hall: BrowserHall, browser: Browser) -> tuple[str, Any]:
    """The address of a number taken on a phone, and that phone's memory."""
    context = await browser.new_context(**_options(SHOTS[0]))
    page = await context.new_page()
    await page.goto(f"{hall.server.url}{HOME}/take?item=gaoling-jintie")
    await page.locator(".foot .btn").click()
    await page.locator("#ticket").wait_for()
    found = page.url.removeprefix(hall.server.url), await context.storage_state()
    await context.close()
    return found


async def _photograph(
    hall: BrowserHall, browser: Browser, shot: Shot, ticket: tuple[str, Any], target: Path
) -> None:
    address, memory = ticket
    context = await browser.new_context(
        **_options(shot), storage_state=None if shot.path else memory
    )
    await _sign_in(hall, context, shot)
    page = await context.new_page()
    await page.goto(hall.server.url + (shot.path or address))
    # A live page is never idle: the figures of its hall have come by then.
    await page.wait_for_timeout(2000)
    await page.screenshot(path=target)
    await context.close()


async def _sign_in(hall: BrowserHall, context: BrowserContext, shot: Shot) -> None:
    url = hall.server.url
    if shot.device is not None:
        await pair(hall, Phone(context, url), shot.device, name=NAMES[shot.device])
    given = {"lianxin": shot.cookie} if shot.cookie else {}
    if shot.is_desk:
        given["staff"] = hall.at[1].cookies["staff"]
    await context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in given.items()]
    )
