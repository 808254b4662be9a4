"""Disclosures beyond the page: on a board, on the hall's screen, in a chat, and read aloud."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from domain.devices.tables import DeviceKind
from domain.disclosures import days
from domain.disclosures.tables import AffairsDayKind
from domain.staff import sign_in
from tests.browser.eyes import LANGUAGES, LOW, faults_for_everyone, unfolded
from tests.world.clock import SHANGHAI
from tests.world.disclosures import LEDGER, DisclosureOffice, disclosure_office
from tests.world.paper import codes_in
from tests.world.phones import HOME, OVERFLOW, WALL, axe, pair

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.servers import BrowserHall, Server

HERE = f"{HOME}/disclosures"
PRINTER, SCREEN = 150, 96
"""Dots an inch of a cheap printer, and of a page."""
SIZES = {"": 178, "/a3": 252}
"""Millimetres of a sheet between its margins, by the end of its address."""
VOICES = """(languages) => {
  const said = [];
  window.said = said;
  const voices = languages.map((lang) => ({ lang, localService: true, name: lang }));
  const speech = new EventTarget();
  Object.assign(speech, {
    getVoices: () => voices,
    cancel() { this.waiting = undefined; },
    speak(words) { said.push([words.text, words.lang]); this.waiting = words; },
  });
  window.next = () => speech.waiting.onend();
  Object.defineProperty(window, "speechSynthesis", { value: speech });
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
}"""


@dataclass
class Board:
    """The module's server with what its office published, and a member of it who is signed in."""

    server: Server
    office: DisclosureOffice
    key: str
    short: int
    long: int
    day: int


@pytest.fixture(scope="module")
async def board(hall_in, modules_server) -> Board:
    """A short disclosure, one with a long ledger, and a day to come."""
    if modules_server.process is None:
        modules_server.start()
    hall: BrowserHall = await hall_in("liujiazhuang")
    office = await disclosure_office(hall.store)
    office.now = dt.datetime.now(SHANGHAI) - dt.timedelta(hours=1)
    lines = [
        {**LEDGER[1], "key": f"k{n}", "purpose": f"第 {n} 笔" + "楼道维修" * (n % 9), "evidence": "票据" * (1 + n % 9)}
        for n in range(60)
    ]  # fmt: skip
    long = await office.published(title="全年账目" * 8, summary="修好了灯。" * 30, ledger=lines)
    short = await office.published(open_days=5, title="11 月份工作经费收支")

    async def unit(session: AsyncSession) -> tuple[str, int]:
        actor = await office.actor(session, "writer")
        begins = office.now.replace(minute=0) + dt.timedelta(days=3)
        planned = days.DayPlan(
            AffairsDayKind.INQUIRY, "四季度质询日", begins, begins + dt.timedelta(hours=2),
            "社区会议室", "- 楼道照明\n- 停车",
        )  # fmt: skip
        day = await days.plan(session, actor, office.community.id, planned, "u" * 36, office.now)
        staff = office.people["chief"]
        return await sign_in.begin_session(session, staff, "Chrome", (), office.now), day.id

    key, day = await hall.store.write(unit)
    return Board(modules_server, office, key, short, long, day)


# A phone's camera has about 4,000 dots for the 3.8 m that it sees at three metres: a dot a
# millimetre, which is 25 an inch.
@pytest.mark.parametrize("dots", [PRINTER, 26])
@pytest.mark.parametrize("size", SIZES)
async def test_the_code_on_the_board_is_read_from_the_printer_and_from_three_metres(
    new_phone, board, size, dots
) -> None:
    options = {
        "viewport": {"width": round(SIZES[size] / 25.4 * SCREEN), "height": 1600},
        "device_scale_factor": dots / SCREEN,
        "service_workers": "block",
    }
    async with new_phone(url=board.server.url, **options) as phone:
        page = await phone.open(f"{HERE}/{board.short}/sheet{size}")
        await page.emulate_media(media="print")
        await page.wait_for_load_state("networkidle")
        picture = await page.locator(".board-sheet").screenshot()
        assert await codes_in(picture) == {f"{phone.url}{HERE}/{board.short}"}


