"""Wishes at the office: shown or held back, supporters on paper, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.disclosures import wishes
from domain.disclosures.wishes import (
    LONGEST_ANSWER,
    LONGEST_TITLE,
    LONGEST_WHY,
    AnsweredError,
    NotShownError,
    PersonalDataError,
)
from web.site.answers import InvalidError, Redirect
from web.site.errors import found_or_404
from web.site.forms import number
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.personal_data import Found
    from domain.disclosures.tables import CatalogueWish
    from domain.disclosures.wishes import WishRow
    from domain.places.tables import Community
    from web.site.pages import Page
    from web.staff.access import StaffVisit

LONGEST_REASON = 200
# More names than any list of one community holds.
MOST_NAMES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class WishDesk(StaffPage):
    """Every wish of a community, those that wait first."""

    template: ClassVar[str] = "disclosures/wish_desk.html"
    tab: ClassVar[str] = "places"
    place: Community
    waiting: list[WishRow]
    others: list[WishRow]


@dataclass(frozen=True, kw_only=True)
class WishAtDesk(StaffPage):
    """One wish: what was asked, what the public reads, and what can be done."""

    template: ClassVar[str] = "disclosures/wish_at_desk.html"
    tab: ClassVar[str] = "places"
    place: Community
    row: WishRow
    title_words: str
    why: str
    answer: str
    # What is wrong; empty at first.
    trouble: str = ""
    found: Sequence[Found] = ()


async def index(visit: StaffVisit, session: AsyncSession) -> Page:
    """Every wish of the community."""
    rows = await wishes.every_wish(session, visit.place)
    return WishDesk(
        actor=visit.actor,
        place=visit.place,
        waiting=[row for row in rows if row.wish.moderated_at is None][::-1],
        others=[row for row in rows if row.wish.moderated_at is not None],
    )


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """One wish."""
    return await _page(visit, session)


async def _page(
    visit: StaffVisit, session: AsyncSession, trouble: str = "", found: Sequence[Found] = ()
) -> WishAtDesk:
    found_row = await wishes.office_row(session, visit.place, int(visit.params["wish"]))
    row = found_or_404(found_row)
    wish, form = row.wish, visit.form
    return WishAtDesk(
        actor=visit.actor,
        place=visit.place,
        row=row,
        title_words=form.text("title", LONGEST_TITLE) or wish.public_title or wish.title,
        why=form.given("why") or wish.public_why or wish.why,
        answer=form.given("answer") or wish.answered,
        trouble=trouble,
        found=found,
    )


async def _wish(visit: StaffVisit, session: AsyncSession) -> CatalogueWish:
    """The wish in the address, locked. Raises 404 for one of another community."""
    return found_or_404(await wishes.locked(session, visit.place, int(visit.params["wish"])))


def _done(visit: StaffVisit) -> Redirect:
    return Redirect(f"/staff/c/{visit.place.slug}/disclosures/wishes/{visit.params['wish']}")


async def let_show(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Show the public these words. Refused while they hold personal data."""
    wish = await _wish(visit, session)
    title = visit.form.text("title", LONGEST_TITLE)
    why = visit.form.given("why").strip()
    if not title or not why or len(why) > LONGEST_WHY:
        raise InvalidError(await _page(visit, session, "missing"))
    try:
        await wishes.show(session, visit.actor, visit.place, wish, title, why, visit.now)
    except PersonalDataError as error:
        raise InvalidError(await _page(visit, session, "personal", error.found)) from None
    return _done(visit)


async def hold_back(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Do not show it, with a reason that its resident reads."""
    wish = await _wish(visit, session)
    reason = visit.form.text("reason", LONGEST_REASON)
    if not reason:
        raise InvalidError(await _page(visit, session, "reason"))
    await wishes.hold_back(session, visit.actor, wish, reason, visit.now)
    return _done(visit)


async def enter_paper(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """How many signed on paper, and where the list is."""
    wish = await _wish(visit, session)
    residents = number(visit.form.text("residents") or "0")
    representatives = number(visit.form.text("representatives") or "0")
    where = visit.form.text("where", LONGEST_REASON)
    if residents is None or representatives is None or not where:
        raise InvalidError(await _page(visit, session, "paper"))
    if max(residents, representatives) > MOST_NAMES:
        raise InvalidError(await _page(visit, session, "paper"))
    try:
        await wishes.enter_paper(
            session,
            visit.actor,
            visit.place,
            wish,
            residents,
            representatives,
            where,
            visit.now,
        )
    except AnsweredError:
        raise InvalidError(await _page(visit, session, "answered")) from None
    return _done(visit)


async def answer(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Answer in public."""
    wish = await _wish(visit, session)
    words = visit.form.given("answer").strip()
    if not words or len(words) > LONGEST_ANSWER:
        raise InvalidError(await _page(visit, session, "answer"))
    try:
        await wishes.answer(session, visit.actor, wish, words, visit.now)
    except NotShownError:
        raise InvalidError(await _page(visit, session, "not-shown")) from None
    except PersonalDataError as error:
        raise InvalidError(await _page(visit, session, "personal", error.found)) from None
    return _done(visit)
