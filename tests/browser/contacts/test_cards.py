"""Contact cards in a real browser: on paper, without a network, and with everything agreed to."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from domain.contacts import consents
from domain.contacts.tables import ConsentField
from domain.revision import content_revision
from domain.staff import accounts, sign_in
from domain.staff.actor import COMMAND_LINE, Actor, Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.browser.eyes import LANGUAGES, LOW, faults_for_everyone
from tests.world.people import HASH
from tests.world.phones import HOME, kept_at_once
from tests.world.photos import jpeg
from tests.world.posts import CARD, POST, give_post
from tests.world.servers import client_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.servers import Server

NAME = "秦月梅"
SHOWN = {
    ConsentField.NAME: NAME,
    ConsentField.PHONE: "13800001234",
    ConsentField.EMAIL: "qin@example.cn",
}
CONTACTS = f"{HOME}/contacts"
A4_WIDTH = 178
"""Millimetres of a sheet between its margins."""
DOTS, DOTS_OF_A_SCREEN = 150, 96
"""An inch of a cheap printer, and of a page."""
KEPT = """async () => {
  const pages = await caches.open("pages");
  const all = await Promise.all((await pages.keys()).map(async (request) =>
    [new URL(request.url).pathname, await (await pages.match(request)).text()]));
  return Object.fromEntries(all);
}"""


@dataclass
class Office:
    """The module's server, its store, and the holder, who is an editor as well."""

    server: Server
    store: Store
    holder: int
    key: str


@pytest.fixture
async def office(own_server: Server) -> AsyncIterator[Office]:
    """The holder of the post agreed to everything and is signed in."""
    store = Store(own_server.database)
    await store.open()
    now = dt.datetime.now(dt.UTC)

    async def hire(session: AsyncSession) -> tuple[int, str]:
        name = f"qin-{now.timestamp():.6f}".replace(".", "-")
        member = await accounts.hire(
            session, COMMAND_LINE, name, "秦（样例）", HASH, (Grant(Role.ADMINISTRATOR),), now
        )
        for field, value in SHOWN.items():
            await consents.give(session, Actor(member.id), field, value, now)
        await consents.give_photo(session, Actor(member.id), jpeg(), now)
        key = await sign_in.begin_session(session, member.id, "Chrome · Linux", (), now)
        await session.flush()
        return member.id, key

    holder, key = await store.write(hire)
    async with store.read() as session:
        name = (await accounts.member_with_roles(session, holder)).name
    await give_post(store, name)
    await shown_by(own_server, store)
    yield Office(own_server, store, holder, key)
    await store.close()


# The server looks about once a second for what other processes published. A phone whose page is of
# the revision before would wait for a copy of a revision that is over.
async def shown_by(server: Server, store: Store) -> None:
    """Wait until the server's pages are of the newest revision."""
    async with store.read() as session:
        wanted = f'name="lianxin-revision" content="{await content_revision(session)}.'
    async with client_of(server.url) as client:
        while wanted not in (await client.get(HOME)).text:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


