"""How a community's contact posts are found by search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.search.index import each_of, entry_of
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.tables import Community
    from domain.search.entry import Entry


KIND = N_("Contact post")
WORDS = """
    联系党员 民情连心卡 连心卡 楼长 留言 写信 提意见 提建议 意见 建议 反映问题 给社区写信 说句话
    找党员 便民热线 write to us message contact
"""


def entries_of(community: Community) -> Iterator[Entry]:
    """A post by its name and by what it answers for."""
    if community.posts:
        words = each_of(WORDS, 3.0)
        yield entry_of(
            "/contacts", KIND, N_("Contact posts"), N_("Ask or tell us something"), words
        )
    for post in community.posts:
        words = [(post.name, 2.5), (post.answers_for, 0.8)]
        yield entry_of(f"/contacts#{post.slug}", KIND, post.name, post.answers_for, words)
