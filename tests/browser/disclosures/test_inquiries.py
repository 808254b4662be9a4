"""A question about a line of a ledger: asked, checked, answered in public, and judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from domain.disclosures.tables import Inquiry
from tests.browser.eyes import LANGUAGES, LOW, WIDE, faults_for_everyone, unfolded
from tests.world.inquiries import ANSWER, WORDS, InquiryOffice
from tests.world.people import begun
from tests.world.phones import HOME
from tests.world.servers import PATIENCE

if TYPE_CHECKING:
    from playwright.async_api import Page


async def desk_of(phone, office: InquiryOffice, name: str, url: str) -> Page:
    """The screen of a member of staff, signed in."""
    key = await begun(office.store, office.people[name], office.now)
    await phone.context.add_cookies([{"name": "staff", "value": key, "url": url}])
    page: Page = await phone.context.new_page()
    return page


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_question_is_answered_in_public_and_every_page_is_for_everyone(
    new_phone, own_server, office, language
) -> None:
    found: list[str] = []

    async def look(page: Page) -> None:
        await unfolded(page)
        faults = await faults_for_everyone(page, language, (LOW, WIDE), axe_on=(WIDE,))
        found.extend(f"{page.url}: {fault}" for fault in faults)

    disclosure_id = await office.published(open_days=5)
    form = f"{HOME}/disclosures/{disclosure_id}/inquiries/new?line=a2"
    async with (
        new_phone(LANGUAGES[language], url=own_server.url) as mine,
        new_phone(LANGUAGES[language], url=own_server.url) as other,
    ):
        page = await mine.context.new_page()
        await page.goto(form)
        await look(page)
        await page.locator("#words").fill(WORDS)
        await page.locator("form.write button.btn").click()
        await expect(page.locator("[data-matter]")).to_be_visible(timeout=PATIENCE)
        talk = page.url
        async with office.store.read() as session:
            rows = await session.execute(Inquiry.__table__.select())
            inquiry_id = max(row.matter_id for row in rows)

        desk = await desk_of(other, office, "second", own_server.url)
        await desk.goto(f"/staff/c/liujiazhuang/inquiries/{inquiry_id}")
        await look(desk)
        await desk.locator("form button.btn").first.click()
        await expect(desk).to_have_url(f"{own_server.url}/staff/c/liujiazhuang/inquiries")
        await office.answers("writer", inquiry_id)

        for address in (form, f"{HOME}/disclosures/{disclosure_id}", f"{HOME}/inquiries"):
            await page.goto(address)
            await expect(page.get_by_text(ANSWER).first).to_be_visible()
            await look(page)
        await page.goto(talk)
        await look(page)
        await page.locator("button[value=yes]").click()
        await page.goto(f"{HOME}/inquiries/{inquiry_id}")
        await expect(page.locator(".card.done")).to_be_visible()
        await look(page)
        await desk.goto("/staff/c/liujiazhuang/inquiries/new")
        await look(desk)
    assert found == []
