"""The office of 刘家庄 that publishes, on each database."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from tests.world.disclosures import DisclosureOffice, disclosure_office
from tests.world.inquiries import InquiryOffice, inquiry_office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store

    Counted = Callable[[AsyncSession], AbstractContextManager[list[str]]]


@pytest.fixture
async def office(sample: Store) -> DisclosureOffice:
    """The people, at a Monday morning."""
    return await disclosure_office(sample)


@pytest.fixture
async def inquiries(sample: Store) -> InquiryOffice:
    """The same people, asked by residents."""
    return await inquiry_office(sample)


@pytest.fixture
def counted() -> Counted:
    """Lists the statements that a session sends, while it is open."""

    @contextmanager
    def listening(session: AsyncSession) -> Iterator[list[str]]:
        engine: Any = session.get_bind()
        sent: list[str] = []

        def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            sent.append(statement)

        event.listen(engine, "before_cursor_execute", hear)
        try:
            yield sent
        finally:
            event.remove(engine, "before_cursor_execute", hear)

    return listening
