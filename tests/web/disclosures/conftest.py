"""The office of 刘家庄 that publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.world.publishing import PublishingOffice, publishing_office

if TYPE_CHECKING:
    from tests.world.app import Browser


@pytest.fixture
async def office(own: Browser) -> PublishingOffice:
    """Its people, and those around it."""
    return await publishing_office(own)
