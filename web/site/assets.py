"""Styles, scripts, icons and clips: read once, joined, minified, addressed by their hash."""

from __future__ import annotations

import base64
import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import brotli
from rcssmin import cssmin
from rjsmin import jsmin

from web.site.bounded import bounded_cache
from web.site.bundles import EVERYBODY, PREFIX, bundles, joined_scripts, joined_styles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

ROOT = Path(__file__).parent.parent.parent
STATIC = ROOT / "static"
# Ours never depend on htmx, which is loaded where the browser is new enough for it: htmx 4 needs
# private methods (Chrome 84) and fails at each swap up to Chrome 88, and the baseline is a phone of
# 2020. Elsewhere static/js/lib/fragments.js does the little that pages ask of it.
HTMX = ROOT / "node_modules" / "htmx.org" / "dist" / "htmx.min.js"

mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("audio/mpeg", ".mp3")
# Bytes below which compressing costs more than it saves.
SMALLEST = 256
COMPRESSIBLE = (
    "text/",
    "application/json",
    "application/atom+xml",
    "application/feed+json",
    "application/manifest+json",
    "image/svg+xml",
)


class AssetsMissingError(Exception):
    """The browser packages are not installed."""


@dataclass(frozen=True)
class Asset:
    """A file to serve. `address` contains its hash, so browsers may keep it for ever."""

    name: str
    body: bytes
    media_type: str

    @cached_property
    def address(self) -> str:
        """Such as /assets/residents.1a2b3c4d.css."""
        stem, _, suffix = self.name.rpartition(".")
        return f"/assets/{stem}.{hashlib.sha256(self.body).hexdigest()[:10]}.{suffix}"

    @cached_property
    def variants(self) -> dict[str, bytes]:
        """The body by content encoding."""
        return compressed(self.body, self.media_type, best=True)

    @cached_property
    def source(self) -> str:
        """What a Content-Security-Policy calls the body within a page (CSP 3, 2.3.1)."""
        digest = base64.b64encode(hashlib.sha256(self.body).digest()).decode()
        return f"'sha256-{digest}'"


# No bundler: the files are read at start, joined, minified and addressed by hash, so that a first
# visit over mobile data makes few requests. CSS avoids `@layer`, nesting and `light-dark()`: on a
# phone of 2019 they would cost the whole style, so the dark colours are in `tokens.css` twice.
# Not taken: a bundler, which adds a build step and saves nothing here.
class Assets:
    """Every asset, by name and by address."""

    def __init__(self) -> None:
        found = [
            *_joined(),
            *(_as_it_is(path) for path in sorted((STATIC / "icons").iterdir())),
            *(_as_it_is(path) for path in sorted((STATIC / "audio").glob("*.mp3"))),
            Asset("htmx.js", HTMX.read_bytes(), "text/javascript; charset=utf-8"),
        ]
        self.by_name = {asset.name: asset for asset in found}
        self.by_address = {asset.address: asset for asset in found}
        joined = "".join(sorted(self.by_address)).encode()
        # Changes whenever any asset does.
        self.version = hashlib.sha256(joined + self.worker_source.encode()).hexdigest()[:10]

    @cached_property
    def worker_source(self) -> str:
        """The service worker, before the addresses of its shell are inserted."""
        return str(jsmin(_read("sw.js")))

    @property
    def style(self) -> Asset:
        """The style of everybody, which a first visit gets within its page."""
        return self.by_name[f"{EVERYBODY}.css"]

    def address(self, name: str) -> str:
        """The hashed address of an asset. Raises KeyError for an unknown name."""
        return self.by_name[name].address


# The smallest first.
_QUICK: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=5),
    "gzip": partial(gzip.compress, compresslevel=6, mtime=0),
}
_BEST: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=11),
    "gzip": partial(gzip.compress, compresslevel=9, mtime=0),
}


def compressed(body: bytes, media_type: str, *, best: bool = False) -> dict[str, bytes]:
    """The body by encoding: plain and, if smaller, gzip and brotli; `best` is slow, for assets."""
    encoders = (_BEST if best else _QUICK) if _is_worth_it(body, media_type) else {}
    return {"identity": body} | {name: encode(body) for name, encode in encoders.items()}


def compressed_for(accept_encoding: str, body: bytes, media_type: str) -> tuple[str, bytes]:
    """The encoding that this browser gets and the body in it, for a body that is sent once."""
    accepted = _taken(accept_encoding)
    if not accepted or not _is_worth_it(body, media_type):
        return "identity", body
    return accepted[0], _QUICK[accepted[0]](body)


def best_encoding(variants: Mapping[str, T], accept_encoding: str) -> tuple[str, T]:
    """The smallest variant that the browser accepts, with the name of its encoding."""
    for encoding in _taken(accept_encoding):
        if encoding in variants:
            return encoding, variants[encoding]
    return "identity", variants["identity"]


def _is_worth_it(body: bytes, media_type: str) -> bool:
    return media_type.startswith(COMPRESSIBLE) and len(body) > SMALLEST


@bounded_cache(256, longest=200)
def _taken(accept_encoding: str) -> tuple[str, ...]:
    """Our encodings that a browser accepts, the smallest first (RFC 9110, 12.5.3)."""
    offered = {}
    for part in accept_encoding.lower().split(","):
        name, _, quality = part.partition(";")
        offered[name.strip()] = quality.replace(" ", "") not in {
            "q=0",
            "q=0.0",
            "q=0.00",
            "q=0.000",
        }
    return tuple(encoding for encoding in _QUICK if offered.get(encoding, offered.get("*", False)))


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
