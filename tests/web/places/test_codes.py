"""QR codes: they hold exactly the address they promise, and lead nowhere but here."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from PIL import Image
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_Q
from qrcode.image.pil import PilImage
from qrcode.main import QRCode

from domain.places.tables import name_with_compound
from tests.world.district import FILES
from web.site.preferences import preferences_of

Modules = list[list[bool]]

BORDER = 4
"""Modules that stay white around a code (ISO/IEC 18004)."""
LEADS_AWAY = [
    "https://elsewhere.test/",
    "//elsewhere.test/",
    "///elsewhere.test/",
    "/\\elsewhere.test/",
    "\\\\elsewhere.test/",
    "\\/elsewhere.test/",
    "/\t/elsewhere.test/",
    "/\n/elsewhere.test/",
    "\t//elsewhere.test/",
    " //elsewhere.test/",
    "javascript:alert(1)",
    "data:text/html,x",
    "elsewhere.test",
    "@elsewhere.test",
    "",
    "/" + "a" * 5000,
]


def drawn(address: str, level: int = ERROR_CORRECT_Q) -> Modules:
    """The modules of the code of an address, as the standard has them."""
    code = QRCode(error_correction=level, border=BORDER, image_factory=PilImage)
    code.add_data(address)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def seen_in_svg(body: bytes) -> Modules:
    """The modules of a drawing: its path is made of one small square each."""
    text = body.decode()
    width = re.search(r'viewBox="0 0 ([0-9.]+) ', text)
    squares = re.findall(r"M([0-9.]+),([0-9.]+)H([0-9.]+)", text)
    assert width
    assert squares
    module = float(squares[0][2]) - float(squares[0][0])
    size = round(float(width.group(1)) / module)
    modules = [[False] * size for _ in range(size)]
    for x, y, _ in squares:
        modules[round(float(y) / module)][round(float(x) / module)] = True
    return modules


def seen_in_png(body: bytes) -> Modules:
    """The modules of a picture, each looked at in its middle."""
    picture = Image.open(BytesIO(body)).convert("L")
    dark = picture.point(lambda value: 255 * (value < 128)).getbbox()
    assert dark
    # The first row of a code begins with a finder pattern of seven dark modules.
    run = 0
    while picture.getpixel((dark[0] + run, dark[1])) == 0:
        run += 1
    module, size = run // 7, picture.width // (run // 7)
    half = module // 2
    return [
        [picture.getpixel((x * module + half, y * module + half)) == 0 for x in range(size)]
        for y in range(size)
    ]


SEEN = {"svg": seen_in_svg, "png": seen_in_png}
TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@pytest.mark.parametrize("kind", ["svg", "png"])
@pytest.mark.parametrize(
    "to",
    ["/", "/c/liujiazhuang", "/c/liujiazhuang/b/bei-1", "/working-days?from=2026-11-23&days=7"],
)
async def test_a_code_holds_the_whole_address_of_its_page(resident, kind, to) -> None:
    response = await resident.get(f"/code.{kind}", params={"to": to})
    assert response.headers["content-type"] == TYPES[kind]
    assert SEEN[kind](response.content) == drawn(f"http://lianxin.test{to}")


@pytest.mark.parametrize("kind", ["svg", "png"])
async def test_a_code_can_tell_two_addresses_apart(resident, kind) -> None:
    response = await resident.get(f"/code.{kind}", params={"to": "/c/jian"})
    assert SEEN[kind](response.content) != drawn("http://lianxin.test/c/jiam")


async def test_a_picture_is_sharp_enough_for_ten_centimetres_on_paper(resident) -> None:
    response = await resident.get("/code.png", params={"to": "/c/liujiazhuang"})
    assert Image.open(BytesIO(response.content)).width >= 10 / 2.54 * 150


@pytest.mark.parametrize("kind", ["svg", "png"])
async def test_printed_codes_hold_the_public_address_and_not_the_requests(open_app, kind) -> None:
    async with open_app(public_url="https://lianxin.example.cn") as browser:
        response = await browser.get(f"/code.{kind}", params={"to": "/c/jian"})
        assert SEEN[kind](response.content) == drawn("https://lianxin.example.cn/c/jian")
        posters = (await browser.get("/c/jian/posters")).text
        assert "https://lianxin.example.cn/c/jian/handbook</p>" in posters
        assert "lianxin.test" not in posters


@pytest.mark.parametrize(
    ("public_url", "lasts"),
    [
        (None, False),
        ("http://127.0.0.1:8000", False),
        ("http://10.0.0.5", False),
        ("http://[fd00::1]:8000", False),
        ("http://hall-server", False),
        ("http://lianxin.local", False),
        ("https://lianxin.example.cn", True),
        ("http://8.8.8.8", True),
    ],
)
async def test_paper_warns_of_an_address_that_phones_may_not_reach(
    open_app, public_url, lasts
) -> None:
    async with open_app(public_url=public_url) as browser:
        page = (await browser.get("/c/jian/posters")).text
        assert ("先别张贴" not in page) is lasts
        assert lasts or f"二维码打开的是 {public_url or 'http://lianxin.test'}" in page


async def test_a_posters_code_takes_a_larger_hole_than_a_pages(resident) -> None:
    page = (await resident.get("/c/jian/posters")).text
    [first, *_] = re.findall(r'src="(/code[^"]+)"', page)
    poster = seen_in_svg((await resident.get(unescape(first))).content)
    assert poster == drawn("http://lianxin.test/c/jian", ERROR_CORRECT_H)
    assert len(poster) > len(drawn("http://lianxin.test/c/jian"))


async def test_a_code_comes_packed_where_the_browser_can_unpack_it(resident) -> None:
    asked = {"to": "/c/jian"}
    plain = await resident.get("/code.svg", params=asked, headers={"accept-encoding": "identity"})
    packed = await resident.get("/code.svg", params=asked, headers={"accept-encoding": "br"})
    assert packed.headers["content-encoding"] == "br"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert int(packed.headers["content-length"]) < 0.25 * len(plain.content)
    assert packed.content == plain.content


@pytest.mark.parametrize("to", LEADS_AWAY)
async def test_a_code_never_leads_away(resident, to) -> None:
    response = await resident.get("/code.svg", params={"to": to})
    assert seen_in_svg(response.content) == drawn("http://lianxin.test/")


@pytest.mark.parametrize("to", LEADS_AWAY)
async def test_the_page_of_a_code_never_leads_away(resident, to) -> None:
    page = (await resident.get("/code", params={"to": to})).text
    assert "http://lianxin.test/</a>" in page
    assert not re.search(r'(?:href|src|action)="[^"]*elsewhere', page)
    assert "javascript:" not in page


@pytest.mark.parametrize("to", LEADS_AWAY)
async def test_changing_a_preference_never_leads_away(resident, to) -> None:
    response = await resident.post("/preferences", data={"next": to, "view": "elder"})
    assert (response.status_code, response.headers["location"]) == (303, "/")


@pytest.mark.parametrize("character", ["\x7f", "\x85", "\ufffe"])
async def test_a_control_character_in_an_address_does_not_break_the_page(
    resident, character
) -> None:
    assert (await resident.get("/code", params={"to": f"/c/{character}"})).status_code == 200


async def test_the_page_of_a_code_shows_saves_and_names_it(resident) -> None:
    page = (await resident.get("/code?to=/c/jian/hall")).text
    assert 'src="/code.svg?to=/c/jian/hall"' in page
    assert 'href="/c/jian/hall">http://lianxin.test/c/jian/hall</a>' in page
    assert "打开 http://lianxin.test/c/jian/hall 的二维码" in page
    for kind in ("svg", "png"):
        link = re.search(rf'href="(/code\.{kind}\?[^"]+)"', page)
        assert link
        saved = await resident.get(unescape(link.group(1)))
        disposition = saved.headers["content-disposition"]
        assert disposition == f'attachment; filename="lianxin-code.{kind}"'


async def test_a_code_keeps_what_stands_in_its_query(resident) -> None:
    to = "/c/jian/search?q=低保&x=1"
    page = (await resident.get("/code", params={"to": to})).text
    picture = re.search(r'<img src="([^"]+)"', page)
    assert picture
    asked = parse_qs(urlsplit(unescape(picture.group(1))).query)
    assert asked["to"] == [to]


@pytest.mark.parametrize("community", ["liujiazhuang", "jian", "yikang"])
async def test_posters_are_one_sheet_for_gate_and_hall_and_one_a_door(resident, community) -> None:
    page = (await resident.get(f"/c/{community}/posters")).text
    content = FILES.communities[community].content
    doors = [
        (compound.name, building)
        for compound in content.compounds
        for building in compound.buildings
    ]
    sheets = re.findall(r'<section class="sheet[^"]*">(.*?)</section>', page, re.DOTALL)
    assert len(sheets) == 3 + len(doors)
    assert f"共 {len(sheets)} 张 A4" in page
    leads = [re.search(r'src="/code\.svg\?to=([^"&]+)', sheet) for sheet in sheets]
    assert [found and found.group(1) for found in leads] == [
        f"/c/{community}",
        f"/c/{community}/handbook",
        f"/c/{community}/take",
        *(f"/c/{community}/b/{building.slug}" for _, building in doors),
    ]
    for sheet, (compound, building) in zip(sheets[3:], doors, strict=True):
        assert f"<h2>{name_with_compound(compound, building.name)}</h2>" in sheet
        assert "手机会记住您住这栋楼" in sheet


async def test_a_poster_says_in_letters_what_its_code_says(resident) -> None:
    page = (await resident.get("/c/jian/posters")).text
    for sheet in re.findall(r'<section class="sheet[^"]*">(.*?)</section>', page, re.DOTALL):
        to = re.search(r"\?to=([^\"&]+)", sheet)
        letters = re.search(r'<p class="address">([^<]+)</p>', sheet)
        assert to
        assert letters
        assert letters.group(1) == f"http://lianxin.test{to.group(1)}"


async def test_a_community_without_buildings_still_has_its_three_posters(resident) -> None:
    page = (await resident.get("/c/houhuangtun/posters")).text
    assert page.count('<section class="sheet">') == 3


async def test_the_code_on_a_door_opens_home_and_remembers_the_building(resident) -> None:
    response = await resident.get("/c/liujiazhuang/b/bei-1")
    assert (response.status_code, response.headers["location"]) == (303, "/c/liujiazhuang")
    remembered = preferences_of(response.headers["set-cookie"])
    assert (remembered.community, remembered.building) == ("liujiazhuang", "bei-1")
    await resident.get("/c/liujiazhuang")
    assert "刘家庄社区</a>· 堤口北院" in (await resident.get("/f/here")).text


async def test_another_door_of_the_same_community_is_the_new_home(resident) -> None:
    await resident.get("/c/liujiazhuang/b/1")
    remembered = preferences_of((await resident.get("/c/liujiazhuang/b/2")).headers["set-cookie"])
    assert remembered.building == "2"


async def test_the_code_on_a_door_leaves_the_other_preferences_alone(resident) -> None:
    resident.cookies.set("lianxin", "lang:en|view:elder|size:28")
    remembered = preferences_of((await resident.get("/c/jian/b/dong")).headers["set-cookie"])
    assert (remembered.lang, remembered.view, remembered.size) == ("en", "elder", "28")
    assert remembered.building == "dong"


@pytest.mark.parametrize(
    "path", ["/c/liujiazhuang/b/99", "/c/liujiazhuang/b/dong", "/c/houhuangtun/b/1", "/c/mars/b/1"]
)
async def test_an_unknown_building_is_not_found_and_not_remembered(resident, path) -> None:
    response = await resident.get(path)
    assert response.status_code == 404
    assert "set-cookie" not in response.headers


async def test_a_code_is_small_and_its_lines_are_crisp_in_print(resident) -> None:
    response = await resident.get(httpx.URL("/code.svg", params={"to": "/c/liujiazhuang"}))
    assert len(response.content) < 40_000
    assert response.content.startswith(b"<?xml") or response.content.startswith(b"<svg")
