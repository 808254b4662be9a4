"""Loading a district: the sample keeps the product's rules, and a broken file is said exactly."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from domain import seed
from domain.content import Content, Contradiction, Line
from domain.errors import ContentError, NotEmptyError
from domain.handbook.guide import LifeEvent
from domain.handbook.tables import Category, ServiceItem
from domain.papers.paper import CommunityKind
from domain.places.search import entries_of
from domain.places.tables import Community, District, Subdistrict
from domain.published import load_community, load_published
from domain.revision import content_revision
from domain.seed import SAMPLE, plant, read_district
from tests.world.district import FILES

if TYPE_CHECKING:
    from pathlib import Path

    from domain.places.content import CommunityContent
    from domain.store import Store

FULL = ("liujiazhuang", "jian", "yikang")
LETTERS = set("ABCDEFGHIJKL")
SERVICE_ITEMS = {
    "A": "最低生活保障申请 低保边缘家庭认定 特困人员救助供养申请 临时救助申请 医疗救助申请",
    "B": "高龄津贴申领 经济困难老年人服务补贴 老年人优待证办理 居家养老助餐登记 家庭适老化改造申请",
    "C": "残疾人证办理 困难残疾人生活补贴 重度残疾人护理补贴 残疾人辅助器具适配",
    "D": "失业登记 就业困难人员认定 灵活就业社会保险补贴 创业担保贷款申请 公益性岗位报名",
    "E": "城乡居民养老保险参保登记 养老待遇领取资格认证 城乡居民医疗保险参保登记 异地就医备案 "
    "社会保障卡申领与补换",
    "F": "生育登记 独生子女父母奖励扶助 计划生育家庭特别扶助 儿童预防接种预约 家庭医生签约",
    "G": "居住证申领与签注 居住登记 新市民子女入学指引 户口迁移与补领指引",
    "H": "公共租赁住房申请 住房租赁补贴申请 加装电梯意见登记 住宅维修资金使用登记",
    "I": "退役军人建档立卡 退役军人优待证申领 优抚对象定期补助 义务兵家庭优待金",
    "J": "法律援助申请 人民调解申请 公益律师咨询预约",
    "K": "养犬登记 环境与噪声问题反映 物业服务问题反映",
    "L": "党员组织关系接转 流动党员报到 社区志愿者注册",
}
"""The 50 names that an urban community service center offers, by their queue letters."""

DISTRICT = """\
slug: tianqiao
name: 天桥区
city: 济南市
hotline: 0531-00002345
subdistricts:
  - slug: beiyuan
    name: 北园街道
    communities:
      - liuhang
      - slug: huanggang
        name: 黄岗社区
        hall:
          name: 黄岗大厅
          address: 黄岗路 1 号
          phone: 0531-00005555
          position: {latitude: 36.7, longitude: 116.9, datum: GCJ-02}
          step_free: 没有台阶。
          hours:
            working_day: ["09:00-17:00"]
          counters:
            - {number: 1, name: 黄岗窗口, categories: [L]}
"""
COMMUNITY = """\
slug: liuhang
name: 柳行社区
hall:
  name: 柳行大厅
  address: 柳行路 2 号
  phone: 0531-00006666
  position: {latitude: 36.6838, longitude: 116.9602, datum: GCJ-02}
  step_free: 没有台阶。
  hours:
    working_day: ["08:30-12:00", "13:30-17:00"]
  counters:
    - {number: 1, name: 柳行窗口, categories: [L]}
compounds:
  - slug: xinju
    name: 新居
    address: 柳行路 4 号
    position: {latitude: 36.6845, longitude: 116.9604, datum: GCJ-02}
    buildings:
      - {slug: "1", name: 1 号楼}
facilities:
  - slug: shufang
    name: 老村书房
    kind: culture
    address: 柳行路 6 号
    hours: 每天 09:00-20:00
    step_free: "yes"
    position: {latitude: 36.6859, longitude: 116.9584, datum: WGS-84}
people:
  - post: 书记
    name: 程一
    answers_for: 党员的事。
    phone: 0531-00006667
    deputy: 苏二
    categories: [L]
notes:
  - {item: dangzuzhi-guanxi, note: 在 1 号窗口办。}
