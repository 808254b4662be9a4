"""区: the form of the district, shown as the page on which a community is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.papers import kinds
from domain.places.content import Standing
from domain.slugs import place_slug
from domain.words import N_
from web.papers.form.shape import FormSpec
from web.papers.spec import PaperSpec
from web.places.previewed import chosen_from, district_as

if TYPE_CHECKING:
    from domain.papers.paper import Paper
    from web.papers.spec import Preview
    from web.site.pages import Page

LABELS = {
    "DistrictAbout.name": N_("Name of the district"),
    "DistrictAbout.city": N_("City"),
    "DistrictAbout.hotline": N_("Hotline"),
    "DistrictAbout.standing": N_("Sample or real"),
    "DistrictAbout.subdistricts": N_("Subdistricts"),
    "SubdistrictName": N_("Subdistrict"),
    "SubdistrictName.slug": N_("Name in the address"),
    "SubdistrictName.name": N_("What it is called"),
}
HELPS = {
    "DistrictAbout.hotline": N_("A telephone that residents can always call."),
    "DistrictAbout.standing": N_(
        "Once real, no page is marked as a sample, and nobody can practise here. Guides of the "
        "sample keep their mark until an editor publishes them. End the demo accounts under People."
    ),
    "DistrictAbout.subdistricts": N_("One that still has communities cannot be removed."),
}
OPTIONS = ((Standing.REAL, N_("a real district")), (Standing.SAMPLE, N_("a sample")))


async def previewed(draft: Preview) -> Page:
    """The page on which residents choose their community, as it would be."""
    district = district_as(draft.visit.published, draft.document)
    return await chosen_from(draft, district)


def _with_slugs(_paper: Paper, values: dict[str, Any]) -> dict[str, Any]:
    """A new subdistrict gets its name in addresses as a sign spells it."""
    taken = {row["slug"] for row in values["subdistricts"] if row["slug"]}
    rows = [
        row if row["slug"] else {**row, "slug": place_slug(row["name"] or "", taken)}
        for row in values["subdistricts"]
    ]
    return {**values, "subdistricts": rows}


DISTRICT = PaperSpec(
    kind=kinds.DISTRICT,
    name=N_("The district"),
    path="/staff/district",
    fields=FormSpec(
        labels=LABELS, helps=HELPS, options=OPTIONS, hidden=frozenset({"SubdistrictName.slug"})
    ),
    preview=previewed,
    listed_at="/staff/communities",
    listed_as=N_("Communities"),
    completed=_with_slugs,
)
