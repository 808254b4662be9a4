"""撤并 for residents: every old address and code leads on, and what was theirs is still there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from domain.papers import kinds
from domain.papers.paper import Paper
from domain.places.content import EndedCommunity
from domain.places.tables import Community
from domain.queue.days import close_day
from domain.queue.tables import Ticket
from domain.staff.actor import COMMAND_LINE
from push.follows import Topic, follow, follows_of
from push.recipients import device
from tests.world.addresses import example_of
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.forms import take, words_of
from tests.world.halls import hall_of
from tests.world.links import OF_ANY_COMMUNITY
from tests.world.papers import publish, read
from tests.world.people import DISTRICT_ADMINISTRATOR, Person, arrived

if TYPE_CHECKING:
    from tests.world.app import Browser

HOME, OTHER = "liujiazhuang", "jian"
pytestmark = both_databases


async def merged(own: Browser, successor: str | None = OTHER) -> Person:
    """Merge one community into another; who did it."""
    person = await arrived(own.store, "merger", DISTRICT_ADMINISTRATOR)
    paper = Paper(kinds.PLACE, None, HOME)
    ended = EndedCommunity(day=NOW.date(), successor=successor)
    document = (await read(own.store, paper)).model_copy(update={"ended": ended})
    await publish(own.store, paper, document, actor=person.actor)
    return person


async def test_every_address_of_it_leads_to_a_page(own) -> None:
    await merged(own)
    for address in (each for each in OF_ANY_COMMUNITY if each.startswith("/c/")):
        example = example_of(address, community=HOME)
        response = await own.get(example)
        while "location" in response.headers:
            response = await own.get(response.headers["location"])
        assert response.status_code < 400, address


async def test_home_says_what_became_of_it(own) -> None:
    await merged(own)
    response = await own.get(f"/c/{HOME}")
    assert response.headers["location"] == f"/c/{OTHER}?was={HOME}"
    page = (await own.get(response.headers["location"])).text
    assert "刘家庄社区已经并入" in page
    assert "已经并入" not in (await own.get(f"/c/{OTHER}?was=yikang")).text


async def test_the_code_on_a_door_opens_that_building(own) -> None:
    await merged(own)
    response = await own.get(f"/c/{HOME}/b/2")
    door = response.headers["location"]
    assert door.startswith(f"/c/{OTHER}/b/")
    response = await own.get(door)
    assert response.headers["location"].startswith(f"/c/{OTHER}")
    assert f"community:{OTHER}" in response.headers["set-cookie"]


async def test_a_phone_at_home_there_is_at_home_in_the_other(own) -> None:
    await merged(own)
    headers = {"cookie": f"lianxin=community:{HOME}|building:2"}
    assert (await own.get("/", headers=headers)).headers["location"] == f"/c/{OTHER}"
    here = (await own.get("/f/here", headers=headers)).text
    assert "新居 2 号楼" in here
    near = (await own.get("/halls", params={"from": "home"}, headers=headers)).text
    assert "新居 2 号楼" in words_of(near) or "刘家庄新居" in words_of(near)
    name = (await own.services.published()).names[OTHER]
    assert "您的社区" in (await own.get("/halls", params={"q": name}, headers=headers)).text


@pytest.mark.parametrize("times", [1, 2], ids=["rendered", "kept"])
async def test_the_next_page_tells_the_phone_so(own, times) -> None:
    """Also a page that is kept for everybody: its script reads the home from the cookie."""
    await merged(own)
    headers = {"cookie": f"lianxin=view:elder|community:{HOME}|building:2"}
    for _ in range(times):
        response = await own.get(f"/c/{OTHER}/hall", headers=headers)
    assert f"view:elder|community:{OTHER}|building:" in response.headers["set-cookie"]
    past = await own.get(f"/c/{HOME}/disclosures", headers=headers)
    assert f"community:{HOME}" not in past.headers.get("set-cookie", "")


async def test_a_number_and_what_was_published_stay_readable(own) -> None:
    await take(own)
    async with own.store.read() as session:
        token = await session.scalar(select(Ticket.token))
    hall = await hall_of(own.store)
    await own.store.write(
        lambda session: close_day(session, COMMAND_LINE, hall.id, hall.community_id, NOW)
    )
    await merged(own)
    assert (await own.get(f"/tickets/{token}")).status_code == 200
    assert (await own.get(f"/c/{HOME}/disclosures/6")).status_code == 200


async def test_a_form_for_it_is_refused_with_where_to_go(own) -> None:
    await merged(own)
    for address in (f"/c/{HOME}/messages", f"/halls/{HOME}/tickets"):
        response = await own.post(address, data={"words": "路灯坏了", "category": "A"})
        assert response.status_code == 410, address
        assert f'href="/c/{OTHER}"' in response.text
    async with own.store.read() as session:
        assert (await session.scalars(select(Ticket))).all() == []


async def test_it_is_in_no_list_any_more(own) -> None:
    person = await merged(own)
    for address in ("/communities", "/halls", "/sitemap.xml", "/staff/devices"):
        assert f"/c/{HOME}" not in (await own.get(address, headers=person.headers)).text, address
    office = (await own.get("/staff/communities", headers=person.headers)).text
    assert f'"/staff/places/{HOME}"' in office
    assert (await own.get(f"/staff/c/{HOME}/hall", headers=person.headers)).status_code == 200
    assert (await own.get("/staff/log", headers=person.headers)).status_code == 200
    assert (await own.get("/staff/people", headers=person.headers)).status_code == 200


async def test_without_a_successor_people_choose(own) -> None:
    await merged(own, None)
    assert (await own.get(f"/c/{HOME}/hall")).headers["location"] == "/communities"
    headers = {"cookie": f"lianxin=community:{HOME}"}
    assert (await own.get("/", headers=headers)).headers["location"] == "/communities"
    refused = await own.post(f"/c/{HOME}/messages", data={"words": "路灯坏了"})
    assert refused.status_code == 410
    assert 'href="/communities"' in refused.text


async def test_who_followed_it_follows_the_other_as_well(own) -> None:
    async with own.store.read() as session:
        ids = dict((await session.execute(select(Community.slug, Community.id))).all())
    ways = (Topic(ids[HOME]), Topic(ids[HOME], "finance"), Topic(ids[OTHER], "finance"))
    for topic in ways:
        await own.store.write(partial(follow, recipient=device("d"), topic=topic, now=NOW))
    await merged(own)
    async with own.store.read() as session:
        found = [(one.community_id, one.kind) for one, _ in await follows_of(session, device("d"))]
    assert sorted(found) == sorted(
        (at, kind) for at in (ids[HOME], ids[OTHER]) for kind in ("", "finance")
    )
