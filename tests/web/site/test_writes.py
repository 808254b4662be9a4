"""What holds for every form of a resident, whatever its view does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.site.answers import Redirect, writes
from web.site.routing import Route

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.site.visits import ResidentVisit


async def begin(visit: ResidentVisit, _session: AsyncSession) -> Redirect:
    """A view that asks for its community within the unit of work, and nothing before it."""
    community = await visit.community()
    return Redirect(f"/c/{community.slug}")


async def test_the_first_form_after_a_restart_finds_its_community_loaded(open_app) -> None:
    async with open_app() as browser:
        planted = Route("/c/{community}/planted", writes(begin), methods=["POST"])
        browser.app.router.routes.insert(0, planted)
        assert (await browser.post("/c/yikang/planted")).headers["location"] == "/c/yikang"
        assert (await browser.post("/c/mars/planted")).status_code == 404
