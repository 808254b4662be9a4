"""Styles, scripts, icons and clips: read once, joined, minified, addressed by their hash.

There is no build: one CSS file per component and one small script per behaviour are joined when
the server starts, into one file of each for every audience (bundles.py). Icons and the clips of the
hall's voice stay files apart.

Not taken: htmx. Its fourth version needs a browser of 2021, so that everything it did had to work
without it as well, and what it did is sixty lines of ours (static/js/lib/fragments.js).
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import brotli
from rcssmin import cssmin
from rjsmin import jsmin

from web.site.bounded import bounded_cache
from web.site.bundles import EVERYBODY, PREFIX, bundles, joined_scripts, joined_styles

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

ROOT = Path(__file__).parent.parent.parent
STATIC = ROOT / "static"
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("audio/mpeg", ".mp3")
SMALLEST = 256
"""Bytes below which compressing costs more than it saves."""
COMPRESSIBLE = ("text/", "application/json", "application/manifest+json", "image/svg+xml")


@dataclass(frozen=True)
class Asset:
    """One file as it is served: `address` holds its hash, so it can be kept for ever."""

    name: str
    body: bytes
    media_type: str

    @cached_property
    def address(self) -> str:
        """Where it is served: /assets/residents.1a2b3c4d.css."""
        stem, _, suffix = self.name.rpartition(".")
        return f"/assets/{stem}.{hashlib.sha256(self.body).hexdigest()[:10]}.{suffix}"

    @cached_property
    def variants(self) -> dict[str, bytes]:
        """The body by content encoding."""
        return compressed(self.body, self.media_type, best=True)


class Assets:
    """Every asset, by name and by address."""

    def __init__(self) -> None:
        found = [
            *_joined(),
            *(_as_it_is(path) for path in sorted((STATIC / "icons").iterdir())),
            *(_as_it_is(path) for path in sorted((STATIC / "audio").glob("*.mp3"))),
        ]
        self.by_name = {asset.name: asset for asset in found}
        self.by_address = {asset.address: asset for asset in found}
        joined = "".join(sorted(self.by_address)).encode()
        self.version = hashlib.sha256(joined + self.worker_source.encode()).hexdigest()[:10]
        """Changes whenever any asset does."""

    @cached_property
    def worker_source(self) -> str:
        """The service worker, before it is told the addresses of its shell."""
        return str(jsmin(_read("sw.js")))

    def address(self, name: str) -> str:
        """The hashed address of an asset. Raises KeyError for one that does not exist."""
        return self.by_name[name].address


def compressed(body: bytes, media_type: str, *, best: bool = False) -> dict[str, bytes]:
    """The body as it is and, where it helps, as gzip and brotli; `best` is slow, for assets."""
    variants = {"identity": body}
    if media_type.startswith(COMPRESSIBLE) and len(body) > SMALLEST:
        variants["gzip"] = gzip.compress(body, 9 if best else 6, mtime=0)
        variants["br"] = brotli.compress(body, quality=11 if best else 5)
    return variants


def best_encoding(variants: Mapping[str, T], accept_encoding: str) -> tuple[str, T]:
    """The smallest variant that the browser takes, with the name of its encoding."""
    for encoding in _taken(accept_encoding):
        if encoding in variants:
            return encoding, variants[encoding]
    return "identity", variants["identity"]


@bounded_cache(256, longest=200)
def _taken(accept_encoding: str) -> tuple[str, ...]:
    """Our encodings that a browser takes, the smallest first (RFC 9110, 12.5.3)."""
    offered = {}
    for part in accept_encoding.lower().split(","):
        name, _, quality = part.partition(";")
        offered[name.strip()] = quality.replace(" ", "") not in {
            "q=0",
            "q=0.0",
            "q=0.00",
            "q=0.000",
        }
    return tuple(each for each in ("br", "gzip") if offered.get(each, offered.get("*", False)))


def _joined() -> list[Asset]:
    """One file of styles and one of scripts for each audience: residents.css, staff.js.

    What everybody loads is called app.js, because the other scripts cannot do without it.
    """
    styles, scripts = _sources("css"), _sources("js")
    found = []
    for audience, names in bundles(styles).items():
        joined = cssmin(joined_styles({name: styles[name] for name in names}))
        found.append(Asset(f"{audience}.css", joined.encode(), "text/css; charset=utf-8"))
    for audience, names in bundles(scripts).items():
        everybodys = audience == EVERYBODY
        joined = jsmin(joined_scripts({name: scripts[name] for name in names}))
        body = f"{PREFIX if everybodys else ''}{joined}".encode()
        name = "app.js" if everybodys else f"{audience}.js"
        found.append(Asset(name, body, "text/javascript; charset=utf-8"))
    return found


def _sources(kind: str) -> dict[str, str]:
    """The files below static/css or static/js, by their path without its ending."""
    folder = STATIC / kind
    return {
        path.relative_to(folder).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob(f"*.{kind}")
    }


def _as_it_is(path: Path) -> Asset:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(path.name, path.read_bytes(), media_type)


def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")
