"""申请增加公开事项: what residents ask to have published, who supports it, and when it is owed.

A device supports once. What was asked is kept as it was written; the public reads the office's copy
once the office has shown it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from domain.disclosures.catalogue import thresholds_of
from domain.disclosures.duties import catalogue_of
from domain.disclosures.personal_data import found_in
from domain.disclosures.tables import CatalogueWish, WishSupporter
from domain.errors import LianxinError
from domain.revision import touch_content
from domain.staff.journal import note

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.personal_data import Found
    from domain.places.tables import Community
    from domain.staff.actor import Actor

# Wishes that are read for a list, and for what is similar.
MOST = 200
# How much two titles must share to be called similar: of their pairs of characters, this part.
ALIKE = 0.3
MOST_SIMILAR = 3
LONGEST_TITLE, LONGEST_WHY, LONGEST_ANSWER = 80, 1000, 1000


class NotShownError(LianxinError):
    """It is not shown to the public, so nobody can support it."""


class PersonalDataError(LianxinError):
    """The words that the public would read hold personal data; `found` says where."""

    def __init__(self, found: Sequence[Found]) -> None:
        super().__init__(str(len(found)))
        self.found = found


class AnsweredError(LianxinError):
    """It is owed or answered already, so its supporters do not change any more."""


@dataclass(frozen=True)
class Thresholds:
    """How many must support a wish: of the residents, or of their representatives."""

    residents: int
    representatives: int
    source: str


@dataclass(frozen=True)
class WishRow:
    """A wish, with how many devices support it."""

    wish: CatalogueWish
    devices: int
    thresholds: Thresholds | None
    # Whether the device that looks supports it.
    is_mine: bool = False

    @property
    def supporters(self) -> int:
        """Devices, and residents on paper."""
        return self.devices + self.wish.on_paper

    @property
    def is_reached(self) -> bool:
        """Whether enough support it now."""
        known = self.thresholds
        return known is not None and (
            self.supporters >= known.residents or self.wish.representatives >= known.representatives
        )


async def thresholds_for(session: AsyncSession, community: Community) -> Thresholds | None:
    """How many must support a wish here; None while nobody entered the rule or the numbers."""
    rule = (await catalogue_of(session, community.settlement)).wishes
    counted = community.electorate
    if rule is None or counted is None:
        return None
    residents, representatives = thresholds_of(rule, counted.residents, counted.representatives)
    return Thresholds(residents, representatives, rule.source)


def _of(wish: CatalogueWish, now: Thresholds | None) -> Thresholds | None:
    """The thresholds of a wish: those of the day it was asked, or, unknown then, those of now."""
    if wish.threshold is None or wish.representatives_threshold is None:
        return now
    return Thresholds(wish.threshold, wish.representatives_threshold, wish.source)


async def ask(  # noqa: PLR0913, PLR0917 - what a form says, and whose it is
    session: AsyncSession,
    community: Community,
    form_key: str,
    device: str,
    title: str,
    why: str,
    now: dt.datetime,
) -> CatalogueWish:
    """A new wish, which its device supports; the same form sent again is the same wish."""
    kept: CatalogueWish | None = await session.scalar(
        select(CatalogueWish).where(CatalogueWish.form_key == form_key)
    )
    if kept is not None:
        return kept
    known = await thresholds_for(session, community)
    wish = CatalogueWish(
        community_id=community.id,
        form_key=form_key,
        title=title,
        why=why,
        asked_at=now,
        threshold=known.residents if known else None,
        representatives_threshold=known.representatives if known else None,
        source=known.source if known else "",
    )
    session.add(wish)
    await session.flush()
    session.add(WishSupporter(wish_id=wish.id, device=device, since=now))
    return wish


async def support(
    session: AsyncSession, community: Community, wish: CatalogueWish, device: str, now: dt.datetime
) -> None:
    """Support a wish, once for each device. Raises `NotShownError`, `AnsweredError`."""
    if not wish.is_shown:
        raise NotShownError
    if wish.answered_at is not None:
        raise AnsweredError
    if await session.get(WishSupporter, (wish.id, device)) is not None:
        return
    try:
        async with session.begin_nested():
            session.add(WishSupporter(wish_id=wish.id, device=device, since=now))
    except IntegrityError:
        # The same device twice at once, where several processes write.
        return
    await see_whether_reached(session, community, wish, now)


async def see_whether_reached(
    session: AsyncSession, community: Community, wish: CatalogueWish, now: dt.datetime
) -> None:
    """Let a shown wish be owed from now on if enough support it. It stays so for ever."""
    row = (await _rows(session, [wish], await thresholds_for(session, community)))[0]
    if wish.reached_at is not None or not wish.is_shown or not row.is_reached:
        return
    wish.reached_at = now
    if row.thresholds:
        wish.threshold = row.thresholds.residents
        wish.representatives_threshold = row.thresholds.representatives
        wish.source = row.thresholds.source
    # It stands in the calendar now, which is a cached page.
    await touch_content(session)


async def locked(session: AsyncSession, community: Community, wish_id: int) -> CatalogueWish | None:
    """A wish of this community, locked to be changed; None for no such wish."""
    found: CatalogueWish | None = await session.scalar(
        select(CatalogueWish)
        .where(CatalogueWish.id == wish_id, CatalogueWish.community_id == community.id)
        .with_for_update()
    )
    return found


async def office_row(session: AsyncSession, community: Community, wish_id: int) -> WishRow | None:
    """A wish of this community as the office sees it; None for no such wish."""
    wish = await session.get(CatalogueWish, wish_id)
    if wish is None or wish.community_id != community.id:
        return None
    [row] = await _rows(session, [wish], await thresholds_for(session, community))
    return row


async def shown_wishes(
    session: AsyncSession, community: Community, device: str | None = None
) -> list[WishRow]:
    """The wishes that the public sees, and this device's own, the newest first."""
    mine = select(WishSupporter.wish_id).where(WishSupporter.device == (device or ""))
    found = await session.scalars(
        select(CatalogueWish)
        .where(
            CatalogueWish.community_id == community.id,
            or_(CatalogueWish.is_shown, CatalogueWish.id.in_(mine)),
        )
        .order_by(CatalogueWish.id.desc())
        .limit(MOST)
    )
    return await _rows(session, list(found), await thresholds_for(session, community), device)


