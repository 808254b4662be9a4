"""How the pages of disclosures are found. A disclosure itself is found in their own list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.search.index import entry_of
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.tables import Community
    from domain.search.match import Entry

KIND = N_("Disclosure")
# Path, name, and the words that people look for beside the name. In Chinese, as content is.
PAGES = (
    ("/disclosures", "公开", "党务公开 居务公开 财务公开 账目 收支 花了多少钱 公示 名单"),
    ("/disclosures/calendar", "公开日历", "该公开什么 什么时候公开 逾期 公开目录"),
    ("/days", "三日制度", "议政日 公开日 质询日 会议 议事 会议记录"),
)


def entries_of(_community: Community) -> Iterator[Entry]:
    """The entrance pages: what was published, what is owed, and the three days."""
    for path, name, words in PAGES:
        yield entry_of(path, KIND, name, words.split()[0], [(name, 2.5), (words, 1.0)])
