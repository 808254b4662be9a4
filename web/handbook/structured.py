"""schema.org `GovernmentService`, so that search engines and assistants can read a guide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from domain.handbook.tables import ServiceItem
    from domain.places.tables import Community, District


def government_service(
    item: ServiceItem, community: Community, district: District, origin: str
) -> dict[str, Any]:
    """The guide as JSON-LD (https://schema.org/GovernmentService)."""
    guide, hall = item.guide, community.hall
    address = f"{origin}/c/{community.slug}/handbook/{item.slug}"
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
        "inLanguage": "zh-Hans",
        "audience": {"@type": "Audience", "audienceType": guide.audience},
        "areaServed": {"@type": "AdministrativeArea", "name": f"{district.city}{district.name}"},
        "provider": {
            "@type": "GovernmentOffice",
            "name": hall.name,
            "address": f"{district.city}{hall.address}",
            "telephone": hall.phone,
        },
        "serviceOutput": guide.result.what,
        "offers": {"@type": "Offer", "price": str(guide.fee.yuan), "priceCurrency": "CNY"},
        "availableChannel": {
            "@type": "ServiceChannel",
            "serviceLocation": {"@type": "Place", "name": hall.name, "address": hall.address},
            "servicePhone": {"@type": "ContactPoint", "telephone": guide.enquiry_phone},
        },
    }
