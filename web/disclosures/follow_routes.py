"""The addresses of following."""

from __future__ import annotations

from web.disclosures import follows
from web.site.answers import reads, writes
from web.site.routing import Route, form

FOLLOWS = "/c/{community}/disclosures/follows"

ROUTES = (
    Route(FOLLOWS, reads(follows.show), methods=["GET"]),
    Route(
        FOLLOWS,
        writes(follows.follow, follows.REFUSED, follows.show_again, follows.may_follow),
        methods=["POST"],
    ),
    form(f"{FOLLOWS}/ending", writes(follows.unfollow)),
)
