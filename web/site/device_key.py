"""The key of a device: made when it first takes a number, so that only it can act on it.

It is derived from the form's own unguessable key. So when the answer is lost, and the cookie
with it, sending the form again finds the same ticket and makes the same key. The database has
only hashes, of both.
"""

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
LASTS = dt.timedelta(days=400)
"""How long a browser keeps a cookie at most; it is renewed with each number."""
_FORM_KEY = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class FormKey:
    """The key of one form as it was rendered: one form, one ticket."""

    key: str

    @classmethod
    def new(cls) -> FormKey:
        """For a form that is being made."""
        return cls(new_key())

    @classmethod
    def of(cls, form: Form) -> FormKey:
        """The key of a form that came back; a new one if it has none of ours."""
        return cls.given(form.text("request")) or cls.new()

    @classmethod
    def given(cls, text: str) -> FormKey | None:
        """The key that came back; None when it is none of ours."""
        return cls(text) if _FORM_KEY.fullmatch(text) else None

    @property
    def request_key(self) -> str:
        """What is kept of it."""
        return key_hash(f"request {self.key}")

    @property
    def device_key(self) -> str:
        """The key of a device that had none before."""
        return key_hash(f"device {self.key}")


def device_key(request: Request) -> str | None:
    """The key this device was given; None before its first number."""
    return request.cookies.get(cookie_name(request, COOKIE)) or None


def device_hash(request: Request) -> str | None:
    """What is kept of the key."""
    key = device_key(request)
    return None if key is None else key_hash(key)


def give_key(request: Request, response: Response, key: str) -> None:
    """Let the device keep its key, out of reach of every script."""
    set_key(request, response, key, LASTS, COOKIE)
