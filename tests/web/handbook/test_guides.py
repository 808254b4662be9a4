"""The service handbook: index, categories, life events, guides and blank forms."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
from pydantic import ValidationError

from domain.handbook.guide import LifeEvent, Online
from domain.phones import grouped
from tests.world.clock import NOW
from tests.world.district import FILES

HOME = "/c/liujiazhuang/handbook"
GUIDE = f"{HOME}/gaoling-jintie"
ITEMS = {item.slug: item for source in FILES.handbook for item in source.content.items}


def words(html: str) -> str:
    """What can be read on a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2]).split())


def structured(html: str) -> dict[str, Any]:
    """What a search engine reads in a guide."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found
    read: dict[str, Any] = json.loads(found.group(1))
    return read


async def test_the_handbook_holds_every_item_under_its_category(resident) -> None:
    page = (await resident.get(HOME)).text
    assert "50 件事" in page
    for source in FILES.handbook:
        for item in source.content.items:
            assert f'href="{HOME}/{item.slug}"' in page
            assert item.name in page
    for category in FILES.categories.content:
        assert f'<section id="{category.slug}"' in page


async def test_a_category_shows_its_own_items_its_counter_and_whom_to_ask(resident) -> None:
    page = (await resident.get(f"{HOME}/categories/elderly")).text
    elderly = next(each.content for each in FILES.handbook if each.content.category == "B")
    assert set(re.findall(rf'href="{HOME}/([a-z-]+)"', page)) == {i.slug for i in elderly.items}
    assert "1 号窗口" in page
    assert "2 号窗口" not in page
    community = FILES.communities["liujiazhuang"].content
    asked = {each.name for each in community.people if "B" in each.categories}
    others = {each.name for each in community.people if "B" not in each.categories}
    assert asked
    assert all(name in page for name in asked)
    assert not any(f"</b> {name}" in page for name in others)


async def test_the_first_screen_says_for_whom_how_long_how_much_and_what_to_bring(resident) -> None:
    page = (await resident.get(GUIDE)).text
    first = words(page.partition("<h2")[0])
    item = ITEMS["gaoling-jintie"]
    assert item.audience in first
    assert "7 个工作日办结" in first
    assert "0 元" in first
    assert all(each.name in first for each in item.documents if not each.needed)


async def test_a_paper_that_only_some_need_is_not_among_what_everyone_brings(resident) -> None:
    item = next(each for each in ITEMS.values() if any(d.needed for d in each.documents))
    page = (await resident.get(f"{HOME}/{item.slug}")).text
    brief = words("<main" + page.partition('<dl class="brief">')[2].partition("</dl>")[0])
    for document in item.documents:
        assert (document.name in brief) is (document.needed is None)
        assert document.needed is None or document.needed in page


async def test_the_promise_is_a_date_and_the_urgent_one_too(resident) -> None:
    page = words((await resident.get(GUIDE)).text)
    assert "11月23日星期一受理，最晚办结 12月2日星期三" in page
    assert "急事：11月26日星期四前办好" in page


async def test_the_days_are_counted_one_by_one_from_day_zero(resident) -> None:
    page = (await resident.get(GUIDE)).text
    days = page.partition('<ol class="days-list">')[2].partition("</ol>")[0]
    numbers = re.findall(r'<span class="n">([^<]+)</span>', days)
    assert numbers == ["0", "1", "2", "3", "4", "–", "–", "5", "6", "7"]
    assert '<span>11月28日星期六</span><span class="soft">周末</span>' in days
    assert "受理，第 0 天" in days.partition("</li>")[0]


async def test_what_is_done_on_the_spot_has_no_calendar(resident) -> None:
    page = (await resident.get(f"{HOME}/laoren-youdai-zheng")).text
    assert "当场办结" in page
    assert "/working-days" not in page


async def test_on_a_day_off_the_guide_says_that_the_count_begins_later(own, clock) -> None:
    notice = "今天大厅不办公，从受理那天开始算"
    assert notice not in (await own.get(GUIDE)).text
    clock.now = NOW + dt.timedelta(days=5)
    assert notice in (await own.get(GUIDE)).text


async def test_a_promise_into_a_year_without_a_notice_names_the_year_and_is_provisional(
    own, clock
) -> None:
    clock.now = dt.datetime(2026, 12, 29, 9, 0, tzinfo=NOW.tzinfo)
    page = words((await own.get(GUIDE)).text)
    assert re.search(r"1月\d+日星期. 2027", page)
    assert "暂定：那一年的放假通知还没有公布" in page


async def test_a_guide_of_yesterday_is_not_shown_today(own, clock) -> None:
    assert "11月23日星期一受理" in (await own.get(GUIDE)).text
    clock.now = NOW + dt.timedelta(days=1)
    assert "11月24日星期二受理" in (await own.get(GUIDE)).text


async def test_a_community_adds_its_own_note_to_its_own_guide(resident) -> None:
    notes = {
        slug: next(n.note for n in source.content.notes if n.item == "gaoling-jintie")
        for slug, source in FILES.communities.items()
        if any(n.item == "gaoling-jintie" for n in source.content.notes)
    }
    assert len(notes) >= 2
    for slug in notes:
        page = (await resident.get(f"/c/{slug}/handbook/gaoling-jintie")).text
        read = re.sub("<[^>]+>", "", page)
        assert [each for each, note in notes.items() if note and grouped(note) in read] == [slug]


async def test_a_number_in_a_note_is_a_link(resident) -> None:
    page = (await resident.get("/c/jian/handbook/gaoling-jintie")).text
    assert '打 <a class="phone" href="tel:0531-00003104">0531-0000\u00a03104</a>，' in page


async def test_a_community_that_wrote_nothing_has_the_whole_guide(resident) -> None:
    page = (await resident.get("/c/houhuangtun/handbook/gaoling-jintie")).text
    assert all(each.name in page for each in ITEMS["gaoling-jintie"].documents)
    assert "后黄屯社区便民服务大厅" in page


async def test_every_paper_can_be_ticked_under_its_name(resident) -> None:
    page = (await resident.get(GUIDE)).text
    ticks = re.findall(r'<input type="checkbox" id="d(\d+)" data-tick="([^"]+)"', page)
    documents = ITEMS["gaoling-jintie"].documents
    assert ticks == [(str(n), each.name) for n, each in enumerate(documents, 1)]


async def test_what_is_ticked_never_reaches_the_server(resident) -> None:
    page = (await resident.get(GUIDE)).text
    for tag in re.findall(r"<input[^>]*data-tick[^>]*>", page):
        assert " name=" not in tag
        assert " hx-" not in tag


async def test_a_blank_form_has_a_line_for_every_field(resident) -> None:
    item = ITEMS["dibao"]
    number, form = next((n, d) for n, d in enumerate(item.documents, 1) if d.blank)
    address = f"{HOME}/dibao/forms/{number}"
    assert f'href="{address}"' in (await resident.get(f"{HOME}/dibao")).text
    page = (await resident.get(address)).text
    assert re.findall(r'<th scope="row">([^<]+)</th>', page) == list(form.blank)
    assert "样例表格" in page


@pytest.mark.parametrize("number", ["0", "1", "99", "999999999999999999999", "9" * 5000])
async def test_a_form_that_does_not_exist_leads_to_its_guide(resident, number) -> None:
    response = await resident.get(f"{HOME}/dibao/forms/{number}")
    assert response.status_code == 404
    assert f'href="{HOME}/dibao"' in response.text


async def test_a_guide_says_to_search_engines_what_it_says_to_people(resident) -> None:
    item = ITEMS["gaoling-jintie"]
    read = structured((await resident.get(GUIDE)).text)
    assert (read["@context"], read["@type"]) == ("https://schema.org", "GovernmentService")
    assert read["url"] == f"http://lianxin.test{GUIDE}"
    assert read["name"] == item.name
    assert read["alternateName"] == list(item.everyday_names)
    assert read["offers"]["price"] == "0"
    assert read["provider"]["name"] == "刘家庄社区服务大厅"
    [counter] = read["availableChannel"]
    assert counter["servicePhone"]["telephone"] == item.enquiry_phone
    assert counter["processingTime"] == "P11D"


THING = {
    "@context", "@id", "@type", "additionalType", "alternateName", "description",
    "disambiguatingDescription", "identifier", "image", "mainEntityOfPage", "name", "owner",
    "potentialAction", "sameAs", "subjectOf", "url",
}  # fmt: skip
SERVICE = {
    "aggregateRating", "areaServed", "audience", "availableChannel", "award", "brand", "broker",
    "category", "hasCertification", "hasOfferCatalog", "hoursAvailable", "isRelatedTo",
    "isSimilarTo", "logo", "offers", "provider", "providerMobility", "review", "serviceOutput",
    "serviceType", "slogan", "termsOfService",
}  # fmt: skip
VOCABULARY = {
    "Thing": set(),
    "GovernmentService": SERVICE | {"jurisdiction", "serviceOperator"},
    "Audience": {"audienceType", "geographicArea"},
    "AdministrativeArea": {"address", "geo", "telephone"},
    "GovernmentOffice": {"address", "email", "geo", "openingHoursSpecification", "telephone"},
    "Offer": {"availability", "eligibleRegion", "price", "priceCurrency", "priceSpecification"},
    "OpeningHoursSpecification": {"closes", "dayOfWeek", "opens", "validFrom", "validThrough"},
    "Place": {"address", "geo", "openingHoursSpecification", "telephone"},
    "ContactPoint": {"areaServed", "availableLanguage", "contactType", "email", "telephone"},
    "ServiceChannel": {
        "availableLanguage", "processingTime", "providesService", "serviceLocation", "servicePhone",
        "servicePostalAddress", "serviceSmsNumber", "serviceUrl",
    },
}  # fmt: skip
"""What schema.org 29 lets a type have beside the properties of `Thing`, of the types we use."""
RANGES = {
    "serviceOutput": {"Thing"},
    "serviceOperator": {"GovernmentOffice"},
    "provider": {"GovernmentOffice"},
    "availableChannel": {"ServiceChannel"},
    "hoursAvailable": {"OpeningHoursSpecification"},
    "serviceLocation": {"Place"},
    "servicePhone": {"ContactPoint"},
    "offers": {"Offer"},
    "audience": {"Audience"},
    "areaServed": {"AdministrativeArea", "Place"},
}
"""The types that a property takes; of all others a text is taken."""


def unknown_in(value: Any, path: str = "") -> list[str]:
    """What the vocabulary does not have: properties of the wrong type, and values of the wrong one."""
    if isinstance(value, list):
        return [fault for each in value for fault in unknown_in(each, path)]
    if not isinstance(value, dict):
        return [f"{path} is no {RANGES[path]}"] if path in RANGES else []
    kind = value["@type"]
    faults = [f"{kind}.{name}" for name in value if name not in VOCABULARY[kind] | THING]
    if path and kind not in RANGES.get(path, set()):
        faults.append(f"{path} is a {kind}")
    return faults + [fault for name, inner in value.items() for fault in unknown_in(inner, name)]


def test_what_the_vocabulary_does_not_have_is_found() -> None:
    planted = {"@type": "GovernmentService", "inLanguage": "zh", "serviceOutput": "a card"}
    assert unknown_in(planted) == [
        "GovernmentService.inLanguage",
        "serviceOutput is no {'Thing'}",
    ]


async def test_every_guide_says_only_what_schema_org_has_a_word_for(resident) -> None:
    for slug in ITEMS:
        read = structured((await resident.get(f"{HOME}/{slug}")).text)
        assert unknown_in(read) == [], slug


async def test_a_price_says_of_what(resident) -> None:
    read = structured((await resident.get(f"{HOME}/yangquan-dengji")).text)
    assert "年" in read["offers"]["description"]


async def test_what_is_done_online_begins_online(resident) -> None:
    page = (await resident.get(f"{HOME}/yidi-jiuyi")).text
    foot = page.partition('<div class="foot">')[2].partition("</div>")[0]
    first, second = re.findall(r'<a[^>]*class="(btn[^"]*)"[^>]*href="([^"]+)"', foot)
    assert first == ("btn", "https://fuwu.nhsa.gov.cn")
    assert second == ("btn quiet", "/c/liujiazhuang/take?item=yidi-jiuyi")
    assert "网上办 国家医保服务平台" in words(page)
    assert structured(page)["availableChannel"][1]["serviceUrl"] == "https://fuwu.nhsa.gov.cn"


async def test_an_app_is_named_and_a_page_of_ours_is_the_communitys_own(resident) -> None:
    page = (await resident.get(f"{HOME}/shiye-dengji")).text
    assert "网上办 爱山东" in words(page)
    assert page.partition('<div class="foot">')[2].count('class="btn') == 1
    page = (await resident.get("/c/jian/handbook/huanjing-zaosheng")).text
    assert 'class="btn" href="/c/jian/contacts"' in page


def test_a_guide_that_says_online_says_where() -> None:
    """In the steps and the place; 手机 alone may be a telephone."""
    for slug, item in ITEMS.items():
        told = " ".join([item.where, *(step.what for step in item.steps)])
        says_so = "网上" in told or "手机上就能办" in told
        assert item.online or not says_so, slug


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("https://si.12333.gov.cn", True),
        ("/contacts", True),
        ("http://example.cn", False),
        ("javascript:alert(1)", False),
        ("//example.cn", False),
        ("https://a b", False),
    ],
)
def test_only_an_address_that_opens_is_taken(address, fits) -> None:
    if fits:
        assert Online(name="某平台", address=address).address == address
    else:
        with pytest.raises(ValidationError):
            Online(name="某平台", address=address)


def test_every_item_belongs_to_something_that_happens() -> None:
    assert [slug for slug, item in ITEMS.items() if not item.life_events] == []
    assert {event for item in ITEMS.values() for event in item.life_events} == set(LifeEvent)


def test_the_steps_of_a_guide_add_up_to_its_promise() -> None:
    """What begins otherwise, as in `验收后 5 个工作日`, is not part of the promise."""
    for slug, item in ITEMS.items():
        counted = [re.match(r"([0-9]+) 个工作日", step.takes) for step in item.steps]
        assert sum(int(found[1]) for found in counted if found) == item.promised_days, slug


async def test_a_guide_prints_with_its_own_code_and_the_day(resident) -> None:
    paper = (await resident.get(GUIDE)).text.partition('<div class="on-paper">')[2]
    assert f'src="/code.svg?to={GUIDE}"' in paper
    assert f"http://lianxin.test{GUIDE}" in paper
    assert "打印于 2026年11月23日星期一" in paper


async def test_sample_content_is_marked_as_sample(resident) -> None:
    for address in (HOME, GUIDE, f"{HOME}/categories/elderly", f"{HOME}/events/child"):
        assert '<p class="sample"><b>样例</b>' in (await resident.get(address)).text


async def test_every_guide_can_be_read_around_in_english(resident) -> None:
    resident.cookies.set("lianxin", "lang:en")
    for slug, item in ITEMS.items():
        page = (await resident.get(f"{HOME}/{slug}")).text  # the house rules look at each
        assert '<html lang="en"' in page
        assert ">What to bring" in page
        assert f'<h1 lang="zh-Hans">{item.name}</h1>' in page.replace("<wbr>", "")
