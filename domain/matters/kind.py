"""What a feature adds to a matter of its kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.ladder import Ladder
    from domain.matters.tables import Matter


class MatterKind(ABC):
    """诉求种类. The core asks it for what only the feature knows."""

    # Its name in the store.
    word: str

    @abstractmethod
    async def ladder(self, session: AsyncSession, matter: Matter, now: dt.datetime) -> Ladder:
        """The people and hours of the matter's post, as they are at `now`."""

    async def may_reopen(self, session: AsyncSession, matter: Matter) -> bool:
        """Whether its resident may have a closed matter opened again: always, by default."""
        return True

    async def reopened(  # noqa: B027 - most kinds count nothing
        self, session: AsyncSession, matter: Matter, now: dt.datetime
    ) -> None:
        """Remember that it was opened again, where a kind counts that."""

    async def taken_back(  # noqa: B027 - most kinds show nobody else anything
        self, session: AsyncSession, matters: Sequence[int]
    ) -> None:
        """Erase what others read of it too: the resident took their words back."""

    @abstractmethod
    async def closed(self, session: AsyncSession, matters: Sequence[int]) -> None:
        """Erase what was kept for the time the matters were open, such as a number to call."""

    @abstractmethod
    async def erase(self, session: AsyncSession, matters: Sequence[int]) -> None:
        """Erase what the feature keeps of these matters."""
