"""公示栏: which sheets hang on a community's boards, which must come down, which go up again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from domain.disclosures.errors import NotShownError
from domain.disclosures.tables import BoardPosting, Disclosure, DisclosureState
from domain.revision import touch_content
from domain.staff.journal import note

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor

# 山东省村务公开 asks for five days, or that it hangs again; as data of the rule it stands here.
FEWEST_DAYS = 5
# For how long a sheet that hung too briefly is asked for again.
ASKED_FOR = dt.timedelta(days=30)
# Postings on a page.
MOST = 200


class BoardState(StrEnum):
    """张贴状态: what is to be done with a sheet, the most urgent first."""

    # Its last day is over, or what it says was corrected, withdrawn or erased.
    COMES_DOWN = "comes-down"
    # It hung for less than `FEWEST_DAYS`.
    GOES_UP_AGAIN = "goes-up-again"
    HANGS = "hangs"
    DONE = "done"


@dataclass(frozen=True)
class Posted:
    """A posting with the disclosure that hangs there."""

    posting: BoardPosting
    disclosure: Disclosure
    state: BoardState


@dataclass(frozen=True)
class Sheet:
    """What the office says of a sheet that it hung. Days are local; `until` is the last one."""

    place: str
    since: dt.date
    until: dt.date
    form_key: str
    photo: bytes | None = None


async def post(  # noqa: PLR0913, PLR0917 - who hung what where
    session: AsyncSession,
    actor: Actor,
    disclosure: Disclosure,
    community_id: int,
    sheet: Sheet,
    now: dt.datetime,
) -> BoardPosting:
    """Note that a sheet hangs; a form sent twice is one posting. Raises `NotShownError`."""
    kept: BoardPosting | None = await session.scalar(
        select(BoardPosting).where(BoardPosting.form_key == sheet.form_key)
    )
    if kept is not None:
        return kept
    if disclosure.state is not DisclosureState.PUBLISHED or actor.staff_id is None:
        raise NotShownError
    posting = BoardPosting(
        disclosure_id=disclosure.id,
        community_id=community_id,
        number=disclosure.number,
        posted_by=actor.staff_id,
        noted_at=now,
        **vars(sheet),
    )
    session.add(posting)
    await session.flush()
    await _note(session, actor, "sheet-posted", posting, now)
    return posting


async def take_down(
    session: AsyncSession, actor: Actor, posting: BoardPosting, day: dt.date, now: dt.datetime
) -> None:
    """Note that it came down on this day; again changes nothing."""
    if posting.taken_down_on is not None:
        return
    posting.taken_down_on = max(day, posting.since)
    await _note(session, actor, "sheet-taken-down", posting, now)


async def _note(
    session: AsyncSession, actor: Actor, action: str, posting: BoardPosting, now: dt.datetime
) -> None:
    await note(
        session,
        actor,
        action,
        f"disclosure/{posting.disclosure_id}",
        now=now,
        after={"place": posting.place, "since": str(posting.since), "until": str(posting.until)},
        community_id=posting.community_id,
    )
    await touch_content(session)


async def postings_of(
    session: AsyncSession, disclosure: Disclosure, community_id: int
) -> Sequence[BoardPosting]:
    """Where a disclosure hangs and hung in a community, the latest first."""
    found = await session.scalars(
        select(BoardPosting)
        .where(
            BoardPosting.disclosure_id == disclosure.id, BoardPosting.community_id == community_id
        )
        .order_by(BoardPosting.since.desc(), BoardPosting.id.desc())
        .limit(MOST)
    )
    return found.all()


async def posting_of(
    session: AsyncSession, community_id: int, posting_id: int
) -> BoardPosting | None:
    """A posting on a community's board; None for any other."""
    found: BoardPosting | None = await session.scalar(
        select(BoardPosting).where(
            BoardPosting.id == posting_id, BoardPosting.community_id == community_id
        )
    )
    return found


async def on_boards(
    session: AsyncSession, community_ids: Iterable[int], today: dt.date
) -> list[Posted]:
    """Sheets on the boards of these communities, and those that came down lately.

    What is to be done comes first, then the day on which a sheet comes down.
    """
    rows = await session.execute(
        select(BoardPosting, Disclosure)
        .join(Disclosure, Disclosure.id == BoardPosting.disclosure_id)
        .where(
            BoardPosting.community_id.in_(community_ids),
            or_(
                BoardPosting.taken_down_on.is_(None),
                BoardPosting.taken_down_on >= today - ASKED_FOR,
            ),
        )
        .order_by(BoardPosting.until, BoardPosting.id)
        .limit(MOST)
    )
    found = [(row[0], row[1]) for row in rows]
    days = _days_by_disclosure([posting for posting, _ in found], today)
    posted = [
        Posted(posting, disclosure, _state(posting, disclosure, days, today))
        for posting, disclosure in found
    ]
    return sorted(posted, key=lambda each: list(BoardState).index(each.state))


def _days_by_disclosure(
    postings: Iterable[BoardPosting], today: dt.date
) -> dict[tuple[int, int], tuple[set[dt.date], bool, int]]:
    """For each community and disclosure: its days on boards, whether it hangs, its last posting."""
    found: dict[tuple[int, int], tuple[set[dt.date], bool, int]] = {}
    for posting in postings:
        key = (posting.community_id, posting.disclosure_id)
        days, hangs, last = found.get(key, (set(), False, 0))
        end = posting.taken_down_on or min(posting.until, today)
        count = min((end - posting.since).days + 1, FEWEST_DAYS)
        days |= {posting.since + dt.timedelta(days=n) for n in range(count)}
        found[key] = days, hangs or posting.taken_down_on is None, max(last, posting.id)
    return found


def _state(
    posting: BoardPosting,
    disclosure: Disclosure,
    all_days: dict[tuple[int, int], tuple[set[dt.date], bool, int]],
    today: dt.date,
) -> BoardState:
    is_true = disclosure.state is DisclosureState.PUBLISHED and disclosure.number == posting.number
    if posting.taken_down_on is None:
        return BoardState.HANGS if is_true and today <= posting.until else BoardState.COMES_DOWN
    days, hangs, last = all_days[posting.community_id, posting.disclosure_id]
    is_short = len(days) < FEWEST_DAYS and not hangs and posting.id == last
    if is_short and disclosure.state is DisclosureState.PUBLISHED:
        return BoardState.GOES_UP_AGAIN
    return BoardState.DONE


async def with_photo(session: AsyncSession, postings: Iterable[BoardPosting]) -> set[int]:
    """The ids of those with a photograph, without reading any."""
    ids = [posting.id for posting in postings]
    found = await session.scalars(
        select(BoardPosting.id).where(BoardPosting.id.in_(ids), BoardPosting.photo.is_not(None))
    )
    return set(found)
