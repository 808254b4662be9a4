"""差评回访 and 好差评: what the office owes to who was not satisfied, and what people say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.queue.figures import courses, stays_of
from domain.ratings import call_backs
from domain.ratings.call_backs import AnsweredAlreadyError
from domain.ratings.figures import HallResults, results_of
from domain.ratings.tables import CallBack, RatingLevel
from domain.staff.actor import EDITING
from web.site.answers import InvalidError, Redirect
from web.site.errors import found_or_404
from web.staff.access import StaffPage
from web.staff.places import communities_for

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community
    from domain.queue.figures import Course
    from web.site.pages import Page
    from web.staff.access import StaffVisit

LONGEST_ANSWER = 500
# Answered call-backs on the list; older ones are found through the log.
SHOWN_DONE = 20


@dataclass(frozen=True)
class CallBackRow:
    """A call-back on the list."""

    id: int
    number: str
    day: dt.date
    level: RatingLevel
    fix_by: dt.date
    is_late: bool
    done_on: dt.date | None


@dataclass(frozen=True, kw_only=True)
class CallBacks(StaffPage):
    """差评回访: who waits for an answer, and until when."""

    template: ClassVar[str] = "ratings/call_backs.html"
    tab: ClassVar[str] = "places"
    place: Community
    still_open: list[CallBackRow]
    done: list[CallBackRow]


@dataclass(frozen=True, kw_only=True)
class CallBackPage(StaffPage):
    """One call-back: what was said, how the visit went, and the answer."""

    template: ClassVar[str] = "ratings/call_back.html"
    tab: ClassVar[str] = "places"
    place: Community
    owed: CallBackRow
    call_back: CallBack
    items: list[str]
    # How the visit went.
    course: Course
    attempts: list[dt.datetime]
    # What was typed.
    answer: str
    # Why it was not taken: `missing`, `answered`; empty before.
    wrong: str


@dataclass(frozen=True, kw_only=True)
class RatingResults(StaffPage):
    """好差评: what people said, by month and by item."""

    template: ClassVar[str] = "ratings/results.html"
    tab: ClassVar[str] = "places"
    place: Community
    results: HallResults
    # Of items, by slug.
    names: dict[str, str]
    levels: tuple[RatingLevel, ...] = tuple(RatingLevel)


async def find(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Where a message about a call-back leads: to its page, below its community."""
    call_back = await session.get(CallBack, int(visit.params["call_back"]))
    slugs = {community.id: community.slug for community in communities_for(visit, EDITING)}
    if call_back is None or call_back.community_id not in slugs:
        raise HTTPException(404)
    return Redirect(f"/staff/c/{slugs[call_back.community_id]}/call-backs/{call_back.id}")


async def index(visit: StaffVisit, session: AsyncSession) -> Page:
    """The call-backs of a community's hall."""
    here = [visit.place.id]
    still_open = await call_backs.call_backs(session, here, is_done=False)
    done = await call_backs.call_backs(session, here, is_done=True, most=SHOWN_DONE)
    return CallBacks(
        actor=visit.actor,
        place=visit.place,
        still_open=[_row(visit, call_back) for call_back in still_open],
        done=[_row(visit, call_back) for call_back in done],
    )


def _row(visit: StaffVisit, call_back: CallBack) -> CallBackRow:
    rating = call_back.rating
    return CallBackRow(
        id=call_back.id,
        number=rating.ticket.label,
        day=rating.given_on,
        level=rating.level,
        fix_by=call_back.fix_by,
        is_late=(call_back.done_on or visit.today) > call_back.fix_by,
        done_on=call_back.done_on,
    )


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """One call-back."""
    return await _page(visit, session, await _asked(visit, session))


async def _asked(visit: StaffVisit, session: AsyncSession) -> CallBack:
    """The call-back in the address, if it is of this community."""
    number = int(visit.params["call_back"])
    return found_or_404(await call_backs.call_back_in(session, number, visit.place.id))


async def _page(
    visit: StaffVisit, session: AsyncSession, call_back: CallBack, wrong: str = ""
) -> CallBackPage:
    ticket = call_back.rating.ticket
    stays = await stays_of(session, ticket.day_id, ticket.id)
    attempts = await call_backs.attempts_of(session, call_back.id)
    known = visit.published.handbook.ever
    return CallBackPage(
        actor=visit.actor,
        place=visit.place,
        owed=_row(visit, call_back),
        call_back=call_back,
        items=[known[each].name for each in ticket.items if each in known],
        course=courses(stays)[0],
        attempts=[visit.local(each.at) for each in attempts],
        answer=visit.form.given("answer").strip()[:LONGEST_ANSWER],
        wrong=wrong,
    )


async def try_again(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Note a call that nobody answered."""
    call_back = await _asked(visit, session)
    try:
        await call_backs.tried(session, visit.actor, call_back, visit.now)
    except AnsweredAlreadyError:
        raise InvalidError(await _page(visit, session, call_back, "answered")) from None
    return Redirect(_path(visit, call_back))


async def answer(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """What was done about it, for the person who rated."""
    call_back = await _asked(visit, session)
    words = visit.form.given("answer").strip()[:LONGEST_ANSWER]
    if not words:
        raise InvalidError(await _page(visit, session, call_back, "missing"))
    try:
        await call_backs.answer(session, visit.actor, call_back, words, visit.now)
    except AnsweredAlreadyError:
        raise InvalidError(await _page(visit, session, call_back, "answered")) from None
    return Redirect(_path(visit, call_back))


def _path(visit: StaffVisit, call_back: CallBack) -> str:
    return f"/staff/c/{visit.place.slug}/call-backs/{call_back.id}"


async def results(visit: StaffVisit, session: AsyncSession) -> Page:
    """What people said of this hall."""
    place, known = visit.place, visit.published.handbook.ever
    return RatingResults(
        actor=visit.actor,
        place=place,
        results=await results_of(session, place.hall.id, visit.today),
        names={slug: each.name for slug, each in known.items()},
    )
