"""The people of an office that publishes, each with a browser, and what they do there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from sqlalchemy import select

from domain.disclosures.tables import Disclosure, DisclosureRevision
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.district import places
from tests.world.forms import posted
from tests.world.people import Person, arrived, begun

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import httpx

    from tests.world.app import Browser

HERE = "/staff/c/liujiazhuang/disclosures"
TEXT = {
    "title": "11 月份社区工作经费收支",
    "summary": "修好了 3 号楼的灯。",
    "body": "支出见下表。",
    "responsible": "孟庆和（样例），社区会计，0531-00001204",
}


@dataclass
class PublishingOffice:
    """People by name, each with a browser's headers, and what they do."""

    browser: Browser
    # What each person may do; they arrive when they are first needed.
    grants: dict[str, Grant]
    people: dict[str, Person] = field(default_factory=dict)

    async def headers(self, who: str) -> dict[str, str]:
        """What this person's browser sends along."""
        if who not in self.people:
            now = self.browser.services.now()
            self.people[who] = await arrived(self.browser.store, who, self.grants[who], now=now)
        return self.people[who].headers

    async def get(self, who: str, path: str) -> httpx.Response:
        """What this person gets."""
        return await self.browser.get(path, headers=await self.headers(who))

    async def post(self, who: str, path: str, **fields: Any) -> httpx.Response:
        """What this person gets for a form."""
        return await self.browser.post(path, data=fields, headers=await self.headers(who))

    async def come_back(self) -> None:
        """Everyone signs in again: a session ends after two hours without use."""
        now = self.browser.services.now()
        for name, person in self.people.items():
            key = await begun(self.browser.store, person.id, now)
            self.people[name] = replace(person, key=key)

    async def begins(self, who: str = "writer", kind: str = "finance", **more: str) -> str:
        """Begin one; its address."""
        response = await self.post(who, HERE, kind=kind, **more)
        assert response.status_code == 303, response.text
        address = response.headers["location"]
        assert address.endswith("/draft")
        return address.removesuffix("/draft")

    async def form(self, who: str, one: str) -> dict[str, list[str]]:
        """The form of the draft, as it is shown to this person."""
        response = await self.get(who, f"{one}/draft")
        assert response.status_code == 200, response.headers
        return posted(response.text, "paper")

    async def writes(self, one: str, who: str = "writer", **fields: Any) -> httpx.Response:
        """Fill in the form and save it."""
        form: dict[str, Any] = {**await self.form(who, one), **fields}
        return await self.post(who, f"{one}/draft", **{"do": "save", **form})

    async def draft(self, one: str) -> Disclosure:
        """The disclosure with its draft."""
        async with self.browser.store.read() as session:
            found = await session.get_one(Disclosure, int(one.rpartition("/")[2]))
            await session.refresh(found, ["draft", "confirmed"])
            return found

    async def revisions(self, one: str) -> list[DisclosureRevision]:
        """Its revisions, the first one first."""
        async with self.browser.store.read() as session:
            return list(
                await session.scalars(
                    select(DisclosureRevision)
                    .where(DisclosureRevision.disclosure_id == int(one.rpartition("/")[2]))
                    .order_by(DisclosureRevision.number)
                )
            )

    async def sends(self, one: str, name: str, data: bytes, who: str = "writer") -> httpx.Response:
        """Send a file to this address, for the draft or for its ledger."""
        headers, files = await self.headers(who), {"file": (name, data)}
        return await self.browser.post(one, files=files, headers=headers)

    async def steps(self, one: str, *names: str, **fields: Any) -> httpx.Response:
        """Take the next step, one person after the other; the last answer."""
        for name in names:
            number = (await self.draft(one)).draft_number
            given = {"decision": "pass", "opinion": "账实相符", "draft": str(number), **fields}
            response = await self.post(name, f"{one}/steps", **given)
        return response

    async def all_steps(self, one: str) -> None:
        """Every step of a residents' affair."""
        for name in ("writer", "supervisor", "chief"):
            response = await self.steps(one, name)
            assert response.status_code == 303, (name, said(response))

    async def publishes(self, one: str, who: str = "chief", **fields: Any) -> httpx.Response:
        """Publish it."""
        number = (await self.draft(one)).draft_number
        return await self.post(
            who, f"{one}/publication", draft=str(number), **{"when": "now", **fields}
        )

    async def ready(self, **fields: Any) -> str:
        """One that took all its steps; its address."""
        one = await self.begins()
        response = await self.writes(one, **{**TEXT, **fields})
        assert response.status_code == 303, said(response)
        await self.all_steps(one)
        return one

    async def published(self, **fields: Any) -> str:
        """A published one; its address."""
        one = await self.ready(**fields)
        response = await self.publishes(one)
        assert response.status_code == 303, said(response)
        return one

    async def resident_sees(self, one: str) -> httpx.Response:
        """What a resident gets at its public address."""
        return await self.browser.get(one.removeprefix("/staff"))


def said(response: httpx.Response) -> str:
    """The words of a page that say what is wrong."""
    found = re.findall(r'role="alert"[^>]*>(.*?)</(?:p|section)>', response.text, re.DOTALL)
    found += re.findall(r'class="wrong"[^>]*>(.*?)</span>', response.text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>|\s+", " ", each) for each in found)


async def publishing_office(own: Browser) -> PublishingOffice:
    """People of the community, of its neighbour, and of the subdistrict around both."""
    found = await places(own.store)
    home, away = found.community["liujiazhuang"], found.community["jian"]
    above = found.subdistrict["dikoulu"]
    grants = {
        "writer": Grant(Role.EDITOR, community_id=home),
        "writer-too": Grant(Role.EDITOR, community_id=home),
        "supervisor": Grant(Role.SUPERVISOR, community_id=home),
        "chief": Grant(Role.ADMINISTRATOR, community_id=home),
        "clerk": Grant(Role.CLERK, community_id=home),
        "member": Grant(Role.PARTY_MEMBER, community_id=home),
        "neighbour": Grant(Role.EDITOR, community_id=away),
        "supervisor-away": Grant(Role.SUPERVISOR, community_id=away),
        "subdistrict": Grant(Role.EDITOR, subdistrict_id=above),
        "supervisor-above": Grant(Role.SUPERVISOR, subdistrict_id=above),
        "chief-above": Grant(Role.ADMINISTRATOR, subdistrict_id=above),
        "district": Grant(Role.ADMINISTRATOR),
    }
    return PublishingOffice(own, grants)


def book_of(rows: Sequence[Sequence[Any]], change: Callable[[Any], object] = bool) -> bytes:
    """A workbook with these rows on its first sheet, changed by `change`."""
    book = Workbook()
    book.active.title = "账目"
    for row in rows:
        book.active.append(row)
    change(book)
    file = BytesIO()
    book.save(file)
    return file.getvalue()
