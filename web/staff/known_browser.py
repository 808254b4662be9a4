"""A browser in which a member of staff signed in before, told by a cookie that only we can make."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from typing import TYPE_CHECKING

from web.site.cookies import cookie_name, set_key

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.staff.sealing import Seal

COOKIE = "staff-known"
LASTS = dt.timedelta(days=400)
# People who are known in one browser: a computer at a counter has a few.
MOST = 8


# It opens nothing. It only lets its owner try a password while strangers have used up the tries of
# their name, and it is counted by itself, so that a thief gets as few.
def mark_of(request: Request, seal: Seal, staff_id: int) -> str | None:
    """The mark of this browser for this person; None if they never signed in here."""
    for mark in _marks(request):
        if mark.split(".")[0] == str(staff_id) and hmac.compare_digest(mark, _signed(seal, mark)):
            return mark
    return None


def remember(request: Request, response: Response, seal: Seal, staff_id: int) -> None:
    """Know this browser as one of this person's from now on."""
    if mark_of(request, seal, staff_id) is None:
        others = [mark for mark in _marks(request) if mark.split(".")[0] != str(staff_id)]
        mine = _signed(seal, f"{staff_id}.{secrets.token_hex(8)}")
        set_key(request, response, "~".join([mine, *others][:MOST]), LASTS, COOKIE)


def _marks(request: Request) -> list[str]:
    given = request.cookies.get(cookie_name(request, COOKIE), "")
    return given.split("~")[:MOST] if given.isascii() else []


def _signed(seal: Seal, mark: str) -> str:
    """The mark with our signature behind it, in place of what stands there."""
    plain = ".".join(mark.split(".")[:2])
    return f"{plain}.{seal.signature(f'browser {plain}')}"
