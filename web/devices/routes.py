"""The devices of a hall: their pages, their check-ins, and how staff pair and look after them."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.devices import check_in, pairing
from web.site.answers import kept
from web.site.routing import Route, form
from web.staff.access import Where, staff_reads, staff_writes

AT = Where.COMMUNITY
DEVICES = "/staff/c/{community}/devices"
DEVICE = f"{DEVICES}/{{device:int}}"

ROUTES = (
    Route("/screen", kept(check_in.shell)),
    Route("/kiosk", kept(check_in.shell)),
    Route("/rating", kept(check_in.shell)),
    Route("/terminal", kept(check_in.shell)),
    Route("/f/devices/screen", check_in.check_in, methods=["POST"]),
    Route("/f/devices/kiosk", check_in.check_in, methods=["POST"]),
    Route("/f/devices/rating", check_in.check_in, methods=["POST"]),
    Route("/f/devices/terminal", check_in.check_in, methods=["POST"]),
    Route("/staff/devices", staff_reads(pairing.communities, EDITING)),
    form("/staff/pairings", staff_writes(pairing.typed, EDITING), "/staff/devices"),
    Route("/staff/pairings/{code}", staff_reads(pairing.pair, EDITING)),
    Route("/staff/pairings/{code}", staff_writes(pairing.confirm, EDITING), methods=["POST"]),
    Route(DEVICES, staff_reads(pairing.index, EDITING, AT)),
    form(f"{DEVICE}/name", staff_writes(pairing.rename, EDITING, AT), DEVICES),
    form(f"{DEVICE}/revocation", staff_writes(pairing.revoke, EDITING, AT), DEVICES),
)
