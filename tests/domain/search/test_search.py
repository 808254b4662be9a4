"""Search: the words people use lead to the right guide, and nothing typed leads to an error."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from domain.handbook.search import CATEGORY, ELSEWHERE, EVENT, GUIDE
from domain.places.search import BRAND, COMMUNITY, FACILITY, FIRST_SECRETARY, HALL, PARTNER, PERSON
from domain.search.entry import NAMES
from domain.search.index import (
    MOST_RESULTS,
    SearchIndex,
    common_characters,
    entry_of,
    heard_as,
    sound_of,
    sounds_in_order,
    sounds_of,
)
from domain.search.reading import LONGEST_QUERY, as_meant, normalise, with_ages, without_fillers
from domain.search.spelling import fold, syllables_of

if TYPE_CHECKING:
    from domain.search.entry import Entry

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent.parent.parent / "search_cases.yaml").read_text(encoding="utf-8")
)
"""Also asked of `static/js/handbook/find/match.js` in a browser."""


def found_by(index: SearchIndex, typed: str) -> tuple[Entry, ...]:
    return index.find(typed).entries


@pytest.fixture(scope="session")
async def items(index) -> set[str]:
    """The path of every guide."""
    return {entry.path for entry in index.entries if entry.kind == GUIDE}


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["query"])[:40])
async def test_what_people_type_leads_to_the_right_guide(index, case) -> None:
    found = [entry.path for entry in index.find(case["query"]).entries]
    if case.get("nothing"):
        assert found == []
    else:
        assert found[:1], "nothing was found"
        assert found[0] in {slug if "/" in slug else f"/handbook/{slug}" for slug in case["first"]}


async def test_the_cases_are_well_formed_and_name_guides_that_exist(items) -> None:
    for case in CASES:
        assert set(case) in ({"query", "first"}, {"query", "nothing"}), case
        assert isinstance(case["query"], str), case
        assert case.get("nothing", True) is True, case
        for slug in case.get("first", []):
            assert slug.startswith("/") or f"/handbook/{slug}" in items, case
    queries = [case["query"] for case in CASES]
    assert len(set(queries)) == len(queries)


async def test_every_guide_is_found_first_by_its_own_name(index) -> None:
    wrong = {
        entry.name: index.find(entry.name).entries[0].path
        for entry in index.entries
        if entry.kind == GUIDE and index.find(entry.name).entries[0] is not entry
    }
    assert wrong == {}


async def test_every_guide_is_found_by_its_own_name_in_pinyin(index) -> None:
    missed = []
    for entry in index.entries:
        typed = "".join(sounds_of(normalise(entry.name)))
        if (
            entry.kind == GUIDE
            and len(typed) <= LONGEST_QUERY
            and entry not in found_by(index, typed)
        ):
            missed.append(typed)
    assert missed == []


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("老村书房", FACILITY),
        ("韩秀芝", PERSON),
        ("社会救助", CATEGORY),
        ("服务大厅", HALL),
        ("周六上班吗", HALL),
        ("第一书记", FIRST_SECRETARY),
        ("程立民", FIRST_SECRETARY),
        ("面粉厂", PARTNER),
        ("居委会", PARTNER),
        ("一格多元", BRAND),
        ("丧事", EVENT),
        ("身份证", ELSEWHERE),
        ("济安社区", COMMUNITY),
        ("jasq", COMMUNITY),
        ("图书馆", FACILITY),
    ],
)
async def test_everything_that_pages_show_is_found(index, typed, kind) -> None:
    found = index.find(typed)
    assert found.entries[0].kind == kind
    assert not found.is_guess


async def test_a_community_is_found_by_its_compounds_as_its_own_compound_is(index) -> None:
    assert index.find("济安新苑北区").entries[0].path == "/c/jian"
    assert index.find("锦禾苑").entries[0].path == "/facilities"


async def test_an_entry_says_its_words_once(index) -> None:
    assert index.words.count(GUIDE) == 1
    planted = entry_of("/lawyer", "Lawyer", "阮明哲", "", [("阮明哲", 1.0)])
    assert "Lawyer" in index.within([planted]).words
    assert index.within([planted]).find("阮明哲").entries == (planted,)


async def test_communities_share_what_they_all_find(index) -> None:
    """Or the handbook would stand in memory once for every community."""
    assert index.within([]).layers[0] is index.layers[0]


async def test_no_first_answer_rests_on_sound_alone_from_running_text(index) -> None:
    """死亡 found a text with 往事, and 丧事 one with 上 and 事 beside a removed 的."""
    entries = [entry_of("/a", GUIDE, "甲", "", [("把事往这里说，法律上的事", 1.0)])]
    assert SearchIndex(entries).find("死亡").entries == ()
    assert SearchIndex(entries).find("丧事").entries == ()
    assert all(
        not term.sounds for entry in index.entries for term in entry.terms if term.weight < NAMES
    )


async def test_a_removed_filler_leaves_a_gap(index) -> None:
    entries = [entry_of("/a", GUIDE, "党费交纳", "", [("党费交纳", 4.0)])]
    assert SearchIndex(entries).find("水费怎么交").is_guess
    assert index.find("水费怎么交").entries[0].path == "/elsewhere#gongshui"


@pytest.mark.parametrize(
    "typed",
    ["死亡", "丧事", "去世", "老伴没了", "我妈走了", "办白事", "婆婆昨晚走了", "独生女去世"],
)
async def test_who_lost_someone_is_led_to_the_life_event(index, typed) -> None:
    assert index.find(typed).entries[0].path == "/handbook/events/bereavement"


async def test_who_wants_to_die_is_told_whom_to_call(index) -> None:
    for typed in ("不想活了", "自杀", "活着没意思", "活不下去了", "割腕", "i want to kill myself"):
        found = index.find(typed)
        assert found.entries[0].path == "/elsewhere#xinli"
        assert not found.is_guess


async def test_no_list_is_longer_than_two_screens(index) -> None:
    assert len(found_by(index, "证")) <= MOST_RESULTS
    assert (
        max(len(found_by(index, word)) for word in ("证", "老", "d", "登记", "补贴"))
        == MOST_RESULTS
    )
    assert len(index.find("登记", 3).entries) == 3


async def test_nothing_is_offered_twice(index) -> None:
    for case in CASES:
        found = [(entry.path, entry.name) for entry in found_by(index, case["query"])]
        assert len(set(found)) == len(found)


async def test_nothing_that_can_be_typed_is_an_error(index) -> None:
    letters = [chr(point) for point in range(0, 0x30000, 997) if not 0xD800 <= point < 0xE000]
    for start in range(0, len(letters), 20):
        index.find("".join(letters[start : start + 20]))
    index.find("\ud83d")


def test_only_the_beginning_of_an_overlong_query_is_looked_at() -> None:
    assert len(normalise("低保" * 1000)) == LONGEST_QUERY
    assert normalise(" " * 10 + "低保" + "\n" * 1000) == "低保"


def test_words_that_only_ask_are_left_out() -> None:
    assert without_fillers("社保卡丢了怎么办", {"丢了"}.__contains__) == ["社保卡丢了"]
    assert without_fillers("水费怎么交", set().__contains__) == ["水费", "交"]
    assert without_fillers("怎么办", set().__contains__) == []


def test_a_filler_that_is_part_of_a_word_stays() -> None:
    assert without_fillers("去世", {"去世"}.__contains__) == ["去世"]
    assert without_fillers("去医院", {"去世"}.__contains__) == ["医院"]


@pytest.mark.parametrize(
    ("said", "age"),
    [
        ("八十岁补贴", "80岁补贴"),
        ("80周岁", "80岁"),
        ("八十多了", "80岁了"),
        ("九十二了", "92岁"),
        ("百岁老人", "100岁老人"),
        ("十五岁", "15岁"),
        ("二十多天", "二十多天"),
        ("五十多元", "五十多元"),
    ],
)
def test_an_age_is_read_however_it_is_said(said, age) -> None:
    assert with_ages(said) == age


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("婆婆走了", "婆婆去世 "),
        ("爷爷刚走需要办哪些事", "爷爷去世 需要办哪些事"),
        ("俺娘昨晚上没了", "俺娘去世 "),
        ("老人走丢了", "老人走丢了"),
        ("老伴没了工作", "老伴没了工作"),
        ("楼下吵死了", "楼下吵 "),
        ("人死了怎么办", "人死了怎么办"),
        ("开个店", "开店"),
        ("办一个证", "办证"),
        ("办个税", "办个税"),
        ("一个人住", "一个人住"),
        ("领证要户口本吗", "领证 "),
        ("要户口本吗", "要户口本吗"),
        ("补户口本要带身份证和照片吗", "补户口本 "),
        ("八十多了", "80岁了"),
    ],
)
def test_what_is_said_is_read_as_an_office_says_it(said, meant) -> None:
    assert as_meant(said) == meant


def test_two_characters_the_wrong_way_round_find_the_name() -> None:
    entries = [entry_of("/a", GUIDE, "长者食堂", "", [("长者食堂", 4.0)])]
    assert SearchIndex(entries).find("长食者堂").entries
    assert not SearchIndex(entries).find("食谱").entries


def test_a_name_that_sounds_as_the_whole_query_comes_first() -> None:
    entries = [
        entry_of("/a", GUIDE, "老年人优待证", "", [("养老人证明", 3.0)]),
        entry_of("/b", GUIDE, "养老认证", "", [("养老认证", 3.0)]),
    ]
    assert SearchIndex(entries).find("养老人证").entries[0].path == "/b"


def test_what_only_sounds_a_little_alike_is_not_even_a_guess() -> None:
    entries = [entry_of("/a", GUIDE, "甲", "", [("诈骗电话 发射", 3.0), ("移民热线", 3.0)])]
    assert SearchIndex(entries).find("火星移民").is_guess
    assert SearchIndex(entries).find("火星疑民").entries == ()


def test_the_same_english_word_comes_before_a_related_one() -> None:
    entries = [
        entry_of("/a", GUIDE, "甲", "", [("policy", 3.0)]),
        entry_of("/b", GUIDE, "乙", "", [("police", 3.0)]),
    ]
    assert [each.path for each in SearchIndex(entries).find("police").entries] == ["/b", "/a"]


@pytest.mark.parametrize(
    "typed",
    ["wheelchair for my father", "my wife is pregnant", "husband beats me", "楼上吵死了", "穷死了"],
)
async def test_no_one_is_led_to_a_death_who_did_not_speak_of_one(index, typed) -> None:
    found = index.find(typed)
    assert found.entries
    assert "/handbook/events/bereavement" not in [each.path for each in found.entries[:3]]


def test_traditional_characters_and_tones_are_read_as_the_plain_ones() -> None:
    assert normalise("老人優待證") == "老人优待证"
    assert normalise("lǜshī") == normalise("lüshi") == "lvshi"


def test_letters_are_read_as_syllables() -> None:
    known = {"wo", "yao", "ban", "di", "bao", "xi", "an", "xian"}
    assert syllables_of("woyaobandibao", known) == ["wo", "yao", "ban", "di", "bao"]
    assert syllables_of("xian", known) == ["xian"]
    assert syllables_of("pension", known) == []


@pytest.mark.parametrize(
    ("heard", "meant"), [("zheng", "zen"), ("sang", "shang"), ("chi", "ci"), ("xin", "xing")]
)
def test_sounds_that_a_southern_tongue_confuses_are_one(heard, meant) -> None:
    assert fold(heard) == fold(meant)


@pytest.mark.parametrize(("one", "other"), [("zhi", "ji"), ("lan", "nan"), ("hu", "fu")])
def test_other_sounds_stay_apart(one, other) -> None:
    assert fold(one) != fold(other)


def test_a_character_is_read_in_its_context() -> None:
    assert sounds_of("家长") == ("jia", "zhang")
    assert sounds_of("长短") == ("chang", "duan")


async def test_every_character_of_every_term_has_one_sound(index) -> None:
    terms = [term for entry in index.entries for term in entry.terms]
    heard = [term for term in terms if term.sounds]
    assert [term.text for term in heard if len(term.sounds) != len(term.joined)] == []


async def test_the_phone_is_given_the_same_index(index) -> None:
    kept = json.loads(json.dumps(index.to_json(), ensure_ascii=False))
    assert [entry[0] for entry in kept["entries"]] == [entry.path for entry in index.entries]
    for (*_, terms, is_sitewide), entry in zip(kept["entries"], index.entries, strict=True):
        assert bool(is_sitewide) is entry.is_sitewide
        given = [
            (text, weight, sounds_on_the_phone(text, weight, *told))
            for text, weight, *told in terms
        ]
        assert given == [(term.text, term.weight, term.sounds) for term in entry.terms]


def sounds_on_the_phone(text: str, weight: float, told: str | None = None) -> tuple[str, ...]:
    """As static/js/handbook/find/match.js hears a term: by its characters, unless it is told."""
    if told is not None:
        return tuple(told.split())
    is_name = weight >= NAMES and not re.search("[a-z]", text)
    return tuple(map(heard_as, text.replace(" ", ""))) if is_name else ()


async def test_few_terms_are_told_how_they_sound(index) -> None:
    """They were a quarter of what a phone kept."""
    terms = [term for entry in index.to_json()["entries"] for term in entry[4]]
    assert 0 < sum(len(term) > 2 for term in terms) < 0.1 * len(terms)


def test_the_phone_hears_common_characters_as_the_server_does() -> None:
    runs = [re.fullmatch(r"(\D+)(\d+)", run) for run in sounds_in_order().split()]
    told = [run[1] for run in runs if run for _ in range(int(run[2]))]
    assert len(told) == 3755
    assert told == [sound_of(each) for each in common_characters()]
    assert heard_as("保") == "bao"
    assert heard_as("癫") == "癫"
