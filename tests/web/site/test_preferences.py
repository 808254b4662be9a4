"""How a person likes to read, and where home is: one tap, one small cookie, no account."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie

import pytest

from web.site.preferences import SIZES, Preferences, preferences_of

HOME = "/c/liujiazhuang"
OFFICE = "/staff/c/liujiazhuang"
REFUSED = {
    "/halls/liujiazhuang/tickets": {"category": "B", "item": "gaoling-jintie", "request": "odd"},
    "/mine/notifications": {"from": "25:00", "to": "7:00"},
    "/mine/notifications/addresses": {"email": "no address"},
    "/staff/sessions": {"name": "admin", "password": "wrong"},
    "/staff/account/password": {"current": "wrong", "new": "short"},
    "/staff/account/notifications/addresses": {"email": "no address"},
    "/staff/second-factor/removal": {"password": "wrong"},
    "/staff/invitations": {"full_name": ""},
    "/staff/handbook/items": {"name": ""},
    f"{OFFICE}/exceptions": {"day": "nonsense"},
    f"{OFFICE}/counters/1/shifts": {},
    f"{OFFICE}/counters/1/calls": {},
    f"{OFFICE}/counters/1/pauses/ending": {},
}
"""Forms of residents and staff, filled in so that each is refused with a page."""


def html_tag(page: str) -> dict[str, str]:
    """What the page says about itself at its top."""
    tag = re.search(r"<html ([^>]+)>", page)
    assert tag
    return dict(re.findall(r'([a-z-]+)="([^"]*)"', tag.group(1)))


async def test_one_tap_changes_the_view_and_leads_back(resident) -> None:
    page = (await resident.get(f"{HOME}/hall")).text
    form = page.partition('<form class="switches"')[2].partition("</form>")[0]
    assert 'method="post" action="/preferences"' in form
    assert f'name="next" value="{HOME}/hall"' in form
    response = await resident.post("/preferences", data={"next": f"{HOME}/hall", "view": "elder"})
    assert (response.status_code, response.headers["location"]) == (303, f"{HOME}/hall")
    assert html_tag((await resident.get(f"{HOME}/hall")).text)["data-view"] == "elder"


async def test_the_way_into_the_elder_view_is_on_every_page(resident) -> None:
    for path in (HOME, f"{HOME}/handbook", "/mine", "/communities", "/offline", "/c/mars", "/code"):
        page = (await resident.get(path)).text
        assert 'name="view" value="elder">长辈版</button>' in page, path


async def test_the_language_switch_on_a_refused_form_ends_on_a_page(own, admin) -> None:
    for path, typed in REFUSED.items():
        own.cookies.clear()
        own.cookies.set("staff", admin.key)
        refused = await own.post(path, data=typed)
        assert refused.status_code in {403, 409, 422}, path
        switch = refused.text.partition('action="/preferences"')[2].partition("</form>")[0]
        # The answer itself, and the page with the form once it is held no more.
        answer = re.search(rf'name="next" value="({re.escape(path)}\?again=[\w-]+)"', switch)
        assert answer
        for there, status in ((answer[1], refused.status_code), (path, 200)):
            data = {"next": there, "lang": "en"}
            page = await own.post("/preferences", data=data, follow_redirects=True)
            assert (page.status_code, html_tag(page.text)["lang"]) == (status, "en"), path


async def test_the_cookie_stays_a_year_on_this_site_and_a_script_may_read_it(resident) -> None:
    response = await resident.post("/preferences", data={"view": "elder"})
    cookie = SimpleCookie(response.headers["set-cookie"])["lianxin"]
    assert (cookie["max-age"], cookie["samesite"].lower()) == (str(365 * 24 * 3600), "lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert not cookie["httponly"]  # static/js/preferences.js turns the view without a network
    assert not cookie["secure"]


async def test_behind_tls_the_cookie_is_never_sent_in_the_open(resident) -> None:
    response = await resident.post("https://lianxin.test/preferences", data={"view": "elder"})
    assert SimpleCookie(response.headers["set-cookie"])["lianxin"]["secure"]
    visited = await resident.get(f"https://lianxin.test{HOME}")
    resident.cookies.clear()
    visited = await resident.get(f"https://lianxin.test{HOME}")
    assert SimpleCookie(visited.headers["set-cookie"])["lianxin"]["secure"]


@pytest.mark.parametrize(
    ("field", "value", "attribute"),
    [
        ("view", "elder", "data-view"),
        ("size", "30", "data-size"),
        ("theme", "dark", "data-theme"),
        ("theme", "light", "data-theme"),
        ("lang", "en", "lang"),
    ],
)
async def test_a_preference_is_on_the_very_next_page(resident, field, value, attribute) -> None:
    assert html_tag((await resident.get(HOME)).text)[attribute] != value
    await resident.post("/preferences", data={field: value})
    assert html_tag((await resident.get(HOME)).text)[attribute] == value


async def test_one_preference_leaves_the_others_alone(resident) -> None:
    for given in ({"view": "elder"}, {"size": "28"}, {"theme": "dark"}, {"lang": "en"}):
        await resident.post("/preferences", data=given)
    assert html_tag((await resident.get(HOME)).text) == {
        "lang": "en",
        "data-view": "elder",
        "data-size": "28",
        "data-theme": "dark",
    }
    await resident.post("/preferences", data={"view": "standard"})
    assert html_tag((await resident.get(HOME)).text)["data-size"] == "28"


async def test_the_text_of_the_elder_view_is_18_to_30_pixels(resident) -> None:
    assert [int(size) for size in SIZES] == sorted(int(size) for size in SIZES)
    assert (SIZES[0], SIZES[-1]) == ("18", "30")
    page = (await resident.get("/mine")).text
    assert re.findall(r'name="size" value="(\d+)"', page) == list(SIZES)


@pytest.mark.parametrize(
    "given",
    [
        {"view": "huge"},
        {"size": "99"},
        {"size": "-1"},
        {"theme": "<script>"},
        {"lang": "fr"},
        {"lang": "zh"},
        {"community": "Liu Jia"},
        {"community": "../mine"},
        {"community": "a" * 41},
        {"building": "1;2"},
        {"building": "1|view:elder"},
        {"nothing": "known"},
    ],
)
async def test_an_odd_value_changes_nothing(resident, given) -> None:
    response = await resident.post("/preferences", data=given)
    assert response.status_code == 303
    cookie = SimpleCookie(response.headers["set-cookie"])["lianxin"].value
    assert preferences_of(f"lianxin={cookie}") == Preferences()


@pytest.mark.parametrize(
    "cookie",
    [
        "view:huge|size:1000|theme:<b>|lang:xx|community:../x",
        "view",
        ":|:|:",
        "view:elder" * 500,
        "%7Bview%7D",
        '"',
        "view:elder|view:odd|" + "x:y|" * 1000,
    ],
)
async def test_an_odd_cookie_never_breaks_a_page(resident, cookie) -> None:
    response = await resident.get(HOME, headers={"cookie": f"lianxin={cookie}"})
    assert response.status_code == 200
    tag = html_tag(response.text)
    assert tag["data-view"] in {"standard", "elder"}
    assert tag["data-size"] in SIZES


async def test_another_sites_cookie_of_a_similar_name_is_not_ours(resident) -> None:
    page = await resident.get(HOME, headers={"cookie": "xlianxin=view:elder; lianxinx=lang:en"})
    assert html_tag(page.text)["data-view"] == "standard"
    page = await resident.get(HOME, headers={"cookie": "other=1; lianxin=view:elder; more=2"})
    assert html_tag(page.text)["data-view"] == "elder"


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe=\xff", b"&&&", b"view=elder&view=odd", b"=", b"%"],
)
async def test_an_odd_form_is_answered(resident, body) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    response = await resident.post("/preferences", content=body, headers=kind)
    assert response.status_code == 303


@pytest.mark.parametrize(
    ("accept_language", "lang"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh-TW", "zh-Hans"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de-DE,en;q=0.5", "en"),
        ("de-DE,fr", "zh-Hans"),
        ("*", "zh-Hans"),
        ("", "zh-Hans"),
        (";;,,=", "zh-Hans"),
    ],
)
async def test_the_browsers_language_decides_until_the_person_does(
    resident, accept_language, lang
) -> None:
    asked = {"accept-language": accept_language}
    assert html_tag((await resident.get(HOME, headers=asked)).text)["lang"] == lang
    other = "en" if lang == "zh-Hans" else "zh-Hans"
    await resident.post("/preferences", data={"lang": other})
    assert html_tag((await resident.get(HOME, headers=asked)).text)["lang"] == other


async def test_the_language_can_be_changed_in_that_language(resident) -> None:
    page = (await resident.get(HOME)).text
    assert 'name="lang" value="en" lang="en">EN<span class="hidden">, Switch to English<' in page
    await resident.post("/preferences", data={"lang": "en"})
    page = (await resident.get(HOME)).text
    assert (
        'name="lang" value="zh-Hans" lang="zh-Hans">中<span class="hidden" lang="zh-Hans">文，切换为中文<'
        in page
    )


async def test_a_visit_makes_a_community_home(resident) -> None:
    await resident.get("/c/jian/handbook/dibao")
    assert (await resident.get("/")).headers["location"] == "/c/jian"
    await resident.get("/c/yikang")
    assert (await resident.get("/")).headers["location"] == "/c/yikang"


async def test_home_is_remembered_once_and_not_said_again(resident) -> None:
    assert "set-cookie" in (await resident.get(HOME)).headers
    assert "set-cookie" not in (await resident.get(f"{HOME}/hall")).headers


async def test_a_page_that_is_not_found_is_no_home(resident) -> None:
    await resident.get(HOME)
    for path in ("/c/mars", "/c/jian/handbook/nothing"):
        assert "set-cookie" not in (await resident.get(path)).headers
    assert (await resident.get("/")).headers["location"] == HOME


async def test_another_community_forgets_the_building(resident) -> None:
    await resident.get(f"{HOME}/b/bei-1")
    assert "堤口北院" in (await resident.get("/f/here")).text
    await resident.get("/c/jian")
    assert "济安社区</a></p>" in (await resident.get("/f/here")).text
    await resident.get(HOME)
    assert "堤口北院" not in (await resident.get("/f/here")).text


async def test_a_form_that_changes_the_community_forgets_the_building_too(resident) -> None:
    await resident.get(f"{HOME}/b/bei-1")
    response = await resident.post("/preferences", data={"community": "jian"})
    assert preferences_of(response.headers["set-cookie"]).building is None
    response = await resident.post("/preferences", data={"community": "jian", "view": "elder"})
    assert preferences_of(response.headers["set-cookie"]).community == "jian"


async def test_walking_around_at_home_keeps_the_building(resident) -> None:
    await resident.get(f"{HOME}/b/bei-1")
    await resident.get(f"{HOME}/handbook")
    await resident.post("/preferences", data={"view": "elder"})
    assert "堤口北院" in (await resident.get("/f/here")).text


async def test_a_home_that_is_gone_asks_again(resident) -> None:
    resident.cookies.set("lianxin", "community:gone|building:1")
    assert (await resident.get("/")).headers["location"] == "/communities"
    assert (await resident.get("/handbook")).headers["location"] == "/communities"
    assert "还没有选" in (await resident.get("/f/here")).text


async def test_the_page_of_ones_own_is_the_same_for_everybody(resident) -> None:
    first = (await resident.get("/mine")).text
    await resident.get(f"{HOME}/b/bei-1")
    assert (await resident.get("/mine")).text == first