async def read(picture: bytes) -> set[str]:
    """What zbar reads from a picture."""
    program = shutil.which("zbarimg")
    if program is None:
        pytest.fail("zbarimg is missing. On Debian: apt-get install zbar-tools")
    process = await asyncio.create_subprocess_exec(
        program,
        *("--raw", "-q", "--nodbus", "-Sdisable", "-Sqrcode.enable", "-"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate(picture)
    return set(output.decode().split())


async def test_the_codes_on_paper_are_read_at_the_resolution_of_a_cheap_printer(
    new_phone, office
) -> None:
    width = round(A4_WIDTH / 25.4 * DOTS_OF_A_SCREEN)
    options = {
        "viewport": {"width": width, "height": 1000},
        "device_scale_factor": DOTS / DOTS_OF_A_SCREEN,
        "service_workers": "block",
    }
    async with new_phone(url=office.server.url, **options) as phone:
        await phone.context.add_cookies([{"name": "staff", "value": office.key, "url": phone.url}])
        page = await phone.context.new_page()
        await page.goto(f"/staff{HOME}/cards")
        await page.emulate_media(media="print")
        await page.wait_for_load_state("networkidle")
        sheet = page.locator(".stair").nth(2)
        assert await read(await sheet.screenshot()) == {
            f"{phone.url}/cards/{slug}"
            for slug in (
                POST,
                *(f"liujiazhuang-{each}" for each in ("juweihui", "wuye", "minjing", "lvshi")),
                "liujiazhuang-heshilao",
            )
        }
        assert len(await read(await page.locator(".paper-cards").screenshot())) == 9
        words = await page.locator("main").inner_text()
        assert not [value for value in SHOWN.values() if value in words]


async def test_paper_has_as_many_pages_as_it_says(new_phone, office) -> None:
    async with new_phone(url=office.server.url, service_workers="block") as phone:
        await phone.context.add_cookies([{"name": "staff", "value": office.key, "url": phone.url}])
        page = await phone.context.new_page()
        await page.goto(f"/staff{HOME}/cards")
        await page.wait_for_load_state("networkidle")
        paper = await page.pdf(prefer_css_page_size=True)
        # One page of nine cards, and one for each of ten buildings.
        assert paper.count(b"/Type /Page\n") == 11


async def test_what_a_holder_takes_back_is_on_no_page_that_a_phone_kept(new_phone, office) -> None:
    async with new_phone(url=office.server.url) as phone:
        page = await phone.open(HOME)
        await kept_at_once(page)
        await page.goto(CARD)
        await expect(page.get_by_text(NAME)).to_be_visible()
        await page.goto(CONTACTS)
        found = await page.evaluate(KEPT)
        assert CONTACTS in found
        assert CARD not in found
        for value in SHOWN.values():
            assert not [path for path, html in found.items() if value in html]

        async def take_back(session: AsyncSession) -> None:
            actor, now = Actor(office.holder), dt.datetime.now(dt.UTC)
            await consents.withdraw_all(session, actor, office.holder, now)

        await office.store.write(take_back)
        await page.goto(CARD)
        await expect(page.get_by_text(NAME)).to_have_count(0)
        phone.expect("net::ERR_|Failed to fetch|NetworkError")
        await phone.context.set_offline(offline=True)
        await page.goto(CARD)
        await expect(page.get_by_text(NAME)).to_have_count(0)
        await page.goto(CONTACTS)
        await expect(page.get_by_role("heading", name="找我的联系人")).to_be_visible()


async def test_the_contact_of_my_building_is_on_top_and_only_there(new_phone, server) -> None:
    async with new_phone(service_workers="block") as phone:
        page = await phone.context.new_page()
        await page.goto(f"{HOME}/b/3")
        await page.goto(CONTACTS)
        mine = page.get_by_role("region", name="我的楼 3 号楼")
        await expect(
            mine.get_by_role("link", name="新居 3 至 5 号楼联系党员").first
        ).to_be_visible()
        await expect(page.locator(f"#{POST}")).to_have_count(1)
        await page.goto("/c/jian/contacts")
        await expect(page.locator("[data-my-building]")).to_be_hidden()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_read_and_press_a_card_and_what_its_holder_has(
    new_phone, office, language
) -> None:
    options = {"viewport": LOW, "service_workers": "block", "url": office.server.url}
    async with new_phone(LANGUAGES[language], **options) as phone:
        await phone.context.add_cookies([{"name": "staff", "value": office.key, "url": phone.url}])
        page = await phone.context.new_page()
        pages = (
            CARD,
            CONTACTS,
            "/staff",
            "/staff/consents",
            "/staff/absences",
            f"/staff{HOME}/cards",
        )
        found = []
        for path in pages:
            await page.goto(path)
            found += [f"{path}: {each}" for each in await faults_for_everyone(page, language)]
        assert not found, "\n".join(found)
