"""The guide terminal over the wire: its start, its pages, what it keeps, and its numbers."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from domain.devices import pairing
from domain.devices.tables import Device, DeviceKind
from domain.places.tables import Community
from domain.queue.days import stop_numbers
from domain.queue.tables import Ticket
from domain.staff.actor import COMMAND_LINE
from tests.world.addresses import example_of, open_addresses
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.halls import hall_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

HOME = "/terminal/zh-Hans/c/liujiazhuang"
ENGLISH = "/terminal/en/c/liujiazhuang"
GUIDE = f"{HOME}/handbook/gaoling-jintie"
KEY = "k" * 32
SHOWN = [
    address
    for address in open_addresses()
    if address.startswith("/terminal/{lang}/c/{community}") and not address.endswith(".json")
]


async def paired(session: AsyncSession, kind: DeviceKind) -> str:
    """A new device of 刘家庄 with its key."""
    begun, key = await pairing.begin(session, kind, "x" * 64, NOW)
    wanted = select(Community.id).where(Community.slug == "liujiazhuang")
    hall = await pairing.hall_of(session, (await session.scalars(wanted)).one())
    await pairing.confirm(session, COMMAND_LINE, begun.code, hall, "门口查询机", None, NOW)
    return key


@pytest.fixture
async def terminal(own) -> Any:
    """A paired terminal, on each database."""
    key = await own.store.write(partial(paired, kind=DeviceKind.TERMINAL))
    own.cookies.set("device-terminal", key)
    return own


async def check_in(browser: Any) -> Any:
    return await browser.post("/f/devices/terminal", data={"version": "v1"})


async def numbers_given(browser: Any) -> int:
    async with browser.store.read() as session:
        return await session.scalar(select(func.count()).select_from(Ticket)) or 0


async def test_a_paired_terminal_starts_with_what_its_hall_has(terminal) -> None:
    start = (await check_in(terminal)).text
    assert "刘家庄社区<wbr>服务大厅" in start
    assert f'data-terminal-home="{HOME}"' in start
    assert start.count(f'href="{HOME}/handbook/categories/') == 12
    for below in ("/search", "/handbook/events", "/facilities", "/people", "/hall/figures"):
        assert f'href="{HOME}{below}"' in start
    assert 'href="/terminal/zh-Hans/numbers"' in start
    assert f'href="{ENGLISH}"' in start


@both_databases
async def test_a_terminal_out_of_service_shows_a_code_and_gives_no_numbers(terminal) -> None:
    async def revoke(session: AsyncSession) -> None:
        device = (await session.scalars(select(Device))).one()
        await pairing.revoke(session, COMMAND_LINE, device, NOW)

    await terminal.store.write(revoke)
    assert "device-code" in (await check_in(terminal)).text
    assert (await terminal.get("/terminal/zh-Hans/numbers")).status_code == 404


async def test_a_terminal_of_a_closed_hall_says_when_it_opens(terminal, clock) -> None:
    clock.now = NOW.replace(hour=20)
    start = (await check_in(terminal)).text
    assert "/terminal/zh-Hans/numbers" not in start
    assert " data-idle>" in start
    assert "kiosk-sorry" in (await terminal.get("/terminal/zh-Hans/numbers")).text


async def test_a_terminal_leads_to_no_numbers_while_its_hall_gives_none(terminal, clock) -> None:
    hall = await hall_of(terminal.store)
    await terminal.store.write(
        lambda session: stop_numbers(session, COMMAND_LINE, hall.id, hall.community_id, clock())
    )
    start = (await check_in(terminal)).text
    assert "/terminal/zh-Hans/numbers" not in start
    assert "今天不再发号" in start
    assert " data-idle>" not in start


@pytest.mark.parametrize("address", SHOWN)
@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
async def test_every_page_is_large_in_the_language_of_its_address(resident, address, lang) -> None:
    resident.cookies.set("lianxin", "lang:en|view:standard|theme:dark" if lang == "zh-Hans" else "")
    response = await resident.get(example_of(address, lang=lang))
    assert response.status_code == 200
    assert f'<html lang="{lang}" data-view="elder"' in response.text
    assert "tel:" not in response.text
    assert "/c/liujiazhuang/take" not in response.text


async def test_a_language_or_a_guide_that_we_do_not_have_is_not_there(resident) -> None:
    for address in (HOME.replace("zh-Hans", "fr"), f"{HOME}/handbook/nothing"):
        assert (await resident.get(address)).status_code == 404
    assert (await resident.get("/terminal/fr/numbers")).status_code == 404


async def test_a_guide_leads_to_its_paper_its_forms_and_a_number(resident) -> None:
    page = (await resident.get(GUIDE)).text
    assert f'href="{GUIDE}/checklist"' in page
    assert f'href="{GUIDE}/forms/4"' in page
    assert 'href="/terminal/zh-Hans/numbers/gaoling-jintie"' in page
    assert (
        'rel="canonical" href="http://lianxin.test/c/liujiazhuang/handbook/gaoling-jintie"' in page
    )


async def test_what_a_terminal_keeps_is_all_that_its_pages_lead_to(resident) -> None:
    for home in (HOME, ENGLISH):
        kept = (await resident.get(f"{home}/offline.json")).json()["pages"]
        assert {path for path in kept if not path.startswith(home)} == set()
        led_to = {
            link.partition('"')[0].partition("#")[0]
            for html in kept.values()
            for link in html.split('href="')[1:]
        }
        assert {link for link in led_to if link.startswith(f"{home}/")} <= set(kept)


@both_databases
async def test_from_a_guide_straight_to_a_number_once(terminal) -> None:
    leads = await terminal.get("/terminal/en/numbers/gaoling-jintie")
    address = leads.headers["location"]
    assert address.startswith("/terminal/en/categories/B/priority?key=")
    page = (await terminal.get(address)).text
    assert '<html lang="en" data-view="elder"' in page
    assert 'action="/terminal/en/tickets"' in page
    assert 'data-start="/terminal"' in page
    form = {"request_key": KEY, "category": "B", "item": "gaoling-jintie", "priority": ""}
    first = await terminal.post("/terminal/en/tickets", data=form)
    again = await terminal.post("/terminal/en/tickets", data=form)
    assert first.headers["location"] == again.headers["location"]
    assert first.headers["location"].startswith("/terminal/en/tickets/")
    assert await numbers_given(terminal) == 1
    shown = await terminal.get(first.headers["location"])
    assert "B001" in shown.text
    assert shown.headers["cache-control"] == "no-store"


async def test_nobody_but_a_terminal_takes_a_number_at_one(own) -> None:
    key = await own.store.write(partial(paired, kind=DeviceKind.KIOSK))
    own.cookies.set("device-kiosk", key)
    own.cookies.set("device-terminal", key)
    form = {"request_key": KEY, "category": "B", "priority": ""}
    assert (await own.post("/terminal/en/tickets", data=form)).status_code == 404
    assert await numbers_given(own) == 0


async def test_every_word_to_be_written_brings_the_strokes_of_each_character(resident) -> None:
    page = (await resident.get(f"{HOME}/search")).text
    words = re.findall(
        r'<li data-written="([1-5 ]+)">\s*<a class="terminal-word" href="([^"]*)"[^>]*>(.*?)</a>',
        page,
    )
    assert page.count("data-written=") == len(words)
    assert {"低保", "高龄津贴申领", "养老服务", "要退休了"} <= {word for _, _, word in words}
    for strokes, _, word in words:
        assert len(strokes.split()) == len(re.findall("[\u3400-\u9fff]", word)), word
    assert len({address for _, address, _ in words}) > 70
