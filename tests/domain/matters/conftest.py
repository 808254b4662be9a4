"""The contact line of 刘家庄, on each database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.world.matters import LineOffice, line_office

if TYPE_CHECKING:
    from domain.store import Store


@pytest.fixture
async def office(sample: Store) -> LineOffice:
    """A post with its people, at a Monday morning."""
    return await line_office(sample)