async def every_wish(session: AsyncSession, community: Community) -> list[WishRow]:
    """Every wish for the office, the newest first."""
    found = await session.scalars(
        select(CatalogueWish)
        .where(CatalogueWish.community_id == community.id)
        .order_by(CatalogueWish.id.desc())
        .limit(MOST)
    )
    return await _rows(session, list(found), await thresholds_for(session, community))


async def wish_row(
    session: AsyncSession, community: Community, wish_id: int, device: str | None
) -> WishRow | None:
    """A wish as this device may see it: shown, or its own. None for all others."""
    wish = await session.get(CatalogueWish, wish_id)
    if wish is None or wish.community_id != community.id:
        return None
    [row] = await _rows(session, [wish], await thresholds_for(session, community), device)
    return row if wish.is_shown or row.is_mine else None


async def waiting_in(session: AsyncSession, community_ids: Iterable[int]) -> dict[int, int]:
    """How many wishes wait to be looked at by the office, by community."""
    rows = await session.execute(
        select(CatalogueWish.community_id, func.count())
        .where(
            CatalogueWish.community_id.in_(list(community_ids)),
            CatalogueWish.moderated_at.is_(None),
        )
        .group_by(CatalogueWish.community_id)
    )
    return {row[0]: row[1] for row in rows}


