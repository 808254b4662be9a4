"""Positions in an office's forms: our drawing beside them, and where a typed one lies."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from domain.geo import metres_east_north, wgs84
from domain.papers import kinds
from domain.papers.paper import Paper
from tests.world.clock import NOW
from tests.world.district import FILES
from tests.world.papers import OFFICE, publish, read
from tests.world.people import sign_in
from web.features import FEATURES
from web.papers.spec import specs_of, without_drawing

if TYPE_CHECKING:
    from tests.world.app import Browser

FULL = FILES.communities["liujiazhuang"].content
WITH_POSITIONS = {"hall", "facilities", "compounds"}


@pytest.fixture
async def editor(own: Browser, cast: Any) -> Browser:
    """A browser in which the editor of 刘家庄 is signed in."""
    await sign_in(own, cast.editor, NOW)
    return own


def part_of(page: str) -> str:
    """What a form offers beside each of its positions."""
    found = re.search(r"<template data-place-by-tap.*?</template>", page, re.DOTALL)
    return found.group(0) if found else ""


def data_of(part: str, name: str) -> Any:
    """What the drawing tells its script."""
    found = re.search(rf'data-{name}="([^"]+)"', part)
    assert found
    return json.loads(html.unescape(found.group(1)))


def test_every_form_with_a_position_has_our_drawing() -> None:
    with_position = [spec for spec in specs_of(FEATURES) if spec.form.has_position]
    assert {str(spec.kind) for spec in with_position} == WITH_POSITIONS
    with pytest.raises(LookupError, match="has a position and no drawing"):
        replace(with_position[0], drawing=without_drawing)


@pytest.mark.parametrize("kind", sorted(WITH_POSITIONS))
async def test_a_form_with_positions_has_one_drawing_and_says_where_they_are(editor, kind) -> None:
    page = (await editor.get(f"{OFFICE}/{kind}")).text
    assert page.count("data-place-by-tap") == 1
    assert page.count("data-frame") == 1
    named = re.findall(r'<fieldset class="group" id="([\w.]+)" data-position>', page)
    assert named
    for name in named:
        assert f'name="{name}.latitude"' in page


async def test_a_form_without_a_position_has_no_drawing(editor) -> None:
    page = (await editor.get(f"{OFFICE}/people")).text
    assert "data-place-by-tap" not in page
    assert "data-position" not in page


async def test_the_drawing_leaves_room_around_all_places(editor) -> None:
    part = part_of((await editor.get(f"{OFFICE}/facilities")).text)
    frame, (east, north) = data_of(part, "frame"), data_of(part, "degree-units")
    places = [wgs84(facility.position) for facility in FULL.facilities]
    places += [wgs84(compound.position) for compound in FULL.compounds]
    marks = [
        ((longitude - frame["longitude"]) * east, (latitude - frame["latitude"]) * north)
        for latitude, longitude in places
    ]
    assert all(abs(x) <= 90 and abs(y) <= 68 for x, y in marks)
    # At least 300 m to each side of the middle, however close the places are.
    assert 135 / frame["scale"] >= 300
    # What the script divides by is what the server multiplies with.
    middle = (frame["latitude"], frame["longitude"])
    metres = metres_east_north(middle, places[0])
    assert marks[0] == pytest.approx([each * frame["scale"] for each in metres], abs=0.01)


@pytest.mark.usefixtures("cast")
async def test_where_no_place_has_a_position_a_sentence_says_what_to_do(own) -> None:
    paper = Paper(kinds.HALL, "houhuangtun")
    hall = await read(own.store, paper)
    await publish(own.store, paper, hall.model_copy(update={"position": None}))
    page = (await own.get("/staff/c/houhuangtun/hall")).text
    assert "data-frame" not in page
    assert "第一个位置要粘贴或手工填写" in part_of(page)


@pytest.mark.parametrize(
    ("latitude", "longitude", "datum", "found"),
    [
        ("36.6838", "116.9602", "WGS-84", (36.6838, 116.9602)),
        ("36.683960", "116.965882", "GCJ-02", (36.6838, 116.9602)),
        ("３６.６８３８", " 116.9602 ", "WGS-84", (36.6838, 116.9602)),
        ("https://uri.amap.com/marker?position=116.965882,36.683960", "", "", (36.6838, 116.9602)),
        (
            "https://uri.amap.com/marker?position=116.965882,36.683960",
            "",
            "WGS-84",
            (36.68396, 116.965882),
        ),
        ("36.6838, 116.9602", "", "", None),
        ("36.6838", "", "WGS-84", None),
        ("96.6838", "116.9602", "WGS-84", None),
        ("nan", "116.9602", "WGS-84", None),
        ("36.6838", "116.9602", "BD-09", None),
    ],
)
async def test_the_server_says_where_a_typed_position_lies(
    editor, latitude, longitude, datum, found
) -> None:
    query = {"latitude": latitude, "longitude": longitude, "datum": datum}
    answer = await editor.get("/staff/position", params=query)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == (None if found is None else pytest.approx(found, abs=1e-5))
