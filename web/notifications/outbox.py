"""发送情况: what waits, what was sent, what failed and why; for the operator of the deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from push.outbox import OutboxStatus, failed, outbox_status, retry
from web.site.answers import Redirect
from web.staff.access import StaffPage

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from push.tables import Kind
    from web.site.pages import Page
    from web.staff.access import StaffVisit


@dataclass(frozen=True)
class Failed:
    """A message that did not arrive; neither its recipient nor its text is shown."""

    id: int
    kind: Kind
    service: str
    reason: str
    at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Outbox(StaffPage):
    """发送情况 of today."""

    template: ClassVar[str] = "notifications/outbox.html"
    tab: ClassVar[str] = "today"
    now: OutboxStatus
    failures: tuple[Failed, ...]
    # Result of the last retry: `again`, `not`, or empty.
    done: str


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The outbox now."""
    return Outbox(
        actor=visit.actor,
        now=await outbox_status(session, visit.now),
        failures=tuple(
            Failed(each.id, each.kind, each.service, each.reason, each.created_at)
            for each in await failed(session, visit.now)
        ),
        done=visit.query.get("done", ""),
    )


async def try_again(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Send a failed message once more, if it is still true then."""
    is_again = await retry(session, int(visit.params["row"]), visit.now)
    return Redirect(f"/staff/push?done={'again' if is_again else 'not'}")
