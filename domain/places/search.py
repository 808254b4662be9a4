"""How a community's hall, facilities, people and partners are found, and other communities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.search.index import each_of, entry_of
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.places.tables import Community, Compound
    from domain.search.entry import Entry

HALL = N_("The service hall")
FACILITY = N_("Facility")
PERSON = N_("Person in charge")
FIRST_SECRETARY = N_("First secretary")
PARTNER = N_("Partner")
BRAND = N_("Brand")
COMPOUND = N_("Residential compound")
COMMUNITY = N_("Communities")

# What people say for a hall, in Chinese as content is, and in English.
HALL_WORDS = """
    服务大厅 大厅 办事大厅 便民服务中心 服务中心 社区大厅 几点上班 几点下班 几点开门 几点关门
    上班时间 营业时间 开放时间 办公时间 工作时间 周末上班吗 周六上班吗 周日上班吗 星期六开门吗
    节假日上班吗 中午休息吗 中午上班吗 开门吗 大厅地址 大厅在哪 怎么走 大厅电话 社区电话
    办公电话 停车位 无障碍 几号窗口 窗口 service hall opening hours open office hours address
    phone number closed saturday weekend counter
"""
# What people call those who are on a community's list of people, and its partners.
PEOPLE_WORDS = "负责人 社区干部 工作人员 网格员 专干 谁负责 找谁办 联系人 联系电话 电话"
SECRETARY_WORDS = "第一书记 书记 驻村书记 驻社区书记 first secretary"
BRAND_WORDS = "社区品牌 一居一品牌 社区特色 社区故事 brand"


def entries_of(community: Community) -> Iterator[Entry]:
    """Everything that the community's own pages show."""
    yield _hall(community)
    yield from _facilities(community)
    yield from _people(community)
    yield from _partners(community)
    if brand := community.brand:
        words = [(brand.name, 4.0), *each_of(BRAND_WORDS, 3.0), (brand.slogan, 1.0)]
        yield entry_of("/brand", BRAND, brand.name, brand.slogan, words)
    for compound in community.compounds:
        yield _compound(community, compound)


def communities_of(every: Iterable[Community]) -> Iterator[Entry]:
    """The communities of a district, by their names and those of their compounds."""
    for each in every:
        compounds = [compound.name for compound in each.compounds]
        words = [(each.name, 4.0), *((name, 2.5) for name in compounds)]
        about = "、".join(compounds) or each.hall.address
        path = f"/c/{each.slug}"
        yield entry_of(path, COMMUNITY, each.name, about, words, is_sitewide=True)


def _hall(community: Community) -> Entry:
    hall = community.hall
    words = [(hall.name, 4.0), *each_of(HALL_WORDS, 3.0), (hall.address, 0.8)]
    words += [(counter.name, 2.0) for counter in hall.counters]
    words += [(zone.name, 2.0) for zone in hall.zones]
    return entry_of("/hall", HALL, hall.name, f"{hall.address} · {hall.phone}", words)


def _facilities(community: Community) -> Iterator[Entry]:
    for place in community.facilities:
        words = [
            (place.name, 4.0),
            *((each, 3.0) for each in place.search_words or ()),
            (place.about or "", 0.8),
            (place.address, 0.8),
        ]
        about = f"{place.address} · {place.hours}"
        yield entry_of(f"/facilities#{place.slug}", FACILITY, place.name, about, words)


def _people(community: Community) -> Iterator[Entry]:
    if secretary := community.first_secretary:
        words = [(secretary.name, 4.0), *each_of(SECRETARY_WORDS, 3.5), (secretary.about, 0.8)]
        about = f"{secretary.name} · {secretary.phone}"
        yield entry_of("/people", FIRST_SECRETARY, FIRST_SECRETARY, about, words)
    for person in community.people:
        words = [(person.post, 3.5), (person.name, 4.0), (person.answers_for, 0.8)]
        about = f"{person.name} · {person.answers_for}"
        yield entry_of("/people", PERSON, person.post, about, words)
    if community.people:
        name, about = N_("Who to ask"), N_("Who is responsible for what")
        yield entry_of("/people", PERSON, name, about, each_of(PEOPLE_WORDS, 2.5))


def _partners(community: Community) -> Iterator[Entry]:
    for partner in community.partners:
        words = [
            (partner.name, 3.5),
            *each_of(PARTNER_WORDS.get(partner.kind.value, ""), 3.0),
            (partner.answers_for, 0.8),
        ]
        yield entry_of("/partners", PARTNER, partner.name, partner.answers_for, words)


PARTNER_WORDS = {
    "party": "党委 社区党委 党组织 党支部",
    "committee": (
        "居委会 居民委员会 村委会 居委会电话 换届 换届选举 居委会选举 社区选举 选举 committee"
    ),
    "station": "服务站 社区服务站",
    "owners": "业委会 业主委员会 owners",
    "property": "物业 物业公司 物业电话 物业报修 报修 维修师傅 property management repairs",
}


def _compound(community: Community, compound: Compound) -> Entry:
    buildings = [building.name for building in compound.buildings]
    words = [(compound.name, 4.0), (compound.address, 0.8)]
    words += [
        (name if compound.name in name else f"{compound.name}{name}", 3.0) for name in buildings
    ]
    words += [(name, 2.5) for name in buildings]
    path = "/facilities" if community.facilities else ""
    return entry_of(path, COMPOUND, compound.name, compound.address, words)
