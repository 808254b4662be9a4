"""The application as a browser meets it: in this process, over the sample world, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.published import load_community
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.app import Browser, opened
from tests.world.clerks import HOME, Clerk
from tests.world.clock import NOW, Clock
from tests.world.databases import both_databases, needs_postgresql
from tests.world.district import places
from tests.world.halls import HallDesk, hall_of
from tests.world.people import (
    DISTRICT_ADMINISTRATOR,
    Cast,
    Person,
    arrived,
    hire_cast,
    sign_in,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.world.databases import PostgresCluster, SqliteFiles


# What happens at once decides in few tests. Elsewhere SQLite stands for both: the verbs behind the
# pages are tried on each database in tests/domain.
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Open the application on PostgreSQL only for `@both_databases`; pytest says how many it left out."""

    def is_left_out(item: pytest.Item) -> bool:
        opens_own = "own" in getattr(item, "fixturenames", ())
        is_marked = item.get_closest_marker(both_databases.name) is not None
        return opens_own and needs_postgresql(item) and not is_marked

    left_out = [item for item in items if is_left_out(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture(scope="session")
async def resident(sqlite_files: SqliteFiles) -> AsyncIterator[Browser]:
    """A resident in the whole sample world, at `NOW`. For tests that change nothing."""
    async with opened(sqlite_files.copy("lively"), Clock(NOW)) as browser:
        yield browser


@pytest.fixture(autouse=True)
def _no_cookies_left(request: pytest.FixtureRequest) -> None:
    if "resident" in request.fixturenames:
        request.getfixturevalue("resident").cookies.clear()


@pytest.fixture
async def own(databases: SqliteFiles | PostgresCluster, clock: Clock) -> AsyncIterator[Browser]:
    """A resident with a world of their own, on each database. For tests that change something."""
    url = databases.copy("sample")
    async with opened(url, clock) as browser:
        yield browser
    databases.drop(url)


@pytest.fixture
def open_app(
    sqlite_files: SqliteFiles, clock: Clock
) -> Callable[..., AbstractAsyncContextManager[Browser]]:
    """Open the application with its own settings."""
    return lambda **settings: opened(sqlite_files.copy("sample"), clock, **settings)


@pytest.fixture
async def admin(own: Browser) -> Person:
    """The administrator of the district."""
    return await arrived(own.store, "admin", DISTRICT_ADMINISTRATOR)


@pytest.fixture
async def town(own: Browser, admin: Person) -> dict[str, Person]:
    """An administrator of a subdistrict, and people at, below, above and beside it."""
    found = await places(own.store)
    here, there = found.subdistrict["dikoulu"], found.subdistrict["guanzhaying"]
    home, away = found.community["liujiazhuang"], found.community["jian"]
    grants = {
        "chief": [Grant(Role.ADMINISTRATOR, subdistrict_id=here)],
        "same": [Grant(Role.EDITOR, subdistrict_id=here)],
        "below": [Grant(Role.CLERK, community_id=home)],
        "beside": [Grant(Role.CLERK, community_id=away)],
        "beside-too": [Grant(Role.EDITOR, subdistrict_id=there)],
        "above": [Grant(Role.CLERK)],
        "both": [Grant(Role.CLERK, community_id=home), Grant(Role.CLERK, community_id=away)],
        "without": [],
    }
    people = {name: await arrived(own.store, name, *held) for name, held in grants.items()}
    return {"admin": admin, **people}


@pytest.fixture
async def desk(own: Browser) -> HallDesk:
    """What happens at 刘家庄's second counter, on the other side of it."""
    return HallDesk(own.store, await hall_of(own.store), own.services.now)


@pytest.fixture
async def clerk(own: Browser, clock: Clock) -> Clerk:
    """A clerk of 刘家庄, not signed on yet, where the first counter calls what people come for."""
    home = (await places(own.store)).community[HOME]
    person = await arrived(own.store, "clerk", Grant(Role.CLERK, community_id=home))
    found = Clerk(own, clock, person)
    async with own.store.read() as session:
        hall = (await load_community(session, HOME)).hall
    found.letter = hall.counters[0].categories[0]
    return found


@pytest.fixture
async def cast(own: Browser) -> Cast:
    """Everybody; the administrator of the district is signed in."""
    found = await hire_cast(own.store, NOW)
    await sign_in(own, found.admin, NOW)
    return found


@pytest.fixture
async def editing_cast(own: Browser) -> Cast:
    """Everybody; the editor of 刘家庄 is signed in."""
    found = await hire_cast(own.store, NOW)
    await sign_in(own, found.editor, NOW)
    return found


@pytest.fixture
async def new_office(sqlite_files: SqliteFiles, clock: Clock) -> AsyncIterator[Browser]:
    """A district that was just made, before anybody did anything."""
    url = sqlite_files.copy("new")
    async with opened(url, clock) as browser:
        yield browser
    sqlite_files.drop(url)
