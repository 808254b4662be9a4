"""报错: sent by anyone, read and closed by who edits the page, erased when old."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from domain.errors import LianxinError
from domain.mistakes.tables import MistakeReport, Outcome
from domain.papers.paper import current_number
from domain.staff.journal import note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.papers.paper import Paper
    from domain.staff.actor import Actor

# Reports about one community: within a day, and open at the same time. Reports sent from many
# addresses must not bury what others say, and no office reads more than this.
MOST_A_DAY, MOST_OPEN = 100, 500
DAY = dt.timedelta(days=1)
# Reports that are read for a list, and closed ones shown below it.
MOST, MOST_CLOSED = 200, 20
BATCH = 200


class FullError(LianxinError):
    """No more reports are taken here for now, see `MOST_A_DAY` and `MOST_OPEN`."""


class SentOtherError(LianxinError):
    """The form was sent before with other words."""


class ClosedError(LianxinError):
    """A colleague closed the report meanwhile."""


@dataclass(frozen=True)
class Told:
    """What a report says: the page, what it is called, its document if it has one, the words."""

    community_id: int
    page: str
    title: str
    paper: Paper | None
    words: str
    phone: str = ""


async def send(session: AsyncSession, told: Told, form_key: str, now: dt.datetime) -> MistakeReport:
    """A new report; the same form sent again is the same report.

    Raises `SentOtherError`, `FullError`.
    """
    kept: MistakeReport | None = await session.scalar(
        select(MistakeReport).where(MistakeReport.form_key == form_key)
    )
    if kept is not None:
        if (kept.page, kept.words) != (told.page, told.words):
            raise SentOtherError
        return kept
    await _refuse_full(session, told.community_id, now)
    subject = told.paper.subject if told.paper else ""
    report = MistakeReport(
        community_id=told.community_id,
        token=secrets.token_urlsafe(16),
        form_key=form_key,
        page=told.page,
        title=told.title,
        paper=subject,
        version=await current_number(session, subject) if subject else 0,
        words=told.words,
        phone=told.phone,
        sent_at=now,
    )
    session.add(report)
    await session.flush()
    return report


async def _refuse_full(session: AsyncSession, community_id: int, now: dt.datetime) -> None:
    """Raises `FullError`."""
    here = select(func.count()).where(MistakeReport.community_id == community_id)
    lately = await session.scalar(here.where(MistakeReport.sent_at > now - DAY))
    still_open = await session.scalar(here.where(MistakeReport.closed_at.is_(None)))
    if (lately or 0) >= MOST_A_DAY or (still_open or 0) >= MOST_OPEN:
        raise FullError


async def report_at(session: AsyncSession, community_id: int, token: str) -> MistakeReport | None:
    """The report with this address; None for none."""
    found: MistakeReport | None = await session.scalar(
        select(MistakeReport).where(
            MistakeReport.token == token, MistakeReport.community_id == community_id
        )
    )
    return found


async def open_reports(session: AsyncSession, community_ids: Iterable[int]) -> list[MistakeReport]:
    """What is open in these communities, the oldest first; `MOST` at most."""
    found = await session.scalars(
        select(MistakeReport)
        .where(
            MistakeReport.community_id.in_(list(community_ids)), MistakeReport.closed_at.is_(None)
        )
        .order_by(MistakeReport.id)
        .limit(MOST)
    )
    return list(found)


async def closed_reports(
    session: AsyncSession, community_ids: Iterable[int]
) -> list[MistakeReport]:
    """What was closed in these communities, the last closed first; `MOST_CLOSED` at most."""
    found = await session.scalars(
        select(MistakeReport)
        .where(
            MistakeReport.community_id.in_(list(community_ids)),
            MistakeReport.closed_at.is_not(None),
        )
        .order_by(MistakeReport.closed_at.desc(), MistakeReport.id.desc())
        .limit(MOST_CLOSED)
    )
    return list(found)


async def count_open(session: AsyncSession, community_ids: Iterable[int]) -> int:
    """How many reports are open in these communities."""
    count = await session.scalar(
        select(func.count()).where(
            MistakeReport.community_id.in_(list(community_ids)), MistakeReport.closed_at.is_(None)
        )
    )
    return count or 0


async def locked(session: AsyncSession, community_id: int, report_id: int) -> MistakeReport | None:
    """A report of this community, locked to be closed; None for no such report."""
    found: MistakeReport | None = await session.scalar(
        select(MistakeReport)
        .where(MistakeReport.id == report_id, MistakeReport.community_id == community_id)
        .with_for_update()
    )
    return found


# The log is never erased, so it holds no word that a resident wrote.
async def close(  # noqa: PLR0913, PLR0917 - who closes what, how, and when
    session: AsyncSession,
    actor: Actor,
    report: MistakeReport,
    outcome: Outcome,
    answer: str,
    now: dt.datetime,
) -> None:
    """Close a report. Its number is for asking back, and goes. Raises `ClosedError`."""
    if not report.is_open:
        raise ClosedError
    report.outcome, report.answer, report.phone = outcome, answer, ""
    report.closed_at, report.closed_by = now, actor.staff_id
    await note(
        session,
        actor,
        "mistake-corrected" if outcome is Outcome.CORRECTED else "mistake-set-aside",
        f"mistake/{report.id}",
        now=now,
        after={"page": report.page},
        community_id=report.community_id,
    )


async def erase_old(session: AsyncSession, sent_before: dt.datetime) -> int:
    """Erase what was sent before, open or not, `BATCH` at most; returns how many it were."""
    old = list(
        await session.scalars(
            select(MistakeReport.id)
            .where(MistakeReport.sent_at < sent_before)
            .order_by(MistakeReport.sent_at)
            .limit(BATCH)
        )
    )
    await session.execute(delete(MistakeReport).where(MistakeReport.id.in_(old)))
    return len(old)
