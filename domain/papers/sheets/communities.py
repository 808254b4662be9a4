"""社区表格: the layout of a workbook with what communities keep true, a row a person or a place.

A row belongs to a community by its name. Headers are the words of the forms, as on the handbook's
sheets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.contacts.content import PostKind
from domain.papers.kinds import COMPOUNDS, FACILITIES, HALL, PARTNERS, PEOPLE, POSTS
from domain.papers.sheets.layout import Column, Kind, Sheet
from domain.places.content import Datum, FacilityKind, PartnerKind, StepFree

if TYPE_CHECKING:
    from domain.papers.paper import CommunityKind

# A district of 127 communities with 90 rows each.
MOST_ROWS = 12_000

COMMUNITY = Column("社区", ("community",), width=18)
# In which compound of the community a building stands: its name, or its name in the address.
COMPOUND = Column("小区", ("compound",), width=20)
SLUG = Column("网址用名", ("slug",), Kind.CODE, 20, is_needed=False)


@dataclass(frozen=True)
class CommunitySheet(Sheet):
    """A sheet whose rows are parts of a document of each community; without a part, all of it."""

    kind: CommunityKind


def _position(*, is_needed: bool) -> tuple[Column, ...]:
    return (
        Column("纬度", ("position", "latitude"), Kind.NUMBER, 11, is_needed),
        Column("经度", ("position", "longitude"), Kind.NUMBER, 11, is_needed),
        Column("坐标来自", ("position", "datum"), Kind.CHOICE, 22, is_needed, Datum),
    )


# The communities themselves; what they keep true stands on the other sheets.
SUBDISTRICT = Column("所属街道", ("subdistrict",), width=20)
PLACE_NAME = Column("社区的名称", ("name",), width=22)
PLACES = Sheet("社区", "places", (PLACE_NAME, SUBDISTRICT, SLUG))
HALLS = CommunitySheet(
    "大厅",
    "",
    (
        COMMUNITY,
        Column("大厅名称", ("name",), width=26),
        Column("地址", ("address",), width=34),
        Column("电话", ("phone",), Kind.PHONE, 16),
        *_position(is_needed=False),
        Column("无障碍", ("access",), Kind.CHOICE, 16, is_needed=False, words=StepFree),
        Column("无障碍通道", ("step_free",), Kind.TEXT, 30),
        Column("工作日", ("hours", "working_day"), Kind.PERIODS, 14, is_needed=False),
        Column("星期六", ("hours", "saturday"), Kind.PERIODS, 14, is_needed=False),
        Column("星期日", ("hours", "sunday"), Kind.PERIODS, 14, is_needed=False),
        Column("法定节假日", ("hours", "public_holiday"), Kind.PERIODS, 14, is_needed=False),
        Column("时间说明", ("hours", "note"), Kind.TEXT, 30, is_needed=False),
    ),
    HALL,
)
COUNTERS = CommunitySheet(
    "窗口",
    "counters",
    (
        COMMUNITY,
        Column("编号", ("number",), Kind.NUMBER, 8),
        Column("名称", ("name",), width=22),
        Column("办理类别", ("categories",), Kind.CODES, 14),
    ),
    HALL,
)
PEOPLE_SHEET = CommunitySheet(
    "负责人",
    "people",
    (
        COMMUNITY,
        Column("岗位", ("post",), width=22),
        Column("姓名", ("name",), width=12),
        Column("负责什么", ("answers_for",), Kind.TEXT, 40),
        Column("办公电话", ("phone",), Kind.PHONE, 16),
        Column("不在时找谁", ("deputy",), width=18),
        Column("出现在哪些类别", ("categories",), Kind.CODES, 14, is_needed=False),
    ),
    PEOPLE,
)
POSTS_SHEET = CommunitySheet(
    "联系岗位",
    "posts",
    (
        COMMUNITY,
        Column("名称", ("name",), width=22),
        Column("类型", ("kind",), Kind.CHOICE, 12, words=PostKind),
        Column("负责什么", ("answers_for",), Kind.TEXT, 40),
        Column("楼栋", ("buildings",), Kind.CODES, 22, is_needed=False),
        Column("谁在岗", ("holder",), Kind.CODE, 14, is_needed=False),
        Column("代班", ("substitute",), Kind.CODE, 14, is_needed=False),
        Column("办公电话", ("phone",), Kind.PHONE, 16),
        Column("办公邮箱", ("email",), Kind.CODE, 22, is_needed=False),
        Column("工作日", ("hours",), Kind.PERIODS, 14),
        Column("星期六", ("saturday",), Kind.PERIODS, 14, is_needed=False),
        Column("几个工作日内答复", ("answers_within",), Kind.NUMBER, 10, is_needed=False),
        Column(
            "几个值守小时没答复就转给代班", ("passes_on_after",), Kind.NUMBER, 14, is_needed=False
        ),
        Column("同时最多办几件", ("most_open",), Kind.NUMBER, 10, is_needed=False),
        Column("承诺的话", ("pledge",), Kind.TEXT, 30, is_needed=False),
        SLUG,
    ),
    POSTS,
)
COMPOUNDS_SHEET = CommunitySheet(
    "小区",
    "compounds",
    (
        COMMUNITY,
        Column("名称", ("name",), width=22),
        Column("地址", ("address",), width=34),
        *_position(is_needed=True),
        SLUG,
    ),
    COMPOUNDS,
)
BUILDINGS = CommunitySheet(
    "楼栋",
    "buildings",
    (COMMUNITY, COMPOUND, Column("名称", ("name",), width=16), SLUG),
    COMPOUNDS,
)
FACILITIES_SHEET = CommunitySheet(
    "便民设施",
    "facilities",
    (
        COMMUNITY,
        Column("名称", ("name",), width=24),
        Column("类型", ("kind",), Kind.CHOICE, 10, words=FacilityKind),
        Column("地址", ("address",), width=34),
        Column("开放时间", ("hours",), width=26),
        Column("电话", ("phone",), Kind.PHONE, 16, is_needed=False),
        Column("无障碍", ("step_free",), Kind.CHOICE, 16, words=StepFree),
        Column("无障碍说明", ("step_free_note",), width=26, is_needed=False),
        *_position(is_needed=True),
        Column("介绍", ("about",), Kind.TEXT, 36, is_needed=False),
        Column("搜索用词", ("search_words",), Kind.LINES, 18, is_needed=False),
        SLUG,
    ),
    FACILITIES,
)
PARTNERS_SHEET = CommunitySheet(
    "共建单位",
    "partners",
    (
        COMMUNITY,
        Column("名称", ("name",), width=26),
        Column("类型", ("kind",), Kind.CHOICE, 10, words=PartnerKind),
        Column("负责什么", ("answers_for",), Kind.TEXT, 40),
        Column("电话", ("phone",), Kind.PHONE, 16),
    ),
    PARTNERS,
)
SHEETS = (
    HALLS,
    COUNTERS,
    PEOPLE_SHEET,
    POSTS_SHEET,
    COMPOUNDS_SHEET,
    BUILDINGS,
    FACILITIES_SHEET,
    PARTNERS_SHEET,
)
# The kinds of documents that the sheets hold, in their order.
KINDS: tuple[CommunityKind, ...] = tuple(dict.fromkeys(sheet.kind for sheet in SHEETS))
