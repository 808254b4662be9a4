"""Cookies that hold a key. Behind TLS their names have the `__Host-` prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from starlette.requests import Request
    from starlette.responses import Response


# Behind TLS the `__Host-` prefix keeps another site of the same domain from setting our key.
# Without TLS browsers refuse the prefix, so development has the plain name.
def cookie_name(request: Request, name: str) -> str:
    """The cookie's name; behind TLS with the prefix that no other site can set."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def set_key(request: Request, response: Response, key: str, lasts: dt.timedelta, name: str) -> None:
    """Set the key of a session or a device, out of reach of every script."""
    response.set_cookie(
        cookie_name(request, name),
        key,
        max_age=int(lasts.total_seconds()),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def forget_key(request: Request, response: Response, name: str) -> None:
    """Delete the cookie: browsers only drop it when told with the attributes it was set with."""
    response.delete_cookie(
        cookie_name(request, name),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
