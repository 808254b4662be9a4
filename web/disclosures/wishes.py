"""申请增加公开事项: what residents ask to have published, and who supports it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from domain.disclosures import wishes
from domain.disclosures.duties import catalogue_of
from domain.disclosures.wishes import LONGEST_TITLE, LONGEST_WHY, AnsweredError, NotShownError
from web.matters.actions import count_message
from web.site.answers import FieldError, InvalidError, Redirect, TooOftenError
from web.site.device_key import FormKey
from web.site.errors import found_or_404
from web.site.pages import Page

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.wishes import Thresholds, WishRow
    from web.site.answers import Refusals
    from web.site.visits import ResidentVisit

ASKING: Refusals = {TooOftenError: ("often", HTTPStatus.TOO_MANY_REQUESTS)}
SUPPORTING: Refusals = {
    NotShownError: ("not-shown", HTTPStatus.CONFLICT),
    AnsweredError: ("answered", HTTPStatus.CONFLICT),
    TooOftenError: ("often-here", HTTPStatus.TOO_MANY_REQUESTS),
}


@dataclass(frozen=True, kw_only=True)
class Wishes(Page):
    """申请增加公开事项, all that are shown and the device's own."""

    template: ClassVar[str] = "disclosures/wishes.html"
    tab: ClassVar[str] = "disclosures"
    rows: list[WishRow]
    # How many must support one; None while that is not known.
    thresholds: Thresholds | None


@dataclass(frozen=True, kw_only=True)
class AskForm(Page):
    """The form. `similar` are wishes, and `known` items of the catalogue, that may be the same."""

    template: ClassVar[str] = "disclosures/ask.html"
    tab: ClassVar[str] = "disclosures"
    title_words: str = ""
    why: str = ""
    key: str
    similar: tuple[WishRow, ...] = ()
    known: tuple[str, ...] = ()
    # Whether the person saw what is similar, and asks all the same.
    is_seen: bool = False
    # Why nothing was sent; empty at first.
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class WishPage(Page):
    """One wish, with how many support it and how many must."""

    template: ClassVar[str] = "disclosures/wish.html"
    tab: ClassVar[str] = "disclosures"
    row: WishRow
    # Of the form to support it.
    key: str
    trouble: str = ""


async def index(visit: ResidentVisit) -> Page:
    """The wishes of this community."""
    community = await visit.community()
    async with visit.services.store.read() as session:
        return Wishes(
            community=community,
            rows=await wishes.shown_wishes(session, community, visit.device),
            thresholds=await wishes.thresholds_for(session, community),
        )


async def form(visit: ResidentVisit) -> Page:
    """The form for a wish."""
    return AskForm(community=await visit.community(), key=FormKey.new().key)


async def form_again(visit: ResidentVisit, trouble: str) -> AskForm:
    """The form with what was typed, and why nothing was sent."""
    return AskForm(
        community=await visit.community(),
        title_words=visit.form.text("title", LONGEST_TITLE),
        why=visit.form.given("why"),
        key=FormKey.of(visit.form).key,
        is_seen=visit.form.text("seen") == "yes",
        trouble=trouble,
    )


async def before_asking(visit: ResidentVisit) -> None:
    """Check the words, show what is similar once, and count. Raises `TooOftenError`."""
    if not visit.form.text("title") or not visit.form.given("why").strip():
        raise FieldError("missing")
    if len(visit.form.given("why")) > LONGEST_WHY:
        raise FieldError("long")
    if visit.form.text("seen") != "yes":
        await _show_similar(visit)
    count_message(visit, visit.form.text("request"))


async def _show_similar(visit: ResidentVisit) -> None:
    """Raises `InvalidError` with the form, where something is similar."""
    community, title = await visit.community(), visit.form.text("title", LONGEST_TITLE)
    async with visit.services.store.read() as session:
        rows = await wishes.shown_wishes(session, community)
        catalogue = await catalogue_of(session, community.settlement)
    titles = wishes.similar(title, (row.wish.public_title for row in rows))
    known = wishes.similar(title, (item.name for item in catalogue.items))
    if titles or known:
        again = await form_again(visit, "")
        page = AskForm(
            **{
                **vars(again),
                "similar": tuple(row for row in rows if row.wish.public_title in titles),
                "known": tuple(known),
                "is_seen": True,
            }
        )
        raise InvalidError(page)


async def ask(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Ask for something to be added; the same form sent again leads to the same wish."""
    community = await visit.community()
    wish = await wishes.ask(
        session,
        community,
        FormKey.of(visit.form).request_key,
        visit.own_device,
        visit.form.text("title", LONGEST_TITLE),
        visit.form.given("why").strip(),
        visit.now,
    )
    return Redirect(f"/c/{community.slug}/disclosures/wishes/{wish.id}")


async def show(visit: ResidentVisit) -> Page:
    """One wish. Raises 404 for what is not shown, unless it is this device's own."""
    return await _page(visit, "")


async def _page(visit: ResidentVisit, trouble: str) -> WishPage:
    community = await visit.community()
    async with visit.services.store.read() as session:
        wish_id = int(visit.params["wish"])
        row = found_or_404(await wishes.wish_row(session, community, wish_id, visit.device))
    return WishPage(community=community, row=row, key=FormKey.new().key, trouble=trouble)


async def show_again(visit: ResidentVisit, trouble: str) -> WishPage:
    """The same after a refusal."""
    return await _page(visit, trouble)


async def before_supporting(visit: ResidentVisit) -> None:
    """Count the supporters of this wish from this address. Raises `TooOftenError`."""
    wait = visit.wait_at_address(visit.services.supports_by_address, visit.params["wish"])
    if wait:
        raise TooOftenError(wait)


async def support(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Support a wish; twice is once."""
    community = await visit.community()
    wish = found_or_404(await wishes.locked(session, community, int(visit.params["wish"])))
    await wishes.support(session, community, wish, visit.own_device, visit.now)
    return Redirect(f"/c/{community.slug}/disclosures/wishes/{wish.id}")
