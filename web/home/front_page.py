"""Addresses without a community: they lead to the one that the device remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.site.answers import Redirect

if TYPE_CHECKING:
    from web.site.visit import Visit


async def go_home(visit: Visit) -> Redirect:
    """To the remembered community's home, or to the choice of communities."""
    return _go(visit)


async def go_to_handbook(visit: Visit) -> Redirect:
    """To the remembered community's handbook, or to the choice of communities."""
    return _go(visit, "/handbook")


async def go_to_take(visit: Visit) -> Redirect:
    """To taking a number in the remembered community, or to the choice of communities."""
    return _go(visit, "/take")


async def go_to_disclosures(visit: Visit) -> Redirect:
    """To what the remembered community publishes, or to the choice of communities."""
    return _go(visit, "/disclosures")


def _go(visit: Visit, below: str = "") -> Redirect:
    slug = visit.preferences.community
    # A cookie may name a community that there never was.
    known = slug in visit.published.names
    return Redirect(f"/c/{slug}{below}" if known else "/communities")
