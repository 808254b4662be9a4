"""A matter in a list: in those of a device, of who answers, and of a community."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.matters.timeline import how_late

if TYPE_CHECKING:
    import datetime as dt

    from domain.matters.clock import Lateness
    from domain.matters.tables import Matter
    from web.site.visit import Visit


# Made of what `domain.matters.inbox.LISTED` reads. Not taken: the view of a matter's page for each,
# which reads everything that was said.
@dataclass(frozen=True)
class MatterRow:
    """A matter in a list. `subject` is empty where its content is not the reader's."""

    id: int
    address: str
    subject: str
    place: str
    # None while no answer is owed.
    due_on: dt.date | None
    lateness: Lateness | None
    # Working days that are left until the date; 0 on the last.
    days_left: int
    is_open: bool
    # Since when it has waited, aware local time.
    since: dt.datetime
    # How many more wrote about the same thing.
    joined: int
    level: str
    # Of who has it now; empty for an office, and where the list names nobody.
    holder: str


def row_of(
    visit: Visit, matter: Matter, address: str, *, joined: int = 0, holder: str = ""
) -> MatterRow:
    """The row of a matter that leads to this address."""
    late, days_left = how_late(visit, matter.due_on)
    return MatterRow(
        id=matter.id,
        address=address,
        subject=matter.subject,
        place=visit.place_of(None, matter.community_id)[0],
        due_on=matter.due_on,
        lateness=late,
        days_left=days_left,
        is_open=matter.is_open,
        since=visit.local(matter.owed_since or matter.held_since),
        joined=joined,
        level=matter.level.value,
        holder=holder,
    )
