"""本页有误: the form, and the address at which a resident reads what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from domain.mistakes import reports
from domain.mistakes.reports import FullError, SentOtherError, Told
from domain.mistakes.tables import LONGEST_PATH, LONGEST_WORDS
from domain.phones import as_kept, is_phone
from web.mistakes.page_named import page_named
from web.site.answers import FieldError, Redirect, TooOftenError
from web.site.device_key import FormKey
from web.site.errors import found_or_404
from web.site.pages import Page

if TYPE_CHECKING:
    from domain.mistakes.tables import MistakeReport
    from web.mistakes.page_named import PageNamed
    from web.site.answers import Refusals
    from web.site.forms import Form
    from web.site.visits import ResidentVisit

REFUSED: Refusals = {
    SentOtherError: ("sent-other", HTTPStatus.CONFLICT),
    FullError: ("full", HTTPStatus.TOO_MANY_REQUESTS),
    TooOftenError: ("often", HTTPStatus.TOO_MANY_REQUESTS),
}


@dataclass(frozen=True, kw_only=True)
class ReportForm(Page):
    """The form, with what was typed and why it was not sent; `trouble` is empty at first."""

    template: ClassVar[str] = "mistakes/new.html"
    asks: ClassVar[tuple[str, ...]] = ("page",)
    about: PageNamed
    words: str = ""
    phone: str = ""
    key: str
    # Days after which it is erased.
    keep: int
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Receipt(Page):
    """收到了: what was said, and what became of it."""

    template: ClassVar[str] = "mistakes/show.html"
    report: MistakeReport
    keep: int


async def new(visit: ResidentVisit) -> Page:
    """The form for the page that the address names."""
    community = await visit.community()
    return ReportForm(
        community=community,
        about=await page_named(visit, community, visit.query.get("page", "")[:LONGEST_PATH]),
        key=FormKey.new().key,
        keep=visit.services.settings.keep_mistakes,
    )


async def show_again(visit: ResidentVisit, trouble: str) -> Page:
    """The form with what was typed, and why nothing was sent."""
    community = await visit.community()
    # What was sent from this form already stays as it is: this is another report.
    key = FormKey.new() if trouble == "sent-other" else FormKey.of(visit.form)
    return ReportForm(
        community=community,
        about=await page_named(visit, community, visit.form.text("page", LONGEST_PATH)),
        words=visit.form.given("words"),
        phone=visit.form.text("phone", 40),
        key=key.key,
        keep=visit.services.settings.keep_mistakes,
        trouble=trouble,
    )


# The page is found and rendered before the unit of work, which holds the store's only writer.
async def send(visit: ResidentVisit) -> Redirect:
    """Keep a report; the same form sent again leads to the same one.

    Raises `FieldError`, `TooOftenError`, `SentOtherError`, `FullError`.
    """
    words, phone = _checked(visit.form)
    _count(visit)
    community = await visit.community()
    about = await page_named(visit, community, visit.form.text("page", LONGEST_PATH))
    told = Told(community.id, about.path, about.title, about.paper, words, phone)
    key = FormKey.of(visit.form).request_key
    report = await visit.services.store.write(
        partial(reports.send, told=told, form_key=key, now=visit.now)
    )
    return Redirect(f"/c/{community.slug}/mistakes/{report.token}")


def _checked(form: Form) -> tuple[str, str]:
    """The words and the telephone number. Raises `FieldError`."""
    words = form.given("words").strip()
    if not words:
        raise FieldError("missing")
    if len(words) > LONGEST_WORDS:
        raise FieldError("long")
    phone = as_kept(form.text("phone", 40))
    if phone and not is_phone(phone):
        raise FieldError("phone")
    return words, phone


def _count(visit: ResidentVisit) -> None:
    """Count the report at this address. Raises `TooOftenError`."""
    limit = visit.services.mistakes_by_address
    if wait := visit.wait_at_address(limit, form=visit.form.text("request")):
        raise TooOftenError(wait)


async def show(visit: ResidentVisit) -> Page:
    """What was said, and what became of it, for anyone with the address."""
    community = await visit.community()
    async with visit.services.store.read() as session:
        found = await reports.report_at(session, community.id, visit.params["token"])
    return Receipt(
        community=community,
        report=found_or_404(found),
        keep=visit.services.settings.keep_mistakes,
    )
