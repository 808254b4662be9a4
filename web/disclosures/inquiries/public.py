"""What everyone reads of inquiries: those of a community, and one of them."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from domain.disclosures.errors import (
    AnsweredAlreadyError,
    NotPublicError,
    TooManySupportersError,
)
from domain.disclosures.inquiries import line_of, support, supported_by
from domain.disclosures.inquiries_shown import PAGE, Reader
from domain.disclosures.tables import Inquiry
from web.matters.matter import is_of_device
from web.site.answers import Redirect, TooOftenError
from web.site.device_key import FormKey
from web.site.errors import found_or_404
from web.site.forms import number
from web.site.pages import Page

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.content import LedgerLine
    from domain.disclosures.inquiries_shown import PublicInquiry
    from web.site.answers import Refusals
    from web.site.visits import ResidentVisit

LONGEST = 40
REFUSED: Refusals = {
    AnsweredAlreadyError: ("answered", HTTPStatus.CONFLICT),
    NotPublicError: ("answered", HTTPStatus.CONFLICT),
    TooManySupportersError: ("full", HTTPStatus.TOO_MANY_REQUESTS),
    TooOftenError: ("often", HTTPStatus.TOO_MANY_REQUESTS),
}


@dataclass(frozen=True, kw_only=True)
class InquiriesPage(Page):
    """质询 of a community."""

    template: ClassVar[str] = "disclosures/inquiries.html"
    tab: ClassVar[str] = "disclosures"
    asks: ClassVar[tuple[str, ...]] = ("q", "before")
    open_ones: list[PublicInquiry]
    answered: list[PublicInquiry]
    # The id of the last answered one shown, when there are older ones.
    last: int | None
    held_back: int
    words: str
    is_first: bool


@dataclass(frozen=True, kw_only=True)
class InquiryPage(Page):
    """One inquiry with its answers, at an address of its own."""

    template: ClassVar[str] = "disclosures/inquiry.html"
    tab: ClassVar[str] = "disclosures"
    public: PublicInquiry
    # The line as it is published now; None where it is gone, or there is none.
    line: LedgerLine | None
    # Whether this device asked it, or wants to know it too.
    is_own: bool
    is_supported: bool
    key: str
    # Why nothing was done; empty at first.
    trouble: str = ""


async def show(visit: ResidentVisit) -> Page:
    """What is owed an answer, the first due first; then what was answered, the newest first."""
    community = await visit.community()
    words = visit.query.get("q", "").strip()[:LONGEST]
    before = number(visit.query.get("before", ""))
    async with visit.services.store.read() as session:
        reader = _reader(visit, session)
        answered = await reader.answered_in(community.id, before, words)
        return InquiriesPage(
            community=community,
            open_ones=[] if before else await reader.open_in(community.id, words),
            answered=answered[:PAGE],
            last=answered[PAGE - 1].id if len(answered) > PAGE else None,
            held_back=await reader.held_back_in(community.id),
            words=words,
            is_first=not before,
        )


def _reader(visit: ResidentVisit, session: AsyncSession) -> Reader:
    return Reader(session, visit.published.calendar, visit.now)


async def one(visit: ResidentVisit) -> Page:
    """One of them."""
    return await one_again(visit, "")


async def one_again(visit: ResidentVisit, trouble: str) -> Page:
    """The same, with the reason why nothing was done."""
    community, inquiry_id = await visit.community(), int(visit.params["inquiry"])
    async with visit.services.store.read() as session:
        public = found_or_404(await _reader(visit, session).one(community.id, inquiry_id))
        line = public.inquiry.line
        return InquiryPage(
            community=community,
            public=public,
            line=await line_of(session, public.disclosure, line) if line else None,
            is_own=await is_of_device(session, inquiry_id, visit.device),
            is_supported=bool(await supported_by(session, visit.device, [inquiry_id])),
            key=FormKey.new().key,
            trouble=trouble,
        )


async def want_to_know(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """我也想知道: tell this device of the answer."""
    community = await visit.community()
    inquiry = await session.get(Inquiry, int(visit.params["inquiry"]))
    if inquiry is None or inquiry.community_id != community.id:
        return found_or_404(None)
    await support(session, inquiry, visit.own_device, visit.now)
    return Redirect(f"/c/{community.slug}/inquiries/{inquiry.matter_id}")
