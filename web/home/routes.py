"""The front page, a community's home, and what a phone remembers."""

from __future__ import annotations

from web.home import community, front_page, mine, sitemap
from web.site.answers import kept, kept_unless_asked, reads
from web.site.routing import Route

ROUTES = (
    Route("/", reads(front_page.go_home)),
    Route("/c/{community}", kept_unless_asked(community.show, "door", "was")),
    Route("/handbook", reads(front_page.go_to_handbook)),
    Route("/take", reads(front_page.go_to_take)),
    Route("/disclosures", reads(front_page.go_to_disclosures)),
    Route("/mine", kept(mine.show)),
    Route("/f/here", reads(mine.here)),
    Route("/robots.txt", reads(sitemap.robots)),
    Route("/sitemap.xml", sitemap.sitemap),
)
