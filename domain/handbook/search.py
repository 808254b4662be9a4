"""How the handbook is found by search: guides, categories, life events, and what is elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.handbook.elsewhere import Urgency
from domain.handbook.guide import LifeEvent
from domain.search.index import each_of, entry_of
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.handbook.elsewhere import MatterElsewhere, MattersElsewhere
    from domain.handbook.tables import Category, ServiceItem
    from domain.search.entry import Entry

GUIDE = N_("Service item")
CATEGORY = N_("Category")
EVENT = N_("Life event")
ELSEWHERE = N_("Not done here")
CALL_FIRST = N_("Call first")
CALCULATOR = N_("Calculator")

# A guide and its event hold the same words; who asks for one thing finds the guide first. Who lost
# a person finds the list of what to see to before anything that is paid or stopped.
MOURNED = 4.0
EVENT_ABOUT = N_("What to see to, in one list")
# What a life event is called on its page, and the words that people say when it happens. In Chinese
# and in English: the event is the product's, and its name follows the language of the page.
EVENTS = {
    LifeEvent.CHILD: (
        N_("Having a child"),
        """
        生孩子 生宝宝 要生宝宝 生娃 怀孕 怀孕了 要生了 刚生完孩子 孩子出生 新生儿 当妈妈 有孩子了
        有宝宝了 要当妈了 要当爸了 当爸爸 当爸爸了 刚当爸爸 刚当妈妈 准妈妈 孩子刚出生 孩子刚生
        刚生了孩子 刚生孩子 刚生完 生二胎 生二宝 二宝 二宝出生 二胎出生 三胎 快生了 要生 预产期
        坐月子 生孩子要办什么 生孩子办什么 生完孩子办什么 生完孩子 孩子出生要办什么 添丁 得子
        怀上了 备孕 having child baby born pregnant birth newborn expecting
        """,
    ),
    LifeEvent.RETIRING: (
        N_("Retiring"),
        """
        退休 要退休了 快退休了 退休手续 刚退休 退休以后 退休办什么 要退休 快退休 准备退休 马上退休
        到退休年龄 退休了 退休要办什么 退休办手续 退休后 退休前 老了退休 刚退下来 退下来
        快到退休年龄 马上到退休年龄 办理退休 retiring retirement retire
        """,
    ),
    LifeEvent.LOSING_WORK: (
        N_("Losing a job"),
        """
        没工作了 丢了工作 失业了 下岗了 被辞退 被裁了 没活干了 没工作 没有工作了 失业 丢工作 下岗
        被裁 裁员了 被开除 被炒 厂子倒闭 厂子倒闭了 厂子黄了 公司倒闭 公司倒闭了 公司破产 破产
        公司黄了 公司关门 单位解散 被单位裁了 没班上了 下岗怎么办 失业怎么办 失业了怎么办 losing
        job lost unemployed fired made redundant laid off
        """,
    ),
    LifeEvent.MOVING_IN: (
        N_("Moving in"),
        """
        搬家 搬来 刚搬来 新搬来 搬进来 新住户 刚买房 买房搬家 新搬家 搬到这里 搬家了 刚搬家 刚搬
        刚搬过来 搬过来 搬到新家 搬进新家 搬到小区 搬来小区 搬到这个小区 刚搬来这个小区 刚搬进来
        新房入住 入住 刚入住 新来的住户 刚来 刚来济南 刚到济南 来济南 租房搬家 租房搬来 换房子
        乔迁 买了新房 刚买了房 刚买房搬进来 搬家要办什么 moving moved here house here resident
        flat
        """,
    ),
    LifeEvent.ILLNESS: (
        N_("Falling ill"),
        """
        生病 生病了 得了重病 重病 得大病了 家里有病人 住院了 癌症晚期 得病 得病了 病了 大病了
        查出大病 查出病 查出癌 查出癌症 确诊 确诊癌症 得癌 得癌了 得了癌症 患癌 家人病了
        家里人病了 家里人得病 老伴病了 老婆病了 孩子病了 爸病了 妈病了 重病没钱 得了大病
        得了大病怎么办 中风 中风了 脑梗 脑出血 心梗 尿毒症 白血病 住院 要做手术 做手术没钱 植物人
        falling ill illness sick serious disease seriously cancer hospital got
        """,
    ),
    LifeEvent.BEREAVEMENT: (
        N_("A death in the family"),
        """
        家人去世 亲人离世 死亡 去世 过世 离世 逝世 丧事 白事 办后事 后事 办丧事 人没了 老人没了
        老伴没了 老人走了 人走了 人死了 老人死了 孩子死了 丈夫去世 妻子去世 亲人去世 遗体 追悼会
        葬礼 出殡 送终 丧葬 遗属 病逝 病故 病死 逝去 咽气 咽气了 断气 人不行了 快不行了 临终
        临终关怀 父亲去世 母亲去世 爷爷去世 奶奶去世 老伴去世 老人去世 老人过世 老人离世
        家里老人去世 家里有人去世 家人走了 家人没了 亲人走了 亲人没了 丈夫没了 妻子没了 爱人去世
        孩子去世 儿子去世 女儿去世 独子去世 独生女去世 孩子没了 儿子没了 女儿没了 宝宝没了 夭折
        宝宝夭折 独生子死了 独生女死了 独生子没了 车祸去世 意外去世 去世怎么办 去世要办什么 去世后
        去世办手续 去世手续 去世以后
        过世要办什么 死了人 死了怎么办 人没了要办什么 死亡手续 死亡要办什么 料理后事 后事怎么办
        白喜事 办丧 发丧 出丧 丧事怎么办 吊唁 灵堂 停灵 守灵 遗孀 孤儿寡母 丧葬费 丧葬补助
        丧葬补贴 养老金停发去世 老人去世养老金 去世养老金 去世社保 去世户口 去世银行存款 去世存款
        death died funeral bereavement passed away dead deceased widow burial family
        """,
    ),
    LifeEvent.DISABILITY: (
        N_("Living with a disability"),
        """
        家里有残疾人 身体残疾 残障 残疾了 残疾 残疾怎么办 变残疾 成残疾 成了残疾 残了 落下残疾
        身体残疾了 家里人残疾 孩子残疾 孩子有残疾 孩子自闭 孩子脑瘫 孩子发育迟缓 出车祸残疾
        出事故残疾 截肢 截肢了 腿没了 胳膊没了 没了一条腿 断了腿 失明了 看不见了 听不见了 半身不遂
        偏瘫 瘫了 车祸腿没了 工伤残疾 living with disability disabled child family lost leg
        """,
    ),
    LifeEvent.ELDERLY_PARENT: (
        N_("An elderly parent"),
        """
        照顾老人 照顾爸妈 赡养老人 老人养老 爸妈老了 父母老了 伺候老人 父母年纪大 父母年纪大了
        父母岁数大 父母老了没人照顾 老人没人照顾 老人没人管 没人照顾老人 照顾父母 照顾父亲
        照顾母亲 照顾爷爷 照顾奶奶 照看父母 伺候父母 伺候老娘 老娘没人管 老爹没人管 爸妈没人照顾
        爸妈岁数大了 爸妈身边没人 老人独居 老人一个人住 老人一个人在家 独居老人 空巢老人
        老人身边没人 家里老人需要照顾 家里有老人 老年痴呆 老人痴呆 阿尔茨海默 老人糊涂 老人失智
        老人失能 老人瘫痪怎么办 elderly parent caring parents ageing mother father old dementia
        """,
    ),
    LifeEvent.NEIGHBOURS: (
        N_("Trouble with a neighbour"),
        """
        和邻居吵架 邻居吵架 和邻居闹矛盾 邻居矛盾 和邻居不和 和邻居 跟邻居 邻居欺负人 邻居不讲理
        邻居堵门 邻居骂人 邻居闹事 邻居打人 邻居难缠 和邻居打架 跟邻居打架 和邻居闹翻 跟邻居闹翻
        邻居闹翻 和楼上闹翻 跟楼上闹翻 和楼下闹翻 和楼上吵架 跟楼上吵架 跟楼下吵架 和隔壁吵架
        跟隔壁吵架 跟对门吵架 和对门吵架 邻居关系不好 邻居不和 trouble with neighbour neighbours
        quarrel dispute bad from hell argument
        """,
    ),
    LifeEvent.ARMY: (
        N_("Joining or leaving the army"),
        """
        参军 去当兵 当兵入伍 入伍 征兵报名 退伍回来 刚退伍 退役回来 当兵回来 复员 转业 当兵 要当兵
        想当兵 孩子当兵 孩子要当兵 孩子想当兵 儿子要当兵 儿子想当兵 女儿想当兵 送孩子当兵 征兵
        报名参军 参军报名 参军条件 当兵条件 当兵体检 当兵要什么条件 大学生参军 大学生当兵 应征
        应征入伍 报名当兵 服兵役 退伍 退役 退伍了 刚退役 刚从部队回来 刚转业 光荣退伍 光荣入伍
        退伍回家 退伍后办什么 从部队转业 部队转业回来 joining army leaving military service join
        enlist soldier conscription recruit
        """,
    ),
}
CALCULATOR_WORDS = """
    工作日计算器 几天能办好 多久能办好 算工作日 办结日期 哪天能办完 几个工作日
    working day calculator deadline
