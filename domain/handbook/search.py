"""How the handbook is found by search: guides, categories, life events, and what is elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
CALCULATOR = N_("Calculator")

EVENT_ABOUT = N_("What to see to, in one list")
# What a life event is called on its page, and the words that people say when it happens. In Chinese
# and in English: the event is the product's, and its name follows the language of the page.
EVENTS = {
    LifeEvent.CHILD: (
        N_("Having a child"),
        """
        生孩子 生宝宝 要生宝宝 生娃 怀孕 怀孕了 要生了 刚生完孩子 孩子出生 新生儿 当妈妈
        having a child baby born pregnant birth
        """,
    ),
    LifeEvent.RETIRING: (
        N_("Retiring"),
        """
        退休 要退休了 快退休了 退休手续 刚退休 退休以后 退休办什么 retiring retirement retire
        """,
    ),
    LifeEvent.LOSING_WORK: (
        N_("Losing a job"),
        """
        没工作了 丢了工作 失业了 下岗了 被辞退 被裁了 没活干了 losing a job lost job
        unemployed fired
        """,
    ),
    LifeEvent.MOVING_IN: (
        N_("Moving in"),
        """
        搬家 搬来 刚搬来 新搬来 搬进来 新住户 刚买房 买房搬家 新搬家 搬到这里 moving in moved
        house new here
        """,
    ),
    LifeEvent.ILLNESS: (
        N_("Falling ill"),
        """
        生病 生病了 得了重病 重病 得了重病 得大病了 家里有病人 住院了 癌症晚期 falling ill
        illness sick serious disease
        """,
    ),
    LifeEvent.BEREAVEMENT: (
        N_("A death in the family"),
        """
        家人去世 亲人离世 死亡 去世 过世 离世 逝世 丧事 白事 办后事 后事 办丧事 人没了 老人没了
        老伴没了 老人走了 人走了 死了 人死了 老人死了 孩子死了 丈夫去世 妻子去世 亲人去世
        家人去世 遗体 追悼会 葬礼 出殡 送终 丧葬 遗属 death in the family died funeral
        bereavement passed away dead
        """,
    ),
    LifeEvent.DISABILITY: (
        N_("Living with a disability"),
        """
        家里有残疾人 身体残疾 残障 残疾了 living with a disability disabled
        """,
    ),
    LifeEvent.ELDERLY_PARENT: (
        N_("An elderly parent"),
        """
        照顾老人 照顾爸妈 赡养老人 老人养老 爸妈老了 父母老了 伺候老人 elderly parent caring
        for parents ageing
        """,
    ),
    LifeEvent.NEIGHBOURS: (
        N_("Trouble with a neighbour"),
        """
        和邻居吵架 邻居吵架 和邻居闹矛盾 邻居矛盾 和邻居不和
        trouble with a neighbour neighbours quarrel dispute
        """,
    ),
    LifeEvent.ARMY: (
        N_("Joining or leaving the army"),
        """
        参军 去当兵 当兵入伍 入伍 征兵报名 退伍回来 刚退伍 退役回来 当兵回来 复员 转业
        joining the army leaving the army military service
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
        yield entry_of(path, EVENT, name, EVENT_ABOUT, each_of(words, 3.5))
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
    return entry_of(f"/elsewhere#{matter.slug}", ELSEWHERE, matter.name, matter.where, words)