@pytest.mark.parametrize("size", SIZES)
async def test_there_are_as_many_sheets_of_paper_as_the_sheets_say(new_phone, board, size) -> None:
    async with new_phone(url=board.server.url, service_workers="block") as phone:
        for disclosure in (board.short, board.long):
            page = await phone.open(f"{HERE}/{disclosure}/sheet{size}")
            await page.wait_for_load_state("networkidle")
            count = await page.locator(".board-sheet").count()
            paper = await page.pdf(prefer_css_page_size=True)
            assert paper.count(b"/Type /Page\n") == count
            assert (count > 3) is (disclosure == board.long)
        page = await phone.open(f"{HOME}/days/{board.day}/poster")
        await page.wait_for_load_state("networkidle")
        assert (await page.pdf(prefer_css_page_size=True)).count(b"/Type /Page\n") == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_read_and_press_what_belongs_to_the_days_and_the_board(
    new_phone, board, language
) -> None:
    options = {"viewport": LOW, "service_workers": "block", "url": board.server.url}
    async with new_phone(LANGUAGES[language], **options) as phone:
        await phone.context.add_cookies([{"name": "staff", "value": board.key, "url": phone.url}])
        page = await phone.context.new_page()
        disclosure = f"{HERE}/{board.short}"
        paths = (
            f"{HOME}/days", f"{HOME}/days/{board.day}", f"{HERE}/follows", disclosure,
            f"{disclosure}/sheet", "/mine/notifications", f"/staff{HOME}/days",
            f"/staff{HOME}/days/{board.day}", f"/staff{disclosure}/postings", f"/staff{HOME}/postings",
        )  # fmt: skip
        found = []
        for path in paths:
            await page.goto(path)
            await unfolded(page)
            found += [f"{path}: {each}" for each in await faults_for_everyone(page, language)]
        assert not found, "\n".join(found)


async def test_one_tap_copies_the_text_for_a_group_chat(new_phone, board) -> None:
    async with new_phone(url=board.server.url, service_workers="block") as phone:
        await phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = await phone.open(f"{HERE}/{board.short}")
        await page.get_by_text("发到群里的文字").first.click()
        await page.get_by_role("button", name="复制文字").click()
        await expect(page.get_by_text("已复制，到群里粘贴即可。")).to_be_visible()
        copied = await page.evaluate("navigator.clipboard.readText()")
        title, summary, who, until, address = copied.split("\n")
        assert title == "【刘家庄社区公开】11 月份工作经费收支"
        assert summary == "修好了 3 号楼的灯。"
        assert "会计（样例）" in who
        assert "异议" in until
        assert address == f"{phone.url}{HERE}/{board.short}"


@pytest.mark.parametrize(
    ("voices", "is_read"),
    [(["zh-CN", "en-US"], True), (["cmn-Hans-CN"], True), (["zh-HK", "en-US"], False), ([], False)],
)
async def test_it_is_read_aloud_where_there_is_a_mandarin_voice(
    new_phone, board, voices, is_read
) -> None:
    async with new_phone("view:elder", url=board.server.url, service_workers="block") as phone:
        await phone.context.add_init_script(f"({VOICES})({voices!r})")
        page = await phone.open(f"{HERE}/{board.short}")
        button = page.get_by_role("button", name="读给我听")
        if not is_read:
            await page.locator(".copied button").wait_for(state="attached")
            await expect(button).to_be_hidden()
            return
        await button.click()
        await expect(page.get_by_role("button", name="停止朗读")).to_be_visible()
        await page.evaluate("next()")
        said: list[Any] = await page.evaluate("said")
        assert said[0] == ["11 月份工作经费收支。", voices[0]]
        assert said[1][0] == "修好了 3 号楼的灯。"
        await page.get_by_role("button", name="停止朗读").click()
        await expect(button).to_be_visible()
        count = len(await page.evaluate("said"))
        assert count == 2


async def test_the_hall_shows_what_is_new_until_somebody_is_called(
    new_phone, board, hall_in
) -> None:
    hall = await hall_in("liujiazhuang")
    await hall.rules(repeats=1, idle_screen="disclosures")
    await hall.staff(1, "BC")
    async with new_phone(url=board.server.url, viewport=WALL) as wall:
        await pair(hall, wall, DeviceKind.SCREEN)
        page = await wall.open("/screen")
        shown = page.locator(".wall-published")
        await shown.wait_for()
        assert await page.evaluate(OVERFLOW) == []
        assert await axe(page) == []
        size = await page.locator(".wall-title").evaluate(
            "e => parseFloat(getComputedStyle(e).fontSize)"
        )
        # A sign of 25 mm on a screen of 1.2 m is read at five metres and more.
        assert size / WALL["width"] * 1200 >= 25
        ground = page.locator(".wall-published img")
        await expect(ground).to_have_css("background-color", "rgb(255, 255, 255)")
        [address] = await codes_in(await shown.screenshot())
        assert address.startswith(f"{wall.url}{HERE}/")
        number = await hall.call(1)
        await expect(page.locator(".wall-number")).to_have_text(number)
        await expect(shown).to_have_count(0)
