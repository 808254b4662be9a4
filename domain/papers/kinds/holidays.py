"""放假通知 as a document: the days off and the make-up days of one year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from domain.calendar import HolidayNotice, contradictions_of, enter_notice, entered_notice
from domain.papers.paper import Paper, PaperKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content, Contradiction


# Years for which a calendar can hold a notice.
FIRST, LAST = 2004, 2100


class Notice(HolidayNotice):
    """放假通知, with a year that a calendar can hold."""

    year: int = Field(ge=FIRST, le=LAST)


class HolidaysKind(PaperKind):
    """放假通知, the district's; its key is the year."""

    word = "holidays"
    rank = 20
    shape = Notice
    subject = "holidays/{key}"

    async def read(self, session: AsyncSession, paper: Paper) -> Content | None:
        """The notice entered for the year; None when none was. Raises `ValueError` for no year."""
        year = int(paper.key)
        if not FIRST <= year <= LAST:
            raise ValueError(year)
        entered = await entered_notice(session, year)
        return None if entered is None else Notice.model_validate(entered.model_dump())

    async def write(
        self, session: AsyncSession, _paper: Paper, document: Any, _now: dt.datetime
    ) -> None:
        """Enter the notice into the calendar."""
        await enter_notice(session, document)

    async def contradictions(
        self, _session: AsyncSession, _paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """Each day is of the year, named once, and of one sort."""
        return contradictions_of(document)


HOLIDAYS = HolidaysKind()
