"""What tests share: both databases, the sample world, and a clock that stands still."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from domain.store import Store
from tests.world.databases import (
    PostgresCluster,
    SqliteFiles,
    needs_postgresql,
    postgres_cluster,
    quick_folder,
)
from tests.world.halls import Day, hall_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytest_plugins = ("tests.failures", "tests.limits", "tests.times", "tests.workers")

ONLY_SQLITE = "ONLY_SQLITE" in os.environ
"""Whether tests that need PostgreSQL are left out, as `make quick` does."""


def pytest_configure(config: pytest.Config) -> None:
    """Let programs that tests start end by Ctrl+C, also in a run that was started in the background.

    A shell has such a run ignore SIGINT, which its children inherit.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs PostgreSQL if asked to; pytest says how many that are."""
    if ONLY_SQLITE:
        left_out = [item for item in items if needs_postgresql(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not needs_postgresql(item)]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a file after its argument: its bytes, and even its size, change from second to second.

    Workers of one run must collect the same names.
    """
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"use_uvloop": False}


@pytest.fixture(scope="session")
def sqlite_files() -> Iterator[SqliteFiles]:
    with quick_folder() as folder:
        yield SqliteFiles(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> SqliteFiles | PostgresCluster:
    """Either of the two, as something to copy a fresh database from."""
    name = "sqlite_files" if request.param == "sqlite" else "postgres"
    found: SqliteFiles | PostgresCluster = request.getfixturevalue(name)
    return found


@pytest.fixture
async def store(databases: SqliteFiles | PostgresCluster) -> AsyncIterator[Store]:
    """An empty, migrated store, on each database."""
    url = databases.copy("empty")
    opened = Store(url)
    await opened.open()
    yield opened
    await opened.close()
    databases.drop(url)


@pytest.fixture
async def sample(databases: SqliteFiles | PostgresCluster) -> AsyncIterator[Store]:
    """A store with the sample district, on each database."""
    url = databases.copy("sample")
    opened = Store(url)
    await opened.open()
    yield opened
    await opened.close()
    databases.drop(url)


@pytest.fixture
async def day(sample: Store) -> Day:
    """The day of 刘家庄's hall."""
    return Day(sample, await hall_of(sample))
