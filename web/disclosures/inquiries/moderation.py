"""审核质询, for the office: what waits, what was found in it, and what everyone reads then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from domain.disclosures import moderation
from domain.disclosures.errors import NoReasonError, OwnDecisionError, PersonalDataError
from domain.disclosures.inquiries import disclosure_of
from domain.disclosures.moderation import (
    moderate_by,
    waiting_answers,
    waiting_inquiries,
    words_asked,
)
from domain.disclosures.personal_data import found_in
from domain.disclosures.tables import Inquiry, InquiryAnswer
from domain.matters.tables import LONGEST_WORDS, MatterEntry
from domain.staff.accounts import full_names
from web.site.answers import InvalidError, Redirect
from web.site.errors import found_or_404
from web.staff.access import StaffPage

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.personal_data import Found
    from domain.disclosures.tables import Disclosure
    from domain.places.tables import Community
    from web.site.pages import Page
    from web.staff.access import StaffVisit

MOST = 50
LONGEST_REASON = 200


@dataclass(frozen=True)
class WaitingRow:
    """An inquiry, or an answer to it, that waits for a decision."""

    inquiry: Inquiry
    disclosure: Disclosure | None
    decided_by: dt.date | None
    is_late: bool
    is_answer: bool = False


@dataclass(frozen=True, kw_only=True)
class ModerationList(StaffPage):
    template: ClassVar[str] = "disclosures/staff/inquiries.html"
    tab: ClassVar[str] = "places"
    place: Community
    rows: list[WaitingRow]


@dataclass(frozen=True)
class AnswerRow:
    """An answer: as it was written while it waits, else as everyone reads it."""

    answer: InquiryAnswer
    words: str
    found: list[Found]


@dataclass(frozen=True, kw_only=True)
class ModerationPage(StaffPage):
    """One inquiry before its moderator: the original only while it waits."""

    template: ClassVar[str] = "disclosures/staff/inquiry.html"
    tab: ClassVar[str] = "places"
    place: Community
    inquiry: Inquiry
    disclosure: Disclosure | None
    # Empty once it was decided: only who handles the matter reads it then.
    original: str
    found: list[Found]
    moderator: str
    # Whether the next decision is a colleague's: this person made the last one.
    is_own_decision: bool
    decided_by: dt.date | None
    answers: list[AnswerRow]
    typed: str
    why: str = ""
    # Why nothing was done: `personal-data`, `reason`; empty at first.
    trouble: str = ""


async def index(visit: StaffVisit, session: AsyncSession) -> Page:
    """What waits in this community, the longest first."""
    here = [visit.place.id]
    waiting = [
        await _row(visit, session, inquiry)
        for inquiry in await waiting_inquiries(session, here, MOST)
    ]
    answers = [
        replace(await _row(visit, session, inquiry, answer.waits_since), is_answer=True)
        for answer, inquiry in await waiting_answers(session, here, MOST)
    ]
    return ModerationList(actor=visit.actor, place=visit.place, rows=[*waiting, *answers])


async def _row(
    visit: StaffVisit,
    session: AsyncSession,
    inquiry: Inquiry,
    waits_since: dt.datetime | None = None,
) -> WaitingRow:
    decided_by = _decided_by(visit, waits_since or inquiry.waits_since)
    return WaitingRow(
        inquiry=inquiry,
        disclosure=await disclosure_of(session, inquiry),
        decided_by=decided_by,
        is_late=decided_by is not None and decided_by < visit.today,
    )


def _decided_by(visit: StaffVisit, waits_since: dt.datetime | None) -> dt.date | None:
    if waits_since is None:
        return None
    return moderate_by(visit.local(waits_since), visit.published.calendar)


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """One inquiry, with what was found in its words."""
    return await _page(visit, session, await _inquiry(visit, session))


async def _inquiry(visit: StaffVisit, session: AsyncSession) -> Inquiry:
    """The inquiry in the address; 404 for one of another community."""
    found = await session.get(Inquiry, int(visit.params["inquiry"]))
    if found is not None and found.community_id != visit.place.id:
        found = None
    return found_or_404(found)


# Who moderates reads the original for this one decision. Later they see what everyone sees; the
# original is in the matter, for who handles it.
async def _page(
    visit: StaffVisit, session: AsyncSession, inquiry: Inquiry, trouble: str = ""
) -> ModerationPage:
    waits = inquiry.waits_since is not None
    original = await words_asked(session, inquiry.matter_id) if waits else ""
    typed = visit.form.given("words") if trouble else inquiry.public_words or original
    names = await full_names(session, [inquiry.moderated_by])
    return ModerationPage(
        actor=visit.actor,
        place=visit.place,
        inquiry=inquiry,
        disclosure=await disclosure_of(session, inquiry),
        original=original,
        found=found_in(f"{typed}\n{inquiry.asker}"),
        moderator=names.get(inquiry.moderated_by, ""),
        is_own_decision=bool(inquiry.disputed_at) and visit.actor.staff_id == inquiry.moderated_by,
        decided_by=_decided_by(visit, inquiry.waits_since),
        answers=await _answers(session, inquiry),
        typed=typed,
        why=visit.form.text("why", LONGEST_REASON),
        trouble=trouble,
    )


async def _answers(session: AsyncSession, inquiry: Inquiry) -> list[AnswerRow]:
    rows = await session.execute(
        select(InquiryAnswer, MatterEntry.words)
        .join(MatterEntry, MatterEntry.id == InquiryAnswer.entry_id)
        .where(InquiryAnswer.matter_id == inquiry.matter_id)
        .order_by(InquiryAnswer.entry_id)
    )
    return [
        AnswerRow(answer, shown, found_in(shown))
        for answer, words in rows
        if (shown := words if answer.waits_since else answer.public_words)
    ]


async def make_public(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Let everyone read the inquiry in the words of the form."""
    inquiry, form = await _inquiry(visit, session), visit.form
    words, why = form.given("words").strip()[:LONGEST_WORDS], form.text("why", LONGEST_REASON)
    is_checked = form.text("checked") == "yes"
    try:
        await moderation.make_public(
            session, visit.actor, inquiry, words, why, visit.now, is_checked=is_checked
        )
    except (PersonalDataError, NoReasonError, OwnDecisionError) as error:
        raise await _refused(visit, session, inquiry, error) from None
    return _list(visit)


