"""现场质询: a clerk writes down what was asked in the room, and the answer if there was one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from domain.disclosures import shown
from domain.disclosures.inquiries import RULES, Asked, ask
from domain.disclosures.shown import Wanted, newest
from domain.disclosures.tables import Disclosure, Inquiry, InquiryKind
from domain.matters import timeline
from domain.matters.clock import Clock
from domain.matters.errors import KeyReusedError
from domain.matters.tables import LONGEST_WORDS, Matter, Outcome
from domain.matters.timeline import Act, Answer, Written
from domain.staff.actor import EDITING, SERVING
from web.matters.actions import written_of
from web.site.answers import FieldError, InvalidError, Redirect
from web.site.device_key import FormKey
from web.site.errors import found_or_404
from web.site.forms import number
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community
    from web.site.forms import Form
    from web.site.pages import Page
    from web.staff.access import StaffVisit

WRITING = SERVING | EDITING
# The code is shown to the person who wrote it down for as long as the day can last.
SHOWN = dt.timedelta(hours=12)
LONGEST_NAME = 20


@dataclass(frozen=True)
class TypedOnSite:
    """What the form says, right or not."""

    words: str = ""
    disclosure: str = ""
    asker: str = ""
    answer: str = ""

    @classmethod
    def of(cls, form: Form) -> TypedOnSite:
        """What was typed."""
        return cls(
            words=form.given("words"),
            disclosure=form.text("disclosure", 12),
            asker=form.text("asker", LONGEST_NAME),
            answer=form.given("answer").strip(),
        )


@dataclass(frozen=True, kw_only=True)
class WriteDown(StaffPage):
    """The form of what was asked in the room."""

    template: ClassVar[str] = "disclosures/staff/on_site.html"
    tab: ClassVar[str] = "matters"
    place: Community
    disclosures: list[Disclosure]
    answered_by: dt.date | None
    typed: TypedOnSite
    key: str
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class WrittenDown(StaffPage):
    """What to tell the asker: the code, and by when an answer is owed."""

    template: ClassVar[str] = "disclosures/staff/written_down.html"
    tab: ClassVar[str] = "matters"
    place: Community
    matter: Matter


async def new(visit: StaffVisit, session: AsyncSession) -> Page:
    """The empty form."""
    return await _page(visit, session, TypedOnSite())


async def _page(
    visit: StaffVisit, session: AsyncSession, typed: TypedOnSite, trouble: str = ""
) -> WriteDown:
    due = Clock(RULES[InquiryKind.ON_SITE].answer, visit.today).due(visit.published.calendar)
    return WriteDown(
        actor=visit.actor,
        place=visit.place,
        disclosures=await newest(session, visit.place, Wanted()),
        answered_by=due.day,
        typed=typed,
        # The same key again, so that a form sent twice is one inquiry.
        key=FormKey.of(visit.form).key,
        trouble=trouble,
    )


async def enter(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Begin the inquiry; the same form sent again leads to the same one."""
    typed = TypedOnSite.of(visit.form)
    try:
        matter = await _begun(visit, session, typed)
    except FieldError as error:
        raise InvalidError(await _page(visit, session, typed, error.field)) from None
    except KeyReusedError:
        raise InvalidError(await _page(visit, session, typed, "sent-other")) from None
    return Redirect(f"/staff/c/{visit.place.slug}/inquiries/{matter.id}/code")


async def _begun(visit: StaffVisit, session: AsyncSession, typed: TypedOnSite) -> Matter:
    chosen = number(typed.disclosure)
    about = None if chosen is None else await shown.one(session, visit.place, chosen)
    if about is None:
        raise FieldError("disclosure")
    if len(typed.answer) > LONGEST_WORDS:
        raise FieldError("long")
    act = Act(session, visit.published.calendar, visit.now)
    asked = Asked(
        community_id=visit.place.id,
        kind=InquiryKind.ON_SITE,
        disclosure=about,
        asker=typed.asker,
        written_by=visit.actor.staff_id,
    )
    matter, is_new = await ask(act, asked, written_of(visit.form))
    if is_new and typed.answer and visit.actor.staff_id is not None:
        given = Answer(Outcome.DONE, Written(typed.answer))
        timeline.answer(act, matter, visit.actor.staff_id, given)
    return matter


async def code(visit: StaffVisit, session: AsyncSession) -> Page:
    """What to tell the asker. Only who wrote it down sees it, and only for `SHOWN`."""
    matter: Matter | None = await session.scalar(
        select(Matter)
        .join(Inquiry, Inquiry.matter_id == Matter.id)
        .where(
            Matter.id == int(visit.params["inquiry"]),
            Matter.community_id == visit.place.id,
            Matter.began_at > visit.now - SHOWN,
            Matter.erased_at.is_(None),
            Inquiry.written_by == visit.actor.staff_id,
        )
    )
    return WrittenDown(actor=visit.actor, place=visit.place, matter=found_or_404(matter))
