"""What anyone can have written is limited: by a check of its form, or by what it needs."""

from __future__ import annotations

import pytest
from starlette.routing import Route

from web.route_list import OPEN, listed
from web.routes import routes

OWN = "acts on what this device holds, which was limited when it was made"
DEVICE = "asks for the key of a hall's device"
STAFF = "counts failures of its own"
READS = "writes only marks on the device's own messages"

UNCHECKED = {
    "/tickets/{token}/cancellation": OWN,
    "/tickets/{token}/letting-pass": OWN,
    "/tickets/{token}/return": OWN,
    "/tickets/{token}/rating": OWN,
    "/tickets/{token}/documents": OWN,
    "/tickets/{token}/watches/ending": OWN,
    "/c/{community}/mistakes": "counts reports by address, and refuses too many of one community",
    "/kiosk/tickets": DEVICE,
    "/rating/ratings": DEVICE,
    "/terminal/{lang}/tickets": DEVICE,
    "/matters/{token}/thanks": OWN,
    "/matters/{token}/closing": OWN,
    "/matters/{token}/reopening": OWN,
    "/matters/{token}/rating": OWN,
    "/matters/{token}/erasing": OWN,
    "/matters/{token}/seen": OWN,
    "/matters/{token}/judging": OWN,
    "/matters/{token}/disputing": OWN,
    "/matters/{token}/correcting": OWN,
    "/c/{community}/promises/{promise:int}/following/ending": OWN,
    "/c/{community}/disclosures/follows/ending": OWN,
    "/f/devices/screen": "limits open pairings by address and district",
    "/f/devices/kiosk": "limits open pairings by address and district",
    "/f/devices/rating": "limits open pairings by address and district",
    "/f/devices/terminal": "limits open pairings by address and district",
    "/push/subscriptions": "counts browsers by address",
    "/inbox/readings": READS,
    "/inbox/{message:int}/reading": READS,
    "/mine/notifications/addresses/ending": OWN,
    "/mine/notifications/browsers/{browser:int}/ending": OWN,
    "/mine/notifications/follows/{follow:int}/ending": OWN,
    "/notifications/addresses/{key}": "needs a key of 256 bits from a letter",
    "/notifications/stopping/{key}": "needs a key of 256 bits from a letter",
    "/staff/sessions": STAFF,
    "/staff/sessions/ending": "ends the session of this browser",
    "/staff/second-factor/confirmation": STAFF,
    "/invitations/{key}": "needs a key of 256 bits from an administrator",
    "/preferences": "writes a cookie and nothing else",
}
"""Public forms whose route has no check, and what bounds them."""


def checked() -> dict[str, bool]:
    """Whether each public form has a check, by its address."""
    public = {
        each.address for each in listed() if each.roles == OPEN and "POST" in each.method.split(",")
    }
    return {
        each.path: getattr(each.endpoint, "check", None) is not None
        for each in routes()
        if isinstance(each, Route) and each.path in public and "POST" in (each.methods or ())
    }


def test_every_public_form_is_limited_or_says_why_it_need_not_be() -> None:
    found = checked()
    assert len(found) > 40
    assert {path for path, has_check in found.items() if not has_check} == set(UNCHECKED)


@pytest.mark.parametrize(
    "path",
    ["/halls/{community}/tickets", "/c/{community}/messages", "/mine/notifications/addresses"],
)
def test_what_makes_rows_or_letters_has_a_check(path) -> None:
    assert checked()[path]
