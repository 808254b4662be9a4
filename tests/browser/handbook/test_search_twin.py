"""Search on the phone answers as search on the server does: search.js against domain.search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from pypinyin import Style, lazy_pinyin

from domain.published import Published, load_published
from domain.search.reading import LONGEST_QUERY
from domain.store import Store
from tests.world.servers import ROOT
from web.features import found_by_search

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from playwright.async_api import Page

    from domain.places.tables import Community
    from domain.search.index import SearchIndex
    from tests.world.phones import Phone
    from tests.world.servers import Server

CASES = ROOT / "tests" / "search_cases.yaml"
QUERIES = [ROOT / "tests" / f"search_{name}.yaml" for name in ("queries", "unseen", "blind")]
TWIN = """async ([community, queries]) => {
  const kept = await (await fetch(`/c/${community}/search.json`)).json();
  const index = await modules["handbook/find/match"].Index.of(kept);
  return queries.map((query) => {
    const { entries, isGuess } = index.find(query);
    return [isGuess, entries.map(({ path, name }) => `${path} ${name}`)];
  });
}"""

SENTENCES = [
    "社保卡丢了怎么办",
    "我想给我妈办老年证要带什么材料",
    "请问公租房在哪里申请？",
    "80岁老人每月领钱",
    "孩子上学要办什么",
    "低宝",
    "老年正",
    "工租房",
    "剩育津贴",
    "怎么办",
    "的",
    "保",
    "老 年 证",
    "老年证 dibao",
    "婆婆昨晚走了",
    "楼下吵死了",
    "开个小店要户口本吗",
    "长食者堂",
    "火星移民",
]
ODD = [
    "",
    " ",
    "？！……",
    "ＤＩＢＡＯ",
    "DiBao",
    "di bao",
    "gljt",
    "80",
    "80sui",
    "zzz",
    "lv",
    "lü",
    "nvxing",
    "ﬁ",
    "İ",
    "ß",
    "👵老年证👵",
    "老年证\u200b",
    "老年证\x00\x1b[0m",
    "'; DROP TABLE service_item; --",
    "%' OR 1=1",
    "<b>低保</b>",
    "㊗️高龄津贴",
    "𠮷老年证",
    "老" * LONGEST_QUERY,
    "老年证" * 13,
    "a" * LONGEST_QUERY,
]
"""What no resident means to type, and some do."""


@pytest.fixture(scope="module")
async def published(server: Server) -> AsyncIterator[Published]:
    """What the server has published, read from its own store."""
    store = Store(server.database)
    await store.open()
    found = await load_published(store, found_by_search)
    assert found is not None
    yield found
    await store.close()


def words_of(published: Published) -> Iterator[str]:
    """Every name, everyday name and search word of the handbook."""
    for item in published.handbook.items.values():
        yield item.guide.name
        yield from item.guide.everyday_names
        yield from item.guide.search_words
    for category in published.handbook.categories:
        yield category.name


def sounds_of(word: str) -> list[str]:
    """The pinyin of each character, without tones."""
    return lazy_pinyin(word, style=Style.NORMAL)


def initials_of(words: Iterable[str]) -> Iterator[str]:
    """The first letter of each syllable: gljt for 高龄津贴."""
    for word in words:
        yield "".join(sound[0] for sound in sounds_of(word))


def spellings_of(words: Iterable[str]) -> Iterator[str]:
    """The same words in pinyin, whole and broken off in the middle of the last syllable."""
    for word in words:
        spelt = "".join(sounds_of(word))
        yield spelt
        yield spelt[:-1]


def answer_of(index: SearchIndex, query: str) -> list[object]:
    """Whether the server only guesses, and what it finds."""
    found = index.find(query)
    return [found.is_guess, [f"{entry.path} {entry.name}" for entry in found.entries]]


async def check_twin(
    page: Page, published: Published, community: Community, queries: Iterable[str]
) -> None:
    """Ask both, and tell where their answers part."""
    asked = list(dict.fromkeys(queries))
    index = published.index_of(community)
    here = [answer_of(index, query) for query in asked]
    there = await page.evaluate(TWIN, [community.slug, asked])
    parted = [
        f"{query!r}: server {ours}, phone {theirs}"
        for query, ours, theirs in zip(asked, here, there, strict=True)
        if ours != theirs
    ]
    assert not parted, f"{len(parted)} of {len(asked)} part:\n" + "\n".join(parted[:20])
    assert asked


@pytest.fixture
async def page(phone: Phone) -> Page:
    return await phone.open("/c/liujiazhuang/search")


async def test_the_phone_finds_every_item_by_every_word_as_the_server_does(page, published) -> None:
    community = await published.community("liujiazhuang")
    await check_twin(page, published, community, words_of(published))


async def test_the_phone_reads_pinyin_as_the_server_does(page, published) -> None:
    community = await published.community("liujiazhuang")
    names = [item.name for item in published.handbook.items.values()]
    spelt = [*initials_of(words_of(published)), *spellings_of(names)]
    await check_twin(page, published, community, spelt)


async def test_the_phone_takes_single_characters_and_pairs_as_the_server_does(
    page, published
) -> None:
    community = await published.community("liujiazhuang")
    names = [item.name for item in published.handbook.items.values()]
    pairs = [name[at : at + 2] for name in names for at in range(len(name))]
    await check_twin(page, published, community, [*pairs, *"".join(names)])


async def test_the_phone_hears_sentences_and_wrong_characters_as_the_server_does(
    page, published
) -> None:
    community = await published.community("liujiazhuang")
    asked = [f"{word}怎么办" for word in words_of(published)]
    swapped = [word[:1] + word[2:3] + word[1:2] + word[3:] for word in words_of(published)]
    await check_twin(page, published, community, [*SENTENCES, *asked, *swapped])


async def test_the_phone_is_not_thrown_by_odd_words_either(page, published) -> None:
    community = await published.community("liujiazhuang")
    await check_twin(page, published, community, ODD)


@pytest.mark.parametrize("slug", ["liujiazhuang", "jian", "yikang"])
async def test_the_phone_finds_people_and_places_as_the_server_does(page, published, slug) -> None:
    community = await published.community(slug)
    words = [each.name for each in community.facilities]
    words += [each.post for each in community.people] + [each.name for each in community.people]
    await check_twin(page, published, community, [*words, *initials_of(words)])


async def test_the_phone_searches_a_community_that_wrote_nothing_about_itself(
    page, published
) -> None:
    community = await published.community("guanzhaying")
    await check_twin(page, published, community, [*SENTENCES, *words_of(published)])


async def test_the_phone_gives_the_answers_of_the_shared_cases(page, published) -> None:
    community = await published.community("liujiazhuang")
    cases = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    await check_twin(page, published, community, [case["query"] for case in cases])


async def test_the_phone_gives_the_answers_of_residents_queries(page, published) -> None:
    community = await published.community("liujiazhuang")
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in QUERIES]
    asked = [query for kinds in files for kind in kinds.values() for query in kind]
    await check_twin(page, published, community, asked)


SAID = """async (community) => {
  const kept = await (await fetch(`/c/${community}/search.json`)).json();
  const { Index } = modules["handbook/find/match"];
  const kinds = (index) => [...new Set(kept.entries.map(([, kind]) => index.said(kind)))];
  const older = { ...kept, words: undefined, alike: undefined, simplified: undefined };
  return [kinds(await Index.of(kept)), (await Index.of(older)).find("低保").entries.length];
}"""


async def test_the_phone_says_what_each_entry_is(page) -> None:
    kinds, found_by_older = await page.evaluate(SAID, "liujiazhuang")
    assert {"办事", "类别", "人生事件", "不在这里办", "设施", "负责人", "公开内容"} <= set(kinds)
    assert not [kind for kind in kinds if kind.isascii()]
    # A phone may hold an index that was kept before it had all of this.
    assert found_by_older


async def test_what_was_typed_is_found_again_on_the_way_back(page) -> None:
    await page.fill("#q", "低保")
    row = page.locator("#results a.row").first
    await row.click()
    await page.wait_for_url("**/handbook/dibao")
    await page.go_back()
    await page.wait_for_selector("#results a.row")
    assert await page.input_value("#q") == "低保"


MEANWHILE = """async (community) => {
  const kept = await (await fetch(`/c/${community}/search.json`)).json();
  let letIn = 0;
  const timer = setInterval(() => { letIn += 1; });
  // As large as of a community with much to tell.
  await modules["handbook/find/match"].Index.of({ ...kept, entries: Array(5).fill(kept.entries).flat() });
  clearInterval(timer);
  return letIn;
}"""


async def test_an_index_that_is_made_lets_a_hand_that_types_in(page) -> None:
    assert await page.evaluate(MEANWHILE, "liujiazhuang") > 1
