"""The workbook's layout: which sheets there are, and which column holds what of a guide.

Headers and words are Chinese because the content and its editors are; they are the words of
the form, and they are what a file that comes back is matched by. They are never translated.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from domain.contacts.content import PostKind
from domain.handbook.elsewhere import Urgency
from domain.handbook.events import Joined, StepPlace
from domain.handbook.fit import Lead
from domain.handbook.guide import DocumentForm, DocumentPicture, LifeEvent
from domain.places.content import Datum, FacilityKind, PartnerKind, StepFree

# Rows of a sheet below its headers.
MOST_ROWS = 2000
MOST_COLUMNS = 60
# The sheet that says how to fill in the others; what stands on it is never read.
INTRODUCTION = "说明"


class Kind(Enum):
    """What a cell holds, and so how it is read."""

    LINE = auto()
    TEXT = auto()
    # A list, one a line.
    LINES = auto()
    # Letters and digits that a spreadsheet must not take for a number or a date.
    CODE = auto()
    CODES = auto()
    PHONE = auto()
    NUMBER = auto()
    DATE = auto()
    CHOICE = auto()
    CHOICES = auto()
    # Times of opening, such as 08:30-12:00, one a line.
    PERIODS = auto()


@dataclass(frozen=True)
class Column:
    """One column: its header, and the place in the document of what stands below it."""

    header: str
    path: tuple[str, ...]
    kind: Kind = Kind.LINE
    width: int = 20
    is_needed: bool = True
    # The class of which a cell names a member, or several.
    words: type[StrEnum] | None = None


@dataclass(frozen=True)
class Sheet:
    """One sheet: a row an item, or a row a part of an item."""

    name: str
    # The list of parts that it holds; empty for the sheet of the items themselves.
    part: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> Column:
        """The first column, which says what a row belongs to."""
        return self.columns[0]


# The name of the item in its address; on every sheet it says which item a row belongs to.
SLUG = Column("网址用名", ("slug",), Kind.CODE, 22)
CATEGORY = Column("类别", ("category",), Kind.CODE, 7)

ITEMS = Sheet(
    "事项",
    "",
    (
        SLUG,
        CATEGORY,
        Column("事项名称", ("name",), width=26),
        Column("一句话说明", ("summary",), width=32),
        Column("谁能办", ("audience",), Kind.TEXT, 36),
        Column("条件", ("conditions",), Kind.LINES, 46),
        Column("承诺工作日", ("promised_days",), Kind.NUMBER, 11),
        Column("法定工作日", ("statutory_days",), Kind.NUMBER, 11),
        Column("什么情况三个工作日办结", ("urgent", "ground"), Kind.TEXT, 30, is_needed=False),
        Column("金额（元）", ("fee", "yuan"), Kind.NUMBER, 11),
        Column("收费说明", ("fee", "note"), Kind.TEXT, 28, is_needed=False),
        Column("收费依据", ("fee", "basis"), Kind.TEXT, 30),
        Column("领到什么", ("result", "what"), width=24),
        Column("怎么领", ("result", "how"), Kind.TEXT, 36),
        Column("在哪里办", ("where",), Kind.TEXT, 36),
        Column("网站或 App 的名字", ("online", "name"), width=24, is_needed=False),
        Column("网址", ("online", "address"), Kind.CODE, 30, is_needed=False),
        Column("打开后怎么找", ("online", "how"), Kind.TEXT, 30, is_needed=False),
        Column("到场次数", ("visits",), Kind.NUMBER, 9),
        Column("谁可以代办", ("proxy", "who"), Kind.TEXT, 30, is_needed=False),
        Column("代办人带什么", ("proxy", "bring"), Kind.LINES, 26, is_needed=False),
        Column("咨询电话", ("enquiry_phone",), Kind.PHONE, 16),
        Column("投诉电话", ("complaint_phone",), Kind.PHONE, 16),
        Column("俗称", ("everyday_names",), Kind.LINES, 18),
        Column("搜索用词", ("search_words",), Kind.LINES, 18),
        Column(
            "相关人生事件",
            ("life_events",),
            Kind.CHOICES,
            16,
            is_needed=False,
            words=LifeEvent,
        ),
        Column("常一起办的事", ("related",), Kind.CODES, 22, is_needed=False),
        Column("编码", ("code",), Kind.CODE, 14),
        Column("文本编号", ("version",), Kind.CODE, 11),
        Column("核实日期", ("assured", "date"), Kind.DATE, 13),
        Column("核实岗位", ("assured", "by"), width=30),
        Column("已停办：现在该怎么办", ("withdrawn",), Kind.TEXT, 30, is_needed=False),
    ),
)
DOCUMENTS = Sheet(
    "材料",
    "documents",
    (
        SLUG,
        Column("材料名称", ("name",), width=28),
        Column("原件还是复印件", ("form",), Kind.CHOICE, 16, words=DocumentForm),
        Column("份数", ("copies",), Kind.NUMBER, 7, is_needed=False),
        Column("从哪里取得", ("issuer",), width=28),
        Column("什么情况才需要", ("needed",), Kind.TEXT, 30, is_needed=False),
        Column("还可以用什么代替", ("accepted",), Kind.TEXT, 40, is_needed=False),
        Column("图示", ("picture",), Kind.CHOICE, 12, is_needed=False, words=DocumentPicture),
        Column("空白表格的栏目", ("blank",), Kind.LINES, 26, is_needed=False),
    ),
)
STEPS = Sheet(
    "步骤",
    "steps",
    (
        SLUG,
        Column("做什么", ("what",), Kind.TEXT, 50),
        Column("谁来做", ("who",), width=30),
        Column("要多久", ("takes",), width=18),
    ),
)
QUESTIONS = Sheet(
    "问答",
    "questions",
    (
        SLUG,
        Column("问题", ("question",), width=40),
        Column("回答", ("answer",), Kind.TEXT, 70),
    ),
)
FIT = Sheet(
    "适合谁",
    "fit",
    (
        SLUG,
        Column("问题", ("question",), width=40, is_needed=False),
        Column("回答", ("answer",), width=24),
        Column("接下来", ("leads",), Kind.CHOICE, 12, words=Lead),
        Column("怎么办，或者为什么不适合", ("why",), Kind.TEXT, 60, is_needed=False),
        Column("可以看哪一件事", ("see",), Kind.CODE, 22, is_needed=False),
    ),
)
BASIS = Sheet(
    "依据",
    "legal_basis",
    (
        SLUG,
        Column("名称", ("title",), width=44),
        Column("编号", ("number",), width=26, is_needed=False),
        Column("条款", ("article",), width=18, is_needed=False),
    ),
)
EVENT = Column("人生事件", ("event",), Kind.CHOICE, 16, words=LifeEvent)
# A row a step. The steps of an event that is not in the file stay as they are.
EVENTS = Sheet(
    "人生事件",
    "events",
    (
        EVENT,
        Column("要做什么", ("title",), width=34),
        Column("怎么接上一步", ("joined",), Kind.CHOICE, 14, is_needed=False, words=Joined),
        Column("期限", ("when",), width=22, is_needed=False),
        Column("什么人才需要", ("needed",), width=30, is_needed=False),
        Column("要知道什么", ("about",), Kind.TEXT, 50, is_needed=False),
        Column("在哪里办", ("where",), width=30, is_needed=False),
        Column("社区的哪一页", ("place",), Kind.CHOICE, 14, is_needed=False, words=StepPlace),
        Column("办事指南", ("items",), Kind.CODES, 26, is_needed=False),
        Column("不在这里办", ("elsewhere",), Kind.CODES, 22, is_needed=False),
    ),
)
# What no hall of the district does: a row a matter. Those that are not in the file stay.
ELSEWHERE = Sheet(
    "不在这里办",
    "matters",
    (
        SLUG,
        Column("归在哪一类", ("under",), width=18, is_needed=False),
        Column("名称", ("name",), width=26),
        Column("搜索用词", ("search_words",), Kind.LINES, 24),
        Column("谁来做", ("where",), width=30),
        Column("在那里怎么办", ("how",), Kind.TEXT, 50),
        Column("电话", ("phone",), Kind.PHONE, 16, is_needed=False),
        Column("急不急", ("urgency",), Kind.CHOICE, 12, words=Urgency),
    ),
)
OF_ITEMS = (ITEMS, FIT, DOCUMENTS, STEPS, QUESTIONS, BASIS)
# Without one of these a file is not read; one that was downloaded earlier has not the last.
NEEDED = (*OF_ITEMS, EVENTS)
SHEETS = (*NEEDED, ELSEWHERE)
PARTS = {each.part: each for each in OF_ITEMS if each.part}

_WORDS: tuple[tuple[StrEnum, str], ...] = (
    (DocumentForm.ORIGINAL, "原件"),
    (DocumentForm.COPY, "复印件"),
    (DocumentForm.BOTH, "原件和复印件"),
    (DocumentForm.ELECTRONIC, "电子版即可"),
    (DocumentPicture.ID_CARD, "身份证"),
    (DocumentPicture.HOUSEHOLD_REGISTER, "户口簿"),
    (DocumentPicture.BANK_CARD, "银行卡"),
    (DocumentPicture.SOCIAL_CARD, "社保卡"),
    (DocumentPicture.PHOTO, "照片"),
    (DocumentPicture.CERTIFICATE, "证书"),
    (DocumentPicture.FORM, "表格"),
    (DocumentPicture.LETTER, "信函"),
    (DocumentPicture.MEDICAL, "医疗材料"),
    (DocumentPicture.PROPERTY, "房产证"),
    (DocumentPicture.CONTRACT, "合同"),
    (DocumentPicture.RECEIPT, "票据"),
    (Lead.NEXT, "问下一题"),
    (Lead.FITS, "适合"),
    (Lead.NOT, "多半不适合"),
    (Urgency.USUAL, "不急"),
    (Urgency.AT_ONCE, "先打电话"),
    (Joined.THEN, "再"),
    (Joined.AND, "同时"),
    (Joined.OR, "或者"),
    (StepPlace.HALL, "服务大厅"),
    (StepPlace.CONTACTS, "找我的联系人"),
    (StepPlace.FACILITIES, "便民设施"),
    (Datum.WGS84, "手机定位（WGS-84）"),
    (Datum.GCJ02, "国内地图软件（GCJ-02）"),
    (StepFree.YES, "轮椅可以直接进"),
    (StepFree.PARTLY, "部分无障碍"),
    (StepFree.NO, "有台阶"),
    (StepFree.UNKNOWN, "暂不确定"),
    (FacilityKind.ELDERLY, "养老"),
    (FacilityKind.HEALTH, "健康"),
    (FacilityKind.CHILDREN, "儿童"),
    (FacilityKind.CULTURE, "文化"),
    (FacilityKind.SPORTS, "健身"),
    (FacilityKind.SAFETY, "平安"),
    (FacilityKind.DAILY, "便民"),
    (FacilityKind.DISABILITY, "助残"),
    (PartnerKind.PARTY, "党组织"),
    (PartnerKind.COMMITTEE, "居委会"),
    (PartnerKind.STATION, "服务站"),
    (PartnerKind.OWNERS, "业委会"),
    (PartnerKind.PROPERTY, "物业"),
    (PartnerKind.OTHER, "共建单位"),
    (PostKind.BUILDING, "楼栋联系人"),
    (PostKind.COMMITTEE, "居委会"),
    (PostKind.POLICE, "社区民警"),
    (PostKind.LAWYER, "公益律师"),
    (PostKind.MEDIATOR, "和事老"),
    (PostKind.PROPERTY, "物业"),
    (PostKind.OTHER, "其他岗位"),
    (LifeEvent.CHILD, "生了孩子"),
    (LifeEvent.RETIRING, "要退休了"),
    (LifeEvent.LOSING_WORK, "没了工作"),
    (LifeEvent.MOVING_IN, "刚搬来"),
    (LifeEvent.ILLNESS, "生了病"),
    (LifeEvent.BEREAVEMENT, "家人去世"),
    (LifeEvent.DISABILITY, "家有残疾人"),
    (LifeEvent.ELDERLY_PARENT, "家有老人"),
    (LifeEvent.NEIGHBOURS, "和邻居有矛盾"),
    (LifeEvent.ARMY, "参军和退役"),
)


def words_of(kind: type[StrEnum]) -> dict[str, str]:
    """What the members of a class are called in a cell, by their values."""
    return {each.value: words for each, words in _WORDS if type(each) is kind}
