"""A real server, a real Chromium, and a fresh phone for every test that listens for complaints."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Browser, expect

from domain.store import Store
from tests.world.databases import SqliteFiles, free_port
from tests.world.halls import hall_of, open_all_day
from tests.world.phones import PHONE, Phone, system_chromium
from tests.world.servers import PATIENCE, ROOT, BrowserHall, Server, administrator_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    import httpx


# Two browsers on two cores: what takes a tenth of a second alone has taken more than the five of
# playwright's own limit.
expect.set_options(timeout=PATIENCE / 2)


# Browser tests share what costs seconds. Views are attributes of a page's root, so a page is
# loaded once per language and checked in each view; axe checks only colours in the dark and elder
# views, and all but colours in English. A module has one server and stays on one worker, and each
# test has its own hall, item or person. Clerks act inside that server, so that no test waits for
# the server's next look at other processes' changes.
# Not taken: shorter waits by a setting, which would be a setting for tests.
@pytest.fixture(scope="session")
def new_server(
    sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Server]]:
    """Make a server with its own copy of one of `WORLDS`; it is stopped in the end."""
    made: list[Server] = []

    def make(world: str = "sample") -> Server:
        data = tmp_path_factory.mktemp("data")
        shutil.move(sqlite_files.copy(world).partition("///")[2], data / "lianxin.db")
        made.append(Server(data, free_port()))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture(scope="session")
def server(new_server: Callable[..., Server]) -> Server:
    """The server of all tests that change nothing on it, with the whole sample."""
    started = new_server("lively")
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


@pytest.fixture
def desk_of(new_phone: Any) -> Any:
    """Open the browser of someone who works here."""

    @asynccontextmanager
    async def opening(server: Server, name: str, **options: Any) -> AsyncIterator[Phone]:
        key = await administrator_of(server, name)
        async with new_phone(url=server.url, **options) as phone:
            await phone.context.add_cookies([{"name": "staff", "value": key, "url": server.url}])
            yield phone

    return opening


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


@pytest.fixture(scope="module")
async def staffed(hall_in, modules_server: Server) -> BrowserHall:
    """The hall of 刘家庄 with someone at counter 3."""
    found: BrowserHall = await hall_in("liujiazhuang")
    modules_server.start()
    await found.staff(3, "B")
    return found


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The system's browser."""
    async with system_chromium() as browser:
        yield browser


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
            # A colour in the middle of an animation is none that axe can judge.
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