"""
FACILITY = """\
  - slug: shufang
    name: 又一间书房
    kind: culture
    address: 柳行路 8 号
    hours: 每天
    step_free: "no"
    position: {latitude: 36.6859, longitude: 116.9584, datum: WGS-84}"""
CATEGORIES = "- {letter: L, slug: party, name: 党群社团, character: 党, summary: 当志愿者。}\n"


@pytest.fixture(scope="module")
def guide() -> str:
    """The sample's file of category L, cut down to its first guide."""
    whole = (SAMPLE / "handbook" / "l-party.yaml").read_text(encoding="utf-8")
    first = "\n  - slug: ".join(whole.split("\n  - slug: ")[:2]) + "\n"
    return re.sub(r"(?m)^    related: .*\n", "    related: [dangzuzhi-guanxi]\n", first)


@pytest.fixture
def folder(tmp_path: Path, guide: str) -> Path:
    """A small district without a fault: one subdistrict, two communities, one guide."""
    for name in ("handbook", "communities", "notices"):
        (tmp_path / name).mkdir()
    (tmp_path / "district.yaml").write_text(DISTRICT, encoding="utf-8")
    (tmp_path / "categories.yaml").write_text(CATEGORIES, encoding="utf-8")
    (tmp_path / "communities" / "liuhang.yaml").write_text(COMMUNITY, encoding="utf-8")
    (tmp_path / "handbook" / "l-party.yaml").write_text(guide, encoding="utf-8")
    return tmp_path


def spoil(path: Path, right: str, wrong: str) -> int:
    """Put something wrong in the place of something right. Returns the line where it now stands."""
    before, found, after = path.read_text(encoding="utf-8").partition(right)
    assert found, f"{right!r} does not stand in {path.name}"
    path.write_text(before + wrong + after, encoding="utf-8")
    return before.count("\n") + 1


def faults_in(folder: Path) -> list[str]:
    """What the office is told about its files."""
    with pytest.raises(ContentError) as caught:
        read_district(folder)
    assert str(caught.value).split("\n") == [str(fault) for fault in caught.value.faults]
    return [str(fault) for fault in caught.value.faults]


async def whole(store: Store, slug: str) -> Community:
    """One community with all that belongs to it."""
    async with store.read() as session:
        return await load_community(session, slug)


def test_the_small_district_has_no_fault(folder) -> None:
    files = read_district(folder)
    names = [
        files.community(each).name for each in files.district.content.subdistricts[0].communities
    ]
    assert names == ["柳行社区", "黄岗社区"]


@pytest.mark.parametrize(
    ("file", "right", "wrong", "field", "why"),
    [
        pytest.param(*each[1:], id=each[0])
        for each in [
            ("no number", "handbook/l-party.yaml", "promised_days: 7", "promised_days: 七",
             "items > 1 > promised_days", "valid integer"),
            ("promise over the law", "handbook/l-party.yaml", "promised_days: 7",
             "promised_days: 70", "items > 1 > promised_days", "longer than the law allows"),
            ("deep within a list", "handbook/l-party.yaml", "form: original", "form: orignal",
             "items > 1 > documents > 1 > form", "'original', 'copy'"),
            ("unknown field", "handbook/l-party.yaml", "visits: 0", "visits: 0\n    viists: 0",
             "items > 1 > viists", "not permitted"),
            ("wrong letter", "handbook/l-party.yaml", "category: L", "category: M",
             "category", "there is no category M"),
            ("no letter", "handbook/l-party.yaml", "category: L", "category: l",
             "category", "match pattern"),
            ("unknown related item", "handbook/l-party.yaml", "related: [dangzuzhi-guanxi]",
             "related: [dangzuzhi-guanxi, dibo]", "items > 1 > related > 2", "no item dibo"),
            ("slug in Chinese", "handbook/l-party.yaml", "slug: dangzuzhi-guanxi",
             "slug: 组织关系", "items > 1 > slug", "match pattern"),
            ("key twice", "communities/liuhang.yaml", "name: 柳行社区",
             "name: 柳行社区\nname: 刘行社区", "name", "given twice"),
            ("unknown item in a note", "communities/liuhang.yaml", "item: dangzuzhi-guanxi",
             "item: dibao", "notes > 1 > item", "no item dibao"),
            ("counter's letter", "communities/liuhang.yaml", "柳行窗口, categories: [L]",
             "柳行窗口, categories: [Z]", "hall > counters > 1 > categories", "no category Z"),
            ("person's letter", "communities/liuhang.yaml", "deputy: 苏二\n    categories: [L]",
             "deputy: 苏二\n    categories: [Z]", "people > 1 > categories", "no category Z"),
            ("closes before it opens", "communities/liuhang.yaml", "08:30-12:00", "12:00-08:30",
             "hall > hours > working_day > 1", "closes after it opens"),
            ("no latitude", "communities/liuhang.yaml", "latitude: 36.6838", "latitude: 366838",
             "hall > position > latitude", "less than or equal to 90"),
            ("unknown datum", "communities/liuhang.yaml", "datum: WGS-84", "datum: WGS84",
             "facilities > 1 > position > datum", "'WGS-84' or 'GCJ-02'"),
            ("phone", "communities/liuhang.yaml", "phone: 0531-00006666", "phone: 老地方",
             "hall > phone", "match pattern"),
            ("empty", "communities/liuhang.yaml", "address: 柳行路 6 号", "address:",
             "facilities > 1 > address", "valid string"),
            ("neither yes nor no", "district.yaml", "city: 济南市", "city: 济南市\nis_sample: 也许",
             "is_sample", "valid boolean"),
        ]
    ],
)  # fmt: skip
def test_a_fault_is_said_with_file_line_and_field(  # noqa: PLR0913, PLR0917 - one fault, in words
    folder, file, right, wrong, field, why
) -> None:
    line = spoil(folder / file, right, wrong) + wrong.count("\n")
    (said,) = faults_in(folder)
    assert said.startswith(f"{folder.joinpath(file).name}, line {line}, {field}: ")
    assert why in said


