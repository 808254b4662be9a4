"""Limits: everything that anyone may post says what bounds it."""

from __future__ import annotations

import re

import pytest

from tests.world.addresses import GOLDEN
from web.site.assets import STATIC

OWN = "it changes what this device began, which was limited then"
SIGNED = "the key in its address was given out by us, and its device or person is known"
LIMITS = {
    "/halls/{community}/tickets": "numbers_by_address",
    "/tickets/{token}/cancellation": OWN,
    "/tickets/{token}/letting-pass": OWN,
    "/tickets/{token}/return": OWN,
    "/tickets/{token}/rating": OWN,
    "/tickets/{token}/documents": OWN,
    "/tickets/{token}/watches": "follows_by_address",
    "/tickets/{token}/watches/ending": OWN,
    "/kiosk/tickets": SIGNED,
    "/rating/ratings": SIGNED,
    "/matters/code": "codes_by_address",
    "/matters/{token}/messages": "messages_by_address",
    "/matters/{token}/thanks": OWN,
    "/matters/{token}/closing": OWN,
    "/matters/{token}/reopening": OWN,
    "/matters/{token}/rating": OWN,
    "/matters/{token}/erasing": OWN,
    "/matters/{token}/seen": OWN,
    "/matters/{token}/judging": OWN,
    "/matters/{token}/disputing": OWN,
    "/matters/{token}/correcting": OWN,
    "/c/{community}/promises/{promise:int}/following": "follows_by_address",
    "/c/{community}/promises/{promise:int}/following/ending": OWN,
    "/c/{community}/messages": "messages_by_address",
    "/c/{community}/disclosures/follows": "follows_by_address",
    "/c/{community}/disclosures/follows/ending": OWN,
    "/c/{community}/disclosures/wishes": "messages_by_address",
    "/c/{community}/disclosures/wishes/{wish:int}/supporters": "supports_by_address",
    "/c/{community}/inquiries/applications": "messages_by_address",
    "/c/{community}/inquiries/{inquiry:int}/supporters": "messages_by_address",
    "/c/{community}/disclosures/{disclosure:int}/inquiries": "messages_by_address",
    "/f/devices/screen": SIGNED,
    "/f/devices/kiosk": SIGNED,
    "/f/devices/rating": SIGNED,
    "/push/subscriptions": "browsers_by_address",
    "/inbox/readings": OWN,
    "/inbox/{message:int}/reading": OWN,
    "/mine/notifications": "settings_by_address",
    "/mine/notifications/addresses": "letters_by_address",
    "/mine/notifications/addresses/ending": OWN,
    "/mine/notifications/browsers/{browser:int}/ending": OWN,
    "/mine/notifications/follows/{follow:int}/ending": OWN,
    "/notifications/addresses/{key}": SIGNED,
    "/notifications/stopping/{key}": SIGNED,
    "/invitations/{key}": SIGNED,
    "/preferences": "it writes a cookie and nothing else",
}
"""The limit of each address, or why it has none."""


def test_what_anyone_may_post_says_what_bounds_it() -> None:
    lines = [line.split() for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
    open_posts = {
        path
        for methods, path, who, *_ in lines
        if "POST" in methods and who == "open" and not path.startswith("/staff/")
    }
    assert open_posts == set(LIMITS)


@pytest.mark.parametrize("limit", sorted({each for each in LIMITS.values() if " " not in each}))
def test_a_limit_that_is_named_is_counted(limit) -> None:
    sources = (STATIC.parent / "web").glob("*/**/*.py")
    used = re.compile(rf"services\.{limit}\b")
    assert any(used.search(path.read_text(encoding="utf-8")) for path in sources)
