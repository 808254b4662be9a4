"""Addresses that anyone may open, each with an example from the sample district."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

GOLDEN = Path(__file__).parents[1] / "addresses.txt"
EXAMPLES = {
    "community": "liujiazhuang",
    "category": "elderly",
    "event": "elderly-parent",
    "item": "gaoling-jintie",
    "number": "4",
    "building": "2",
    "slug": "liujiazhuang-xinju-3",
    "subdistrict": "dikoulu",
    "duty": "gongzuo-jingfei_2026-10",
    "kind": "finance",
    "disclosure": "6",
    "topic": "gongzuo-jingfei",
    "size": "a3",
    "revision": "1",
    "promise": "1",
    "year": "2026",
    "inquiry": "1",
    "affairs_day": "1",
    "wish": "1",
    "lang": "zh-Hans",
}
"""A value of each parameter that paper may show."""
OF_ITS_OWNER = {
    "token",
    "key",
    "name",
    "letter",
    "message",
    "browser",
    "photo",
    "file",
    "follow",
}
"""Parameters that are a secret, a hash or a number of what one device began, so that no paper shows
them; the sample has none of it."""
QUERIES = {
    "/c/{community}/search": "q=社保卡丢了怎么办",
    "/c/{community}/mistakes/new": "page=/c/liujiazhuang/handbook/gaoling-jintie",
    "/c/{community}/take": "item=gaoling-jintie",
    "/c/{community}/disclosures/search": "q=照明",
    "/f/halls": "in=dikoulu",
    "/f/search": "c=liujiazhuang&q=低保",
    "/working-days": "from=2027-12-24&days=7",
    "/working-days.ics": "from=2026-11-23&days=7",
    "/code": "to=/c/liujiazhuang/handbook/gaoling-jintie",
    "/code.svg": "to=/c/liujiazhuang",
    "/code.png": "to=/c/liujiazhuang",
}
"""What is asked for at an address that says little without it."""
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


def open_addresses() -> dict[str, list[str]]:
    """Every address that needs no sign-in, as the route table spells it, with its routes' methods.

    `GET` alone is a page, a part of a page or a file; `GET,POST` is a form, and leads to its page.
    """
    found: dict[str, list[str]] = {}
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        methods, address, roles = line.split()[:3]
        if roles == "open":
            found.setdefault(address, []).append(methods)
    return found


def parameters_of(address: str) -> set[str]:
    """The names of an address's parameters."""
    return set(_PARAMETER.findall(address))


def example_of(address: str, **instead: str) -> str:
    """The address with values from the sample. Raises `KeyError` for a parameter without one."""
    values = {**EXAMPLES, **instead}
    path = _PARAMETER.sub(lambda found: values[found[1]], address)
    query = QUERIES.get(address)
    return f"{path}?{query}" if query else path


def fits(example: str, address: str) -> bool:
    """Whether an example is of this address."""
    pattern = re.escape(_PARAMETER.sub("\0", address)).replace("\0", "[^/]+")
    return re.fullmatch(pattern, urlsplit(example).path) is not None
