"""The app on the phone: what is kept for offline, what makes it installable, and what it weighs."""

from __future__ import annotations

import datetime as dt
import json
import re
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from domain.handbook.guide import LifeEvent
from domain.revision import touch_content
from tests.world.clock import NOW
from tests.world.district import FILES
from tests.world.markup import unfolded

if TYPE_CHECKING:
    from tests.world.app import Browser

COMMUNITY = "/c/yikang"
ITEMS = [item.slug for source in FILES.handbook for item in source.content.items]
FORMS = [
    (item.slug, number)
    for source in FILES.handbook
    for item in source.content.items
    for number, document in enumerate(item.documents, 1)
    if document.blank
]
JOINED = ("residents.css", "staff.css", "devices.css", "app.js", "staff.js", "devices.js")
LIGHTEST_FIRST_VISIT = 40 * 1024
"""Bytes over the network for a first visit (the product's promise)."""


async def bundle(browser: Browser, **headers: str) -> dict[str, Any]:
    """A community's handbook as a phone takes it along."""
    response = await browser.get(f"{COMMUNITY}/offline.json", headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    found: dict[str, Any] = response.json()
    return found


async def test_a_phone_takes_every_page_of_its_community_along(open_app) -> None:
    async with open_app() as browser:
        pages = (await bundle(browser))["pages"]
    handbook = f"{COMMUNITY}/handbook"
    rooms = (
        "contacts",
        "facilities",
        "people",
        "partners",
        "brand",
        "hall",
        "elsewhere",
        "search",
        "disclosures",
        "days",
    )
    assert set(pages) == {
        COMMUNITY,
        handbook,
        *(f"{handbook}/categories/{each.slug}" for each in FILES.categories.content),
        *(f"{handbook}/events/{event.value}" for event in LifeEvent),
        *(f"{handbook}/{slug}" for slug in ITEMS),
        *(f"{COMMUNITY}/{room}" for room in rooms),
        *(f"{handbook}/{slug}/forms/{number}" for slug, number in FORMS),
        f"{COMMUNITY}/take/offline",
        "/mine",
    }


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_what_is_taken_along_is_what_the_pages_say(open_app, language) -> None:
    headers = {"accept-language": language}
    async with open_app() as browser:
        live = {
            path: (await browser.get(path, headers=headers)).content.decode()
            for path in (
                COMMUNITY,
                f"{COMMUNITY}/handbook",
                f"{COMMUNITY}/handbook/gaoling-jintie",
                f"{COMMUNITY}/hall",
                f"{COMMUNITY}/search",
                "/mine",
            )
        }
    async with open_app() as browser:
        pages = (await bundle(browser, **headers))["pages"]
    assert {path: pages[path] for path in live} == live


async def test_what_is_taken_along_names_the_revision_that_its_pages_name(open_app) -> None:
    async with open_app() as browser:
        taken = await bundle(browser)
        page = taken["pages"][COMMUNITY]
        assert f'<meta name="lianxin-revision" content="{taken["revision"]}">' in page
        await browser.store.write(touch_content)
        assert (await bundle(browser))["revision"] != taken["revision"]


async def test_each_language_is_another_copy(open_app) -> None:
    async with open_app() as browser:
        chinese, english = await bundle(browser), await bundle(browser, cookie="lianxin=lang:en")
    assert chinese["revision"] != english["revision"]
    assert '<html lang="en"' in unfolded(english["pages"][COMMUNITY])


async def test_a_phone_that_has_the_copy_is_not_sent_it_again(open_app) -> None:
    async with open_app() as browser:
        first = await browser.get(f"{COMMUNITY}/offline.json")
        asked = {"if-none-match": first.headers["etag"]}
        again = await browser.get(f"{COMMUNITY}/offline.json", headers=asked)
        assert (again.status_code, again.content) == (304, b"")


async def test_a_whole_handbook_is_light_enough_for_mobile_data(open_app) -> None:
    async with open_app() as browser:
        answer = await browser.get(f"{COMMUNITY}/offline.json", headers={"accept-encoding": "br"})
        assert int(answer.headers["content-length"]) < 256 * 1024


async def test_a_copy_taken_after_closing_time_says_that_the_hall_is_closed(
    open_app, clock
) -> None:
    async with open_app() as browser:
        assert "开放中" in (await bundle(browser))["pages"][COMMUNITY]
        clock.now = NOW.replace(hour=18)
        assert "休息中" in (await bundle(browser))["pages"][COMMUNITY]


async def test_no_community_has_no_copy(resident) -> None:
    assert (await resident.get("/c/mars/offline.json")).status_code == 404


async def manifest(browser: Browser, **headers: str) -> dict[str, Any]:
    """The web app manifest."""
    response = await browser.get("/manifest.webmanifest", headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/manifest+json")
    found: dict[str, Any] = response.json()
    return found


async def test_it_can_be_installed(resident) -> None:
    """What Chromium asks for: name, start, display and icons of 192 and 512 pixels."""
    found = await manifest(resident)
    assert found["id"] == "/"
    assert found["display"] == "standalone"
    assert found["start_url"].startswith(found["scope"])
    assert found["name"]
    assert 0 < len(found["short_name"]) <= 12
    assert 'rel="manifest" href="/manifest.webmanifest"' in (await resident.get(COMMUNITY)).text
    any_purpose = {each["sizes"] for each in found["icons"] if each["purpose"] == "any"}
    assert {"192x192", "512x512"} <= any_purpose
    assert [each["sizes"] for each in found["icons"] if each["purpose"] == "maskable"]
    forms = {each["form_factor"] for each in found["screenshots"]}
    assert forms == {"narrow", "wide"}


async def test_every_picture_of_the_manifest_is_there_and_of_the_size_it_says(resident) -> None:
    found = await manifest(resident)
    shortcuts = [icon for each in found["shortcuts"] for icon in each["icons"]]
    for picture in [*found["icons"], *found["screenshots"], *shortcuts]:
        response = await resident.get(picture["src"])
        assert response.status_code == 200
        assert response.headers["content-type"] == picture["type"]
        if picture["type"] == "image/png":
            width, height = Image.open(BytesIO(response.content)).size
            assert f"{width}x{height}" == picture["sizes"]


async def test_where_the_app_starts_and_its_shortcuts_lead_somewhere(resident) -> None:
    found = await manifest(resident)
    await resident.get(COMMUNITY)
    for address in (found["start_url"], *(each["url"] for each in found["shortcuts"])):
        response = await resident.get(address)
        assert response.status_code == 303
        assert (await resident.get(response.headers["location"])).status_code == 200


async def test_the_app_is_named_in_the_persons_language(resident) -> None:
    assert (await manifest(resident))["short_name"] == "连心"
    english = await manifest(resident, cookie="lianxin=lang:en")
    assert (english["lang"], english["short_name"]) == ("en", "Lianxin")


async def shell(browser: Browser) -> list[str]:
    """What the worker takes along when it is installed."""
    source = (await browser.get("/sw.js")).text
    found = re.search(r"SHELL=(\[.*?\]),", source)
    assert found
    addresses: list[str] = json.loads(found.group(1))
    return addresses


async def test_the_worker_is_asked_for_anew_and_may_look_after_the_whole_site(resident) -> None:
    response = await resident.get("/sw.js")
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["cache-control"] == "no-cache"
    assert PurePosixPath("/sw.js").parent == PurePosixPath("/")


async def test_the_worker_takes_along_only_what_there_is(resident) -> None:
    addresses = await shell(resident)
    for address in [*addresses, "/offline"]:
        assert (await resident.get(address)).status_code == 200


async def test_the_worker_takes_along_everything_a_guide_needs(resident) -> None:
    page = (await resident.get(f"{COMMUNITY}/handbook/gaoling-jintie")).text
    head = page.partition("</head>")[0]
    needed = {
        *re.findall(r'<link rel="stylesheet" href="([^"]+)"', head),
        *re.findall(r'<script src="([^"]+)"', head),
        *re.findall(r'<use href="([^"#]+)', page),
    }
    assert needed <= set(await shell(resident))


async def test_the_worker_of_another_version_is_another_worker(resident) -> None:
    source = (await resident.get("/sw.js")).text
    assert f'VERSION="{resident.services.assets.version}"' in source
    page = (await resident.get(COMMUNITY)).text
    assert f".{resident.services.assets.version}." in page


async def test_the_page_for_no_network_needs_no_community(resident) -> None:
    response = await resident.get("/offline")
    assert "<h1>没有网络</h1>" in response.text
    assert 'href="/handbook"' in response.text
    assert "set-cookie" not in response.headers


async def test_an_asset_is_kept_for_ever_under_the_hash_of_its_bytes(resident) -> None:
    for asset in resident.services.assets.by_name.values():
        assert re.fullmatch(r"/assets/[a-z0-9-]+\.[0-9a-f]{10}\.[a-z0-9]+", asset.address)
        response = await resident.get(asset.address)
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert response.headers["content-type"] == asset.media_type
        assert response.content == asset.body


@pytest.mark.parametrize(
    "path",
    [
        "/assets/residents.0000000000.css",
        "/assets/residents.css",
        "/assets/",
        "/assets/..%2fweb%2fapp.py",
    ],
)
async def test_no_other_file_is_an_asset(resident, path) -> None:
    assert (await resident.get(path)).status_code == 404


async def test_the_icon_that_browsers_ask_for_by_themselves(resident) -> None:
    response = await resident.get("/favicon.ico")
    assert response.status_code == 301
    assert (await resident.get(response.headers["location"])).status_code == 200


async def test_nothing_on_the_wire_comes_from_elsewhere(resident) -> None:
    for name in JOINED:
        body = resident.services.assets.by_name[name].body.decode()
        hosts = {urlsplit(each).hostname for each in re.findall(r"https?://[^\s\"'`)]+", body)}
        # The name of SVG.
        assert hosts <= {"www.w3.org"}, name
        assert "@import" not in body
        assert "font-face" not in body


async def test_a_first_visit_to_home_guide_and_ticket_is_light(resident) -> None:
    """The pages, their style and script, the pictures on them, the icon, manifest and worker."""
    taken = {"accept-encoding": "gzip, deflate, br"}

    async def weight(path: str) -> int:
        return int((await resident.get(path, headers=taken)).num_bytes_downloaded)

    form = (await resident.get(f"{COMMUNITY}/take?item=gaoling-jintie")).text
    fields = dict(re.findall(r'type="hidden" name="([a-z]+)" value="([^"]+)"', form))
    answer = await resident.post("/halls/yikang/tickets", data={**fields, "item": "gaoling-jintie"})
    guides = [await weight(f"{COMMUNITY}/handbook/{slug}") for slug in ITEMS]
    pages = [await weight(COMMUNITY), max(guides), await weight(answer.headers["location"])]
    names = ("residents.css", "app.js", "icon.svg", "documents.svg", "apple-touch-icon.png")
    around = [resident.services.assets.address(name) for name in names]
    around += ["/manifest.webmanifest", "/sw.js"]
    whole = sum(pages) + sum([await weight(path) for path in around])
    assert whole <= LIGHTEST_FIRST_VISIT, (pages, whole)


NOT_LASTING = re.compile(r'<(\w+)(?: [^>]*)? class="(?:[^"]* )?(?:of-today|live)(?: [^"]*)?"')


def lasting(page: str) -> str:
    """A kept page as it is shown on another day: without what was true on that day alone."""
    page = re.sub(r'<meta name="lianxin-revision"[^>]*>', "", page)
    while found := NOT_LASTING.search(page):
        tag, depth, end = found[1], 0, found.start()
        for each in re.finditer(rf"<(/?){tag}\b[^>]*>", page[found.start() :]):
            depth += -1 if each[1] else 1
            if not depth:
                end = found.start() + each.end()
                break
        assert end > found.start(), "an element of today without an end"
        page = page[: found.start()] + page[end:]
    # Days by name, of which the phone leaves out those that are over.
    page = re.sub(r"<tr data-day=.*?</tr>", "", page, flags=re.DOTALL)
    # The hours of days by name, which nobody sees: the phone takes those of its own day.
    page = re.sub(r' data-(first-day|open)="[^"]*"', "", page)
    return re.sub(r"\s+", " ", page)


# A Thursday; a Friday before a weekend; a Saturday; the last day of a year; a holiday; spring.
@pytest.mark.parametrize(
    "day",
    ["2026-11-27", "2026-11-28", "2026-12-31", "2027-01-01", "2027-03-02"],
)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_copy_says_nothing_on_another_day_that_was_true_on_its_own_alone(
    open_app, clock, day, language
) -> None:
    headers = {"accept-language": language}
    async with open_app() as browser:
        kept = (await bundle(browser, **headers))["pages"]
        clock.now = dt.datetime.fromisoformat(f"{day}T20:15:00+08:00")
        later = (await bundle(browser, **headers))["pages"]
    other = [path for path in kept if lasting(kept[path]) != lasting(later[path])]
    for path in other:
        before, after = lasting(kept[path]), lasting(later[path])
        at = next(i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b)
        assert before[at - 160 : at + 60] == after[at - 160 : at + 60], path
