"""确认邮箱: the page behind the link in a letter."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from push import addresses
from web.site.pages import Page

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.site.visits import ResidentVisit


@dataclass(frozen=True, kw_only=True)
class AddressPage(Page):
    """确认邮箱."""

    template: ClassVar[str] = "notifications/address.html"
    # `asked`, `confirmed`, `gone`, `stopping`, `stopped`.
    state: str
    key: str


@dataclass(frozen=True, kw_only=True)
class AddressGone(AddressPage):
    """The same page for a link that is used, too old or unknown."""

    status: ClassVar[int] = HTTPStatus.GONE


async def show(visit: ResidentVisit) -> Page:
    """Asks once more, by a button."""
    # Looking must change nothing: programs of mail servers open every link in a letter.
    return AddressPage(state="asked", key=visit.params["key"])


async def confirm(visit: ResidentVisit, session: AsyncSession) -> Page:
    """The reader of the mailbox says that the address is theirs."""
    key = visit.params["key"]
    if await addresses.confirm(session, key, visit.now):
        return AddressPage(state="confirmed", key=key)
    return AddressGone(state="gone", key=key)


async def show_stopping(visit: ResidentVisit) -> Page:
    """Asks whether no more letters are wanted, by a button."""
    return AddressPage(state="stopping", key=visit.params["key"])


async def stop(visit: ResidentVisit, session: AsyncSession) -> Page:
    """Send no more letters to this mailbox. The same is said of a key that ended before."""
    key = visit.params["key"]
    await addresses.stop(session, key)
    return AddressPage(state="stopped", key=key)
