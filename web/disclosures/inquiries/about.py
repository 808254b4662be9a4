"""An inquiry on the page of its matter: what is public of it, and what its asker can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.disclosures import applications, moderation
from domain.disclosures.applications import correction_asked_by
from domain.disclosures.errors import NothingToDisputeError
from domain.disclosures.inquiries import INQUIRY, RULES, disclosure_of, line_of
from domain.disclosures.moderation import may_dispute, moderate_by, words_asked
from domain.disclosures.tables import Disclosure, Inquiry
from domain.events import record
from domain.matters import rounds, timeline
from domain.matters.clock import PeriodKind
from domain.matters.errors import NotOwedError, RunsError
from domain.matters.happened import MatterChanged
from domain.matters.holders import expect, may_handle
from web.matters.actions import own_matter, reopen_matter, written_of
from web.matters.matter import is_of_device
from web.matters.refusals import ACTING, CONFLICT
from web.site.answers import FieldError, Redirect
from web.site.device_key import FormKey
from web.site.pages import Card
from web.site.visits import ResidentVisit
from web.staff.access import StaffVisit

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.content import LedgerLine
    from domain.matters.ladder import Ladder
    from domain.matters.tables import Matter
    from domain.matters.timeline import Act
    from web.site.answers import Refusals
    from web.site.visit import Visit

NOT_NOW = ("not-now", CONFLICT)
ASKING: Refusals = {
    **ACTING,
    NothingToDisputeError: NOT_NOW,
    RunsError: NOT_NOW,
    NotOwedError: NOT_NOW,
}


@dataclass(frozen=True, kw_only=True)
class InquiryAbout(Card):
    """For the asker: what is public, why it is not or says something else, and what comes next."""

    template: ClassVar[str] = "disclosures/_inquiry_about.html"
    inquiry: Inquiry
    disclosure: Disclosure | None
    # The line as it is published now; None where it is gone, or there is none.
    line: LedgerLine | None
    path: str
    # By when the office decides whether it is shown; None while it need not.
    decided_by: dt.date | None
    is_own: bool
    may_dispute: bool
    # Whether a corrected application is waited for.
    is_to_correct: bool
    # Whether its asker can say if the answer answered it, and have it opened again if not.
    is_to_judge: bool
    may_reopen: bool
    key: str


@dataclass(frozen=True, kw_only=True)
class InquiryAboutForHandlers(Card):
    """For the people who answer: what is public beside the original, and the clock's choices."""

    template: ClassVar[str] = "disclosures/_inquiry_about_for_handlers.html"
    inquiry: Inquiry
    disclosure: Disclosure | None
    line: LedgerLine | None
    path: str
    # What can be done about the clock, for who has the matter now.
    may_ask_correction: bool
    correction_asked_by: dt.date | None
    may_ask_others: bool
    is_asking_others: bool
    may_extend: bool
    source: str


async def about(visit: Visit, session: AsyncSession, matter: Matter) -> Card:
    """What the resident's page says of it."""
    inquiry = await session.get_one(Inquiry, matter.id)
    disclosure = await disclosure_of(session, inquiry)
    _, slug = visit.place_of(None, matter.community_id)
    device = visit.device if isinstance(visit, ResidentVisit) else None
    waits = inquiry.waits_since
    decided_by = moderate_by(visit.local(waits), visit.published.calendar) if waits else None
    is_answered = bool(inquiry.answered_at) and matter.owed_since is None
    return InquiryAbout(
        community=await visit.published.community(slug, session),
        inquiry=inquiry,
        disclosure=disclosure,
        line=await line_of(session, disclosure, inquiry.line) if inquiry.line else None,
        path=matter.path,
        decided_by=decided_by,
        is_own=await is_of_device(session, matter.id, device),
        may_dispute=may_dispute(inquiry, await words_asked(session, matter.id)),
        is_to_correct=_waits_for_asker(inquiry, matter),
        is_to_judge=is_answered and inquiry.is_answered is None,
        may_reopen=await INQUIRY.may_reopen(session, matter),
        key=FormKey.new().key,
    )


