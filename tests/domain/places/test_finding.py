"""A community is found by its own name, its subdistrict's and those of its compounds."""

from __future__ import annotations

import pytest

from domain.places.finding import find
from domain.places.tables import Community, Compound, District, Subdistrict

DISTRICT = District(
    subdistricts=[
        Subdistrict(
            name="堤口路街道",
            communities=[
                Community(
                    slug="liujiazhuang",
                    name="刘家庄社区",
                    compounds_ever=[Compound(name="福乐居小区"), Compound(name="Sunshine 100")],
                ),
                Community(slug="jian", name="济安社区", compounds_ever=[]),
            ],
        ),
        Subdistrict(
            name="北园街道",
            communities=[
                Community(slug="bali", name="八里社区", compounds_ever=[Compound(name="福乐园")])
            ],
        ),
    ]
)


def found(typed: str) -> dict[str, tuple[str, ...]]:
    """Compounds by the community that was found."""
    return {
        each.community.slug: each.compounds for _, group in find(DISTRICT, typed) for each in group
    }


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", {"liujiazhuang": (), "jian": (), "bali": ()}),
        ("刘家", {"liujiazhuang": ()}),
        ("liujia", {"liujiazhuang": ()}),
        ("LJZ", {"liujiazhuang": ()}),
        ("堤口路", {"liujiazhuang": (), "jian": ()}),
        ("beiyuan", {"bali": ()}),
        ("福乐", {"liujiazhuang": ("福乐居小区",), "bali": ("福乐园",)}),
        ("福 乐 居", {"liujiazhuang": ("福乐居小区",)}),
        ("fuleju", {"liujiazhuang": ("福乐居小区",)}),
        ("fly", {"bali": ("福乐园",)}),
        ("sunshine", {"liujiazhuang": ("Sunshine 100",)}),
        ("100", {"liujiazhuang": ("Sunshine 100",)}),
        ("火星", {}),
        ("jzl", {}),
        ("x" * 5000, {}),
        ("！？", {"liujiazhuang": (), "jian": (), "bali": ()}),
    ],
)
def test_a_community_is_found_by_any_name_of_its_own(typed, expected) -> None:
    assert found(typed) == expected
