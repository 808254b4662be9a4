"""How the pages of disclosures are found, and a disclosure whose words nobody typed exactly.

A disclosure is found in their own list: first by its words. A title that only resembles what was
typed (by its sound, in pinyin, in other words) comes in their place where no words fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.search.entry import NAMES
from domain.search.index import SearchIndex, each_of, entry_of
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.places.tables import Community
    from domain.search.entry import Entry

KIND = N_("Disclosure")
DISCLOSED = """
    党务公开 居务公开 财务公开 账目 账本 收支 花了多少钱 公示 名单 社区的钱 社区的钱花哪了
    社区的钱花哪儿去了 钱花到哪里了 钱都花哪了 钱怎么花的 社区经费 经费使用 公共收益 党费 党费收缴
    居委会账目 查账 看账 money spent accounts spending budget
"""
# Path, name, and the words that people look for beside the name. In Chinese, as content is.
PAGES = (
    ("/disclosures", "公开", DISCLOSED),
    ("/disclosures/calendar", "公开日历", "该公开什么 什么时候公开 逾期 公开目录"),
    ("/days", "三日制度", "议政日 公开日 质询日 会议 议事 会议记录"),
)


def entries_of(_community: Community) -> Iterator[Entry]:
    """The entrance pages: what was published, what is owed, and the three days."""
    for path, name, words in PAGES:
        yield entry_of(
            path,
            KIND,
            name,
            words.split()[0],
            [(name, 3.5), *each_of(words, 3.0)],
        )


# Titles of each part that are compared: some years of a community. They take a tenth of a second
# at first, and a third of that once their sounds are known.
MOST_TITLES = 300


def resembling(titles: Iterable[tuple[int, str]], typed: str) -> list[int]:
    """The ids of titles that resemble what was typed, the likeliest first."""
    entries = [entry_of(str(each), KIND, title, "", [(title, NAMES)]) for each, title in titles]
    return [int(entry.path) for entry in SearchIndex(entries).find(typed).entries]
