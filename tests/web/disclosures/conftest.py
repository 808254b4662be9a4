"""The office of 刘家庄 that publishes, beside the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.world.disclosures import DisclosureOffice, disclosure_office

if TYPE_CHECKING:
    from tests.world.app import Browser


@pytest.fixture
async def office(own: Browser) -> DisclosureOffice:
    """The people, at a Monday morning."""
    return await disclosure_office(own.store)
