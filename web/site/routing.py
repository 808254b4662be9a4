"""Routes, and convertors that make numbers and words in addresses safe."""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.convertors import IntegerConvertor, StringConvertor, register_url_convertor
from starlette.responses import RedirectResponse
from starlette.routing import Route

from web.site.forms import NO_SUCH_ID, number

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from web.site.answers import Endpoint

__all__ = ["Route", "form"]

NO_STORE = {"cache-control": "no-store"}
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


# What comes from outside is made safe where it enters. A number too long for the database becomes
# one that no row has, a word holds no control characters, and a form gives out cleaned text; only
# `secret()` returns a password unchanged.
# Not taken: checks in each view, which the next view forgets.
class Number(IntegerConvertor):
    """A number in an address. A number too large for the database becomes one that no row has."""

    regex = r"[0-9]+(?!\n)"

    def convert(self, value: str) -> int:
        found = number(value)
        return NO_SUCH_ID if found is None else found


class Word(StringConvertor):
    """A word in an address. No address matches with control characters in it."""

    regex = r"[^/\x00-\x1f\x7f]+(?!\n)"


# In place of Starlette's own, so that no route can forget to ask for them. A path is compiled when
# its route is made, so every table of routes takes `Route` from here.
register_url_convertor("int", Number())
register_url_convertor("str", Word())


def form(address: str, endpoint: Endpoint, shown_at: str | None = None) -> Route:
    """The route of a posted form.

    A refused form is answered at the form's address, for as long as `web.site.refused` holds the
    answer. Afterwards, and for everybody else, a GET there leads to the page with the form:
    `shown_at`, by default the address above this one.
    """
    page = shown_at or address.rpartition("/")[0]

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        if request.method == "POST":
            return await endpoint(request)
        here = {name: quote(str(value), safe="") for name, value in request.path_params.items()}
        return RedirectResponse(_PARAMETER.sub(lambda found: here[found[1]], page), 303, NO_STORE)

    return Route(address, answer, methods=["GET", "POST"])
