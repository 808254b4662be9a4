"""A community's facilities, people, partners and hall, its map and its codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.places.search import entries_of
from domain.words import N_
from web.places import pages
from web.places.about_paper import ABOUT
from web.places.compounds_paper import COMPOUNDS_PAPER
from web.places.district_paper import DISTRICT
from web.places.facilities_paper import FACILITIES
from web.places.first_steps import first_steps, first_steps_here
from web.places.hall_paper import HALL
from web.places.partners_paper import PARTNERS
from web.places.people_paper import PEOPLE
from web.places.place_paper import PLACE
from web.places.printed import printed_codes
from web.places.routes import ROUTES
from web.site.feature import Feature, Kept
from web.site.home_row import HomeRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.tables import Community
    from web.site.visit import Visit

PAGES = {
    "facilities": pages.facilities,
    "people": pages.people,
    "partners": pages.partners,
    "brand": pages.brand,
    "hall": pages.hall,
}


def kept_offline(_visit: Visit, community: Community) -> Iterator[Kept]:
    """Every page about the community itself."""
    for name, view in PAGES.items():
        yield Kept(f"/c/{{community}}/{name}", view, {"community": community.slug})


def in_sitemap(_visit: Visit, slug: str) -> Iterator[str]:
    """Every page about the community itself."""
    for name in PAGES:
        yield f"/c/{slug}/{name}"


def on_community_home(community: Community) -> Iterator[HomeRow]:
    """The hall, what the community has, and its posters."""
    here = f"/c/{community.slug}"
    yield HomeRow(10, f"{here}/hall", N_("The service hall"), N_("Hours, counters, the way there"))
    if places := len(community.facilities):
        note = N_("%(count)s places, with a map")
        yield HomeRow(20, f"{here}/facilities", N_("Facilities"), note, places)
    if community.partners:
        note = N_("Who is responsible for what")
        yield HomeRow(30, f"{here}/partners", N_("Partners"), note)
    note = N_("For the gate, the doors and the hall")
    yield HomeRow(50, f"{here}/posters", N_("Posters with QR codes"), note)


FEATURE = Feature(
    routes=ROUTES,
    kept_offline=kept_offline,
    in_sitemap=in_sitemap,
    found_by_search=entries_of,
    on_community_home=on_community_home,
    first_steps=first_steps,
    first_steps_here=first_steps_here,
    printed_codes=printed_codes,
    papers=(DISTRICT, PLACE, HALL, PEOPLE, COMPOUNDS_PAPER, FACILITIES, PARTNERS, ABOUT),
)
