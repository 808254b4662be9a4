"""What can be found in the sample, built once for all tests of search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.published import load_published
from domain.store import Store
from web.features import found_by_search

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from domain.search.index import SearchIndex
    from tests.world.databases import SqliteFiles


@pytest.fixture(scope="session")
async def index(sqlite_files: SqliteFiles) -> AsyncIterator[SearchIndex]:
    """What can be found in 刘家庄社区."""
    store = Store(sqlite_files.copy("sample"))
    await store.open()
    published = await load_published(store, found_by_search)
    assert published is not None
    yield published.index_of(await published.community("liujiazhuang"))
    await store.close()
