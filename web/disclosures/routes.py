"""The addresses of disclosures."""

from __future__ import annotations

from web.disclosures import (
    board_routes,
    catalogue_routes,
    day_routes,
    disclosure,
    feed_routes,
    follow_routes,
    index,
)
from web.disclosures.inquiry_routes import INQUIRY_ROUTES
from web.disclosures.office_routes import OFFICE_ROUTES
from web.site.answers import kept, reads
from web.site.routing import Route

HERE = "/c/{community}/disclosures"
ONE = f"{HERE}/{{disclosure:int}}"

RESIDENTS = (
    Route(HERE, kept(index.show)),
    Route(f"{HERE}/search", reads(index.search)),
    Route(f"{HERE}/kinds/{{kind}}", kept(index.of_kind)),
    Route(ONE, kept(disclosure.show)),
    Route(f"{ONE}/revisions", kept(disclosure.revisions)),
    Route(f"{ONE}/revisions/{{revision:int}}", kept(disclosure.revision)),
    Route(f"{ONE}/ledger.csv", reads(disclosure.ledger_file)),
    Route(f"{ONE}/files/{{file}}", reads(disclosure.file)),
)

ROUTES = (
    *feed_routes.ROUTES,
    *follow_routes.ROUTES,
    *day_routes.ROUTES,
    *board_routes.ROUTES,
    *RESIDENTS,
    *OFFICE_ROUTES,
    *catalogue_routes.ROUTES,
    *INQUIRY_ROUTES,
)
