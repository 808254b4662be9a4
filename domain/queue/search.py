"""How taking a number and the state of the halls are found by search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.search.index import each_of, entry_of
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.tables import Community
    from domain.search.entry import Entry

QUEUE = N_("Queue")
TAKE_WORDS = """
    取号 拿号 领号 排号 排队 叫号 网上取号 提前取号 预约取号 现在排多少人 前面还有多少人 排队要多久
    人多不多 等多久 take a number ticket queue line waiting time
"""
FIGURES_WORDS = "大厅忙不忙 什么时候人少 平均等多久 满意率 好差评 ratings busy hours"
HALLS_WORDS = "所有大厅 哪个大厅人少 别的大厅 全区大厅 附近大厅 all halls"


def entries_of(_community: Community) -> Iterator[Entry]:
    """The page for a number, how busy the hall is, and all halls."""
    about = N_("Wait where you like; your phone shows your turn")
    yield entry_of("/take", QUEUE, N_("Take a number"), about, each_of(TAKE_WORDS, 3.0))
    about, words = N_("Waits, ratings and busy hours"), each_of(FIGURES_WORDS, 3.0)
    yield entry_of("/hall/figures", QUEUE, N_("How the hall is doing"), about, words)
    about, words = N_("Open or not, and how many people wait"), each_of(HALLS_WORDS, 3.0)
    yield entry_of("/halls", QUEUE, N_("All halls now"), about, words, is_sitewide=True)
