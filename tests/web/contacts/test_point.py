"""Where, by a tap on our own drawing: sent, shown, kept, moved by nothing, and erased."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from domain.contacts.tables import Conversation
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.databases import both_databases
from tests.world.district import places
from tests.world.matters import WORDS
from tests.world.people import arrived
from web.site.device_key import FormKey

if TYPE_CHECKING:
    import httpx

    from tests.world.app import Browser

HERE = "/c/liujiazhuang"
FORM = f"{HERE}/messages/new"
PIN = re.compile(r'class="pin" transform="translate\(([\d.]+) ([\d.]+)\)"')


def frame_in(page: str) -> dict[str, float]:
    """What the drawing of a page shows, as its script reads it."""
    found = re.search(r'data-frame="([^"]+)"', page)
    assert found
    frame: dict[str, float] = json.loads(html.unescape(found.group(1)))
    return frame


def tapped(page: str, x: Any = 0.25, y: Any = 0.5) -> str:
    """The field that the script fills after a tap."""
    return json.dumps({"x": x, "y": y, "frame": frame_in(page)})


async def posted(browser: Browser, point: str, **more: str) -> httpx.Response:
    form = {"request": FormKey.new().key, "words": WORDS, "point": point, **more}
    return await browser.post(f"{HERE}/messages", data=form)


async def begun(browser: Browser, **at: float) -> str:
    """A conversation with a pin; its address."""
    response = await posted(browser, tapped((await browser.get(FORM)).text, **at))
    assert response.status_code == 303, response.text
    address: str = response.headers["location"]
    return address


async def conversation(browser: Browser) -> Conversation:
    async with browser.store.read() as session:
        return await session.get_one(Conversation, 1)


@both_databases
async def test_the_point_is_shown_to_the_resident_and_to_who_answers(own) -> None:
    address = await begun(own)
    pin = PIN.search((await own.get(address)).text)
    assert pin
    assert (float(pin.group(1)), float(pin.group(2))) == (90.0, 135.0)
    place = (await places(own.store)).community["liujiazhuang"]
    office = await arrived(own.store, "shuji", Grant(Role.ADMINISTRATOR, community_id=place))
    desk = await own.get("/staff/matters/1", headers=office.headers)
    assert PIN.search(desk.text)


async def test_the_nearest_place_is_said_in_words(own) -> None:
    page = (await own.get(FORM)).text
    mark = re.search(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="13" data-near="([^"]+)"', page)
    assert mark
    x, y, name = float(mark.group(1)) / 360, float(mark.group(2)) / 270, mark.group(3)
    address = (await posted(own, tapped(page, x, y))).headers["location"]
    assert f"{name}附近" in (await own.get(address)).text


async def test_a_message_without_a_point_shows_no_drawing(own) -> None:
    address = (await posted(own, "")).headers["location"]
    page = (await own.get(address)).text
    assert "locator" not in page
    assert (await conversation(own)).map_x is None


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (1.01, 0.5),
        (-0.01, 0.5),
        (0.5, 7),
        (float("nan"), 0.5),
        (0.5, float("inf")),
        (1e308, 0.5),
        ("left", 0.5),
        (None, None),
        ([0.5], 0.5),
    ],
)
async def test_a_point_outside_or_that_is_none_is_refused_and_the_words_stay(own, x, y) -> None:
    page = (await own.get(FORM)).text
    response = await posted(own, tapped(page, x, y), asker="王秀兰")
    assert response.status_code == 422
    assert "请在图上重新点一下" in response.text
    assert WORDS in response.text
    assert "王秀兰" in response.text
    # The next try is not refused for the same point.
    assert 'name="point" value=""' in response.text


@pytest.mark.parametrize(
    "point",
    [
        "here",
        "{}",
        "[0.5, 0.5]",
        '{"x": 0.5, "y": 0.5}',
        '{"x": 0.5, "y": 0.5, "frame": {"latitude": 36.6, "longitude": 117.0, "scale": 0}}',
        '{"x": 0.5, "y": 0.5, "frame": {"latitude": 36.6, "longitude": 1e999, "scale": 1}}',
        '{"x": 0.5, "y": 0.5, "frame": {"latitude": 3.6, "longitude": 17.0, "scale": 1}}',
        '{"x": 0.5,' + " " * 5000,
        "[" * 5000,
        "9" * 5000,
    ],
)
async def test_no_point_that_a_stranger_makes_up_is_taken(own, point) -> None:
    response = await posted(own, point)
    assert response.status_code == 422
    assert WORDS in response.text


@pytest.mark.parametrize(
    "wrong", [{"phone": "call me"}, {"request": "made up"}, {"words": ""}, {"words": "着火了"}]
)
async def test_a_bad_point_beside_another_fault_is_no_error_of_ours(own, wrong) -> None:
    response = await posted(own, "here", **wrong)
    assert response.status_code == 422
    assert 'name="point" value=""' in response.text


async def test_a_refused_message_still_has_its_pin(own) -> None:
    page = (await own.get(FORM)).text
    response = await posted(own, tapped(page), phone="call me")
    assert response.status_code == 422
    assert PIN.search(response.text)
    kept = re.search(r'name="point" value="([^"]+)"', response.text)
    assert kept
    again = await posted(own, html.unescape(kept.group(1)))
    assert again.status_code == 303


async def test_a_pin_stays_where_it_was_when_the_drawing_changes(own) -> None:
    page = (await own.get(FORM)).text
    frame = frame_in(page)
    # The office entered a place far away meanwhile: the drawing of then showed half as much.
    then = {**frame, "scale": round(frame["scale"] * 2, 5)}
    point = json.dumps({"x": 0.75, "y": 0.5, "frame": then})
    shown = (await own.get((await posted(own, point)).headers["location"])).text
    pin = PIN.search(shown)
    assert pin
    assert float(pin.group(1)) == 270.0
    # The hall is drawn where it lies beside the pin, at the scale of then.
    halls = [
        re.search(r'class="hall-mark".*?d="M([\d.]+)', text, re.DOTALL) for text in (page, shown)
    ]
    now, before = (float(found.group(1)) + 10 - 180 for found in halls if found)
    assert before == pytest.approx(now * 2, abs=0.5)


async def test_the_copy_of_everything_says_where(own) -> None:
    address = await begun(own)
    copy = await own.get(f"{address}/copy")
    with zipfile.ZipFile(io.BytesIO(copy.content)) as archive:
        words = archive.read("words.html").decode()
    assert PIN.search(words)


async def test_erasing_leaves_no_point(own) -> None:
    address = await begun(own)
    assert (await conversation(own)).map_frame is not None
    await own.post(f"{address}/closing")
    await own.post(f"{address}/erasing", data={"sure": "yes"})
    talk = await conversation(own)
    assert (talk.map_x, talk.map_y, talk.map_frame) == (None, None, None)
