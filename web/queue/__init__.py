"""Queue numbers: taking, calling, following, and the hall's day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.queue.search import entries_of
from web.queue import taking
from web.queue.routes import ROUTES, TAKE_OFFLINE
from web.queue.rules_paper import QUEUE
from web.queue.staff_card import on_staff_home
from web.site.feature import Feature, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.tables import Community
    from web.site.visit import Visit


def kept_offline(_visit: Visit, community: Community) -> Iterator[Kept]:
    """What stands in place of the form without a network."""
    yield Kept(TAKE_OFFLINE, taking.without_network, {"community": community.slug})


FEATURE = Feature(
    routes=ROUTES,
    kept_offline=kept_offline,
    found_by_search=entries_of,
    on_staff_home=on_staff_home,
    papers=(QUEUE,),
)
