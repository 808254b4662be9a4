"""A real server, a real Chromium, and a fresh phone for every test that listens for complaints."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from domain.staff.actor import Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.conftest import SHANGHAI
from tests.world.databases import SqliteFiles, free_port
from tests.world.halls import HallDay, hall_of, open_all_day
from tests.world.people import begun, hired

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    from domain.places.tables import Hall

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
HOME = "/c/liujiazhuang"
GUIDE = f"{HOME}/handbook/gaoling-jintie"
PHONE = {"width": 390, "height": 844}
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    # A phone bought here. Playwright's own `locale` would add a header that scripts can see,
    # which real browsers do not, and which a kept answer's Vary then trips over.
    "--lang=zh-CN",
    "--accept-lang=zh-CN",
]
PATIENCE = 30_000
"""Milliseconds after which something that should have happened counts as not happening."""


class Server:
    """`python -m web serve` with a data folder of its own, as an operator runs it."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port, self.code = data, port, ROOT
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the front door, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.data / "serve.log"

    @property
    def database(self) -> str:
        """The address of the server's store."""
        return f"sqlite+aiosqlite:///{self.data / 'lianxin.db'}"

    def start(self) -> None:
        """Start, and return when it answers."""
        others = {name: value for name, value in os.environ.items() if "LIANXIN" not in name}
        settings = {
            "LIANXIN_DATA": str(self.data),
            "LIANXIN_PORT": str(self.port),
            "LIANXIN_LOG": "plain",
            # Everybody of a test comes from one address, also a storm.
            "LIANXIN_NUMBERS_AN_ADDRESS": "1000000",
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "web", "serve"],
                cwd=self.code,
                env={**others, **settings},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        while not self._answers():
            if self.process.poll() is not None:
                pytest.fail(f"the server did not start:\n{self.log.read_text()}")

    def _answers(self) -> bool:
        """Whether it does by now. It has few cores, and those who look must leave it one."""
        asking = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            asking.request("GET", "/healthz")
            return asking.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            time.sleep(0.02)
            return False
        finally:
            asking.close()

    def stop(self) -> None:
        """Stop, and return when nobody listens any more."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process = None


class Phone:
    """One person's browser: its pages, and everything they complained about."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        self.complaints: list[str] = []
        self.expected: list[str] = []
        context.on("weberror", lambda found: self.complaints.append(f"uncaught: {found.error}"))
        context.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def expect(self, pattern: str) -> None:
        """Say that a complaint matching this regular expression is part of the test."""
        self.expected.append(pattern)

    @property
    def unexpected(self) -> list[str]:
        """Console errors, refusals of the Content-Security-Policy and uncaught exceptions."""
        return [
            complaint
            for complaint in self.complaints
            if not any(re.search(pattern, complaint) for pattern in self.expected)
        ]

    async def open(self, path: str) -> Page:
        """A new tab at this address."""
        page = await self.context.new_page()
        await page.goto(path)
        return page


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a module on one worker: they share servers and phones."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


# Browser tests share what costs seconds. Views are attributes of a page's root, so a page is
# loaded once per language and checked in each view; axe checks only colours in the dark and elder
# views, and all but colours in English. A module has one server and stays on one worker, and each
# test has its own hall, item or person. Clerks act inside that server, so that no test waits for
# the server's next look at other processes' changes.
# Not taken: shorter waits by a setting, which would be a setting for tests.
@pytest.fixture(scope="session")
def new_server(
    sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Server]]:
    """Make a server with its own sample district; it is stopped in the end."""
    made: list[Server] = []

    def make() -> Server:
        data = tmp_path_factory.mktemp("data")
        shutil.move(sqlite_files.copy("sample").partition("///")[2], data / "lianxin.db")
        made.append(Server(data, free_port()))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture(scope="session")
def server(new_server: Callable[[], Server]) -> Server:
    """The server of all tests that change nothing on it."""
    started = new_server()
    started.start()
    return started


@pytest.fixture(scope="module")
def modules_server(new_server: Callable[[], Server]) -> Iterator[Server]:
    """A server of the module's own, not started yet."""
    made = new_server()
    yield made
    made.stop()


@pytest.fixture
def own_server(modules_server: Server) -> Server:
    """The module's server, running: to stop, and to change in what the other tests leave alone."""
    if modules_server.process is None:
        modules_server.code = ROOT
        modules_server.start()
    return modules_server


@pytest.fixture(scope="module")
async def hall_in(
    modules_server: Server,
) -> AsyncIterator[Callable[[str], Awaitable[BrowserHall]]]:
    """The halls of the module's server, by community: open around the clock."""
    store = Store(modules_server.database)
    await store.open()
    await open_all_day(store)
    clerks: list[httpx.AsyncClient] = []

    async def find(slug: str) -> BrowserHall:
        return BrowserHall(modules_server, store, await hall_of(store, slug), slug, clerks)

    yield find
    for clerk in clerks:
        await clerk.aclose()
    await store.close()


