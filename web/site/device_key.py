"""The key of a device: made when it first takes a number, so that only it can act on it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.keys import key_hash, new_key
from web.site.cookies import cookie_name, set_key

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from web.site.forms import Form

COOKIE = "device-key"
# The longest that browsers keep a cookie; it is set again with each number.
LASTS = dt.timedelta(days=400)
_FORM_KEY = re.compile(r"[A-Za-z0-9_-]{43}")


# The device's key is derived from the form's own unguessable key. When the response is lost, and
# the cookie with it, sending the form again finds the same ticket and makes the same key. The
# database has only hashes, of both.
@dataclass(frozen=True)
class FormKey:
    """The key of a form as it was rendered: one form, one ticket."""

    key: str

    @classmethod
    def new(cls) -> FormKey:
        """For a form that is being rendered."""
        return cls(new_key())

    @classmethod
    def of(cls, form: Form) -> FormKey:
        """The key of a submitted form; a new one if it has none of ours."""
        return cls.given(form.text("request")) or cls.new()

    @classmethod
    def given(cls, text: str) -> FormKey | None:
        """The key from a submitted form, or None if we did not issue it."""
        return cls(text) if _FORM_KEY.fullmatch(text) else None

    @property
    def request_key(self) -> str:
        """The hash that the database keeps of it."""
        return key_hash(f"request {self.key}")

    @property
    def device_key(self) -> str:
        """The key for a device that had none before."""
        return key_hash(f"device {self.key}")


def device_key(request: Request) -> str | None:
    """The key this device was given; None before its first number."""
    return request.cookies.get(cookie_name(request, COOKIE)) or None


def device_hash(request: Request) -> str | None:
    """The hash that the database keeps of the device's key; None before its first number."""
    key = device_key(request)
    return None if key is None else key_hash(key)


def give_key(request: Request, response: Response, key: str) -> None:
    """Set the device's cookie, out of reach of every script."""
    set_key(request, response, key, LASTS, COOKIE)
