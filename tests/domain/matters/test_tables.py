"""What the store itself refuses of a matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE matter SET due_on = NULL",
        "UPDATE matter SET holder_id = NULL",
        "UPDATE matter SET level = 'secretary'",
        "UPDATE matter SET closed_at = began_at",
        "UPDATE matter_entry SET readers = 'all' WHERE kind = 'note'",
        "UPDATE matter_entry SET outcome = NULL WHERE kind = 'answer'",
        "UPDATE matter_round SET rating = 5",
    ],
)
async def test_the_store_itself_refuses_what_may_never_be(office, change) -> None:
    matter_id = await office.opens()
    await office.notes("holder", matter_id)
    await office.answers("holder", matter_id)
    await office.says(matter_id)

    async def unit(session: AsyncSession) -> None:
        await session.execute(text(change))

    with pytest.raises(IntegrityError):
        await office.store.write(unit)
