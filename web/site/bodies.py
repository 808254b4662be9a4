"""How much may be sent to which address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import compile_path

if TYPE_CHECKING:
    import re

# Bytes of a request's body: every form of a resident fits.
LARGEST_BODY = 64 * 1024
# Offices write whole guides below these addresses.
LARGER_BODIES = {"/staff/": 1 << 20, "/f/staff/": 1 << 20}
# Offices send files to these addresses, but not below them: 8 MB and the multipart around it.
FILE_BODIES = {"/staff/handbook/imports": 9 << 20, "/staff/communities/imports": 9 << 20}
# Where a page says in its own words that such a file is too large.
FILE_REFUSALS = {
    "/staff/handbook/imports": "/staff/handbook/spreadsheet?too-large",
    "/staff/communities/imports": "/staff/communities/spreadsheet?too-large",
}
# The same as routes with parameters, as they stand in the table of routes.
FILE_FORMS = {
    "/staff/c/{community}/disclosures/{disclosure:int}/file": 9 << 20,
    "/staff/c/{community}/disclosures/{disclosure:int}/ledger/file": 9 << 20,
}
# Routes whose forms may carry photographs, as they stand in the table of routes.
PHOTO_FORMS: tuple[str, ...] = (
    "/c/{community}/messages",
    "/matters/{token}/messages",
    "/staff/matters/{matter:int}/answer",
    "/staff/c/{community}/disclosures/{disclosure:int}/postings",
)
# As many photographs as `photos` takes, and the form's words.
PHOTO_BODY = (3 * 12 << 20) + LARGEST_BODY

_PHOTO_PATHS: tuple[re.Pattern[str], ...] = tuple(compile_path(route)[0] for route in PHOTO_FORMS)
_FILE_PATHS = [(compile_path(route)[0], most) for route, most in FILE_FORMS.items()]


def takes_photos(path: str) -> bool:
    """Whether a form that is posted to this path may carry photographs."""
    return any(pattern.match(path) for pattern in _PHOTO_PATHS)


# A form without photographs is sent as every other form is, and is as small.
def largest_body(path: str, content_type: str = "") -> int:
    """The most bytes that may be sent to an address in a body of this type."""
    if path in FILE_BODIES:
        return FILE_BODIES[path]
    for pattern, most in _FILE_PATHS:
        if pattern.match(path):
            return most
    if takes_photos(path) and content_type.startswith("multipart/form-data"):
        return PHOTO_BODY
    larger = (most for below, most in LARGER_BODIES.items() if path.startswith(below))
    return next(larger, LARGEST_BODY)
