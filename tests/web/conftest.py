"""The application as a browser meets it: in this process, over the sample world, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.app import Browser, opened
from tests.world.clock import NOW, Clock
from tests.world.district import places
from tests.world.halls import HallDesk, hall_of
from tests.world.people import DISTRICT_ADMINISTRATOR, Person, arrived

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.world.databases import PostgresCluster, SqliteFiles


ON_POSTGRESQL_TOO = {
    "test_counters", "test_errors", "test_health", "test_queue", "test_staff_sign_in",
}  # fmt: skip
"""Where what happens at once decides. Elsewhere SQLite stands for both: the verbs behind the
pages are tried on each database in tests/domain, and the suite has six minutes."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Open the application on PostgreSQL only in those modules; pytest says how many it left out."""

    def is_left_out(item: pytest.Item) -> bool:
        database = getattr(item, "callspec", None) and item.callspec.params.get("databases")  # type: ignore[attr-defined]
        uses_own = "own" in getattr(item, "fixturenames", ())
        return uses_own and database == "postgresql" and item.path.stem not in ON_POSTGRESQL_TOO

    left_out = [each for each in items if is_left_out(each)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [each for each in items if each not in set(left_out)]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture(scope="session")
async def resident(sqlite_files: SqliteFiles) -> AsyncIterator[Browser]:
    """A resident in the sample world, at `NOW`. For tests that change nothing."""
    async with opened(sqlite_files.copy("sample"), Clock(NOW)) as browser:
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
    """Open the application with settings of one's own."""
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
