"""The district as it would be: what previews of its places are made of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.orm.attributes import set_committed_value

from domain.places.content import Standing
from domain.places.tables import Community, District, Subdistrict
from web.places import pages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.places.content import CommunityPlace, DistrictAbout
    from domain.published import Published
    from web.papers.spec import Preview
    from web.site.pages import Page


async def chosen_from(draft: Preview, district: District) -> Page:
    """The page on which residents choose their community, with this district."""
    visit = draft.visit
    published = replace(visit.published, district=district)
    return await pages.choose(replace(visit.elsewhere("/communities", {}), published=published))


def district_as(published: Published, about: DistrictAbout) -> District:
    """The published district with other names and subdistricts."""
    own = {each.slug: each.communities for each in published.district.subdistricts}
    subdistricts = [
        _subdistrict(each.slug, each.name, own.get(each.slug, ())) for each in about.subdistricts
    ]
    return _district(
        published.district,
        subdistricts,
        name=about.name,
        city=about.city,
        hotline=about.hotline,
        is_sample=about.standing is Standing.SAMPLE,
    )


def district_with(published: Published, slug: str, place: CommunityPlace) -> District:
    """The published district with one community renamed, moved or new."""
    before = next((each for each in published.communities if each.slug == slug), None)
    community = Community(slug=slug, name=place.name)
    set_committed_value(community, "hall", before.hall if before else None)
    set_committed_value(community, "compounds_ever", before.compounds_ever if before else [])
    subdistricts = []
    for each in published.district.subdistricts:
        others = [one for one in each.communities if one.slug != slug]
        is_here = each.slug == place.subdistrict and place.ended is None
        here = [community] if is_here else []
        subdistricts.append(_subdistrict(each.slug, each.name, [*others, *here]))
    return _district(published.district, subdistricts)


# All visits share the published rows. Through the attributes, SQLAlchemy would move them from their
# own subdistrict into the copy.
def _subdistrict(slug: str, name: str, communities: Iterable[Community]) -> Subdistrict:
    copy = Subdistrict(slug=slug, name=name)
    set_committed_value(copy, "communities", list(communities))
    return copy


def _district(before: District, subdistricts: list[Subdistrict], **instead: object) -> District:
    names = ("id", "slug", "name", "city", "hotline", "is_sample")
    copy = District(**{name: getattr(before, name) for name in names} | instead)
    set_committed_value(copy, "subdistricts", subdistricts)
    return copy
