"""A new district from a pasted list: what people really paste, and what is refused with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.errors import ContentError
from domain.founding import MOST_COMMUNITIES, Beginning, files_of, rows_of

if TYPE_CHECKING:
    from domain.places.content import CommunityContent
    from domain.seed import DistrictFiles


def made(text: str, **instead: str) -> DistrictFiles:
    given = {"name": "槐荫区", "city": "济南市", "hotline": "0531-85900000", **instead}
    return files_of(Beginning(**given, rows=rows_of(text)))


def communities(text: str) -> dict[str, list[str]]:
    """The names of the communities by that of their subdistrict."""
    return {name: [one.name for one in every] for name, every in by_subdistrict(made(text)).items()}


def by_subdistrict(files: DistrictFiles) -> dict[str, list[CommunityContent]]:
    return {
        each.name: [files.community(entry) for entry in each.communities]
        for each in files.district.content.subdistricts
    }


@pytest.mark.parametrize(
    "text",
    [
        "甲街道\t一社区\n甲街道\t二社区\n乙街道\t三社区",
        "街道\t社区\n甲街道\t一社区\n\t二社区\n乙街道\t三社区\n",
        "甲街道,一社区\r\n甲街道,二社区\r\n\r\n乙街道,三社区\r\n",
        "甲街道，一社区\n甲街道，二社区\n乙街道，三社区",
        "甲街道：一社区、二社区\n乙街道：三社区",
        "甲街道: 一社区 二社区\n乙街道: 三社区",
        "甲街道 一社区\n甲街道 二社区\n乙街道 三社区",
        "\ufeff甲街道\t一社区\n甲街道\t二社区\n乙街道\t三社区",
        "甲街道\t一\u200b社区\n甲街道 \t\u202e二社区\n乙街道:三\ufeff社区",
    ],
    ids=["tabs", "merged", "csv", "wide commas", "rows", "narrow rows", "spaces", "excel", "unseen"],
)  # fmt: skip
def test_a_list_is_read_however_it_was_made(text) -> None:
    assert communities(text) == {"甲街道": ["一社区", "二社区"], "乙街道": ["三社区"]}


def test_short_names_are_spelt_as_on_a_sign_and_never_twice() -> None:
    files = made("吴家堡街道:张庄路社区、新沙社区\n段店北路街道:新沙社区")
    named = [each.slug for each in files.district.content.subdistricts]
    assert named == ["wujiabao", "duandianbeilu"]
    slugs = [one.slug for every in by_subdistrict(files).values() for one in every]
    assert slugs == ["zhangzhuanglu", "xinsha", "xinsha-2"]


def test_a_short_name_can_be_given_and_no_other_place_gets_it() -> None:
    found = by_subdistrict(made("甲街道\t新沙社区\n甲街道\t沙社区\t\t\txinsha"))
    assert [one.slug for one in found["甲街道"]] == ["xinsha-2", "xinsha"]


def test_a_hall_says_only_what_is_known() -> None:
    found = by_subdistrict(made("甲街道\t一社区\t一路 2 号\t0531-85900001\n\t二社区"))
    first, second = (one.hall for one in found["甲街道"])
    assert (first.address, first.phone) == ("一路 2 号", "0531-85900001")
    assert (second.address, second.phone) == ("槐荫区甲街道二社区", "0531-85900000")
    assert first.position is second.position is None
    assert not first.hours.is_written


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("甲街道\t一社区\n二社区", 2, "needs a subdistrict and a community"),
        ("\t一社区", 1, "needs a subdistrict and a community"),
        ("甲街道\t一社区\n甲街道\t一社区", 2, "see line 1"),
        ("甲街道:一社区、一社区", 1, "twice"),
        ("甲街道\t一社区\t\t1234x", 1, "Telephone"),
        ("甲街道\t" + "长" * 81, 1, "80 characters"),
        ("甲街道\t一\t\t\tA B", 1, "Short name"),
        ("甲街道\t一\t\t\tyi\n甲街道\t二\t\t\tyi", 2, "yi is taken: see line 1"),
        ("", 1, "no community"),
        ("\n".join(f"甲街道\t第{n}社区" for n in range(MOST_COMMUNITIES + 1)), 1, "more than"),
        ("长" * 1_000_001, 1, "longer than"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(text, line, why) -> None:
    with pytest.raises(ContentError) as refused:
        made(text)
    assert refused.value.faults[0].line == line
    assert why in str(refused.value)


def test_every_fault_is_said_at_once() -> None:
    with pytest.raises(ContentError) as refused:
        made("甲街道\n乙街道\n丙街道\t一")
    assert [fault.line for fault in refused.value.faults] == [1, 2]


@pytest.mark.parametrize("field", ["name", "city", "hotline"])
def test_a_district_that_cannot_be_is_refused_by_field(field) -> None:
    with pytest.raises(ContentError, match=field):
        made("甲街道\t一社区", **{field: "x" * 81})
