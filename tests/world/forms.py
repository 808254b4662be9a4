"""The office's forms as tests fill them in, and what they say."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from html import unescape
from typing import TYPE_CHECKING, Any

import html5lib
from sqlalchemy import func, select

from domain.staff import accounts, invitations
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role, StaffSession
from tests.world.clock import NOW
from tests.world.people import PASSWORD, Person, begun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    import httpx

    from tests.world.app import Browser

MAIL = {
    "public_url": "https://lianxin.test",
    "smtp_host": "mail.test",
    "smtp_from": "hall@lianxin.test",
}
"""Settings of a deployment that sends letters."""
NEW = "/staff/sessions/new"
CONFIRMATION = "/staff/second-factor/confirmation"
MINUTE = dt.timedelta(minutes=1)
CLERK = Grant(Role.CLERK)
CHINESE, ENGLISH = {"accept-language": "zh-CN"}, {"accept-language": "en"}


async def enter(
    browser: Browser, name: str, password: str = PASSWORD, **more: Any
) -> httpx.Response:
    """Send the sign-in form."""
    headers = more.pop("headers", None)
    form = {"name": name, "password": password, **more}
    return await browser.post("/staff/sessions", data=form, headers=headers)


async def signed_in_count(browser: Browser) -> int:
    """How many sessions there are."""
    async with browser.store.read() as session:
        return int(await session.scalar(select(func.count(StaffSession.id))) or 0)


async def link_for(browser: Browser, member_id: int | None = None, now: dt.datetime = NOW) -> str:
    """The path of an invitation, or of a password link for a person."""
    if member_id is None:
        invite = partial(
            invitations.invite, actor=COMMAND_LINE, full_name="韩秀芝", grant=CLERK, now=now
        )
        return f"/invitations/{await browser.store.write(invite)}"
    async with browser.store.read() as session:
        member = await accounts.member_with_roles(session, member_id)
    again = partial(invitations.invite_to_new_password, actor=COMMAND_LINE, member=member, now=now)
    return f"/invitations/{await browser.store.write(again)}"


def hidden(page: str) -> dict[str, str]:
    """What a page's form sends along unseen."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def posted(page: str, form_id: str) -> dict[str, list[str]]:
    """What a browser sends for a form as it was rendered, untouched and by no button."""
    found: dict[str, list[str]] = {}
    for name, value in _sent(_form(page, form_id)):
        found.setdefault(name, []).append(value)
    return found


def shown(page: str, form_id: str) -> list[str]:
    """The name of every field of a form, once for each time it is shown; boxes that are ticked
    for one name are one field. The pattern of a row that can be added counts like a row.
    """
    names: list[str] = []
    for element in _form(page, form_id).iter():
        name = element.get("name", "")
        is_box = element.get("type") == "checkbox"
        if element.tag in {"input", "select", "textarea"} and not (is_box and name in names):
            names.append(name)
    return names


def _form(page: str, form_id: str) -> Element:
    root: Element = html5lib.HTMLParser(namespaceHTMLElements=False).parse(page)
    [form] = [each for each in root.iter("form") if each.get("id") == form_id]
    return form


def _sent(part: Element) -> Iterator[tuple[str, str]]:
    for element in part:
        name, kind = element.get("name", ""), element.get("type")
        if element.tag == "textarea":
            yield name, re.sub(r"\r?\n", "\r\n", "".join(element.itertext()))
        elif element.tag == "select":
            options = list(element.iter("option"))
            chosen = [each for each in options if each.get("selected") is not None]
            yield name, (chosen or options)[0].get("value", "")
        elif element.tag == "input" and (kind != "checkbox" or element.get("checked") is not None):
            yield name, element.get("value", "")
        # A browser keeps what stands in a template apart from the page.
        elif element.tag != "template":
            yield from _sent(element)


def way_on(page: str) -> str:
    """Where the sign-in form leads to."""
    form = page.partition('action="/staff/sessions" method="post">')[2]
    return hidden(form)["next"]


def field(page: str, name: str) -> str:
    """What stands around an input: from its label to the end of its paragraph."""
    found = re.search(rf'<p class="field"><label for="{name}">.*?</p>', page, re.DOTALL)
    assert found, f"no field {name}"
    return found.group()


async def half_way(own: Browser, person: Person, now: dt.datetime = NOW) -> dict[str, str]:
    """After the password and before the second factor: what their browser sends along."""
    return {"cookie": f"staff={await begun(own.store, person.id, now)}"}


TAKE = "/c/liujiazhuang/take"


POST = "/halls/liujiazhuang/tickets"


async def form(browser: Browser, query: str = "?category=B") -> dict[str, Any]:
    """The hidden fields of the form as it was rendered."""
    page = (await browser.get(TAKE + query)).text
    fields = dict(
        re.findall(r'<input type="hidden" name="(category|request)" value="([^"]+)"', page)
    )
    assert set(fields) == {"category", "request"}
    return fields


async def take(browser: Browser, letter: str = "B", **more: Any) -> str:
    """Take a number; the ticket's address."""
    fields = await form(browser, f"?category={letter}")
    response = await browser.post(POST, data={**fields, **more})
    assert response.status_code == 303, response.text
    return response.headers["location"]


RATING = {"level": "dissatisfied", "tag": ["long-wait", "friendly"], "words": "等了\r\n一小时"}
"""What a resident says after a visit."""


def words(response: httpx.Response) -> str:
    """What a page says, without its marks."""
    return words_of(response.text)


def words_of(html: str) -> str:
    """What a part of a page says, without its marks."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)))