def test_a_community_whose_file_is_missing_is_said_where_it_is_named(folder) -> None:
    line = spoil(folder / "district.yaml", "- liuhang", "- liuheng")
    missing, unnamed = faults_in(folder)
    place = f"district.yaml, line {line}, subdistricts > 1 > communities > 1"
    assert missing == f"{place}: there is no file communities/liuheng.yaml"
    assert unnamed.startswith("liuhang.yaml, line 1: ")


@pytest.mark.parametrize(
    ("right", "wrong", "field"),
    [
        ("phone: 0531-00005555", "phone: 老地方", "phone"),
        (
            "- {number: 1, name: 黄岗窗口,",
            "- {number: 1, nam: 黄岗窗口, name: 窗口,",
            "counters > 1 > nam",
        ),
    ],
    ids=["phone", "unknown field"],
)
def test_a_fault_of_a_community_in_the_districts_file_is_said_once(
    folder, right, wrong, field
) -> None:
    line = spoil(folder / "district.yaml", right, wrong)
    said = faults_in(folder)
    place = f"district.yaml, line {line}, subdistricts > 1 > communities > 2 > hall > {field}: "
    assert [each.startswith(place) for each in said] == [True], said


def test_a_missing_field_is_said_with_its_name_and_where_it_should_stand(folder) -> None:
    line = spoil(folder / "communities" / "liuhang.yaml", "  phone: 0531-00006666\n", "")
    (said,) = faults_in(folder)
    assert said == f"liuhang.yaml, line {line - 2}, hall > phone: Field required"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("name: [柳行社区", "expected ',' or ']'"),
        ("name: 柳行: 社区", "mapping values are not allowed"),
        ("\tname: 柳行社区", "cannot start any token"),
        ("name: *nobody", "undefined alias"),
    ],
    ids=["bracket", "colon", "tab", "alias"],
)
def test_what_is_no_yaml_is_said_with_its_line(folder, wrong, why) -> None:
    spoil(folder / "communities" / "liuhang.yaml", "name: 柳行社区", wrong)
    (said,) = faults_in(folder)
    assert re.match(r"liuhang.yaml, line [23]: ", said)
    assert why in said


@pytest.mark.parametrize(
    "added",
    [
        "? [introduction, brand]\n: 一社区\n",
        "brand: &brand [*brand]\n",
    ],
    ids=["list as key", "alias of itself"],
)
def test_yaml_that_no_person_writes_is_still_a_fault_and_no_crash(folder, added) -> None:
    spoil(folder / "communities" / "liuhang.yaml", "facilities:", f"{added}facilities:")
    assert faults_in(folder)[0].startswith("liuhang.yaml, line ")


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "empty"), (b"# later\n", "empty"), ("天桥区".encode("gb18030"), "cannot be read")],
    ids=["empty", "only a remark", "not UTF-8"],
)
def test_a_file_that_says_nothing_is_a_fault(folder, content, why) -> None:
    (folder / "categories.yaml").write_bytes(content)
    (said,) = faults_in(folder)
    assert said.startswith("categories.yaml, line 1: ")
    assert why in said


