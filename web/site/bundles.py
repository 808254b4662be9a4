"""Which styles and scripts are served together, and in which order.

One file for each audience, because a first visit over mobile data pays for every request and for
every rule: residents load nothing of the office or of a hall's devices, and a rule written for a
counter cannot change a resident's page. A file belongs to its audience by the folder it lies in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from web.site.baseline import lowered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# By audience, the folders and files that are only theirs. All others are for everybody.
AUDIENCES = {
    # Putting Lianxin on the home screen, offered on one page.
    "install": ("site/install",),
    # The index on the phone, for the page of a search alone.
    "search": ("handbook/find",),
    "conversations": ("matters",),
    # A pin on our own drawing: where residents write, and in the forms of an office.
    "drawing": ("places/pin", "contacts/pin"),
    # Forms that are sent once there is a network, and notifications: loaded when they are used.
    "outbox": ("sending",),
    "staff": (
        "staff",
        "papers",
        "devices/pairing",
        "queue/counter",
        "contacts/paper",
        "disclosures/office",
        "mistakes",
    ),
    "disclosures": ("disclosures",),
    "posters": ("places/posters",),
    "devices": (
        "devices/devices",
        "devices/check_in",
        "devices/one_entry",
        "queue/kiosk",
        "queue/screen",
        "ratings/tablet",
    ),
    "terminal": ("terminal",),
    # Maps, how far a place is, halls and codes.
    "places": ("places/places", "places/nearest", "queue/halls"),
    # Counts and tables: at the office, in what is published, and on the page of a hall's figures.
    "figures": ("components/figures",),
    # How a phone gets notifications, step by step.
    "help": ("notifications/help",),
}
EVERYBODY = "residents"
# What other styles build on. The rest follows by name, and paper comes last.
FIRST = ("tokens", "base", "components", "staff")
LAST = "print"
# Stands in front of the first script. Each file is a module of its own: when one of them fails,
# the others work all the same, and the browser reports the error.
PREFIX = """"use strict";
const modules = {};
const start = (name, module) => {
  try { modules[name] = module() || {}; } catch (error) { setTimeout(() => { throw error; }); }
};
"""

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)


class CircleError(Exception):
    """Two scripts import each other."""


def audience_of(name: str) -> str:
    """The audience of a file, by its path below static/css or static/js without its ending."""
    for audience, places in AUDIENCES.items():
        if any(name == place or name.startswith(f"{place}/") for place in places):
            return audience
    return EVERYBODY


def bundles(names: Iterable[str]) -> dict[str, list[str]]:
    """The files of each audience. An audience without any is there all the same."""
    found: dict[str, list[str]] = {EVERYBODY: [], **{audience: [] for audience in AUDIENCES}}
    for name in names:
        found[audience_of(name)].append(name)
    return found


def in_order_of_styles(names: Iterable[str]) -> list[str]:
    """Tokens, base, components, then by feature; what is for paper comes last."""

    def place(name: str) -> tuple[int, str]:
        folder = name.partition("/")[0]
        if name == LAST:
            return len(FIRST) + 1, name
        return FIRST.index(folder) if folder in FIRST else len(FIRST), name

    return sorted(names, key=place)


def joined_styles(sources: Mapping[str, str]) -> str:
    """Styles by name as one, in words that a phone of 2020 reads."""
    return "\n".join(lowered(sources[name]) for name in in_order_of_styles(sources))


def in_order_of_scripts(sources: Mapping[str, str]) -> list[str]:
    """Each script after those it imports; `lib` first, then by name.

    Raises CircleError when two scripts import each other.
    """
    order: list[str] = []

    def put(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise CircleError(" → ".join((*above, name)))
        if name in order or name not in sources:
            return
        for _, path in _IMPORT.findall(sources[name]):
            put(_resolved(name, path), (*above, name))
        order.append(name)

    for name in sorted(sources, key=lambda name: (not name.startswith("lib/"), name)):
        put(name, ())
    return order


def joined_scripts(sources: Mapping[str, str]) -> str:
    """Scripts by name as one classic script, which defines no name but `modules` and `start`.

    A script that another audience's file holds is taken from `modules`, so that file stands before.
    Not taken: `<script type="module">`, which asks for each file by itself, one after the other.
    """
    return "\n".join(_as_module(name, sources[name]) for name in in_order_of_scripts(sources))


def _as_module(name: str, source: str) -> str:
    def imported(found: re.Match[str]) -> str:
        names = found[1].replace(" as ", ": ")
        return f'const {{{names}}} = modules["{_resolved(name, found[2])}"];'

    exports = ", ".join(_EXPORT.findall(source))
    body = _EXPORT.sub("", _IMPORT.sub(imported, source))
    return f'start("{name}", () => {{\n{body}\nreturn {{ {exports} }};\n}});'


def _resolved(name: str, path: str) -> str:
    """The name of the module at a path relative to this one: ../lib/dom.js → lib/dom."""
    parts = name.split("/")[:-1]
    for part in path.removesuffix(".js").split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
