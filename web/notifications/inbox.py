"""收件箱: what was sent to a recipient, whether or not it reached their phone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from starlette.responses import JSONResponse

from push.inbox import MOST, messages, unread
from push.messages import worded
from push.publications import titled, titles_of
from push.reading import open_message, page_opened
from push.recipients import is_staff
from web.notifications.recipients import language_of, recipient_of, recipients_at
from web.site.answers import redirect_to
from web.site.errors import found_or_404
from web.site.pages import Page
from web.site.preferences import local_path
from web.site.visits import resident_visit

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.responses import Response

    from push.inbox import Told
    from push.recipients import Recipient
    from web.site.visit import Visit
    from web.site.visits import ResidentVisit

# Messages on 我的.
NEWEST = 5
NO_STORE = {"cache-control": "no-store"}


@dataclass(frozen=True)
class InboxEntry:
    """A message on the page."""

    id: int
    title: str
    body: str
    # Aware local time.
    at: dt.datetime
    is_new: bool
    # Whether what it says is still so.
    is_so: bool


@dataclass(frozen=True, kw_only=True)
class InboxPart(Page):
    """The newest messages, on 我的."""

    template: ClassVar[str] = "notifications/_mine.html"
    entries: tuple[InboxEntry, ...]
    # Whether the device can be sent anything at all.
    has_key: bool


@dataclass(frozen=True, kw_only=True)
class Inbox(Page):
    """收件箱, also without a script."""

    template: ClassVar[str] = "notifications/inbox.html"
    tab: ClassVar[str] = "mine"
    entries: tuple[InboxEntry, ...]


async def inbox_entries(
    session: AsyncSession, recipient: Recipient, visit: Visit, most: int
) -> tuple[InboxEntry, ...]:
    """The newest messages of a recipient in the page's language, the newest first."""
    found = await messages(session, recipient, visit.now, most)
    # The page passes through nobody's hands, so it may say what was published.
    titles = await titles_of(session, (message.facts for message in found))
    return tuple(
        InboxEntry(
            message.id,
            *worded(message.kind, titled(message.facts, titles), language_of(visit)),
            visit.local(message.created_at),
            message.is_new,
            message.is_so,
        )
        for message in found
    )


async def part(visit: ResidentVisit) -> Page:
    """The device's newest messages, for 我的."""
    return InboxPart(entries=await _of_device(visit, NEWEST), has_key=visit.device is not None)


async def show(visit: ResidentVisit) -> Page:
    """All messages of the device."""
    return Inbox(entries=await _of_device(visit, MOST))


async def _of_device(visit: ResidentVisit, most: int) -> tuple[InboxEntry, ...]:
    recipient = recipient_of(visit)
    if recipient is None:
        return ()
    async with visit.services.store.read() as session:
        return await inbox_entries(session, recipient, visit, most)


async def count(request: Request) -> Response:
    """How many messages are new, for the badge and the dot on the tab, and where they lead."""
    whose = await recipients_at(request)
    return _unread(whose, await _new(request, whose))


async def _new(request: Request, whose: Sequence[Recipient]) -> Sequence[Told]:
    services = request.app.state.services
    async with services.store.read() as session:
        return await unread(session, whose, services.now())


def _unread(whose: Sequence[Recipient], new: Sequence[Told]) -> Response:
    answer = {
        "unread": len(new),
        # A notification that leads elsewhere was read, and leaves the tray.
        "pages": sorted({message.leads_to for message in new}),
        # Whether this speaks for the office's messages too.
        "staff": any(map(is_staff, whose)),
    }
    return JSONResponse(answer, headers=NO_STORE)


async def read_one(request: Request) -> Response:
    """Mark a message as read, and lead to its page; 404 for a message of others."""
    visit, whose = await resident_visit(request), await recipients_at(request)
    number = int(visit.params["message"])
    opening = partial(open_message, whose=whose, message_id=number, now=visit.now)
    return redirect_to(found_or_404(await visit.services.store.write(opening)))


async def read_page(request: Request) -> Response:
    """Mark the messages as read that lead to a page which is open in this browser."""
    visit, whose = await resident_visit(request), await recipients_at(request)
    path = local_path(visit.form.text("path"))
    new = await _new(request, whose)
    still = [message for message in new if message.leads_to != path]
    # Every page asks this, and hardly any is one that a message led to.
    if len(still) < len(new):
        await visit.services.store.write(
            partial(page_opened, whose=whose, path=path, now=visit.now)
        )
    return _unread(whose, still)