def test_a_folder_without_a_district_is_a_fault(tmp_path) -> None:
    said = faults_in(tmp_path)
    assert [each.split(",")[0] for each in said] == ["district.yaml", "categories.yaml"]


def test_faults_in_several_files_are_said_at_once(folder) -> None:
    lines = [
        spoil(folder / "categories.yaml", "character: 党", "character: 党群"),
        spoil(folder / "handbook" / "l-party.yaml", "visits: 0", "visits: -1"),
        spoil(folder / "handbook" / "l-party.yaml", "promised_days: 7", "promised_days: 七"),
        spoil(folder / "communities" / "liuhang.yaml", "kind: culture", "kind: cultur"),
    ]
    said = faults_in(folder)
    places = {tuple(re.findall(r"^(\S+), line (\d+), ", each)[0]) for each in said}
    files = ("categories.yaml", "l-party.yaml", "l-party.yaml", "liuhang.yaml")
    assert places == {(file, str(line)) for file, line in zip(files, lines, strict=True)}
    assert len(said) == 4


def test_contradictions_between_files_are_said_at_once(folder) -> None:
    spoil(folder / "handbook" / "l-party.yaml", "related: [", "related: [dibo, ")
    spoil(folder / "communities" / "liuhang.yaml", "item: dangzuzhi-guanxi", "item: dibao")
    said = "\n".join(faults_in(folder))
    assert "there is no item dibo" in said
    assert "there is no item dibao" in said


@pytest.mark.parametrize(
    ("file", "right", "wrong", "where"),
    [
        pytest.param(*each[1:], id=each[0])
        for each in [
            ("community", "district.yaml", "slug: huanggang", "slug: liuhang",
             "district.yaml, line 10, subdistricts > 1 > communities > 2: the slug liuhang"),
            ("community named twice", "district.yaml", "- liuhang", "- liuhang\n      - liuhang",
             "district.yaml, line 10, subdistricts > 1 > communities > 2: the slug liuhang"),
            ("facility", "communities/liuhang.yaml", "facilities:",
             f"facilities:\n{FACILITY}",
             "liuhang.yaml, line 21, facilities: the slug shufang"),
            ("building", "communities/liuhang.yaml", "buildings:",
             'buildings:\n      - {slug: "1", name: 又一栋}',
             "liuhang.yaml, line 14, compounds: the slug 1"),
            ("subdistrict", "district.yaml", "      - slug: huanggang",
             "  - slug: beiyuan\n    name: 又一街道\n    communities:\n      - slug: huanggang",
             "district.yaml, line "),
            ("category", "categories.yaml", "- {letter: L",
             "- {letter: M, slug: party, name: 又一类, character: 又, summary: 又。}\n- {letter: L",
             "categories.yaml, line "),
            ("letter", "categories.yaml", "- {letter: L",
             "- {letter: L, slug: else, name: 又一类, character: 又, summary: 又。}\n- {letter: L",
             "categories.yaml, line "),
            ("counter", "communities/liuhang.yaml", "counters:",
             "counters:\n    - {number: 1, name: 又一个, categories: [L]}",
             "liuhang.yaml, line "),
            ("note", "communities/liuhang.yaml", "notes:",
             "notes:\n  - {item: dangzuzhi-guanxi, note: 又一句。}", "liuhang.yaml, line "),
        ]
    ],
)  # fmt: skip
def test_a_name_that_stands_twice_is_a_fault(folder, file, right, wrong, where) -> None:
    spoil(folder / file, right, wrong)
    said = faults_in(folder)
    assert any(each.startswith(where) for each in said), said


def test_an_item_that_stands_twice_is_said_at_both_places(folder, guide) -> None:
    (folder / "handbook" / "m-again.yaml").write_text(guide, encoding="utf-8")
    said = faults_in(folder)
    why = "items > 1 > slug: the slug dangzuzhi-guanxi is taken"
    assert said == [f"l-party.yaml, line 3, {why}", f"m-again.yaml, line 3, {why}"]


def test_a_communitys_file_that_the_district_does_not_name_is_a_fault(folder) -> None:
    other = COMMUNITY.replace("slug: liuhang", "slug: beitan", 1)
    (folder / "communities" / "beitan.yaml").write_text(other, encoding="utf-8")
    assert faults_in(folder)[0].startswith("beitan.yaml, line 1")


