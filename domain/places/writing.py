"""From what an office wrote to rows, and back.

Rows that others refer to keep their identity: a counter by its number, a facility by its slug.
Lists of people and partners are replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.places.content import (
    CounterContent,
    FacilityContent,
    HallContent,
    PartnerContent,
    PersonContent,
    Position,
)
from domain.places.tables import (
    Community,
    Counter,
    Facility,
    Hall,
    PartnerOrganization,
    PersonInCharge,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


# The columns of a position that nobody has entered.
UNKNOWN = tuple(Position.model_fields)


def columns_of_hall(content: HallContent) -> dict[str, Any]:
    return {
        "name": content.name,
        "address": content.address,
        "phone": content.phone,
        "access": content.access,
        "step_free": content.step_free,
        "hours": content.hours,
        "zones": content.zones,
        **(content.position.model_dump() if content.position else dict.fromkeys(UNKNOWN)),
    }


def columns_of_facility(content: FacilityContent) -> dict[str, Any]:
    return {**content.model_dump(exclude={"position"}), **content.position.model_dump()}


def people_of(contents: Iterable[PersonContent]) -> list[PersonInCharge]:
    """The rows of the people in charge, ranked in this order."""
    return [PersonInCharge(rank=n, **content.model_dump()) for n, content in enumerate(contents)]


def partners_of(contents: Iterable[PartnerContent]) -> list[PartnerOrganization]:
    """The rows of the partners, ranked in this order."""
    return [
        PartnerOrganization(rank=n, **content.model_dump()) for n, content in enumerate(contents)
    ]


# Counters and facilities are updated in place, because tickets, shifts and codes refer to their
# numbers and slugs; replacing the rows would cut those references.
def put_hall(hall: Hall, content: HallContent) -> None:
    _set(hall, columns_of_hall(content))
    known = {row.number: row for row in hall.counters}
    counters = []
    for wanted in content.counters:
        counter = known.get(wanted.number) or Counter(number=wanted.number)
        _set(counter, wanted.model_dump(exclude={"number"}))
        counters.append(counter)
    hall.counters = counters


def put_facilities(community: Community, contents: Iterable[FacilityContent]) -> None:
    known = {row.slug: row for row in community.facilities}
    facilities = []
    for rank, wanted in enumerate(contents):
        facility = known.get(wanted.slug) or Facility(slug=wanted.slug)
        _set(facility, {**columns_of_facility(wanted), "rank": rank})
        facilities.append(facility)
    community.facilities = facilities


def _set(row: Any, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)


def hall_content(hall: Hall) -> HallContent:
    return HallContent(
        name=hall.name,
        address=hall.address,
        phone=hall.phone,
        position=hall.position,
        access=hall.access,
        step_free=hall.step_free,
        hours=hall.hours,
        zones=hall.zones,
        counters=tuple(
            CounterContent(number=counter.number, name=counter.name, categories=counter.categories)
            for counter in hall.counters
        ),
    )


def facility_content(row: Facility) -> FacilityContent:
    given = _fields(row, FacilityContent, "position", "search_words")
    return FacilityContent(position=row.at, search_words=row.search_words or (), **given)


def person_content(row: PersonInCharge) -> PersonContent:
    return PersonContent(**_fields(row, PersonContent))


def partner_content(row: PartnerOrganization) -> PartnerContent:
    return PartnerContent(**_fields(row, PartnerContent))


def _fields(row: Any, shape: Any, *but: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in shape.model_fields if name not in but}
