"""The terminal's start page, as its check-in shows it: the tiles, with what is true now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from web.offline.bundle import revision_of
from web.queue.offers import Numbers, numbers_of, offered
from web.site.hall_device import DevicePage

if TYPE_CHECKING:
    from domain.devices.tables import Device
    from domain.handbook.tables import Category
    from domain.hours import HallState
    from domain.places.tables import Community
    from web.running.services import Services
    from web.site.visit import Visit


@dataclass(frozen=True, kw_only=True)
class TerminalStart(DevicePage):
    """业务查询机: where everybody begins."""

    template: ClassVar[str] = "terminal/_start.html"
    device: Device
    hall: HallState
    # Whether numbers are given while the hall is open by the clock.
    numbers: Numbers
    # People waiting for all categories.
    waiting: int
    categories: tuple[Category, ...]
    # What the terminal's kept copy is to be a copy of.
    copy_of: str


async def start_of(
    services: Services, visit: Visit, community: Community, device: Device, state: HallState
) -> DevicePage:
    """The start page."""
    async with services.store.read() as session:
        queue, offers = await offered(session, services, visit, community.hall)
    return TerminalStart(
        community=community,
        every=15,
        is_idle=not state.is_open,
        device=device,
        hall=state,
        numbers=numbers_of(queue, offers),
        waiting=len(queue.waiting),
        categories=visit.published.handbook.categories,
        copy_of=f"{revision_of(visit, services.assets)}.{visit.today}",
    )
