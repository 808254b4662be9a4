"""schema.org `GovernmentService`, so that search engines and assistants can read a guide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.handbook.guide import Fee, ServiceGuide
    from domain.handbook.tables import ServiceItem
    from domain.places.content import HallHours
    from domain.places.tables import Community, District, Hall

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
# Working days of a week, and the days that the weekend adds.
WEEK, WEEKEND = 5, 2


def government_service(
    item: ServiceItem, community: Community, district: District, origin: str
) -> dict[str, Any]:
    """The guide as JSON-LD (https://schema.org/GovernmentService)."""
    guide, hall = item.guide, community.hall
    address = f"{origin}/c/{community.slug}/handbook/{item.slug}"
    office = {
        "@type": "GovernmentOffice",
        "name": hall.name,
        "address": f"{district.city}{hall.address}",
        "telephone": hall.phone,
    }
    return {
        "@context": "https://schema.org",
        "@type": "GovernmentService",
        "@id": address,
        "url": address,
        "name": guide.name,
        "alternateName": list(guide.everyday_names),
        "description": guide.summary,
        "serviceType": item.category.name,
        "identifier": guide.code,
        "audience": {"@type": "Audience", "audienceType": guide.audience},
        "areaServed": {"@type": "AdministrativeArea", "name": f"{district.city}{district.name}"},
        "provider": office,
        "serviceOperator": office,
        "serviceOutput": {"@type": "Thing", "name": guide.result.what},
        "hoursAvailable": list(_hours(hall.hours)),
        "offers": _offer(guide.fee),
        "availableChannel": list(_channels(guide, hall, f"{origin}/c/{community.slug}")),
    }


def _offer(fee: Fee) -> dict[str, Any]:
    offer = {"@type": "Offer", "price": str(fee.yuan), "priceCurrency": "CNY"}
    # A price alone does not say of what: a year, a card, a page.
    return {**offer, "description": fee.note} if fee.note else offer


def _channels(guide: ServiceGuide, hall: Hall, home: str) -> Iterator[dict[str, Any]]:
    """The counter, and where it is done online."""
    common = {
        "@type": "ServiceChannel",
        "availableLanguage": "zh-Hans",
        "processingTime": _longest(guide.promised_days),
    }
    yield {
        **common,
        "serviceLocation": {"@type": "Place", "name": hall.name, "address": hall.address},
        "servicePhone": {"@type": "ContactPoint", "telephone": guide.enquiry_phone},
    }
    if guide.online:
        address = guide.online.address
        below = address is not None and address.startswith("/")
        url = {"serviceUrl": f"{home}{address}" if below else address} if address else {}
        yield {**common, "name": guide.online.name, **url}


def _longest(working_days: int) -> str:
    """Working days as a duration, which ISO 8601 knows in calendar days only."""
    weekends = -(-working_days // WEEK)
    return f"P{working_days + WEEKEND * weekends}D"


def _hours(hours: HallHours) -> Iterator[dict[str, Any]]:
    for days, periods in (
        (WEEKDAYS, hours.working_day),
        (("Saturday",), hours.saturday),
        (("Sunday",), hours.sunday),
    ):
        for period in periods:
            yield {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": [f"https://schema.org/{day}" for day in days],
                "opens": f"{period.opens:%H:%M}",
                "closes": f"{period.closes:%H:%M}",
            }
