"""Search as one types: what is found, what is said when nothing is, and whatever people type."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from domain.search.index import entry_of
from domain.search.match import MOST_GUESSES
from domain.search.reading import LONGEST_QUERY
from tests.world.district import FILES
from web.handbook.search import SUGGESTIONS
from web.site.preferences import LANGUAGES

SEARCH = "/c/liujiazhuang/search"
HALL = FILES.communities["liujiazhuang"].content.hall


def results(html: str) -> list[str]:
    """Where the results lead, best first."""
    part = html.partition('<div id="results"')[2].partition('<section class="reach"')[0]
    return re.findall(r'<a class="row" href="/c/liujiazhuang([^"]+)"', part)


def typed_again(html: str) -> str:
    """What stands in the search field."""
    found = re.search(r'<input id="q" [^>]*?value="([^"]*)"', html)
    assert found
    return unescape(found.group(1))


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("低保", "/handbook/dibao"),
        ("社保卡丢了怎么办", "/handbook/shebao-ka"),
        ("gljt", "/handbook/gaoling-jintie"),
        ("廉租房", "/handbook/gongzufang"),
        ("ＤＩＢＡＯ", "/handbook/dibao"),
        ("  低保  ", "/handbook/dibao"),
    ],
)
async def test_what_people_type_finds_what_they_mean(resident, typed, first) -> None:
    page = (await resident.get(SEARCH, params={"q": typed})).text
    assert results(page)[0] == first


async def test_places_and_people_of_the_own_community_are_found_too(resident) -> None:
    facility = FILES.communities["liujiazhuang"].content.facilities[0]
    page = (await resident.get(SEARCH, params={"q": facility.name})).text
    assert results(page)[0] == f"/facilities#{facility.slug}"
    elsewhere = (await resident.get("/c/houhuangtun/search", params={"q": facility.name})).text
    # Below the rows the page is shared under a title with the words.
    rows = elsewhere.partition("<ul class=")[2].partition('<section class="reach"')[0]
    assert rows
    assert facility.name not in rows


async def test_what_was_typed_stays_in_the_field_and_the_results_are_counted(resident) -> None:
    page = (await resident.get(SEARCH, params={"q": "低保"})).text
    assert typed_again(page) == "低保"
    assert f"找到 {len(results(page))} 条" in page


async def test_before_a_word_is_typed_there_are_suggestions_that_find_something(resident) -> None:
    page = (await resident.get(SEARCH)).text
    assert "大家常找" in page
    for suggestion in SUGGESTIONS:
        assert f">{suggestion}</a>" in page
        assert results((await resident.get(SEARCH, params={"q": suggestion})).text)


async def test_no_result_says_what_to_try_and_whom_to_call(resident) -> None:
    page = (await resident.get(SEARCH, params={"q": "火箭发射"})).text
    assert results(page) == []
    assert "没有找到“火箭发射”" in page
    assert "换个说法试试" in page
    assert all(f">{suggestion}</a>" in page for suggestion in SUGGESTIONS)
    assert f'href="tel:{HALL.phone}"' in page
    assert 'href="/c/liujiazhuang/handbook">全部事项' in page


ODD = {
    "overlong": "低保" * 3000,
    "overlong Latin": "dibao" * 2000,
    "nothing but spaces": "   \t　",
    "nothing but fillers": "怎么办",
    "a null character": "低\x00保",
    "control characters": "\x01\x02\x1b[31m",
    "a control character of the second block": "\x85\x9f",
    "no character at all": "\ufffe\uffff",
    "invisible marks": "\u200b\u202e低保\u2066",
    "emoji": "👵🏻👨‍👩‍👧‍👦",
    "a rare character": "𠮷",
    "a syllable that nothing has": "xqzjvw",
    "digits": "1234567890",
    "SQL": "' OR 1=1; DROP TABLE community; --",
    "a pattern": "%_*?[a-z]+(.*",
    "a template": "{% for x in y %}${7*7}#{7*7}<%= 7*7 %>",
    "a placeholder": "%s %d {0} {words}",
    "a path": "../../../etc/passwd",
    "HTML": "<b>低保</b>",
    "an attribute": '" autofocus onfocus="alert(1)',
    "an entity": "&lt;&amp;&#60;",
    "one quote": "'",
    "a newline": "低保\r\nSet-Cookie: a=b",
    "line separators": "低\u2028保\u2029",
}


@pytest.mark.parametrize("path", [SEARCH, "/f/search?c=liujiazhuang"])
@pytest.mark.parametrize("odd", ODD)
async def test_whatever_is_typed_gets_a_normal_answer(resident, odd, path) -> None:
    address = httpx.URL(path).copy_merge_params({"q": ODD[odd]})
    response = await resident.get(address)  # the house rules look at it
    assert response.status_code == 200
    assert '<div id="results"' in response.text
    assert len(response.text) < 20_000


@pytest.mark.parametrize("raw", ["q=%ff%fe", "q=%", "q=%zz", "q&q&q", "q=a&q=b", "q%00=1", "&&=;"])
async def test_whatever_stands_in_the_address_gets_a_normal_answer(resident, raw) -> None:
    assert (await resident.get(f"{SEARCH}?{raw}")).status_code == 200


@pytest.mark.parametrize("typed", [ODD["HTML"], ODD["an attribute"], ODD["an entity"]])
async def test_html_that_is_typed_is_shown_as_it_was_typed(resident, typed) -> None:
    page = (await resident.get(SEARCH, params={"q": typed})).text
    assert typed_again(page) == typed
    assert typed not in page


async def test_only_so_much_of_an_overlong_question_is_looked_at_and_shown(resident) -> None:
    page = (await resident.get(SEARCH, params={"q": "养" * 5000})).text
    assert typed_again(page) == "养" * LONGEST_QUERY


async def test_the_fragment_is_the_same_results_without_the_page_around(resident) -> None:
    page = (await resident.get(SEARCH, params={"q": "低保"})).text
    fragment = await resident.get("/f/search", params={"c": "liujiazhuang", "q": "低保"})
    assert fragment.text.startswith('<div id="results"')
    assert "<html" not in fragment.text
    assert fragment.text.strip() in page


async def test_the_search_field_asks_for_the_fragment_as_one_types(resident) -> None:
    page = (await resident.get(SEARCH)).text
    assert 'hx-get="/f/search?c=liujiazhuang"' in page
    assert 'hx-target="#results"' in page


async def test_search_works_without_a_script(resident) -> None:
    page = (await resident.get("/c/liujiazhuang")).text
    form = page.partition('<form class="search"')[2].partition("</form>")[0]
    assert f'action="{SEARCH}"' in form
    assert 'method="get"' in form
    assert 'name="q"' in form


async def test_what_people_search_for_is_kept_by_nobody(resident) -> None:
    kept = len(resident.services.kept)
    for path in (SEARCH, "/f/search?c=liujiazhuang"):
        response = await resident.get(httpx.URL(path).copy_merge_params({"q": "低保"}))
        assert response.headers["cache-control"] == "no-store"
    assert len(resident.services.kept) == kept


async def test_results_are_named_in_english_and_stay_chinese(resident) -> None:
    resident.cookies.set("lianxin", "lang:en")
    page = (await resident.get(SEARCH, params={"q": "低保"})).text
    assert "Service item</span>" in page
    assert '<b lang="zh-Hans">最低生活保障申请</b>' in page


@pytest.mark.parametrize("query", ["", "c=", "c=mars", "c=../../etc", "c=%00"])
async def test_the_fragment_of_no_community_is_not_found(resident, query) -> None:
    request = resident.build_request("GET", f"/f/search?q=低保&{query}")
    # Sent past the check of fragments: an error at a fragment's address is a whole page.
    response = await httpx.AsyncClient.send(resident, request)
    assert response.status_code == 404


async def test_search_finds_also_after_a_phone_took_the_handbook_along(open_app) -> None:
    async with open_app() as browser:
        assert (await browser.get("/c/liujiazhuang/offline.json")).status_code == 200
        page = (await browser.get(SEARCH, params={"q": "低保"})).text
        assert results(page)[0] == "/handbook/dibao"


async def test_the_phone_has_the_same_entries_as_the_server(resident) -> None:
    response = await resident.get("/c/liujiazhuang/search.json")
    assert response.headers["content-type"] == "application/json"
    index = response.json()
    community = await (await resident.services.published()).community("liujiazhuang")
    entries = (await resident.services.published()).index_of(community).entries
    assert [each[0] for each in index["entries"]] == [entry.path for entry in entries]
    assert index["fillers"]
    assert "bao12" in index["sounds"].split()
    kinds = {each[1] for each in index["entries"]}
    assert {"Service item", "Life event", "Not done here", "Facility", "Partner", "Queue"} <= kinds
    assert kinds <= set(index["words"])


async def test_the_index_of_a_phone_is_light_enough_for_mobile_data(resident) -> None:
    answer = await resident.get("/c/liujiazhuang/search.json", headers={"accept-encoding": "br"})
    assert int(answer.headers["content-length"]) < 72 * 1024


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_the_phone_says_in_each_language_what_an_entry_is(resident, lang) -> None:
    resident.cookies.set("lianxin", f"lang:{lang}")
    index = (await resident.get("/c/liujiazhuang/search.json")).json()
    words, kinds = index["words"], {each[1] for each in index["entries"]}
    assert words["Facility"] == {"zh-Hans": "设施", "en": "Facility"}
    assert words["A death in the family"] == {"zh-Hans": "家人去世", "en": "A death in the family"}
    assert all(words[kind]["en"] == kind != words[kind]["zh-Hans"] for kind in kinds)
    # What an office wrote is in its own words.
    assert "最低生活保障申请" not in words


async def test_what_is_done_elsewhere_is_said_with_who_does_it(resident) -> None:
    page = (await resident.get(SEARCH, params={"q": "身份证丢了"})).text
    assert results(page)[0] == "/elsewhere#shenfenzheng"
    assert "社区大厅不办这件事" in page
    assert "公安派出所户籍窗口" in page
    there = (await resident.get("/c/liujiazhuang/elsewhere")).text
    assert 'id="shenfenzheng"' in there
    assert "不用回老家" in there


async def test_what_the_hall_does_stands_apart_from_what_it_does_not(resident) -> None:
    page = (await resident.get("/f/search", params={"c": "liujiazhuang", "q": "离婚"})).text
    elsewhere, _, here = page.partition("<b>大厅能帮上忙的：</b>")
    assert re.findall('class="row" href="([^"]+)"', elsewhere) == [
        "/c/liujiazhuang/elsewhere#lihun",
        "/c/liujiazhuang/elsewhere#fayuan",
    ]
    assert 'href="/c/liujiazhuang/handbook/renmin-tiaojie"' in here
    assert "/elsewhere#" not in here


@pytest.mark.parametrize("typed", ["不想活了", "着火了", "被骗了", "老公打我"])
async def test_who_is_in_danger_is_not_told_that_the_hall_does_not_do_this(resident, typed) -> None:
    part = (await resident.get("/f/search", params={"c": "liujiazhuang", "q": typed})).text
    assert "<b>请先打这个电话，再告诉我们，我们过去陪您。</b>" in part
    assert "<b>社区大厅不办这件事" not in part


async def test_what_is_done_elsewhere_stands_by_kinds_that_one_can_go_to(resident) -> None:
    assert FILES.elsewhere
    matters = FILES.elsewhere.content.matters
    page = (await resident.get("/c/liujiazhuang/elsewhere")).text
    main = page.partition("<main")[2].partition("</main>")[0]
    kinds = re.findall(r'<a href="#(matters-\d+)">([^<]+)</a>', main)
    assert kinds == re.findall(r'<h2 id="(matters-\d+)">([^<]+)</h2>', main)
    assert {matter.under for matter in matters} == {kind for _, kind in kinds}
    names = re.findall(r'<h3 id="[a-z-]+-name">([^<]+)</h3>', main)
    assert sorted(names) == sorted(matter.name for matter in matters)


async def test_a_guess_is_called_one_and_the_phone_stays(resident) -> None:
    page = (await resident.get(SEARCH, params={"q": "奥运会门票在哪买"})).text
    part = page.partition('<div id="results"')[2].partition("</main>")[0]
    assert "这些可能沾边" in part
    assert 0 < len(results(page)) <= MOST_GUESSES
    assert f'href="tel:{HALL.phone}"' in part
    sure = (await resident.get("/f/search", params={"c": "liujiazhuang", "q": "低保"})).text
    assert "这些可能沾边" not in re.sub(r'data-words-guess="[^"]*"', "", sure)


async def test_english_words_find_what_they_mean_in_the_english_view(resident) -> None:
    resident.cookies.set("lianxin", "lang:en")
    page = (await resident.get(SEARCH, params={"q": "register my dog"})).text
    assert results(page)[0] == "/handbook/yangquan-dengji"
    died = (await resident.get(SEARCH, params={"q": "my mother died"})).text
    assert "<b>A death in the family</b>" in died
    assert "Use English or Chinese words" in (await resident.get(SEARCH)).text


async def test_another_community_and_a_page_of_the_whole_site_have_their_own_address(
    resident,
) -> None:
    page = (await resident.get(SEARCH, params={"q": "济安社区"})).text
    assert '<a class="row" href="/c/jian">' in page
    page = (await resident.get(SEARCH, params={"q": "工作日计算器"})).text
    assert '<a class="row" href="/working-days">' in page


async def test_a_kind_of_entry_that_no_template_knows_is_shown_in_words(open_app) -> None:
    async with open_app() as browser:
        planted = entry_of("/hall", "Opening hours", "阮明哲", "", [("阮明哲", 1.0)])
        published = await browser.services.published()
        published.found_by_search = lambda _community: [planted]
        page = (await browser.get(SEARCH, params={"q": "阮明哲"})).text
        assert '<span class="days">开放时间</span>' in page
        index = (await browser.get("/c/liujiazhuang/search.json")).json()
        assert index["words"]["Opening hours"]["zh-Hans"] == "开放时间"
