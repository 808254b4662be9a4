"""The office of 刘家庄 that publishes, on each database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.world.disclosures import DisclosureOffice, disclosure_office
from tests.world.inquiries import InquiryOffice, inquiry_office

if TYPE_CHECKING:
    from domain.store import Store


@pytest.fixture
async def office(sample: Store) -> DisclosureOffice:
    """The people, at a Monday morning."""
    return await disclosure_office(sample)


@pytest.fixture
async def inquiries(sample: Store) -> InquiryOffice:
    """The same people, asked by residents."""
    return await inquiry_office(sample)
