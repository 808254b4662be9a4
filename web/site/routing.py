"""Routes, and how their addresses are read: numbers and words as views and database take them."""

from __future__ import annotations

from starlette.convertors import IntegerConvertor, StringConvertor, register_url_convertor
from starlette.routing import Route

from web.site.forms import NOBODYS, number

__all__ = ["Route"]


class Number(IntegerConvertor):
    """A number in an address. One too long for the database becomes one that nothing has."""

    regex = r"[0-9]+(?!\n)"

    def convert(self, value: str) -> int:
        """The number as the views and the database take it."""
        found = number(value)
        return NOBODYS if found is None else found


class Word(StringConvertor):
    """A word in an address. One with control characters is the address of nothing."""

    regex = r"[^/\x00-\x1f\x7f]+(?!\n)"


# In place of Starlette's own, so that no route can forget to ask for them. A path is compiled when
# its route is made, so every table of routes takes `Route` from here.
register_url_convertor("int", Number())
register_url_convertor("str", Word())
