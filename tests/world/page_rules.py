"""The house rules: what every page must be, checked on every page that any test fetches."""

from __future__ import annotations

import json
import re
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import html5lib

from web.site.assets import STATIC
from web.site.bundles import audience_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LETTERS = re.compile(r"[A-Za-z\u3400-\u9fff]")
LABELLED = {"input", "select", "textarea"}
UNLABELLED_TYPES = {"hidden", "submit", "button"}


class PageRuleBrokenError(AssertionError):
    """A page breaks a house rule; the message says which and where."""


_KEY = re.compile(r"(?<![\w-])(?:[\w-]{43}|[\w-]{22})(?![\w-])", re.ASCII)
"""A form's key or a ticket's token: they differ on pages that are otherwise the same."""
_sound: set[bytes] = set()
"""Digests of the pages that kept every rule."""


def check_page(html: str, address: str, *, fragment: bool = False) -> None:
    """Check one page or fragment against every rule. Raises `PageRuleBrokenError`."""
    # Tests fetch the same pages over and over, and to parse one takes as long as to make it. Each
    # key is replaced by its number on the page, so that two keys stay two, and one stays one.
    numbers: dict[str, str] = {}
    alike = _KEY.sub(lambda key: numbers.setdefault(key[0], f"key-{len(numbers)}"), html)
    digest = blake2b(f"{fragment}{alike}".encode()).digest()
    if digest in _sound:
        return
    for fault in faults_of(html, fragment=fragment):
        raise PageRuleBrokenError(f"{address}: {fault}")
    _sound.add(digest)


def faults_of(html: str, *, fragment: bool = False) -> Iterator[str]:
    """Every rule that the page breaks."""
    root, errors = _parse(html, fragment=fragment)
    yield from errors
    elements = list(_elements(root))
    yield from _structure(elements, fragment=fragment)
    yield from _identities(elements)
    yield from _forms(elements)
    yield from _no_code_in_pages(elements)
    yield from _names(elements)
    yield from _words(root, elements, fragment=fragment)
    yield from _ranges(elements)
    if not fragment:
        yield from _styled(elements)


def _parse(html: str, *, fragment: bool) -> tuple[Element, list[str]]:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parseFragment(html) if fragment else parser.parse(html)
    errors = [f"invalid HTML: {code} at {place}" for place, code, _ in parser.errors]
    if fragment:
        errors = [each for each in errors if "expected-doctype" not in each]
    return root, errors


def _elements(root: Element) -> Iterator[Element]:
    return (each for each in root.iter() if isinstance(each.tag, str))


def text_of(element: Element) -> str:
    """All the words in an element."""
    return " ".join("".join(element.itertext()).split())


def _structure(elements: list[Element], *, fragment: bool) -> Iterator[str]:
    if fragment:
        return
    headings = [each for each in elements if each.tag == "h1"]
    if len(headings) != 1:
        yield f"{len(headings)} h1, not one"
        return
    title = next((text_of(each) for each in elements if each.tag == "title"), "")
    if not text_of(headings[0]):
        yield "an h1 without words"
    if not title.startswith(text_of(headings[0])):
        yield f"the title {title!r} does not begin with the h1 {text_of(headings[0])!r}"
    level = 1
    for each in elements:
        if re.fullmatch(r"h[1-6]", each.tag):
            if int(each.tag[1]) > level + 1:
                yield f"{each.tag} {text_of(each)!r} skips a level"
            level = int(each.tag[1])
    top = next(each for each in elements if each.tag == "html")
    for name in ("lang", "data-view", "data-size", "data-theme"):
        if not top.get(name):
            yield f"html has no {name}"
    if len([each for each in elements if each.tag == "main"]) != 1:
        yield "not one main"
    for name in ("description", "viewport"):
        if not any(
            each.tag == "meta" and each.get("name") == name and each.get("content")
            for each in elements
        ):
            yield f"no meta {name}"


def _identities(elements: list[Element]) -> Iterator[str]:
    ids = [each.get("id", "") for each in elements if each.get("id") is not None]
    for identity in {each for each in ids if ids.count(each) > 1}:
        yield f"the id {identity!r} stands twice"
    for each in elements:
        for name in ("aria-labelledby", "aria-describedby", "aria-controls", "for", "data-answers"):
            for identity in (each.get(name) or "").split():
                if identity not in ids:
                    yield f"{name}={identity!r} points nowhere"
        href = each.get("href") or ""
        if href.startswith("#") and each.tag == "a" and unquote(href[1:]) not in ids:
            yield f"the link {href!r} points nowhere"


def _styled(elements: list[Element]) -> Iterator[str]:
    """Rules that fit this page and that only other audiences load: it would look like nothing."""
    links = [each.get("href") or "" for each in elements if each.get("rel") == "stylesheet"]
    links += [each.get("data-address") or "" for each in elements if each.tag == "style"]
    loaded = {link.rpartition("/")[2].partition(".")[0] for link in links}
    here = {name for each in elements for name in (each.get("class") or "").split()}
    rules = [rule for rule in _rules() if rule[0] <= here]
    known = {name for names, audience in rules if audience in loaded for name in names}
    for names, audience in rules:
        if not names & known:
            yield f"{', '.join(sorted(names))}: styled for {audience} only"


