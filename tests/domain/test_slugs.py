"""Names in addresses for what is new: spelt, short, and never taken twice."""

from __future__ import annotations

import pytest

from domain.slugs import new_slug, place_slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("张庄路社区", "zhangzhuanglu"),
        ("泺口街道", "luokou"),
        ("新风社区（样例）", "xinfengshequyangli"),
        ("张庄路社区·西", "zhangzhuanglushequxi"),
        ("社区", "shequ"),
        ("Old Town", "oldtown"),
        ("（）", "new"),
        ("长" * 80, "chang" * 7 + "c"),
    ],
)
def test_a_place_is_spelt_as_a_sign_spells_it(name, slug) -> None:
    assert place_slug(name, set()) == slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("6 号楼", "6-hao-lou"),
        ("6-1 号楼", "6-1-hao-lou"),
        ("A座（东）", "a-zuo-dong"),
        ("！", "new"),
    ],
)
def test_any_other_name_is_spelt_sound_by_sound(name, slug) -> None:
    assert new_slug(name, set()) == slug


def test_a_name_that_is_taken_gets_a_number() -> None:
    taken = {"xinfeng"}
    assert [place_slug("新风社区", taken) for _ in range(2)] == ["xinfeng-2", "xinfeng-3"]
