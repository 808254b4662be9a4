"""Documents of an office: read, tried and published, in the store and on their pages."""

from __future__ import annotations

import re
from functools import partial
from html import unescape
from typing import TYPE_CHECKING, Any

from domain.papers import kinds, versions
from domain.papers.paper import Paper
from domain.published import load_published
from domain.staff.actor import COMMAND_LINE
from tests.world.clock import NOW
from tests.world.forms import posted

if TYPE_CHECKING:
    import datetime as dt

    import httpx

    from domain.content import Content
    from domain.published import Published
    from domain.staff.actor import Actor
    from domain.store import Store
    from tests.world.app import Browser

GUIDE = "/staff/handbook/gaoling-jintie"
"""The desk of the allowance's guide, which residents read at `PUBLIC`."""
PUBLIC = "/c/liujiazhuang/handbook/gaoling-jintie"
DIBAO = "/staff/handbook/dibao"
OFFICE = "/staff/c/liujiazhuang"


async def read(store: Store, paper: Paper) -> Any:
    """The document as it is published."""
    async with store.read() as session:
        return await paper.read(session)


async def faults(store: Store, paper: Paper, document: Content) -> list[str]:
    """What is wrong with a document: where, and why."""
    async with store.read() as session:
        found = await paper.contradictions(session, document)
        return [f"{'.'.join(map(str, each.path))}: {each}" for each in found]


async def publish(  # noqa: PLR0913 - everything a publication is made of
    store: Store,
    paper: Paper,
    document: Content,
    *,
    actor: Actor = COMMAND_LINE,
    base: int | None = None,
    reason: str = "改正",
    now: dt.datetime = NOW,
) -> int:
    """Publish over version `base`, the newest by default; the new number."""
    if base is None:
        async with store.read() as session:
            base = (await versions.published(session, paper)).number
    given = partial(versions.publish, actor=actor, paper=paper, document=document)
    return await store.write(partial(given, base=base, reason=reason, now=now))


async def publish_right(store: Store, paper: Paper, document: Content, **how: Any) -> int:
    """Publish a document that must be right."""
    assert await faults(store, paper, document) == []
    return await publish(store, paper, document, **how)


async def published(store: Store) -> Published:
    """What residents read, without what the features find by search."""
    found = await load_published(store, lambda _community: ())
    assert found is not None
    return found


async def form_of(browser: Browser, desk: str) -> dict[str, Any]:
    """The form of a document as a browser would send it, read from the page that shows it."""
    page = await browser.get(desk)
    assert page.status_code == 200
    return dict(posted(page.text, "paper"))


async def typed_form(browser: Browser, paper: Paper) -> dict[str, Any]:
    """The form of a paper, with the values of single fields by themselves."""
    found = await form_of(browser, f"/staff/{paper.subject}")
    return {name: value[0] if len(value) == 1 else value for name, value in found.items()}


async def guide_form(browser: Browser) -> dict[str, Any]:
    """The form of the allowance's guide, as `typed_form`."""
    return await typed_form(browser, Paper(kinds.GUIDE, None, "gaoling-jintie"))


def began(page: str) -> dict[str, str]:
    """What the form of a page says it began from."""
    found = posted(page, "paper")
    return {name: found[name][0] for name in ("base", "began", "nonce")}


def words(response: httpx.Response) -> str:
    """What a page says, without its marks."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.text)))


def row(path: str, **values: str) -> dict[str, str]:
    """A row of a list in a form."""
    return {f"{path}.{name}": value for name, value in values.items()}


async def review(browser: Browser, desk: str, form: dict[str, Any]) -> str:
    """Write, and go to the page that says what publishing does."""
    response = await browser.post(f"{desk}/draft", data={**form, "do": "review"})
    assert response.headers["location"] == f"{desk}/publication", response.headers["location"]
    page = await browser.get(f"{desk}/publication")
    assert page.status_code == 200
    return page.text


async def publish_form(browser: Browser, desk: str, form: dict[str, Any], why: str = "改正") -> str:
    """Write, review and publish, as a person does; the review."""
    page = await review(browser, desk, form)
    response = await browser.post(f"{desk}/publication", data={"reason": why})
    assert response.headers["location"] == f"{desk}/versions"
    return page


async def refusal(browser: Browser, desk: str, form: dict[str, Any]) -> str:
    """The form with what is wrong in it."""
    response = await browser.post(f"{desk}/draft", data={**form, "do": "review"})
    assert response.headers["location"] == f"{desk}?check=1#problems"
    return (await browser.get(f"{desk}?check=1")).text