@cache
def _rules() -> frozenset[tuple[frozenset[str], str]]:
    """The classes of each selector that has any, with the audience that loads it."""
    found = set()
    for path in (STATIC / "css").rglob("*.css"):
        audience = audience_of(path.relative_to(STATIC / "css").with_suffix("").as_posix())
        styles = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for head in re.findall(r"([^{};]+)\{", styles):
            for selector in head.split(","):
                names = frozenset(re.findall(r"\.(-?[a-zA-Z][\w-]*)", selector))
                found |= {(names, audience)} if names else set()
    return frozenset(found)


def _forms(elements: list[Element]) -> Iterator[str]:
    labels = {each.get("for") for each in elements if each.tag == "label" and each.get("for")}
    wrapped = {id(inner) for each in elements if each.tag == "label" for inner in each.iter()}
    for each in elements:
        if each.tag in LABELLED and each.get("type") not in UNLABELLED_TYPES:
            named = each.get("id") in labels or id(each) in wrapped or each.get("aria-label")
            if not named:
                yield f"{each.tag} {each.get('name')!r} has no label"
        if each.tag == "form" and not (each.get("action") or "").startswith("/"):
            yield f"a form's action {each.get('action')!r} is no address of ours"


def _no_code_in_pages(elements: list[Element]) -> Iterator[str]:
    for each in elements:
        if each.tag == "script" and not each.get("src"):
            if each.get("type") != "application/ld+json":
                yield "an inline script"
            else:
                json.loads(each.text or "")
        # That of a first visit is named by the address at which others load it.
        is_own = each.tag == "style" and each.get("data-address")
        if (each.tag == "style" and not is_own) or each.get("style") is not None:
            yield f"an inline style on {each.tag}"
        for name in each.attrib:
            if name.startswith(("on", "hx-on")):
                yield f"an inline handler {name} on {each.tag}"
        for name in ("src", "href", "action", "data-fragment"):
            value = each.get(name) or ""
            if value.startswith("javascript:"):
                yield f"{name} is a script"
            foreign = urlsplit(value).netloc and each.tag in {"script", "link", "img", "use"}
            if foreign and each.get("rel") != "canonical":
                yield f"{each.tag} loads from elsewhere: {value}"


def _names(elements: list[Element]) -> Iterator[str]:
    for each in elements:
        if each.tag in {"a", "button", "summary"}:
            name = each.get("aria-label") or text_of(each)
            pictures = "".join(
                inner.get("alt") or "" for inner in each.iter() if inner.tag == "img"
            )
            if not (name or pictures):
                yield f"{each.tag} {each.get('href') or each.get('name')!r} has no name"
        if each.tag == "img" and each.get("alt") is None:
            yield f"img {each.get('src')!r} has no alt"
        if each.tag == "img" and not (each.get("width") and each.get("height")):
            yield f"img {each.get('src')!r} would shift the page"


def _words(root: Element, elements: list[Element], *, fragment: bool) -> Iterator[str]:
    """No placeholder left over; Chinese on an English page marked as Chinese."""
    for each in elements:
        for text in (each.text, each.tail):
            if (
                text
                and re.search(r"%\(\w+\)s|\{\{|\}\}|\bNone\b|Undefined", text)
                and each.tag not in {"script", "style"}
            ):
                yield f"leftovers in {text.strip()!r}"
    language = "" if fragment else (root.get("lang") or "")
    if language == "en":
        yield from _unmarked_chinese(root, language)


# Their text is no element's content, or cannot hold an element.
NO_CONTENT = {"title", "script", "style", "textarea", "option", "text", "tspan"}


def _ranges(elements: list[Element]) -> Iterator[str]:
    """A range of numbers breaks at its dash, unless it is kept whole."""
    for each in elements:
        is_whole = "whole" in (each.get("class") or "").split()
        texts = [] if is_whole or each.tag in NO_CONTENT else [each.text]
        for text in (*texts, *(inner.tail for inner in each)):
            if found := re.search(r"\d[–～]\d", text or ""):
                yield f"a line may break within {text!r}, at {found[0]!r}"


def _unmarked_chinese(element: Element, language: str) -> Iterator[str]:
    language = element.get("lang") or language
    if element.tag in {"script", "head"}:
        return
    own = element.text or ""
    letters, chinese = len(_LETTERS.findall(own)), len(_CHINESE.findall(own))
    if language == "en" and chinese and chinese * 2 > letters:
        yield f"Chinese not marked as such: {own.strip()!r} in {element.tag}"
    for inner in element:
        if isinstance(inner.tag, str):
            yield from _unmarked_chinese(inner, language)
