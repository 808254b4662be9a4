"""What residents need most, in engines that are not the newest Chromium.

The baseline is a phone of 2020: Chrome 80 and Safari 13.1. Chromium 80 is that phone; of Safari 13
no build exists for this system, so WebKitGTK stands for its engine, and tests/web/site/test_baseline.py
holds the scripts and styles to what Safari 13.1 reads.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.world.engines import Chromium80, Engine, Firefox, WebKit
from tests.world.phones import GUIDE, HOME
from tests.world.servers import ROOT, BrowserHall, Server, finish

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

ENGINES: dict[str, Callable[[Path], Engine]] = {
    "chromium-80": Chromium80,
    "webkit": WebKit,
    "firefox": Firefox,
}
TAKE, SEARCH, MINE = f"{HOME}/take?item=gaoling-jintie", f"{HOME}/search", "/mine"
FIRST_SCRIPT = "static/js/lib/dom.js"
LISTEN = """
window.complaints = [];
addEventListener("error", (event) => window.complaints.push(String(event.message || event.target.src)), true);
addEventListener("unhandledrejection", (event) => window.complaints.push(String(event.reason)));
document.addEventListener("securitypolicyviolation", (event) => window.complaints.push(event.blockedURI));
"""
IS_TAB_BAR_IN_VIEW = """
const bar = document.querySelector(".tabs").getBoundingClientRect();
const links = [...document.querySelectorAll(".tabs a")].map((link) => link.getBoundingClientRect());
return Math.abs(bar.bottom - innerHeight) < 2 && bar.left === 0 && Math.abs(bar.right - document.documentElement.clientWidth) < 2
  && links.every((link) => link.top >= bar.top && link.bottom <= bar.bottom + 1 && link.right <= bar.right + 1 && link.height >= 44);
"""


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One engine, started once for all its tests."""
    started = ENGINES[request.param](tmp_path_factory.mktemp(request.param))
    yield started
    started.close()


