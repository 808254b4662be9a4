"""The office's pages of disclosures with much in them: everyone can read and press everything."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from domain.disclosures import attachments, board, days, publishing, wishes
from domain.disclosures.content import FileReport, HiddenPlace
from domain.disclosures.tables import AffairsDayKind
from tests.browser.eyes import LANGUAGES, faults_for_everyone, unfolded
from tests.world.disclosures import DRAFT, LEDGER
from tests.world.matters import written
from tests.world.people import begun
from tests.world.phones import HOME
from tests.world.publishing import book_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from playwright.async_api import Page
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure
    from domain.staff.actor import Actor
    from tests.world.inquiries import InquiryOffice
    from tests.world.phones import Phone

OFFICE = f"/staff{HOME}"
DESK = f"{OFFICE}/disclosures"
REPORT = "/staff/subdistricts/dikoulu/disclosures/report"
IDENTITY, MOBILE = "110101199003077758", "13800001111"
LONG = "关于2026年度社区公共收益和工作经费收支情况及其使用说明的公示（第四季度）——"
TITLE = (LONG * 3)[:80]
# A word without a place to break it, as file names are.
NAME = f"{'minutes-of-the-joint-meeting_' * 2}final(2).xlsx"
OPINION = ("账实相符，" * 40) + "https://example.cn/" + "a" * 60
HEADINGS = ["日期", "摘要", "收入", "支出", "对方", "凭证"]
ROW = ["2026-11-09", TITLE, None, "123,456,789.50", TITLE, "记" * 60]


@dataclass
class Written:
    """The office, and what it has in hand: by a word, the disclosure's id."""

    office: InquiryOffice
    ids: dict[str, int]
    wish: int
    inquiry: int
    days: list[int]

    def at(self, word: str, below: str = "") -> str:
        """The office's address of a disclosure."""
        return f"{DESK}/{self.ids[word]}{below}"


def sheet_until(today: dt.date, length: int) -> board.Sheet:
    """A sheet that hangs since today."""
    until = today + dt.timedelta(days=length)
    return board.Sheet((TITLE * 2)[:80], today, until, f"key-{length}" * 4)


