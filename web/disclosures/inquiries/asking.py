"""提出质询: a resident asks about a disclosure, or about one line of its ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from domain.contacts.caution import Caution, cautions_of
from domain.contacts.limits import LimitedError, limit_of, refuse_limited
from domain.disclosures import shown
from domain.disclosures.errors import (
    LineGoneError,
    NotOpenForObjectionsError,
    TooManyAskedError,
)
from domain.disclosures.inquiries import RULES, Asked, ask, line_of, supported_by
from domain.disclosures.inquiries_shown import Reader
from domain.disclosures.objections import objections_until
from domain.disclosures.tables import Disclosure, InquiryKind
from domain.matters.clock import Clock
from domain.matters.errors import KeyReusedError
from web.matters.actions import act_of, may_write, written_of
from web.site.answers import FieldError, InvalidError, Redirect, TooOftenError
from web.site.device_key import FormKey
from web.site.errors import found_or_404
from web.site.pages import Page

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.content import LedgerLine
    from domain.disclosures.inquiries_shown import PublicInquiry
    from domain.places.tables import Community
    from web.site.answers import Refusals
    from web.site.forms import Form
    from web.site.visits import ResidentVisit

REFUSED: Refusals = {
    KeyReusedError: ("sent-other", HTTPStatus.CONFLICT),
    LimitedError: ("limited", HTTPStatus.FORBIDDEN),
    TooOftenError: ("often", HTTPStatus.TOO_MANY_REQUESTS),
    TooManyAskedError: ("many", HTTPStatus.TOO_MANY_REQUESTS),
    NotOpenForObjectionsError: ("objections-over", HTTPStatus.CONFLICT),
    LineGoneError: ("line-gone", HTTPStatus.CONFLICT),
}
# Similar inquiries that the form shows before it is sent.
MOST_ALIKE = 5
LONGEST_NAME = 20


@dataclass(frozen=True)
class Typed:
    """What the form of an inquiry says, right or not."""

    words: str = ""
    kind: str = InquiryKind.QUESTION.value
    line: str = ""
    asker: str = ""

    @classmethod
    def of(cls, form: Form) -> Typed:
        """What was typed."""
        return cls(
            words=form.given("words"),
            kind=form.text("kind", 20),
            line=form.text("line", 12),
            asker=form.text("asker", LONGEST_NAME),
        )


@dataclass(frozen=True)
class KindOffered:
    """A kind that can be chosen: by when it is answered, and until when it can be."""

    kind: InquiryKind
    answered_by: dt.date | None
    # The last day of the 公示期, for an objection.
    until: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class AskPage(Page):
    """The form of an inquiry. Without a disclosure it is an application for information."""

    template: ClassVar[str] = "disclosures/inquire.html"
    tab: ClassVar[str] = "disclosures"
    asks: ClassVar[tuple[str, ...]] = ("line",)
    disclosure: Disclosure | None
    # The line that it is pinned to; None for the whole, also where the line is gone.
    line: LedgerLine | None
    kinds: list[KindOffered]
    typed: Typed
    key: str
    alike: list[PublicInquiry]
    # Those of them that this device wants to know too.
    supported: set[int]
    # Whether the person saw what is alike, and where help is, and sends it all the same.
    is_confirmed: bool
    cautions: tuple[Caution, ...] = ()
    # Why nothing was sent; empty at first.
    trouble: str = ""
    # Until when the office limited this device.
    limited_until: dt.datetime | None = None


async def show(visit: ResidentVisit) -> Page:
    """The form, with the line that the way here named."""
    return await _page(visit, Typed(line=visit.query.get("line", "")[:12]))


async def show_application(visit: ResidentVisit) -> Page:
    """The form of an application for what was never published."""
    return await _page(visit, Typed(kind=InquiryKind.APPLICATION.value))


async def show_again(visit: ResidentVisit, trouble: str) -> AskPage:
    """The form with what was typed, and why nothing was sent."""
    return await _page(visit, Typed.of(visit.form), trouble)


async def _page(visit: ResidentVisit, typed: Typed, trouble: str = "") -> AskPage:
    community = await visit.community()
    is_confirmed = visit.form.text("confirmed") == "yes"
    async with visit.services.store.read() as session:
        disclosure = await _disclosure(visit, session, community)
        alike = await _alike(visit, session, disclosure, typed)
        limit = await limit_of(session, visit.device or "", community.id, visit.now)
        return AskPage(
            community=community,
            disclosure=disclosure,
            line=await line_of(session, disclosure, typed.line),
            kinds=await _kinds(visit, session, disclosure),
            typed=typed,
            # The same key again, so that a form sent twice after a lost answer is one inquiry.
            key=FormKey.of(visit.form).key,
            alike=alike,
            supported=await supported_by(session, visit.device, [each.id for each in alike]),
            is_confirmed=is_confirmed,
            trouble=trouble,
            limited_until=visit.local(limit.until) if limit else None,
        )


async def _disclosure(
    visit: ResidentVisit, session: AsyncSession, community: Community
) -> Disclosure | None:
    """The disclosure in the address; None where it names none. Raises 404 for one not shown."""
    if "disclosure" not in visit.params:
        return None
    found = await shown.one(session, community, int(visit.params["disclosure"]))
    return found_or_404(found)


async def _alike(
    visit: ResidentVisit, session: AsyncSession, disclosure: Disclosure | None, typed: Typed
) -> list[PublicInquiry]:
    """What others asked about the same: of the same line first, then by words."""
    if disclosure is None:
        return []
    reader = Reader(session, visit.published.calendar, visit.now)
    found = await reader.like(disclosure, typed.line or None, typed.words)
    return found[:MOST_ALIKE]


async def _kinds(
    visit: ResidentVisit, session: AsyncSession, disclosure: Disclosure | None
) -> list[KindOffered]:
    """The kinds that are possible now, each with the date of its answer."""
    application = _offered(visit, InquiryKind.APPLICATION)
    if disclosure is None:
        return [application]
    calendar = visit.published.calendar
    until = await objections_until(session, disclosure, calendar, visit.now.tzinfo)
    kinds = [_offered(visit, InquiryKind.QUESTION)]
    if until is not None and visit.today <= until:
        kinds.append(replace(_offered(visit, InquiryKind.OBJECTION), until=until))
    return [*kinds, application]


def _offered(visit: ResidentVisit, kind: InquiryKind) -> KindOffered:
    due = Clock(RULES[kind].answer, visit.today).due(visit.published.calendar)
    return KindOffered(kind, due.day)


async def before_sending(visit: ResidentVisit) -> None:
    """Show what comes first, and count the inquiry. Raises `TooOftenError`."""
    words = written_of(visit.form).words
    if visit.form.text("confirmed") != "yes":
        page, cautions = await show_again(visit, ""), cautions_of(words)
        if cautions or page.alike:
            raise InvalidError(replace(page, cautions=cautions))
    await may_write(visit)


async def send(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Begin an inquiry; the same form sent again leads to the same one."""
    community = await visit.community()
    typed, kind = Typed.of(visit.form), _kind(visit)
    # Objections and applications are rights: a limit on messages takes neither away.
    if kind is InquiryKind.QUESTION:
        await refuse_limited(session, visit.own_device, community.id, visit.now)
    asked = Asked(
        community_id=community.id,
        kind=kind,
        disclosure=await _disclosure(visit, session, community),
        line=typed.line or None,
        asker=typed.asker,
        device=visit.own_device,
    )
    matter, _ = await ask(act_of(visit, session), asked, written_of(visit.form))
    return Redirect(matter.path)


def _kind(visit: ResidentVisit) -> InquiryKind:
    """The kind that was chosen. Raises `FieldError` for none that a resident can choose."""
    if "disclosure" not in visit.params:
        return InquiryKind.APPLICATION
    word = visit.form.text("kind", 20)
    if word not in set(InquiryKind) - {InquiryKind.ON_SITE}:
        raise FieldError("kind")
    return InquiryKind(word)
