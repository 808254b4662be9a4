"""The office of 刘家庄 that publishes, beside the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.world.disclosures import DisclosureOffice, disclosure_office
from tests.world.publishing import PublishingOffice, publishing_office

if TYPE_CHECKING:
    from tests.world.app import Browser


@pytest.fixture
async def office(own: Browser) -> DisclosureOffice:
    """The people, at a Monday morning."""
    return await disclosure_office(own.store)


@pytest.fixture
async def bureau(own: Browser) -> PublishingOffice:
    """People with browsers: of the community, and of the places around it."""
    return await publishing_office(own)
