"""A language has an address: for search engines, and for a link that is sent to a friend."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.world.addresses import OF_ITS_OWNER, example_of, open_addresses, parameters_of
from tests.world.markup import unfolded
from web.site.preferences import with_language

GUIDE = "/c/jian/handbook/gaoling-jintie"


def lang_of(response) -> str:
    found = re.search(r'<html lang="([^"]+)"', unfolded(response.text))
    assert found
    return found[1]


def canonical(response) -> str:
    found = re.search(r'<link rel="canonical" href="[a-z]+://[^/]+([^"]*)"', response.text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    "path", [GUIDE, "/communities", "/c/jian/search?q=低保", "/c/jian/facilities"]
)
async def test_an_address_with_a_language_is_in_that_language(resident, path) -> None:
    joint = "&" if "?" in path else "?"
    chinese, english = await resident.get(path), await resident.get(f"{path}{joint}lang=en")
    assert (lang_of(chinese), lang_of(english)) == ("zh-Hans", "en")
    assert "lang=" not in canonical(chinese)
    assert canonical(english).endswith("lang=en")
    # What is shared of an English page opens in English elsewhere, also by its code.
    assert "lang%3Den" in english.text


async def test_the_two_languages_of_a_page_are_never_mixed_in_memory(resident) -> None:
    chinese, english = ({"cookie": f"lianxin=lang:{lang}"} for lang in ("zh-Hans", "en"))
    for _ in range(2):
        assert lang_of(await resident.get(GUIDE, headers=chinese)) == "zh-Hans"
        assert lang_of(await resident.get(f"{GUIDE}?lang=en", headers=chinese)) == "en"
        assert lang_of(await resident.get(f"{GUIDE}?lang=zh-Hans", headers=english)) == "zh-Hans"
        assert lang_of(await resident.get(GUIDE, headers=english)) == "en"


@pytest.mark.parametrize("odd", ["fr", "", "en%00", "x" * 3000, "en&lang=xx"])
async def test_another_language_counts_as_none(resident, odd) -> None:
    assert lang_of(await resident.get(f"{GUIDE}?lang={odd}")) == "zh-Hans"


@pytest.mark.parametrize("path", ["/communities", "/c/jian", GUIDE, "/nothing"])
async def test_an_address_may_say_much_more_than_a_language(resident, path) -> None:
    more = "&".join(f"a{n}=1" for n in range(300))
    response = await resident.get(f"{path}?{more}&lang=en", follow_redirects=True)
    assert response.status_code in {200, 404}
    assert lang_of(response) == "en"


@pytest.mark.parametrize("path", [GUIDE, "/communities"])
async def test_who_comes_by_a_link_in_english_stays_in_english(resident, path) -> None:
    response = await resident.get(f"{path}?lang=en")
    assert "lang:en" in response.headers["set-cookie"]


@pytest.mark.parametrize("path", [GUIDE, "/communities"])
async def test_a_link_changes_no_language_that_a_person_chose(resident, path) -> None:
    chosen = {"cookie": "lianxin=lang:zh-Hans|community:jian"}
    response = await resident.get(f"{path}?lang=en", headers=chosen)
    assert lang_of(response) == "en"
    assert "set-cookie" not in response.headers


async def test_an_address_that_leads_to_another_leads_there_in_its_language(resident) -> None:
    seen = set()
    for address, methods in open_addresses().items():
        if parameters_of(address) & OF_ITS_OWNER or not any("GET" in each for each in methods):
            continue
        example = example_of(address)
        response = await resident.get(f"{example}{'&' if '?' in example else '?'}lang=en")
        if response.is_redirect:
            seen.add(address)
            asked = parse_qs(urlsplit(response.headers["location"]).query)
            assert asked.get("lang") == ["en"], address
    assert {"/", "/take", "/handbook", "/disclosures", "/c/{community}/b/{building}"} <= seen


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/?from=home-screen&lang=en", "/communities?lang=en"),
        ("/communities/?lang=en", "/communities?lang=en"),
        ("/?lang=fr", "/communities"),
        ("/?lang=zh-Hans", "/communities?lang=zh-Hans"),
        ("/staff?lang=en", "/staff/sessions/new?next=%2Fstaff%3Flang%3Den&lang=en"),
    ],
)
async def test_it_leads_to_the_same_place_in_a_language(resident, path, leads_to) -> None:
    assert (await resident.get(path)).headers["location"] == leads_to


def test_a_language_is_put_before_the_fragment_once_and_in_no_other_site() -> None:
    assert with_language("/c/jian#people", "en") == "/c/jian?lang=en#people"
    assert with_language("/c/jian?a=1", "en") == "/c/jian?a=1&lang=en"
    for as_it_is in ("/c/jian?lang=zh-Hans", "https://elsewhere.example/", "//elsewhere.example/"):
        assert with_language(as_it_is, "en") == as_it_is


async def test_the_switch_leads_to_the_page_without_the_language_of_its_address(resident) -> None:
    page = (await resident.get("/communities?q=jian&lang=en")).text
    assert 'name="next" value="/communities?q=jian"' in page


async def test_the_sitemap_names_each_page_in_each_language_and_the_other(resident) -> None:
    text = (await resident.get("/sitemap.xml")).text
    entries = re.findall(r"<url>(.*?)</url>", text)
    places = [re.search(r"<loc>([^<]+)</loc>", entry)[1] for entry in entries]  # type: ignore[index]
    assert len(places) == len(set(places))
    bare = [place for place in places if "lang=" not in place]
    assert len(places) == 2 * len(bare)
    for place, entry in zip(places, entries, strict=True):
        found = dict(re.findall(r'hreflang="([^"]+)" href="([^"]+)"', entry))
        assert place in found.values()
        assert found["x-default"] == found["zh-Hans"]
        assert found["en"] == f"{found['zh-Hans']}?lang=en"