@pytest.mark.parametrize(
    ("days", "why"),
    [
        ("days_off: [2027-01-01, 2026-11-30]", "2026-11-30 is in another year"),
        ("days_off: []", "at least one day off"),
    ],
    ids=["another year", "no days"],
)
def test_a_notice_that_contradicts_itself_is_said_with_its_file(folder, days, why) -> None:
    (folder / "notices" / "2027.yaml").write_text(f"year: 2027\n{days}\n", encoding="utf-8")
    (said,) = faults_in(folder)
    assert said.startswith("2027.yaml, line 2, days_off")
    assert why in said


async def test_a_notice_in_the_folder_makes_its_year_definite(folder, store) -> None:
    words = "year: 2027\ndays_off: [2027-01-01]\nmake_up_days: [2027-01-03]\n"
    (folder / "notices" / "2027.yaml").write_text(words, encoding="utf-8")
    files = read_district(folder)
    await store.write(lambda session: plant(session, files))
    published = await load_published(store, entries_of)
    assert published is not None
    day = files.notices[0].content.days_off[0]
    assert not published.calendar.is_provisional(day)


async def test_a_planting_that_fails_leaves_nothing_behind(folder, store) -> None:
    files = read_district(folder)

    async def interrupted(session) -> None:
        await plant(session, files)
        await session.flush()
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await store.write(interrupted)
    async with store.read() as session:
        for table in (District, Subdistrict, Community, Category, ServiceItem):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
        assert await content_revision(session) == 0


async def test_a_second_planting_is_refused_and_changes_nothing(folder, sample) -> None:
    files = read_district(folder)
    with pytest.raises(NotEmptyError):
        await sample.write(lambda session: plant(session, files))
    published = await load_published(sample, entries_of)
    assert published is not None
    assert len(published.names) > 3
    assert published.revision == 1


async def test_what_the_files_say_is_what_the_store_holds(folder, store) -> None:
    files = read_district(folder)
    await store.write(lambda session: plant(session, files))
    community = await whole(store, "liuhang")
    assert (community.name, community.hall.phone) == ("柳行社区", "0531-00006666")
    assert community.hall.counters[0].categories == ("L",)
    assert community.compounds[0].buildings[0].name == "1 号楼"
    assert community.facilities[0].at.datum == "WGS-84"
    assert community.people[0].deputy == "苏二"
    published = await load_published(store, entries_of)
    assert published is not None
    item = published.handbook.items["dangzuzhi-guanxi"]
    assert item.guide == files.handbook[0].content.items[0].guide()
    assert [note.item_id for note in community.notes] == [item.id]
    assert not item.is_sample
    assert not published.district.is_sample


async def test_a_district_of_13_subdistricts_and_127_communities_loads(folder, store) -> None:
    head, _, rest = DISTRICT.partition("  - slug: beiyuan")
    inline = rest[rest.index("      - slug: huanggang") :]
    sizes = [10] * 10 + [9] * 3
    parts = [head]
    for s, size in enumerate(sizes):
        parts.append(f"  - slug: s{s}\n    name: 第 {s} 街道\n    communities:\n")
        parts += [inline.replace("huanggang", f"c{s}-{c}") for c in range(size)]
    (folder / "district.yaml").write_text("".join(parts), encoding="utf-8")
    (folder / "communities" / "liuhang.yaml").unlink()
    shutil.rmtree(folder / "handbook")
    shutil.copytree(SAMPLE / "handbook", folder / "handbook")
    shutil.copy(SAMPLE / "categories.yaml", folder)
    files = read_district(folder)
    await store.write(lambda session: plant(session, files))
    published = await load_published(store, entries_of)
    assert published is not None
    assert len(published.district.subdistricts) == 13
    assert len(published.names) == 127
    assert len(published.handbook.items) == 50
    assert [s.slug for s in published.district.subdistricts] == [f"s{n}" for n in range(13)]
    last = published.district.subdistricts[-1].communities
    assert [c.slug for c in last] == [f"c12-{n}" for n in range(9)]


def full(slug: str) -> CommunityContent:
    """One of the three communities that the sample fills in wholly."""
    return FILES.communities[slug].content


def test_the_sample_has_the_50_items_in_their_12_categories() -> None:
    found = {
        source.content.category: [item.name for item in source.content.items]
        for source in FILES.handbook
    }
    assert found == {letter: names.split() for letter, names in SERVICE_ITEMS.items()}
    assert sum(map(len, found.values())) == 50
    assert {category.letter for category in FILES.categories.content} == LETTERS


