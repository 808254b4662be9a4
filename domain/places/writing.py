"""From what an office wrote to rows, and from rows to what it wrote.

Rows that other rows may point to keep their identity: a counter by its number, a facility
by its slug. People and partners are lists, written anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.places.content import (
    CounterContent,
    FacilityContent,
    HallContent,
    PartnerContent,
    PersonContent,
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


def columns_of_hall(content: HallContent) -> dict[str, Any]:
    """The columns of a hall."""
    return {
        "name": content.name,
        "address": content.address,
        "phone": content.phone,
        "step_free": content.step_free,
        "hours": content.hours,
        "zones": content.zones,
        **content.position.model_dump(),
    }


def columns_of_facility(content: FacilityContent) -> dict[str, Any]:
    """The columns of a facility."""
    return {**content.model_dump(exclude={"position"}), **content.position.model_dump()}


def people_of(contents: Iterable[PersonContent]) -> list[PersonInCharge]:
    """The people in charge, in order."""
    return [PersonInCharge(rank=n, **content.model_dump()) for n, content in enumerate(contents)]


def partners_of(contents: Iterable[PartnerContent]) -> list[PartnerOrganization]:
    """The partners, in order."""
    return [
        PartnerOrganization(rank=n, **content.model_dump()) for n, content in enumerate(contents)
    ]


def put_hall(hall: Hall, content: HallContent) -> None:
    """Let the hall say this."""
    _set(hall, columns_of_hall(content))
    known = {row.number: row for row in hall.counters}
    counters = []
    for wanted in content.counters:
        counter = known.get(wanted.number) or Counter(number=wanted.number)
        _set(counter, wanted.model_dump(exclude={"number"}))
        counters.append(counter)
    hall.counters = counters


def put_facilities(community: Community, contents: Iterable[FacilityContent]) -> None:
    """Let the community have these facilities."""
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
    """What the hall says, as its office wrote it."""
    return HallContent(
        name=hall.name,
        address=hall.address,
        phone=hall.phone,
        position=hall.at,
        step_free=hall.step_free,
        hours=hall.hours,
        zones=hall.zones,
        counters=tuple(
            CounterContent(number=counter.number, name=counter.name, categories=counter.categories)
            for counter in hall.counters
        ),
    )


def facility_content(row: Facility) -> FacilityContent:
    """One facility, as its office wrote it."""
    return FacilityContent(position=row.at, **_fields(row, FacilityContent, "position"))


def person_content(row: PersonInCharge) -> PersonContent:
    """One person in charge, as the office wrote it."""
    return PersonContent(**_fields(row, PersonContent))


def partner_content(row: PartnerOrganization) -> PartnerContent:
    """One partner, as the office wrote it."""
    return PartnerContent(**_fields(row, PartnerContent))


def _fields(row: Any, shape: Any, *but: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in shape.model_fields if name not in but}
