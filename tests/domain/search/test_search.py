"""Search: the words people use lead to the right guide, and nothing typed leads to an error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from domain.places.search import FACILITY, PERSON, entries_of
from domain.published import load_published
from domain.search.index import (
    CATEGORY,
    GUIDE,
    MOST_RESULTS,
    SearchIndex,
    characters_by_sound,
    entry_of,
    sound_of,
    sounds_of,
)
from domain.search.match import LONGEST_QUERY, fold, normalise, without_fillers
from domain.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.world.databases import SqliteFiles

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent.parent.parent / "search_cases.yaml").read_text(encoding="utf-8")
)
"""Also asked of `static/js/search.js` in a browser."""


@pytest.fixture(scope="session")
async def index(sqlite_files: SqliteFiles) -> AsyncIterator[SearchIndex]:
    """What can be found in 刘家庄社区."""
    store = Store(sqlite_files.copy("sample"))
    await store.open()
    published = await load_published(store, entries_of)
    assert published is not None
    yield published.index_of(await published.community("liujiazhuang"))
    await store.close()


@pytest.fixture(scope="session")
async def items(index) -> set[str]:
    """The path of every guide."""
    return {entry.path for entry in index.entries if entry.kind == GUIDE}


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["query"])[:40])
async def test_what_people_type_leads_to_the_right_guide(index, case) -> None:
    found = [entry.path for entry in index.find(case["query"])]
    if case.get("nothing"):
        assert found == []
    else:
        assert found[:1], "nothing was found"
        assert found[0] in {f"/handbook/{slug}" for slug in case["first"]}


async def test_the_cases_are_well_formed_and_name_guides_that_exist(items) -> None:
    for case in CASES:
        assert set(case) in ({"query", "first"}, {"query", "nothing"}), case
        assert isinstance(case["query"], str), case
        assert case.get("nothing", True) is True, case
        for slug in case.get("first", []):
            assert f"/handbook/{slug}" in items, case
    queries = [case["query"] for case in CASES]
    assert len(set(queries)) == len(queries)


async def test_every_guide_is_found_first_by_its_own_name(index) -> None:
    wrong = {
        entry.name: index.find(entry.name)[0].path
        for entry in index.entries
        if entry.kind == GUIDE and index.find(entry.name)[0] is not entry
    }
    assert wrong == {}


async def test_every_guide_is_found_by_its_own_name_in_pinyin(index) -> None:
    missed = []
    for entry in index.entries:
        typed = "".join(sounds_of(normalise(entry.name)))
        if entry.kind == GUIDE and len(typed) <= LONGEST_QUERY and entry not in index.find(typed):
            missed.append(typed)
    assert missed == []


async def test_people_and_facilities_and_categories_are_found_too(index) -> None:
    kinds = {"老村书房": FACILITY, "韩秀芝": PERSON, "社会救助": CATEGORY}
    assert {words: index.find(words)[0].kind for words in kinds} == kinds


async def test_a_new_kind_of_entry_brings_its_words(index) -> None:
    assert index.kinds == [GUIDE, CATEGORY, FACILITY, PERSON]
    planted = entry_of("/lawyer", "Lawyer", "阮明哲", "", [("阮明哲", 1.0)])
    assert index.within([planted]).kinds == [*index.kinds, "Lawyer"]


async def test_no_list_is_longer_than_two_screens(index) -> None:
    assert len(index.find("证")) <= MOST_RESULTS
    assert max(len(index.find(word)) for word in ("证", "老", "d", "登记", "补贴")) == MOST_RESULTS
    assert len(index.find("登记", 3)) == 3


async def test_nothing_is_offered_twice(index) -> None:
    for case in CASES:
        found = [(entry.path, entry.name) for entry in index.find(case["query"])]
        assert len(set(found)) == len(found)


async def test_nothing_that_can_be_typed_is_an_error(index) -> None:
    letters = [chr(point) for point in range(0, 0x30000, 997) if not 0xD800 <= point < 0xE000]
    for start in range(0, len(letters), 20):
        index.find("".join(letters[start : start + 20]))
    index.find("\ud83d")


def test_only_the_beginning_of_an_overlong_query_is_looked_at() -> None:
    assert len(normalise("低保" * 1000)) == LONGEST_QUERY
    assert normalise(" " * 10 + "低保" + "\n" * 1000) == "低保"


def test_words_that_only_ask_are_left_out_unless_they_are_all() -> None:
    assert without_fillers("社保卡丢了怎么办") == "社保卡丢"
    assert without_fillers("怎么办") == "怎么办"


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
    assert [term.text for term in terms if len(term.sounds) != len(term.text)] == []


async def test_the_phone_is_given_the_same_index(index) -> None:
    kept = json.loads(json.dumps(index.to_json(), ensure_ascii=False))
    assert [entry[0] for entry in kept["entries"]] == [entry.path for entry in index.entries]
    for (*_, terms), entry in zip(kept["entries"], index.entries, strict=True):
        given = [(text, weight, tuple(sounds.split(" "))) for text, weight, sounds in terms]
        assert given == [(term.text, term.weight, term.sounds) for term in entry.terms]


def test_the_phone_hears_common_characters_as_the_server_does() -> None:
    by_sound = characters_by_sound()
    assert sum(map(len, by_sound.values())) == 3755
    wrong = [
        c for sound, characters in by_sound.items() for c in characters if sound_of(c) != sound
    ]
    assert wrong == []
