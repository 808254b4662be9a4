"""What only the phone can say: where it is, and what is open at the moment of a kept copy."""

from __future__ import annotations

import re

from playwright.async_api import Page, Route, expect

HERE = "/c/jian/facilities"
FITTING = ":is([data-nearest], [data-kind]) .facility:not([hidden])"
# The moment of a phone, as the page's script asks for it.
AT = "(at) => { const then = Date.parse(at); Date.now = () => then; }"


async def slugs(page: Page, part: str = FITTING) -> list[str]:
    found: list[str] = await page.locator(part).evaluate_all("rows => rows.map(({ id }) => id)")
    return found


async def as_copy(page: Page, day: str) -> None:
    """Give the page as the worker gives a copy that was kept on this day: always the whole of it."""

    async def answer(route: Route) -> None:
        response = await route.fetch(url=route.request.url.partition("?")[0])
        html = await response.text()
        marked = html.replace("<html", '<html data-as-of="Mon, 23 Nov 2026 01:00:00 GMT"', 1)
        first = re.sub(r'data-first-day="[^"]*"', f'data-first-day="{day}"', marked)
        await route.fulfill(response=response, body=first)

    await page.route(re.compile(f"{HERE}($|\\?)"), answer)


async def test_the_phone_sorts_by_its_own_position_and_sends_it_to_nobody(new_phone) -> None:
    # Beside the museum of 制革街老院, in the degrees of a phone's receiver.
    position = {"latitude": 36.6791, "longitude": 116.9848}
    async with new_phone(geolocation=position, permissions=["geolocation"]) as phone:
        page = await phone.open(f"{HERE}?from=home")
        assert (await slugs(page))[0] != "laojie-guan"
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.get_by_role("button", name="我现在的位置").click()
        await expect(page.locator(FITTING).first).to_have_attribute("id", "laojie-guan")
        await expect(page.locator("#laojie-guan .away")).to_have_text("约 0 m")
        await expect(page.get_by_text("位置只留在这部手机上")).to_be_visible()
        assert [url for url in asked if "36.67" in url or "116.98" in url] == []
        # Another wish keeps the order, which the address does not say.
        await page.get_by_role("link", name="没台阶").click()
        await expect(page).to_have_url(re.compile("from=here"))
        await expect(page.locator("[data-perhaps] .facility").first).to_have_attribute(
            "id", "laojie-guan"
        )


async def test_a_phone_that_refuses_says_from_where_it_is_counted_instead(phone) -> None:
    page = await phone.open(f"{HERE}?from=home")
    await page.get_by_role("button", name="我现在的位置").click()
    await expect(page.locator("[data-here-status]")).to_contain_text("手机没有给出位置")
    assert await slugs(page)


async def test_a_kept_copy_counts_what_is_open_at_its_own_moment(phone) -> None:
    page = await phone.context.new_page()
    await as_copy(page, "2026-11-23")
    await page.add_init_script(f"({AT})('2026-11-24T08:15:00+08:00')")
    await page.goto(f"{HERE}?open=1&from=xinyuan-nanqu")
    await expect(page.locator("#changshi-tang .state")).to_have_text("开到 8:30")
    # 30 m and 60 m from the compound, and in another order on the server's page of all.
    assert (await slugs(page))[:2] == ["ertong-leyuan", "changshi-tang"]
    assert "laojie-guan" not in await slugs(page)
    await page.get_by_role("link", name="现在开着").click()
    await expect(page.locator("#laojie-guan")).to_be_visible()


async def test_a_copy_of_another_month_says_of_nothing_that_it_is_open(phone) -> None:
    page = await phone.context.new_page()
    await as_copy(page, "2026-10-01")
    await page.add_init_script(f"({AT})('2026-11-24T08:15:00+08:00')")
    await page.goto(f"{HERE}?open=1")
    await expect(page.locator("[data-nothing]")).to_be_visible()
    assert await slugs(page) == []
    assert await slugs(page, "[data-perhaps] .facility:not([hidden])")