async def _rows(
    session: AsyncSession,
    wishes: Sequence[CatalogueWish],
    now: Thresholds | None,
    device: str | None = None,
) -> list[WishRow]:
    ids = [wish.id for wish in wishes]
    counted = await session.execute(
        select(WishSupporter.wish_id, func.count())
        .where(WishSupporter.wish_id.in_(ids))
        .group_by(WishSupporter.wish_id)
    )
    devices = {row[0]: row[1] for row in counted}
    mine: set[int] = set()
    if device is not None:
        own = select(WishSupporter.wish_id).where(
            WishSupporter.wish_id.in_(ids), WishSupporter.device == device
        )
        mine = set(await session.scalars(own))
    return [
        WishRow(wish, devices.get(wish.id, 0), _of(wish, now), wish.id in mine) for wish in wishes
    ]


def similar(title: str, known: Iterable[str]) -> list[str]:
    """The known titles that are most like this one, the likest first; three at most."""
    found = sorted(((_likeness(title, other), other) for other in known), reverse=True)
    return [other for likeness, other in found if likeness >= ALIKE][:MOST_SIMILAR]


def _likeness(one: str, other: str) -> float:
    """Of the pairs of characters of both, the part that they share (Dice)."""
    first, second = _pairs(one), _pairs(other)
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


def _pairs(text: str) -> set[str]:
    plain = "".join(character for character in text.lower() if character.isalnum())
    return {plain[at : at + 2] for at in range(len(plain) - 1)} or {plain} - {""}


async def show(  # noqa: PLR0913, PLR0917 - who shows what
    session: AsyncSession,
    actor: Actor,
    community: Community,
    wish: CatalogueWish,
    title: str,
    why: str,
    now: dt.datetime,
) -> None:
    """Let the public read these words of a wish. What was asked stays for the record.

    Raises `PersonalDataError`.
    """
    if found := [*found_in(title, "title"), *found_in(why, "why")]:
        raise PersonalDataError(found)
    wish.is_shown, wish.public_title, wish.public_why = True, title, why
    wish.held_back_why = ""
    _moderated(wish, actor, now)
    await see_whether_reached(session, community, wish, now)
    await _note(session, actor, "wish-shown", wish, now)


async def hold_back(
    session: AsyncSession, actor: Actor, wish: CatalogueWish, reason: str, now: dt.datetime
) -> None:
    """Do not show a wish to the public; its device reads the reason."""
    wish.is_shown, wish.held_back_why = False, reason
    _moderated(wish, actor, now)
    await _note(session, actor, "wish-held-back", wish, now)


async def enter_paper(  # noqa: PLR0913, PLR0917 - what stands on the list
    session: AsyncSession,
    actor: Actor,
    community: Community,
    wish: CatalogueWish,
    residents: int,
    representatives: int,
    where: str,
    now: dt.datetime,
) -> None:
    """How many support it on paper, and where that list is. Raises `AnsweredError`."""
    if wish.answered_at is not None:
        raise AnsweredError
    wish.on_paper, wish.representatives, wish.paper_note = residents, representatives, where
    await see_whether_reached(session, community, wish, now)
    after = {"residents": residents, "representatives": representatives}
    await _note(session, actor, "wish-paper", wish, now, after)


async def answer(
    session: AsyncSession, actor: Actor, wish: CatalogueWish, words: str, now: dt.datetime
) -> None:
    """Answer a shown wish in public. Raises `NotShownError`, `PersonalDataError`."""
    if found := found_in(words, "answer"):
        raise PersonalDataError(found)
    if not wish.is_shown:
        raise NotShownError
    wish.answered, wish.answered_at = words, now
    await _note(session, actor, "wish-answered", wish, now)


def _moderated(wish: CatalogueWish, actor: Actor, now: dt.datetime) -> None:
    wish.moderated_by, wish.moderated_at = actor.staff_id, now


# The log is never erased, so it holds no word that a resident wrote.
async def _note(  # noqa: PLR0913, PLR0917 - an entry of the log
    session: AsyncSession,
    actor: Actor,
    action: str,
    wish: CatalogueWish,
    now: dt.datetime,
    after: dict[str, int] | None = None,
) -> None:
    await note(
        session,
        actor,
        action,
        f"wish/{wish.id}",
        now=now,
        after=after,
        community_id=wish.community_id,
    )