"""


def entries_of(categories: Iterable[Category], elsewhere: MattersElsewhere) -> Iterator[Entry]:
    """Everything in the district's handbook that can be found."""
    categories = tuple(categories)
    for category in categories:
        yield from map(_guide, category.items)
    yield from map(_category, categories)
    for event, (name, words) in EVENTS.items():
        path = f"/handbook/events/{event.value}"
        weight = MOURNED if event is LifeEvent.BEREAVEMENT else 2.9
        yield entry_of(path, EVENT, name, EVENT_ABOUT, each_of(words, weight))
    yield from map(_elsewhere, elsewhere.matters)
    name, about = N_("Working-day calculator"), N_("When will it be ready?")
    asked = each_of(CALCULATOR_WORDS, 3.0)
    yield entry_of("/working-days", CALCULATOR, name, about, asked, is_sitewide=True)


def _guide(item: ServiceItem) -> Entry:
    guide = item.guide
    words = [
        *((each, 4.0) for each in (guide.name, *guide.everyday_names)),
        *((each, 3.0) for each in guide.search_words),
        (guide.summary, 1.0),
        (guide.result.what, 1.0),
        *((each.question, 1.0) for each in guide.questions),
        (item.category.name, 0.9),
        *((each.name, 0.6) for each in guide.documents),
    ]
    return entry_of(f"/handbook/{item.slug}", GUIDE, guide.name, guide.summary, words)


def _category(category: Category) -> Entry:
    path = f"/handbook/categories/{category.slug}"
    words = [(category.name, 3.0), (category.summary, 0.8)]
    return entry_of(path, CATEGORY, category.name, category.summary, words)


def _elsewhere(matter: MatterElsewhere) -> Entry:
    words = [(matter.name, 4.0), *((each, 3.0) for each in matter.search_words)]
    kind = CALL_FIRST if matter.urgency is Urgency.AT_ONCE else ELSEWHERE
    return entry_of(f"/elsewhere#{matter.slug}", kind, matter.name, matter.where, words)