def test_the_sample_is_marked_as_a_sample() -> None:
    assert FILES.district.content.is_sample


def test_no_telephone_of_the_sample_can_reach_anybody() -> None:
    for path in SAMPLE.rglob("*.yaml"):
        words = path.read_text(encoding="utf-8")
        for phone in re.findall(r"(?<![\d-])0?1[3-9]\d{9}(?!\d)|\b0\d{2,3}-\d{7,8}\b", words):
            assert re.fullmatch(r"0531-0000\d{4}", phone), f"{path.name}: {phone}"
        for phone in re.findall(r"(?m)(?:phone|hotline): *\"?([^\",}\n]+)", words):
            assert re.fullmatch(r"0531-0000\d{4}", phone.strip()), f"{path.name}: {phone}"


@pytest.mark.parametrize("event", LifeEvent)
def test_every_event_of_a_life_leads_to_a_guide(event) -> None:
    guides = [item for source in FILES.handbook for item in source.content.items]
    assert [item.slug for item in guides if event in item.life_events]


def test_no_ordinary_promise_is_longer_than_10_working_days() -> None:
    guides = [item for source in FILES.handbook for item in source.content.items]
    slow = {item.slug: item.promised_days for item in guides if item.promised_days > 10}
    assert slow == {}


def test_no_guide_is_related_to_itself_or_twice_to_another() -> None:
    for source in FILES.handbook:
        for item in source.content.items:
            assert item.slug not in item.related
            assert len(set(item.related)) == len(item.related)


@pytest.mark.parametrize("slug", FULL)
def test_every_letter_has_a_counter_and_a_person_in_the_full_communities(slug) -> None:
    counters = {letter for each in full(slug).hall.counters for letter in each.categories}
    people = {letter for each in full(slug).people for letter in each.categories}
    assert counters == LETTERS
    assert people == LETTERS


@pytest.mark.parametrize("slug", FULL)
def test_the_full_communities_lack_nothing(slug) -> None:
    community = full(slug)
    for part in ("introduction", "brand", "first_secretary", "compounds", "facilities"):
        assert getattr(community, part), part
    for part in ("people", "partners", "notes"):
        assert getattr(community, part), part
    assert {zone.kind.value for zone in community.hall.zones} == {
        "consultation",
        "waiting",
        "office",
    }
    kinds = {partner.kind.value for partner in community.partners}
    assert kinds >= {"party", "committee", "station", "owners", "property"}
    assert all(compound.buildings for compound in community.compounds)


def test_every_hall_of_the_sample_serves_every_letter() -> None:
    for subdistrict in FILES.district.content.subdistricts:
        for entry in subdistrict.communities:
            community = FILES.community(entry)
            served = [letter for each in community.hall.counters for letter in each.categories]
            assert set(served) == LETTERS, community.slug


def test_the_real_brands_stand_in_their_communities() -> None:
    brands = [full(slug).brand for slug in FULL]
    names = ["一格多元", "棚户区回迁便民服务队", "民生特快专递"]
    assert [brand.name for brand in brands if brand] == names


class Motto(Content):
    """A document that only this test has."""

    motto: Line


class MottoKind(CommunityKind):
    """Its kind, which keeps the motto where there is a column."""

    word, shape, rank = "motto", Motto, 0

    def document_of(self, community: Community) -> Content:
        return Motto(motto=community.introduction)

    def put(self, community: Community, document: Any) -> None:
        community.introduction = document.motto

    def contradictions_within(self, document: Any) -> list[Contradiction]:
        return [Contradiction(("motto",), "is too loud")] if "!" in document.motto else []


async def test_a_community_s_file_holds_what_a_new_kind_of_document_has(
    folder, store, monkeypatch
) -> None:
    file = folder / "communities" / "liuhang.yaml"
    file.write_text(f"{COMMUNITY}motto: 有事好商量\n", encoding="utf-8")
    assert "motto" in faults_in(folder)[0]
    monkeypatch.setattr(seed, "PARTS", (*seed.PARTS, MottoKind()))
    files = read_district(folder)
    await store.write(lambda session: plant(session, files))
    assert (await whole(store, "liuhang")).introduction == "有事好商量"
    line = spoil(file, "有事好商量", "有事好商量!")
    assert faults_in(folder) == [f"liuhang.yaml, line {line}, motto: is too loud"]