class BrowserHall(HallDay):
    """A hall on a running server: what happens at its counters happens in the server."""

    def __init__(
        self, server: Server, store: Store, hall: Hall, slug: str, clerks: list[httpx.AsyncClient]
    ) -> None:
        super().__init__(store, hall, lambda: dt.datetime.now(SHANGHAI))
        self.server, self.slug, self.clerks = server, slug, clerks
        self.at: dict[int, httpx.AsyncClient] = {}

    def desk(self, counter: int = 1) -> str:
        """The address of a counter's desk."""
        return f"/staff/c/{self.slug}/counters/{counter}"

    async def clerk(self, name: str) -> str:
        """The session key of a new clerk of this hall."""
        grant = Grant(Role.CLERK, community_id=self.hall.community_id)
        member = await hired(self.store, f"{name}-{self.slug}", grant, now=self.now)
        return await begun(self.store, member, self.now)

    async def staff(self, counter: int, letters: str) -> None:
        """A clerk signs on to a counter."""
        cookies = {"staff": await self.clerk(f"clerk-{counter}")}
        client = httpx.AsyncClient(base_url=self.server.url, cookies=cookies, trust_env=False)
        self.clerks.append(client)
        self.at[counter] = client
        await self.press("shifts", counter, letters=list(letters))

    async def press(self, noun: str, counter: int, **form: Any) -> None:
        """The clerk presses a button that works."""
        answer = await self.at[counter].post(f"{self.desk(counter)}/{noun}", data=form)
        assert answer.status_code == HTTPStatus.SEE_OTHER, (noun, answer.text)

    async def call(self, counter: int) -> str:
        """Somebody comes and is called to a counter at once; the number."""
        await self.take()
        await self.press("calls", counter)
        desks = (await self.look()).desks
        return next(each.ticket.label for each in desks if each.counter == counter and each.ticket)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The system's browser."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("Chromium is missing. On Debian: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def new_phone(chromium: Browser, server: Server) -> Callable[..., Any]:
    """Open a browser of someone who was never here. `preferences` is the cookie's value."""

    @asynccontextmanager
    async def opening(
        preferences: str = "", url: str = server.url, **options: Any
    ) -> AsyncIterator[Phone]:
        given = {
            "viewport": PHONE,
            "base_url": url,
            # A page transition cut short by the next page is an uncaught error to Chromium.
            "reduced_motion": "reduce",
            **options,
        }
        context = await chromium.new_context(**given)
        context.set_default_timeout(PATIENCE)
        if preferences:
            await context.add_cookies([{"name": "lianxin", "value": preferences, "url": url}])
        phone = Phone(context, url)
        try:
            yield phone
        finally:
            await context.close()
        assert phone.unexpected == []

    return opening


@pytest.fixture
async def phone(
    new_phone: Callable[..., AbstractAsyncContextManager[Phone]],
) -> AsyncIterator[Phone]:
    """A phone of someone who was never here, in the ordinary view, in Chinese."""
    async with new_phone() as opened:
        yield opened


async def kept_at_once(page: Page) -> None:
    """Have the phone keep the handbook now, and not when the page has settled for two seconds."""
    await page.evaluate(
        """async () => {
            const said = (name) => document.querySelector(`meta[name=lianxin-${name}]`).content;
            const { active } = await navigator.serviceWorker.ready;
            active.postMessage({ keep: said("community"), revision: said("revision") });
        }"""
    )
    await kept(page)


async def kept(page: Page, community: str = "liujiazhuang") -> None:
    """Wait until the phone keeps the handbook of the revision that the page is of."""
    looking = page.evaluate(
        """async (community) => {
            const wanted = document.querySelector("meta[name=lianxin-revision]").content;
            const look = async () => (await (await caches.match("/kept"))?.json()) ?? [];
            const found = (each) => each.community === community && each.revision === wanted;
            while (!(await look()).some(found)) await new Promise((again) => setTimeout(again, 50));
        }""",
        community,
    )
    await asyncio.wait_for(looking, PATIENCE / 1000)


def faults_of_axe(results: dict[str, Any]) -> list[str]:
    """What axe found, a line for each place."""
    return [
        f"{violation['id']}: {node['target']} {node['html'][:120]} {node['failureSummary']}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]


async def axe(page: Page, rules: dict[str, Any] | None = None) -> list[str]:
    """Every violation that axe-core finds on the page as it stands; `rules` are its options."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    # A page in a frame is looked at as the page it is, elsewhere.
    options = {"resultTypes": ["violations"], "iframes": False, **(rules or {})}
    results = await page.evaluate("(options) => axe.run(document, options)", options)
    return faults_of_axe(results)