async def hold_back(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Keep the inquiry from the public, with a reason that its asker reads."""
    inquiry, why = await _inquiry(visit, session), visit.form.text("why", LONGEST_REASON)
    try:
        await moderation.hold_back(session, visit.actor, inquiry, why, visit.now)
    except (NoReasonError, OwnDecisionError) as error:
        raise await _refused(visit, session, inquiry, error) from None
    return _list(visit)


TROUBLE = {
    PersonalDataError: "personal-data",
    NoReasonError: "reason",
    OwnDecisionError: "own-decision",
}


async def _refused(
    visit: StaffVisit, session: AsyncSession, inquiry: Inquiry, error: Exception
) -> InvalidError:
    return InvalidError(await _page(visit, session, inquiry, TROUBLE[type(error)]))


async def make_answer_public(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Let everyone read an answer in the words of the form."""
    inquiry = await _inquiry(visit, session)
    answer = await session.get(InquiryAnswer, int(visit.params["entry"]))
    if answer is not None and answer.matter_id != inquiry.matter_id:
        answer = None
    answer = found_or_404(answer)
    words = visit.form.given("words").strip()[:LONGEST_WORDS]
    is_checked = visit.form.text("checked") == "yes"
    try:
        await moderation.make_answer_public(
            session, visit.actor, inquiry, answer, words, visit.now, is_checked=is_checked
        )
    except (PersonalDataError, NoReasonError) as error:
        raise await _refused(visit, session, inquiry, error) from None
    return _list(visit)


def _list(visit: StaffVisit) -> Redirect:
    return Redirect(f"/staff/c/{visit.place.slug}/inquiries")