def _waits_for_asker(inquiry: Inquiry, matter: Matter) -> bool:
    is_owed = matter.owed_since is not None
    return is_owed and inquiry.correct_by is not None and inquiry.corrected_at is None


async def about_for_handlers(visit: Visit, session: AsyncSession, matter: Matter) -> Card:
    """What the page of who answers says of it."""
    inquiry = await session.get_one(Inquiry, matter.id)
    disclosure = await disclosure_of(session, inquiry)
    _, slug = visit.place_of(None, matter.community_id)
    community = await visit.published.community(slug, session)
    is_theirs = isinstance(visit, StaffVisit) and await may_handle(
        session, visit.actor, matter, community
    )
    rule, periods = RULES[inquiry.kind], matter.periods
    may_act = is_theirs and matter.owed_since is not None
    is_paused = bool(periods) and periods[-1].since > visit.today
    last = correction_asked_by(inquiry, visit.published.calendar, visit.now.tzinfo)
    was_extended = any(period.kind is PeriodKind.EXTENDED for period in periods)
    return InquiryAboutForHandlers(
        community=community,
        inquiry=inquiry,
        disclosure=disclosure,
        line=await line_of(session, disclosure, inquiry.line) if inquiry.line else None,
        path=f"/staff/matters/{matter.id}",
        may_ask_correction=may_act and not is_paused and last is not None and visit.today <= last,
        correction_asked_by=last,
        may_ask_others=may_act and not is_paused and rule.others is not None,
        is_asking_others=may_act
        and is_paused
        and len(periods) > 1
        and periods[-2].kind is PeriodKind.WAITING_FOR_OTHERS,
        may_extend=may_act and rule.extension is not None and not was_extended,
        source=rule.answer.source,
    )


async def _own(visit: ResidentVisit, session: AsyncSession) -> tuple[Act, Matter, Ladder, Inquiry]:
    """The device's own inquiry, locked and settled. Raises 404 for another kind of matter."""
    act, matter, ladder = await own_matter(visit, session)
    inquiry = await session.get(Inquiry, matter.id)
    if inquiry is None:
        raise HTTPException(404)
    return act, matter, ladder, inquiry


async def judge(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Say whether the answer answered it. If not, it is opened again, once."""
    act, matter, ladder, inquiry = await _own(visit, session)
    word = visit.form.text("answered")
    if word not in {"yes", "no"} or inquiry.answered_at is None:
        raise FieldError("not-now")
    if word == "yes":
        await _settled(act, matter)
    elif inquiry.reopened_at is None:
        await _open_again(visit, act, matter, ladder)
        inquiry.reopened_at = visit.now
    inquiry.is_answered = word == "yes"
    record(session, MatterChanged(matter.id, visit.now))
    return Redirect(matter.path)


async def _settled(act: Act, matter: Matter) -> None:
    if matter.is_open:
        await rounds.close(act, matter)


async def _open_again(visit: ResidentVisit, act: Act, matter: Matter, ladder: Ladder) -> None:
    """The same matter with a new date: what is missing is asked for."""
    written = written_of(visit.form)
    if matter.is_open:
        await timeline.say(act, matter, written)
        expect(act, matter, ladder)
    else:
        await reopen_matter(visit, act, matter, ladder, written)


async def dispute(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Object to what a moderator decided; a colleague of theirs decides."""
    act, matter, _, inquiry = await _own(visit, session)
    await moderation.dispute(act, matter, inquiry, written_of(visit.form))
    return Redirect(matter.path)


async def correct(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Send the corrected application: the clock begins with it."""
    act, matter, ladder, inquiry = await _own(visit, session)
    await applications.correct(act, matter, inquiry, written_of(visit.form))
    expect(act, matter, ladder)
    return Redirect(matter.path)