class Desk:
    """What the office does beside what `InquiryOffice` knows."""

    def __init__(self, office: InquiryOffice) -> None:
        self.office = office

    async def unit(
        self, deed: Callable[[AsyncSession, Actor], Awaitable[Any]], name: str = "chief"
    ) -> Any:
        async def work(session: AsyncSession) -> Any:
            return await deed(session, await self.office.actor(session, name))

        return await self.office.write(work)

    async def file(self, disclosure_id: int, name: str, *, is_published: bool) -> None:
        """Send a workbook that hides something."""
        hidden = tuple(
            HiddenPlace(place=place, where=TITLE[:40])
            for place in ("hidden-cells", "pivot-cache", "external-link")
        )

        async def deed(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
            media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            report = FileReport(hiding=hidden)
            sent = await attachments.add_file(session, made, name, media_type, b"x", report)
            if is_published:
                await attachments.put_into_draft(session, actor, made, sent, self.office.now)

        await self.office.do(disclosure_id, deed)

    async def hangs(self, disclosure_id: int, length: int) -> None:
        """Note where its sheet hangs."""
        office = self.office

        async def deed(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
            sheet = sheet_until(office.now.date(), length)
            await board.post(session, actor, made, office.community.id, sheet, office.now)

        await office.do(disclosure_id, deed)

    async def scheduled(self, disclosure_id: int) -> None:
        """Let it be published by itself in three days."""

        async def deed(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
            at = self.office.now + dt.timedelta(days=3)
            await publishing.schedule(session, actor, made, at, self.office.now)

        await self.office.do(disclosure_id, deed)

    async def day(self, begins: dt.datetime, title: str, planned_at: dt.datetime) -> int:
        """Plan a day; its id."""
        ends = begins + dt.timedelta(hours=2)
        plan = days.DayPlan(AffairsDayKind.INQUIRY, title, begins, ends, TITLE, f"- {LONG}\n" * 6)

        async def deed(session: AsyncSession, actor: Actor) -> int:
            place = self.office.community.id
            made = await days.plan(session, actor, place, plan, title[-1] * 36, planned_at)
            return made.id

        return int(await self.unit(deed))

    async def wish(self) -> int:
        """A resident asks for something with a telephone number in it; its id."""

        async def deed(session: AsyncSession, _: Actor) -> int:
            why = f"{LONG * 4}\n找楼长 {MOBILE}"
            ask = wishes.ask
            title = TITLE[:60]
            made = await ask(
                session, self.office.community, "w" * 36, "d" * 64, title, why, self.office.now
            )
            return made.id

        return int(await self.unit(deed))


async def everything(office: InquiryOffice) -> Written:
    """Have one of each: being written, in its steps, ready, scheduled, published, withdrawn."""
    desk = Desk(office)
    lines = [
        {**LEDGER[1], "key": f"k{n}", "purpose": TITLE, "evidence": "票据" * 30} for n in range(6)
    ]
    persons = [{"name": "王*国", "number": str(n), "note": LONG} for n in range(3)]
    full: dict[str, Any] = {
        "title": TITLE, "summary": LONG * 8, "body": f"# {LONG}\n\n|{LONG}|{LONG}|\n|-|-|\n|1|2|\n",
        "responsible": TITLE, "ledger": lines, "persons": persons, "open_days": 7,
    }  # fmt: skip
    found = [{**each, "purpose": f"{TITLE[:40]} {IDENTITY}"} for each in lines[:3]]
    ids = {
        "written": await office.begun(**{**full, "ledger": found, "body": f"电话 {MOBILE}"}),
        "in-steps": await office.begun(**full),
        "ready": await office.begun(**full),
        "scheduled": await office.begun(**full),
    }
    await desk.file(ids["written"], NAME, is_published=False)
    await desk.file(ids["written"], f"2-{NAME}", is_published=True)
    await office.steps(ids["in-steps"], "writer")
    await office.steps(ids["in-steps"], "supervisor", OPINION)
    for word in ("ready", "scheduled"):
        await office.all_steps(ids[word])
    await desk.scheduled(ids["scheduled"])
    ids["published"] = await office.published(**full)
    ids["corrected"] = await office.published(**full)
    await office.corrected(ids["corrected"], LONG, **{**full, "summary": LONG * 7, "open_days": 9})
    ids["erased"] = await office.published(**full)
    await office.corrected(ids["erased"], LONG, **{**full, "summary": "第二次。"})
    await office.all_steps(ids["erased"])
    await office.publishes(ids["erased"])
    await office.erases(ids["erased"], (LONG * 3)[:100])
    ids["withdrawn"] = await office.published(**DRAFT)
    await office.withdraws(ids["withdrawn"], LONG)
    for length in (2, 9):
        await desk.hangs(ids["published"], length)
    day = dt.timedelta(days=1)
    planned = office.now - 3 * day
    of_days = [
        await desk.day(office.now + 3 * day, f"{TITLE[:79]}甲", planned),
        await desk.day(office.now - 2 * day, f"{TITLE[:79]}乙", planned),
    ]
    inquiry = await office.asks(ids["published"], given=written(f"{LONG * 3} {MOBILE}"), line="k2")
    return Written(office, ids, await desk.wish(), inquiry, of_days)


@pytest.fixture(scope="module")
async def hand(office: InquiryOffice) -> Written:
    """What the office has in hand, before the server starts."""
    return await everything(office)


class Eyes:
    """A browser of someone who works here, and every fault that its pages show."""

    def __init__(self, phone: Phone, page: Page, language: str) -> None:
        self.phone, self.page, self.language = phone, page, language
        self.found: list[str] = []

    async def look(self, path: str = "") -> None:
        """At an address, or at the page as it stands; all of it unfolded."""
        if path:
            answer = await self.page.goto(path)
            assert answer is not None
            assert answer.ok, path
        await unfolded(self.page)
        faults = await faults_for_everyone(self.page, self.language)
        where = self.page.url.removeprefix(self.phone.url)
        self.found += [f"{where}: {fault}" for fault in faults]

    async def send(self, book: bytes) -> None:
        """Send a file by the form that is open."""
        chosen: Any = {"name": NAME, "mimeType": "application/octet-stream", "buffer": book}
        await self.page.locator("#file").set_input_files(chosen)
        await self.page.locator("form[action$='/file'] .btn").click()


@pytest.fixture(params=LANGUAGES)
async def eyes(request, new_phone, own_server, hand) -> AsyncIterator[Eyes]:
    """The secretary's."""
    language: str = request.param
    office: InquiryOffice = hand.office
    key = await begun(office.store, office.people["chief"], office.now)
    options = {"service_workers": "block", "url": own_server.url}
    async with new_phone(LANGUAGES[language], **options) as phone:
        await phone.context.add_cookies([{"name": "staff", "value": key, "url": phone.url}])
        yield Eyes(phone, await phone.context.new_page(), language)


async def test_writing_and_publishing(eyes: Eyes, hand: Written) -> None:
    for path in (
        "/staff", "/staff/disclosures", DESK, f"{DESK}/new",
        hand.at("written", "/draft?check=1"),
        *(hand.at(word) for word in ("written", "in-steps", "ready", "scheduled", "corrected")),
        hand.at("published"), hand.at("erased", "/erasures"),
    ):  # fmt: skip
        await eyes.look(path)
    await eyes.page.goto(hand.at("written"))
    await expect(eyes.page.locator("section[aria-labelledby=places] li")).to_have_count(4)
    await expect(eyes.page.locator("section[aria-labelledby=files] .rows > li")).to_have_count(2)
    # What is refused says so, and is there to be corrected.
    eyes.phone.expect("status of 4(09|22)")
    await eyes.page.goto(hand.at("in-steps"))
    await eyes.page.locator("form[action$='/steps'] [value=back]").click()
    await expect(eyes.page.locator("#trouble")).to_be_visible()
    await eyes.look()
    await eyes.page.goto(hand.at("published", "/erasures"))
    await eyes.page.locator("form[action$='/erasures'] .btn").click()
    await expect(eyes.page.locator("#number-wrong")).to_be_visible()
    await eyes.look()
    assert not eyes.found, "\n".join(eyes.found)


async def test_ledgers_from_spreadsheets(eyes: Eyes, hand: Written) -> None:
    await eyes.look(hand.at("written", "/ledger"))
    await eyes.send(book_of([HEADINGS, *[ROW] * 5]))
    await expect(eyes.page.locator("#taken")).to_be_visible()
    await eyes.look()
    eyes.phone.expect("status of 422")
    await eyes.page.goto(hand.at("written", "/ledger"))
    await eyes.send(book_of([HEADINGS, ["昨天", "灯" * 200, None, "3,00"], ROW]))
    await expect(eyes.page.locator("#problems")).to_be_visible()
    await eyes.look()
    assert not eyes.found, "\n".join(eyes.found)


async def test_what_is_owed_asked_and_posted(eyes: Eyes, hand: Written) -> None:
    for path in (
        f"{DESK}/owed", f"{DESK}/wishes", f"{DESK}/wishes/{hand.wish}", REPORT,
        f"{OFFICE}/inquiries", f"{OFFICE}/inquiries/{hand.inquiry}", f"{OFFICE}/inquiries/new",
        f"{OFFICE}/days", *(f"{OFFICE}/days/{each}" for each in hand.days),
        hand.at("published", "/postings"), f"{OFFICE}/postings",
    ):  # fmt: skip
        await eyes.look(path)
    eyes.phone.expect("status of 422")
    await eyes.page.goto(f"{DESK}/wishes/{hand.wish}")
    await eyes.page.locator("form[action$='/showing'] .btn").click()
    await expect(eyes.page.locator("main [role=alert]")).to_be_visible()
    await eyes.look()
    assert not eyes.found, "\n".join(eyes.found)
