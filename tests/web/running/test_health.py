"""For machines: whether we are well, figures for the operator, and the map for search engines."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.world.app import opened
from tests.world.databases import SqliteFiles, both_databases, lose, refusing_to_write
from tests.world.district import FILES
from tests.world.forms import POST, form

if TYPE_CHECKING:
    from tests.world.clock import Clock

pytestmark = both_databases

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


async def test_healthy_is_when_the_store_answers(own) -> None:
    response = await own.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"store": "ok"})
    assert response.headers["cache-control"] == "no-store"


class _Sender:
    is_well = False


async def test_a_sender_that_does_not_send_is_said_and_pages_stay(own) -> None:
    own.services.delivery = _Sender()
    response = await own.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"store": "ok", "sender": "down"})
    own.services.delivery.is_well = True
    assert (await own.get("/healthz")).json() == {"store": "ok", "sender": "ok"}
    own.services.delivery = None


async def test_unhealthy_is_when_the_store_is_gone(own, databases) -> None:
    await own.get("/healthz")
    await lose(own.store, databases)
    response = await own.get("/healthz")
    assert (response.status_code, response.json()) == (503, {"store": "unavailable"})


async def test_unhealthy_is_also_after_pages_were_kept(own, databases) -> None:
    await own.get("/c/jian")
    await lose(own.store, databases)
    assert (await own.get("/healthz")).status_code == 503


async def test_a_store_in_which_nothing_is_published_is_healthy(databases, clock) -> None:
    async with opened(databases.copy("empty"), clock) as browser:
        assert (await browser.get("/healthz")).status_code == 200


OPENED = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
"""As a browser asks for a page that a person opens."""


async def test_before_anything_is_published_no_script_and_no_form_takes_that_for_its_answer(
    databases, clock
) -> None:
    async with opened(databases.copy("empty"), clock) as browser:
        for path in ("/c/jian/offline.json", "/c/jian"):
            assert (await browser.get(path)).status_code == 503, path
        assert (await browser.get("/f/here", headers=OPENED)).status_code == 503
        form = {"category": "A", "request": "r" * 22}
        sent = await browser.post("/halls/jian/tickets", data=form, headers=OPENED)
        assert sent.status_code == 503


async def test_before_anything_is_published_every_page_says_what_to_do(databases, clock) -> None:
    async with opened(databases.copy("empty"), clock) as browser:
        for path in ("/", "/c/jian", "/communities", "/sitemap.xml", "/nothing"):
            response = await browser.get(path, headers=OPENED)
            assert response.status_code == 200, path
            assert response.headers["cache-control"] == "no-store"
            assert "<h1>连心已经装好，还没有区的内容</h1>" in response.text
            assert "python -m web seed" in response.text


async def test_figures_are_hidden_unless_asked_for(resident) -> None:
    assert (await resident.get("/metrics")).status_code == 404


async def test_figures_count_by_route_and_never_by_address(open_app) -> None:
    async with open_app(metrics=True) as browser:
        for path in ("/c/jian", "/c/jian", "/c/yikang", "/c/mars", "/secret"):
            await browser.get(path)
        response = await browser.get("/metrics")
        assert response.headers["content-type"].startswith("text/plain")
        lines = response.text.splitlines()
    counted = 'lianxin_requests_total{method="GET",route="%s",status="%s"} %s'
    assert counted % ("/c/{community}", 200, "3.0") in lines
    assert counted % ("/c/{community}", 404, "1.0") in lines
    assert counted % ("-", 404, "1.0") in lines
    assert "lianxin_kept_pages 2.0" in lines
    assert "lianxin_sender_up 0.0" in lines
    assert any(line.startswith("lianxin_content_revision ") for line in lines)
    assert any(line.startswith("lianxin_request_seconds_bucket{") for line in lines)
    assert not any(word in response.text for word in ("jian", "mars", "secret"))


async def test_strangers_cannot_fill_the_figures_with_names_of_their_own(open_app) -> None:
    async with open_app(metrics=True) as browser:
        for n in range(20):
            await browser.request(f"BREW{n}", "/c/jian")
        text = (await browser.get("/metrics")).text
    assert sum(line.startswith("lianxin_requests_total{") for line in text.splitlines()) < 5


async def test_each_application_has_its_own_figures(open_app) -> None:
    async with open_app(metrics=True) as one, open_app(metrics=True) as other:
        await one.get("/c/jian")
        assert 'route="/c/{community}"' not in (await other.get("/metrics")).text


async def test_robots_are_led_to_the_map_and_away_from_what_is_personal(resident) -> None:
    response = await resident.get("/robots.txt")
    lines = response.text.splitlines()
    assert response.headers["content-type"].startswith("text/plain")
    assert lines[0] == "User-agent: *"
    kept_away = {"/mine", "/f/", "/staff", "/kiosk", "/screen", "/rating", "/terminal"}
    assert {f"Disallow: {path}" for path in kept_away} <= set(lines)
    assert "Sitemap: http://lianxin.test/sitemap.xml" in lines
    assert "Disallow: /" not in lines


async def places_on_the_map(browser) -> list[str]:
    """Every address in the sitemap."""
    response = await browser.get("/sitemap.xml")
    assert response.headers["content-type"] == "application/xml"
    root = ET.fromstring(response.text)  # noqa: S314 - our own answer
    assert root.tag == f"{SITEMAP}urlset"
    return [str(each.text) for each in root.iterfind(f"{SITEMAP}url/{SITEMAP}loc")]


async def test_the_map_names_every_guide_of_every_community_once(resident) -> None:
    found = await places_on_the_map(resident)
    assert len(found) == len(set(found))
    names = (await resident.services.published()).names
    for slug in names:
        for source in FILES.handbook:
            for item in source.content.items:
                assert f"http://lianxin.test/c/{slug}/handbook/{item.slug}" in found


async def test_the_map_says_when_a_guide_was_last_confirmed(resident) -> None:
    root = ET.fromstring((await resident.get("/sitemap.xml")).text)  # noqa: S314 - our own answer
    last = {
        each.findtext(f"{SITEMAP}loc"): each.findtext(f"{SITEMAP}lastmod")
        for each in root.iterfind(f"{SITEMAP}url")
    }
    for source in FILES.handbook:
        for item in source.content.items:
            guide = f"http://lianxin.test/c/jian/handbook/{item.slug}"
            assert last[guide] == str(item.assured.date)
    assert "http://lianxin.test/c/jian/handbook/events/bereavement" in last


async def test_every_place_on_the_map_answers(resident) -> None:
    for community in ("jian", "houhuangtun"):
        here = f"http://lianxin.test/c/{community}"
        paths = [
            each for each in await places_on_the_map(resident) if f"{each}/".startswith(f"{here}/")
        ]
        assert len(paths) > 60
        for path in paths:
            assert (await resident.head(path)).status_code == 200


async def test_the_map_is_of_the_public_address_and_within_the_protocols_limit(open_app) -> None:
    async with open_app(public_url="https://lianxin.example.cn") as browser:
        found = await places_on_the_map(browser)
        robots = (await browser.get("/robots.txt")).text
    assert all(each.startswith("https://lianxin.example.cn/") for each in found)
    assert len(found) <= 50_000
    assert "Sitemap: https://lianxin.example.cn/sitemap.xml" in robots


@pytest.mark.parametrize("host", ["a b", "x/y", '"><script>'])
async def test_a_host_that_is_none_is_not_on_the_map(
    sqlite_files: SqliteFiles, clock: Clock, host
) -> None:
    async with opened(sqlite_files.copy("sample"), clock) as browser:
        response = await browser.get("/robots.txt", headers={"host": host})
        assert "Sitemap: http://localhost/sitemap.xml" in response.text


async def test_a_database_that_was_taken_away_keeps_nothing_and_says_so(
    sqlite_files: SqliteFiles, clock: Clock
) -> None:
    async with opened(sqlite_files.copy("sample"), clock) as browser:
        path = str(browser.store.url.database)
        shutil.move(path, f"{path}.away")
        assert (await browser.post(POST, data=await form(browser))).status_code == 503
        response = await browser.get("/healthz")
        assert (response.status_code, response.json()) == (503, {"store": "replaced"})
        # A copy put in its place is another file, too.
        shutil.copy(f"{path}.away", path)
        assert (await browser.get("/healthz")).json() == {"store": "replaced"}
        shutil.move(f"{path}.away", path)
        assert (await browser.get("/healthz")).status_code == 200
        assert (await browser.post(POST, data=await form(browser))).status_code == 303


async def test_a_disk_without_room_is_unhealthy(
    sqlite_files: SqliteFiles, clock: Clock, monkeypatch
) -> None:
    async with opened(sqlite_files.copy("sample"), clock) as browser:
        monkeypatch.setattr("domain.sqlite_file.LEAST_ROOM", 1 << 60)
        response = await browser.get("/healthz")
        assert (response.status_code, response.json()) == (503, {"store": "full"})


async def test_a_store_that_refuses_to_write_is_unhealthy_until_it_writes(own, databases) -> None:
    fields = await form(own)
    async with refusing_to_write(own.store, databases):
        assert (await own.post(POST, data=fields)).status_code == 503
        response = await own.get("/healthz")
        assert (response.status_code, response.json()) == (503, {"store": "refused"})
    assert (await own.get("/healthz")).status_code == 200
    assert (await own.post(POST, data=fields)).status_code == 303
