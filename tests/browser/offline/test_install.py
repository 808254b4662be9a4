"""On the home screen and on slow networks: installable, light, steady, read as one likes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from playwright.async_api import expect

from tests.world.phones import GUIDE, HOME, PHONE, kept

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page

MOST_BYTES = 60 * 1024
"""What the first visit to a guide may cost over the network, compressed, headers and all."""
SIZES = """async (images) => Promise.all(images.map(async ({ src }) => {
  const answer = await fetch(src);
  if (!answer.ok) return `${answer.status}`;
  const image = Object.assign(new Image(), { src });
  await image.decode();
  return `${image.naturalWidth}x${image.naturalHeight}`;
}))"""


async def manifest_of(page: Page) -> dict[str, Any]:
    """The manifest that the page is linked to."""
    address = await page.locator("link[rel=manifest]").get_attribute("href")
    assert address is not None
    answer = await page.request.get(address)
    assert answer.headers["content-type"].startswith("application/manifest+json")
    return dict(await answer.json())


async def test_chromium_would_install_it(phone) -> None:
    page = await phone.open(HOME)
    await kept(page)
    tools = await phone.context.new_cdp_session(page)
    found = await tools.send("Page.getInstallabilityErrors")
    # Each test has a private window, which no app is installed from.
    whys = [each["errorId"] for each in found["installabilityErrors"]]
    assert [why for why in whys if why != "in-incognito"] == []
    assert (await tools.send("Page.getAppManifest"))["errors"] == []


async def test_the_manifest_says_everything_a_home_screen_asks_for(phone) -> None:
    page = await phone.open(HOME)
    manifest = await manifest_of(page)
    assert manifest["id"] == "/"
    assert manifest["display"] == "standalone"
    assert manifest["lang"] == "zh-Hans"
    assert manifest["name"]
    assert len(manifest["short_name"]) <= 12
    purposes = {(each["sizes"], each["purpose"]) for each in manifest["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= purposes
    forms = {each["form_factor"] for each in manifest["screenshots"]}
    assert forms == {"narrow", "wide"}
    for address in (manifest["start_url"], *(each["url"] for each in manifest["shortcuts"])):
        assert (await page.request.get(address)).ok


async def test_the_manifest_speaks_the_language_of_the_phone(new_phone) -> None:
    async with new_phone("lang:en") as phone:
        manifest = await manifest_of(await phone.open(HOME))
        assert manifest["lang"] == "en"
        assert manifest["short_name"] == "Lianxin"


async def test_icons_have_the_sizes_that_the_manifest_says(phone) -> None:
    page = await phone.open(HOME)
    icons = [each for each in (await manifest_of(page))["icons"] if each["sizes"] != "any"]
    assert await page.evaluate(SIZES, icons) == [each["sizes"] for each in icons]


async def test_screenshots_have_the_sizes_that_the_manifest_says(phone) -> None:
    page = await phone.open(HOME)
    screenshots = (await manifest_of(page))["screenshots"]
    said = [each["sizes"] for each in screenshots]
    assert await page.evaluate(SIZES, screenshots) == said


async def test_every_icon_that_a_page_names_loads(phone) -> None:
    page = await phone.open(HOME)
    links = page.locator("link[rel=icon], link[rel=apple-touch-icon]")
    icons = [{"src": await each.get_attribute("href")} for each in await links.all()]
    sizes = await page.evaluate(SIZES, icons)
    assert len(sizes) == 2
    assert all(re.fullmatch(r"[1-9]\d*x[1-9]\d*", size) for size in sizes)


async def test_the_worker_serves_every_page_of_the_site(phone) -> None:
    page = await phone.open(HOME)
    scope = await page.evaluate("navigator.serviceWorker.ready.then(({ scope }) => scope)")
    assert scope == f"{phone.url}/"


async def test_large_text_is_one_tap_without_a_reload_and_is_remembered(phone) -> None:
    page = await phone.open(GUIDE)
    await page.get_by_role("checkbox").first.check()
    await page.evaluate("window.same = true")
    size = "parseFloat(getComputedStyle(document.querySelector('main p.lead')).fontSize)"
    before = await page.evaluate(size)
    await page.get_by_role("button", name="长辈版").click()
    await expect(page.locator("html")).to_have_attribute("data-view", "elder")
    assert await page.evaluate("window.same") is True
    assert await page.evaluate(size) > before
    await expect(page.get_by_role("button", name="长辈版")).to_be_hidden()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-view", "elder")
    await page.get_by_role("button", name="标准版").click()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-view", "standard")


async def test_the_size_of_the_text_is_chosen_on_mine_and_holds_on_every_page(phone) -> None:
    page = await phone.open("/mine")
    main = page.get_by_role("main")
    await main.get_by_role("button", name="长辈版", exact=True).click()
    await main.get_by_role("button", name="30", exact=True).click()
    await expect(main.get_by_role("button", name="30", pressed=True)).to_be_visible()
    await page.goto(GUIDE)
    size = await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    assert round(size) == 30


async def test_dark_is_chosen_without_a_reload_and_is_remembered(phone) -> None:
    page = await phone.open("/mine")
    await page.evaluate("window.same = true")
    await page.get_by_role("button", name="深色").click()
    dark = "getComputedStyle(document.documentElement).colorScheme"
    assert await page.evaluate(dark) == "dark"
    assert await page.evaluate("window.same") is True
    await expect(page.get_by_role("button", name="深色", pressed=True)).to_be_visible()
    await page.goto(HOME)
    assert await page.evaluate(dark) == "dark"


async def test_a_phone_in_the_dark_gets_dark_pages_unless_told_otherwise(new_phone) -> None:
    scheme = "getComputedStyle(document.documentElement).colorScheme"
    async with new_phone(color_scheme="dark") as phone:
        page = await phone.open("/mine")
        assert await page.evaluate(scheme) == "dark"
        await page.get_by_role("button", name="浅色").click()
        assert await page.evaluate(scheme) == "light"


async def test_the_language_is_changed_in_place_and_is_remembered(phone) -> None:
    page = await phone.open(GUIDE)
    await page.get_by_role("button", name="Switch to English").click()
    await expect(page).to_have_url(f"{phone.url}{GUIDE}")
    await expect(page.get_by_role("heading", name="What to bring")).to_be_visible()
    await page.goto(HOME)
    await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_nothing_on_a_guide_moves_while_it_loads(phone) -> None:
    page = await phone.context.new_page()
    assert page.viewport_size == PHONE
    await page.add_init_script(
        """window.shifts = [];
        new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(
          ({ value, sources }) => `${value} ${sources.map(({ node }) => node?.outerHTML)}`,
        ))).observe({ type: "layout-shift", buffered: true });"""
    )
    await page.goto(GUIDE)
    await page.evaluate("navigator.serviceWorker.ready")
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert await page.evaluate("window.shifts") == []


async def bytes_of(tools: CDPSession) -> dict[str, float]:
    """The bytes of each request from now on, filled in as they are loaded."""
    addresses: dict[str, str] = {}
    counted: dict[str, float] = {}
    tools.on(
        "Network.requestWillBeSent",
        lambda event: addresses.update({event["requestId"]: event["request"]["url"]}),
    )
    tools.on(
        "Network.loadingFinished",
        lambda event: counted.update({addresses[event["requestId"]]: event["encodedDataLength"]}),
    )
    await tools.send("Network.enable")
    return counted


async def test_the_first_visit_to_a_guide_is_light(phone) -> None:
    page = await phone.context.new_page()
    counted = await bytes_of(await phone.context.new_cdp_session(page))
    own: list[Any] = []
    phone.context.on(
        "requestfinished", lambda request: own.append(request) if request.service_worker else None
    )
    await page.goto(GUIDE, wait_until="networkidle")
    await kept(page)
    for request in own:
        address = request.url
        # What follows comes with the handbook, once the page has settled.
        if address.endswith("/offline.json"):
            break
        sizes = await request.sizes()
        counted[f"worker {address}"] = sizes["responseBodySize"] + sizes["responseHeadersSize"]
    assert f"{phone.url}{GUIDE}" in counted
    assert sum(counted.values()) <= MOST_BYTES, counted
