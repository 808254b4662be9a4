"""The office of 刘家庄 beside the module's server."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from domain.store import Store
from tests.world.clock import SHANGHAI
from tests.world.inquiries import InquiryOffice, inquiry_office

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.world.servers import Server


@pytest.fixture(scope="module")
async def office(modules_server: Server) -> AsyncIterator[InquiryOffice]:
    """The office beside the server, at this moment."""
    store = Store(modules_server.database)
    await store.open()
    found = await inquiry_office(store)
    found.now = dt.datetime.now(SHANGHAI)
    yield found
    await store.close()