@pytest.fixture(scope="module")
async def hall(
    hall_in: Callable[[str], Awaitable[BrowserHall]],
    modules_server: Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> BrowserHall:
    """The hall of 刘家庄, open around the clock, on a server whose pages collect what goes wrong.

    A listener joined in front of our scripts works in every engine, while few of them report
    errors to a driver. A page without the list could not read our scripts at all.
    """
    modules_server.code = listening(tmp_path_factory.mktemp("code"))
    modules_server.start()
    found = await hall_in("liujiazhuang")
    await found.staff(3, "B")
    return found


def listening(code: Path) -> Path:
    """A copy of the project, with the listener in front."""
    for folder in ("domain", "push", "web", "templates", "static"):
        shutil.copytree(ROOT / folder, code / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (code / "node_modules").symlink_to(ROOT / "node_modules")
    first = code / FIRST_SCRIPT
    first.write_text(LISTEN + first.read_text(encoding="utf-8"), encoding="utf-8")
    return code


@pytest.fixture(autouse=True)
def stranger(engine: Engine, hall: BrowserHall) -> None:
    """Every test begins as a first visit, in Chinese."""
    engine.open(f"{hall.server.url}/offline")
    engine.forget()
    engine.run("localStorage.clear(); document.cookie = 'lianxin=lang:zh-Hans; path=/'")


def opened(engine: Engine, hall: BrowserHall, path: str) -> None:
    """Open a page, which must load without a complaint."""
    engine.open(hall.server.url + path)
    assert complaints(engine) == []


def complaints(engine: Engine) -> list[str]:
    """What went wrong in the page's scripts."""
    found: list[str] = engine.run("return window.complaints || ['our scripts were not read']")
    return found


def taken(engine: Engine, hall: BrowserHall) -> None:
    """Take a number with a tap, and stand on its page."""
    opened(engine, hall, TAKE)
    engine.tap("form.take .foot .btn")
    engine.until("return location.pathname.startsWith('/tickets/')")
    engine.until("return Boolean(document.querySelector('.ticket-number'))")


@pytest.mark.parametrize("path", [HOME, GUIDE, f"{HOME}/take", TAKE, SEARCH, MINE])
async def test_a_page_opens_without_a_complaint_and_shows_the_tab_bar(engine, hall, path) -> None:
    opened(engine, hall, path)
    assert engine.run(IS_TAB_BAR_IN_VIEW)


async def test_a_number_is_taken_with_a_tap_and_follows_its_hall(engine, hall) -> None:
    taken(engine, hall)
    shown, address = engine.text(".ticket-number"), engine.run("return location.pathname")
    assert engine.run(IS_TAB_BAR_IN_VIEW)
    opened(engine, hall, MINE)
    engine.until(
        "return document.getElementById('my-tickets').textContent.includes(arguments[0])", shown
    )
    opened(engine, hall, address)
    engine.until("return Boolean(document.querySelector('[data-is-live]'))")
    await hall.press("calls", 3)
    engine.until("return Boolean(document.querySelector('.ticket-called'))")
    assert "请到窗口" in engine.text(".ticket-go")
    await finish(hall, 3)
    engine.until("return document.getElementById('ticket').dataset.state === 'done'")
    assert complaints(engine) == []


async def test_a_tick_survives_a_reload_and_is_counted(engine, hall) -> None:
    opened(engine, hall, GUIDE)
    engine.tap("[data-tick]")
    engine.until("return document.querySelector('[data-ticked]').textContent.startsWith('1 /')")
    opened(engine, hall, GUIDE)
    assert engine.run("return document.querySelector('[data-tick]').checked")
    opened(engine, hall, MINE)
    assert "高龄津贴" in engine.text("[data-checklists]")


async def test_search_answers_as_you_type(engine, hall) -> None:
    opened(engine, hall, SEARCH)
    engine.type("#q", "gljt")
    engine.until("return document.getElementById('results').textContent.includes('高龄津贴申领')")
    assert engine.run("return document.activeElement.id === 'q' && location.search === '?q=gljt'")
    assert complaints(engine) == []


async def test_the_other_view_is_chosen_with_a_tap(engine, hall) -> None:
    opened(engine, hall, HOME)
    engine.tap(".switch.only-standard")
    engine.until("return document.documentElement.dataset.view === 'elder'")
    assert engine.run(IS_TAB_BAR_IN_VIEW)
    engine.tap(".switch.only-elder")
    engine.until("return document.documentElement.dataset.view === 'standard'")


async def test_the_kept_handbook_is_read_without_a_server(engine, hall) -> None:
    opened(engine, hall, HOME)
    engine.until(KEEP)
    engine.until(IS_KEPT)
    hall.server.stop()
    try:
        opened(engine, hall, f"{HOME}/handbook/shebao-ka")
        engine.until("return !document.querySelector('[data-offline-notice]').hidden")
        assert "社会保障卡" in engine.text("h1")
        assert engine.run(IS_TAB_BAR_IN_VIEW)
        opened(engine, hall, SEARCH)
        engine.until("return document.documentElement.hasAttribute('data-offline')")
        engine.type("#q", "gljt")
        engine.until(
            "return document.getElementById('results').textContent.includes('高龄津贴申领')"
        )
    finally:
        hall.server.start()


# A driver may wait for a promise or not: what a worker answers is written on the page.
KEEP = """
const said = (name) => document.querySelector(`meta[name=lianxin-${name}]`).content;
navigator.serviceWorker.ready.then(({ active }) => active.postMessage({ keep: said("community"), revision: said("revision") }));
return true;
"""
IS_KEPT = """
const wanted = document.querySelector("meta[name=lianxin-revision]").content;
caches.match("/kept").then((answer) => answer && answer.json()).then((all) => {
  window.isKept = Boolean(all) && all.some((each) => each.revision === wanted);
});
return window.isKept;
"""
