"""Documents of the office: nothing typed is lost, what is published is a version, two can write."""

from __future__ import annotations

import asyncio
import pkgutil
import re
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from domain.calendar import load_calendar
from domain.errors import NotFoundError
from domain.handbook.tables import ServiceItem
from domain.papers import kinds, versions
from domain.papers.compare import (
    Conflict,
    Difference,
    differences,
    merged,
    value_at,
    with_theirs,
    with_value,
)
from domain.papers.kinds.about import About
from domain.papers.kinds.holidays import Notice
from domain.papers.paper import Paper
from domain.papers.tables import PaperDraft
from domain.papers.versions import PublishedMeanwhileError, UnchangedError
from domain.places.content import HoursException, OwnContent, OwnPhone
from domain.places.search import entries_of
from domain.places.tables import Community, CommunityNote, Counter
from domain.published import load_published
from domain.revision import content_revision
from tests.world.clock import NOW
from tests.world.papers import read
from tests.world.people import DISTRICT_ADMINISTRATOR, Person, arrived, log_of

if TYPE_CHECKING:
    from domain.content import Content
    from domain.store import Store

HOME = "liujiazhuang"
GUIDE = Paper(kinds.GUIDE, None, "gaoling-jintie")
OWN = Paper(kinds.OWN, HOME, "gaoling-jintie")
HALL = Paper(kinds.HALL, HOME)


@pytest.fixture
async def editor(sample: Store) -> Person:
    """A person who may edit everything."""
    return await arrived(sample, "editor", DISTRICT_ADMINISTRATOR)


@pytest.fixture
async def colleague(sample: Store) -> Person:
    """A colleague who may, too."""
    return await arrived(sample, "colleague", DISTRICT_ADMINISTRATOR)


async def publish(
    store: Store, person: Person, paper: Paper, document: Content, base: int = 1
) -> int:
    """Publish as this person."""
    return await store.write(
        partial(
            versions.publish,
            actor=person.actor,
            paper=paper,
            document=document,
            base=base,
            reason="改正",
            now=NOW,
        )
    )


async def draft(store: Store, person: Person, paper: Paper, document: Any, base: int = 1) -> None:
    """Save a draft as this person."""
    await store.write(
        partial(
            versions.save_draft,
            actor=person.actor,
            paper=paper,
            document=document,
            base=base,
            now=NOW,
        )
    )


# Comparing


def test_one_step_in_front_is_one_difference() -> None:
    before = {"steps": [{"what": "交材料", "who": "您"}, {"what": "审核", "who": "街道"}]}
    first = {"what": "先打电话", "who": "您"}
    after = {"steps": [first, *before["steps"]]}
    assert differences(before, after) == [Difference(("steps", 0), None, first)]


def test_a_changed_part_is_compared_inside() -> None:
    before = {"steps": [{"what": "到窗口交材料", "who": "您"}]}
    after = {"steps": [{"what": "到窗口交齐材料", "who": "您"}]}
    found = [Difference(("steps", 0, "what"), "到窗口交材料", "到窗口交齐材料")]
    assert differences(before, after) == found


def test_a_part_taken_away_is_told_where_it_stood() -> None:
    parts = [{"name": "身份证"}, {"name": "户口簿"}, {"name": "银行卡"}]
    assert differences({"d": parts}, {"d": [parts[0], parts[2]]}) == [
        Difference(("d", 1), {"name": "户口簿"}, None)
    ]


def test_what_two_changed_in_different_places_is_put_together() -> None:
    base = {"name": "甲", "fee": {"yuan": "0", "basis": "乙"}, "days": 7}
    mine = {"name": "甲甲", "fee": {"yuan": "0", "basis": "乙"}, "days": 7}
    theirs = {"name": "甲", "fee": {"yuan": "5", "basis": "乙"}, "days": 7}
    whole = {"name": "甲甲", "fee": {"yuan": "5", "basis": "乙"}, "days": 7}
    assert merged(base, mine, theirs) == (whole, [])


def test_where_both_changed_the_same_mine_stands_and_the_place_is_named() -> None:
    base, mine, theirs, whole = (
        {"people": [{"name": "甲", "phone": first}, {"name": "乙", "phone": second}]}
        for first, second in ("12", "13", "45", "43")
    )
    document, conflicts = merged(base, mine, theirs)
    assert document == whole
    assert [each.path for each in conflicts] == [("people", 1, "phone")]
    assert conflicts[0].difference == Difference(("people", 1, "phone"), "5", "3")
    assert value_at(theirs, ("people", 1, "phone")) == "5"
    taken = with_value(whole, ("people", 1, "phone"), "5")
    assert merged(base, taken, theirs) == (theirs, [])
    assert with_theirs(base, whole, theirs, conflicts[0].mark) == (theirs, conflicts[0].path)


# Rows are found by what they say


def rows(*lines: str) -> dict[str, Any]:
    """A document whose rows are given as `name copies`."""
    fixed = {"form": "original", "issuer": "公安派出所", "accepted": None}
    pairs = (line.split() for line in lines)
    return {"documents": [{"name": name, "copies": copies, **fixed} for name, copies in pairs]}


def lines(document: Any) -> list[str]:
    """The rows of a document as `name copies`."""
    return [f"{row['name']} {row['copies']}" for row in document["documents"]]


BASE = rows("身份证 1", "户口簿 1", "收入证明 1")


@pytest.mark.parametrize(
    ("mine", "theirs", "whole"),
    [
        (("身份证 5", "户口簿 1", "收入证明 1"), ("户口簿 1", "身份证 1", "收入证明 1"),
         ["户口簿 1", "身份证 5", "收入证明 1"]),
        (("户口簿 1", "身份证 1", "收入证明 1"), ("身份证 5", "户口簿 1", "收入证明 1"),
         ["户口簿 1", "身份证 5", "收入证明 1"]),
        (("身份证 1", "户口簿 1", "收入证明 3", "银行卡 1"), ("身份证 1", "收入证明 1"),
         ["身份证 1", "收入证明 3", "银行卡 1"]),
        (("照片 2", "身份证 1", "户口簿 1", "收入证明 1"),
         ("身份证 1", "户口簿 1", "银行卡 1", "收入证明 1"),
         ["照片 2", "身份证 1", "户口簿 1", "银行卡 1", "收入证明 1"]),
        (("身份证 1", "户口簿 1", "收入证明 1", "银行卡 1"),
         ("身份证 1", "户口簿 1", "收入证明 1", "银行卡 1", "照片 2"),
         ["身份证 1", "户口簿 1", "收入证明 1", "银行卡 1", "照片 2"]),
        (("居民身份证 1", "户口簿 1", "收入证明 1"), ("收入证明 1", "户口簿 1", "身份证 2"),
         ["收入证明 1", "户口簿 1", "居民身份证 2"]),
    ],
)  # fmt: skip
def test_what_was_typed_for_a_row_stays_with_that_row(mine, theirs, whole) -> None:
    document, conflicts = merged(BASE, rows(*mine), rows(*theirs))
    assert lines(document) == whole
    assert conflicts == []


@pytest.mark.parametrize(
    ("mine", "theirs", "whole", "taken"),
    [
        # Removed by them, edited by me.
        (("身份证 1", "户口簿 9", "收入证明 1"), ("收入证明 1", "身份证 1"),
         ["收入证明 1", "身份证 1", "户口簿 9"], ["收入证明 1", "身份证 1"]),
        # Removed by me, edited by them.
        (("收入证明 1", "身份证 1"), ("身份证 1", "户口簿 9", "收入证明 1"),
         ["收入证明 1", "身份证 1"], ["收入证明 1", "身份证 1", "户口簿 9"]),
        # Replaced by them by quite another: both are kept, and nothing of one is in the other.
        (("身份证 1", "户口簿 9", "收入证明 1"), ("身份证 1", "银行卡 1", "收入证明 1"),
         ["身份证 1", "银行卡 1", "户口簿 9", "收入证明 1"],
         ["身份证 1", "银行卡 1", "收入证明 1"]),
        # Both moved rows, each elsewhere.
        (("收入证明 1", "身份证 7", "户口簿 1"), ("户口簿 1", "身份证 1", "收入证明 1"),
         ["收入证明 1", "身份证 7", "户口簿 1"], ["户口簿 1", "身份证 7", "收入证明 1"]),
        # Both added a row of one name.
        (("身份证 1", "户口簿 1", "收入证明 1", "照片 2"),
         ("照片 4", "身份证 1", "户口簿 1", "收入证明 1"),
         ["身份证 1", "户口簿 1", "收入证明 1", "照片 2"],
         ["身份证 1", "户口簿 1", "收入证明 1", "照片 4"]),
    ],
)  # fmt: skip
def test_what_cannot_be_put_together_is_one_conflict_that_can_be_taken(
    mine, theirs, whole, taken
) -> None:
    document, conflicts = merged(BASE, rows(*mine), rows(*theirs))
    assert lines(document) == whole
    (conflict,) = conflicts
    assert merged(BASE, document, rows(*theirs)) == (document, conflicts)
    document, path = with_theirs(BASE, document, rows(*theirs), conflict.mark)
    assert lines(document) == taken
    assert path[0] == "documents"


def test_theirs_is_taken_into_the_same_row_after_rows_of_mine_were_moved() -> None:
    theirs = rows("身份证 4", "户口簿 1", "收入证明 1")
    _, (conflict,) = merged(BASE, rows("身份证 5", "户口簿 1", "收入证明 1"), theirs)
    moved = rows("照片 2", "户口簿 1", "收入证明 1", "身份证 5")
    document, path = with_theirs(BASE, moved, theirs, conflict.mark)
    assert lines(document) == ["照片 2", "户口簿 1", "收入证明 1", "身份证 4"]
    assert path == ("documents", 3, "copies")
    gone = rows("户口簿 1", "收入证明 1")
    assert with_theirs(BASE, gone, theirs, conflict.mark) == (gone, ("documents",))


@pytest.mark.parametrize("mark", ["", "x", "documents", "documents.x", "documents.0.x.y", "x.1"])
def test_a_mark_of_nothing_leaves_the_rows_of_mine(mark) -> None:
    mine = rows("身份证 5", "户口簿 1")
    document, _ = with_theirs(BASE, mine, BASE, mark)
    assert document == (BASE if mark == "documents" else mine)


def test_a_moved_row_is_told_as_another_order_and_edits_by_their_row() -> None:
    after = rows("户口簿 1", "身份证 5", "收入证明 1")
    order, copies = differences(BASE, after)
    assert order.is_order
    assert [row["name"] for row in order.after] == ["户口簿", "身份证", "收入证明"]
    assert copies == Difference(("documents", 1, "copies"), "1", "5")


def test_times_of_opening_have_no_name_and_are_one_value() -> None:
    morning, noon = ({"opens": opens, "closes": "12:00"} for opens in ("08:30", "09:00"))
    evening = {"opens": "13:30", "closes": "17:00"}
    base, mine, theirs = {"day": [morning, evening]}, {"day": [noon, evening]}, {"day": [morning]}
    assert differences(base, mine) == [Difference(("day",), base["day"], mine["day"])]
    document, (conflict,) = merged(base, mine, theirs)
    assert document == mine
    assert conflict.difference == Difference(("day",), theirs["day"], mine["day"])


NAMES = ("身份证", "户口簿", "银行卡", "照片", "租房合同", "残疾人证", "申请表", "结婚证")
LISTS = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.integers(1, 4), st.sampled_from(["", "可拍照", "现场填写"])
    ),
    unique_by=lambda row: row[0],
).map(
    lambda found: {
        "documents": [
            {
                "name": name,
                "copies": f"{name}{copies}",
                "accepted": accepted and f"{name}{accepted}",
            }
            for name, copies, accepted in found
        ]
    }
)


@given(base=LISTS, mine=LISTS, theirs=LISTS)
@settings(max_examples=300, deadline=None)
def test_no_value_of_one_row_ever_lands_in_another(base, mine, theirs) -> None:
    assert merged(base, mine, base) == (mine, [])
    assert merged(base, base, theirs) == (theirs, [])
    document, conflicts = merged(base, mine, theirs)
    by_name = [{row["name"]: row for row in each["documents"]} for each in (base, mine, theirs)]
    names = [row["name"] for row in document["documents"]]
    assert len(names) == len(set(names))
    for row in document["documents"]:
        assert row["copies"].startswith(row["name"])
        assert not row["accepted"] or row["accepted"].startswith(row["name"])
        for field, value in row.items():
            assert value in {each[row["name"]][field] for each in by_name if row["name"] in each}
    # The same again changes nothing, and the other way round differs at conflicts only.
    again, still = merged(base, document, theirs)
    assert again == document
    assert marks(still) == marks(conflicts)
    other, others = merged(base, theirs, mine)
    assert unnumbered(marks(others)) == unnumbered(marks(conflicts))
    if not conflicts:
        assert sorted(map(str, other["documents"])) == sorted(map(str, document["documents"]))
    # What is taken is no conflict any more; a row that comes back may stand in another order.
    for mark in marks(conflicts):
        taken, _ = with_theirs(base, document, theirs, mark)
        left = marks(merged(base, taken, theirs)[1])
        assert {*left} <= {*marks(conflicts), "documents.order"} - {mark}


def marks(conflicts: list[Conflict]) -> list[str]:
    """Which places are in conflict."""
    return [each.mark for each in conflicts]


def unnumbered(found: list[str]) -> list[str]:
    """The places, without the numbers of rows that both added: each counts the other's."""
    return sorted(re.sub(r"new\d+", "new", mark) for mark in found)


def test_the_longest_lists_are_put_together_in_time() -> None:
    names = [str((n + 2) ** 9) for n in range(4000)]
    base, theirs = (
        {"documents": [{"name": name, "copies": "1", "accepted": "可"} for name in some]}
        for some in (names[:2000], names[2000:])
    )
    mine = {"documents": [{**row, "copies": "2"} for row in reversed(base["documents"])]}
    began = time.perf_counter()
    document, conflicts = merged(base, mine, theirs)
    assert len(conflicts) == 2000
    assert len(document["documents"]) == 4000
    assert len(differences(base, theirs)) == 4000
    assert time.perf_counter() - began < 5


# Publishing


async def test_a_publication_is_a_version_and_so_is_what_was_before(sample, editor) -> None:
    before = await read(sample, GUIDE)
    document = before.model_copy(update={"summary": "满 80 周岁的老人，每月都有一笔津贴。"})
    async with sample.read() as session:
        revision = await content_revision(session)
    assert await publish(sample, editor, GUIDE, document) == 2
    assert await read(sample, GUIDE) == document
    async with sample.read() as session:
        every = await versions.versions(session, GUIDE)
        assert [(row.number, who and who.name) for row, who in every] == [(2, "editor"), (1, None)]
        assert every[1][0].document == before.model_dump(mode="json")
        assert await content_revision(session) == revision + 1
    entry = (await log_of(sample))[-1]
    assert (entry.action, entry.subject) == ("published", "handbook/gaoling-jintie")
    assert entry.before == {"summary": before.summary}
    assert entry.after == {"version": 2, "reason": "改正", "summary": document.summary}


# Kinds


def test_each_file_of_kinds_has_a_kind_and_the_order_is_the_one_that_was_chosen() -> None:
    words = [str(kind) for kind in kinds.KINDS]
    files = {file.name for file in pkgutil.iter_modules(kinds.__path__)}
    assert set(words) == files
    chosen = [
        "guide",
        "holidays",
        "own",
        "hall",
        "queue",
        "people",
        "facilities",
        "partners",
        "about",
    ]
    assert [word for word in words if word in chosen] == chosen
    ranks = [kind.rank for kind in kinds.KINDS]
    assert len(set(ranks)) == len(ranks)


# Every kind


OURS = {
    kinds.GUIDE: GUIDE,
    kinds.EVENT: Paper(kinds.EVENT, None, "child"),
    kinds.CATALOGUE: Paper(kinds.CATALOGUE, None, "former-village"),
}
"""A document of a kind; that of 刘家庄 for a kind of which each community has one."""
OTHERS = {
    kinds.GUIDE: Paper(kinds.GUIDE, None, "dibao"),
    kinds.EVENT: Paper(kinds.EVENT, None, "retiring"),
    kinds.CATALOGUE: Paper(kinds.CATALOGUE, None, "new-estate"),
}
"""Another document of a kind; that of 吉安 for a kind of which each community has one."""


def changed(document: Any, other: Any) -> Any:
    """What the other document says, with each number one higher."""
    numbers = {
        name: value + 1
        for name, value in other
        # A truth value is a number as well.
        if isinstance(value, int) and not isinstance(value, bool)
    }
    return type(document).model_validate({**other.model_dump(), **numbers})


# A card's address is one in the whole district, so no community can have another's posts: that
# they read back is tried in tests/domain/contacts/test_posts.py. The district has only one document
# of its steps, which tests/domain/disclosures/test_steps.py tries, and one of what is not done here.
# The district and the places of communities are tried in tests/domain/papers/test_skeleton.py.
# Nothing is taken out of compounds and categories: see tests/domain/places/test_compounds.py and
# tests/domain/handbook/test_categories.py.
TRIED_APART = {
    kinds.OWN,
    kinds.HOLIDAYS,
    kinds.POSTS,
    kinds.STEPS,
    kinds.ELSEWHERE,
    kinds.DISTRICT,
    kinds.PLACE,
    kinds.COMPOUNDS,
    kinds.CATEGORIES,
}


async def test_what_is_not_done_here_reads_back_as_it_was_published(sample, editor) -> None:
    paper = Paper(kinds.ELSEWHERE)
    before = await read(sample, paper)
    fewer = type(before).model_validate({"matters": before.model_dump()["matters"][1:]})
    await publish(sample, editor, paper, fewer)
    assert await read(sample, paper) == fewer != before


@pytest.mark.parametrize("kind", [each for each in kinds.KINDS if each not in TRIED_APART])
async def test_every_kind_reads_back_as_it_was_published(sample, editor, kind) -> None:
    paper = OURS.get(kind, Paper(kind, HOME))
    before = await read(sample, paper)
    document = changed(before, await read(sample, OTHERS.get(kind, Paper(kind, "jian"))))
    assert document != before, "let 吉安 say something else in the sample"
    async with sample.read() as session:
        assert await paper.contradictions(session, document) == []
    await publish(sample, editor, paper, document)
    assert await read(sample, paper) == document
    if kind.is_of_community:
        neighbour = Paper(kind, "yikang", paper.key)
        assert await read(sample, neighbour) != document


async def test_other_hours_on_one_day_and_fewer_counters_read_back(sample, editor) -> None:
    document = await read(sample, HALL)
    exception = HoursException(day=NOW.date(), periods=(), reason="停电检修")
    hours = document.hours.model_copy(update={"exceptions": (exception,)})
    update = {"hours": hours, "counters": document.counters[::-1][:1]}
    document = document.model_copy(update=update)
    await publish(sample, editor, HALL, document)
    assert await read(sample, HALL) == document


async def test_an_introduction_without_a_first_secretary_reads_back(sample, editor) -> None:
    paper = Paper(kinds.ABOUT, HOME)
    before = await read(sample, paper)
    document = About(introduction="换了一段介绍。", brand=before.brand)
    await publish(sample, editor, paper, document)
    assert await read(sample, paper) == document


async def test_a_counter_keeps_its_row_when_the_hall_is_written_anew(sample, editor) -> None:
    async def rows() -> dict[int, int]:
        async with sample.read() as session:
            halls = select(Counter).join(Community, Community.slug == HOME)
            found = await session.scalars(halls.where(Counter.hall_id == Community.id))
            return {each.number: each.id for each in found}

    before = await rows()
    document = await read(sample, HALL)
    renamed = [each.model_copy(update={"name": "新名"}) for each in document.counters]
    await publish(sample, editor, HALL, document.model_copy(update={"counters": tuple(renamed)}))
    assert before
    assert await rows() == before


async def test_a_holiday_notice_is_counted_with_at_once(sample, editor) -> None:
    paper = Paper(kinds.HOLIDAYS, None, "2027")
    assert await read(sample, paper) is None
    notice = Notice(year=2027, days_off=("2027-01-01",), make_up_days=("2027-01-02",))
    assert await publish(sample, editor, paper, notice, base=0) == 1
    assert await read(sample, paper) == notice
    async with sample.read() as session:
        calendar = await load_calendar(session)
    assert not calendar.is_provisional(notice.days_off[0])
    assert calendar.kind(notice.make_up_days[0]).counts


async def test_what_is_published_already_is_not_published_again(sample, editor) -> None:
    with pytest.raises(UnchangedError):
        await publish(sample, editor, GUIDE, await read(sample, GUIDE))
    paper = Paper(kinds.OWN, HOME, "dibao")
    with pytest.raises(UnchangedError):
        await publish(sample, editor, paper, OwnContent(), base=0)


async def test_a_paper_of_nobody_is_not_found(sample) -> None:
    for paper in (Paper(kinds.HALL, "nowhere"), Paper(kinds.OWN, HOME, "nothing")):
        with pytest.raises(NotFoundError):
            await read(sample, paper)


async def test_a_publication_that_fails_leaves_nothing(sample, editor) -> None:
    before = await read(sample, GUIDE)

    async def unit(session: Any) -> None:
        document = before.model_copy(update={"promised_days": 1})
        await versions.publish(session, editor.actor, GUIDE, document, 1, "改", NOW)
        raise KeyError

    with pytest.raises(KeyError):
        await sample.write(unit)
    assert await read(sample, GUIDE) == before
    async with sample.read() as session:
        assert await versions.versions(session, GUIDE) == []


# Two people


async def test_the_second_is_stopped_and_loses_nothing(sample, editor, colleague) -> None:
    before = await read(sample, GUIDE)
    mine = before.model_copy(update={"summary": "我写的一句话，说得更清楚。", "visits": 2})
    theirs = before.model_copy(update={"promised_days": 6, "visits": 3})
    await draft(sample, editor, GUIDE, mine.model_dump(mode="json"))
    await publish(sample, colleague, GUIDE, theirs)
    with pytest.raises(PublishedMeanwhileError):
        await publish(sample, editor, GUIDE, mine)

    async def take_in(session: Any) -> Any:
        kept = await versions.draft_of(session, GUIDE, editor.actor)
        assert kept is not None
        conflicts = await versions.take_in(session, GUIDE, kept, NOW, lambda values: values)
        return conflicts, kept.document, kept.base, kept.merged_from

    conflicts, document, base, began = await sample.write(take_in)
    assert [each.path for each in conflicts] == [("visits",)]
    assert (document["summary"], document["promised_days"], document["visits"]) == (
        mine.summary, 6, 2,
    )  # fmt: skip
    assert (base, began) == (2, 1)
    whole = GUIDE.shape.model_validate(document)
    assert await publish(sample, editor, GUIDE, whole, base=2) == 3


async def test_of_two_at_once_exactly_one_is_published(sample, editor, colleague) -> None:
    before = await read(sample, GUIDE)
    documents = [before.model_copy(update={"promised_days": days}) for days in (5, 6)]
    answers = await asyncio.gather(
        publish(sample, editor, GUIDE, documents[0]),
        publish(sample, colleague, GUIDE, documents[1]),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in answers) == ["PublishedMeanwhileError", "int"]
    assert (await read(sample, GUIDE)) in documents
    async with sample.read() as session:
        assert [row.number for row, _ in await versions.versions(session, GUIDE)] == [2, 1]


async def test_a_draft_keeps_what_is_not_right_and_its_beginning(sample, editor) -> None:
    await draft(sample, editor, GUIDE, {"promised_days": "七"})
    await draft(sample, editor, GUIDE, {"promised_days": "七天"}, base=9)
    async with sample.read() as session:
        kept = await versions.draft_of(session, GUIDE, editor.actor)
        assert kept is not None
        assert (kept.document, kept.base) == ({"promised_days": "七天"}, 1)
        assert [each.id for each in await versions.drafts_by(session, editor.actor)] == [kept.id]


async def test_publishing_ends_ones_own_draft_and_nobody_elses(sample, editor, colleague) -> None:
    document = (await read(sample, GUIDE)).model_copy(update={"promised_days": 6})
    for person in (editor, colleague):
        await draft(sample, person, GUIDE, document.model_dump(mode="json"))
    await publish(sample, editor, GUIDE, document)
    async with sample.read() as session:
        assert list(await session.scalars(select(PaperDraft.staff_id))) == [colleague.id]
        others = await versions.other_drafts(session, GUIDE, editor.actor)
        assert [name for name, _ in others] == ["Colleague Wang"]


# Items


async def test_a_new_item_stands_last_in_its_category(sample, editor) -> None:
    document = (await read(sample, GUIDE)).model_copy(update={"name": "百岁老人津贴"})
    paper = Paper(kinds.GUIDE, None, "baisui-jintie")
    assert await publish(sample, editor, paper, document, base=0) == 1
    found = await load_published(sample, entries_of)
    assert found is not None
    category = found.handbook.items["gaoling-jintie"].category
    assert [item.slug for item in category.items][-1] == "baisui-jintie"


async def test_an_item_can_move_to_another_category(sample, editor) -> None:
    document = (await read(sample, GUIDE)).model_copy(update={"category": "A"})
    await publish(sample, editor, GUIDE, document)
    found = await load_published(sample, entries_of)
    assert found is not None
    assert found.handbook.categories[0].items[-1].slug == "gaoling-jintie"


async def test_a_withdrawn_item_leaves_the_handbook_and_keeps_its_address(sample, editor) -> None:
    document = (await read(sample, GUIDE)).model_copy(update={"withdrawn": "请到街道办理。"})
    await publish(sample, editor, GUIDE, document)
    found = await load_published(sample, entries_of)
    assert found is not None
    assert "gaoling-jintie" not in found.handbook.items
    assert found.handbook.withdrawn["gaoling-jintie"].withdrawn == "请到街道办理。"


@pytest.mark.parametrize(
    ("change", "place", "value"),
    [
        ({"promised_days": 99}, ("promised_days",), ""),
        ({"category": "Z"}, ("category",), "Z"),
        ({"related": ("dibao", "dibo")}, ("related", 1), "dibo"),
    ],
)
async def test_what_does_not_fit_the_handbook_is_named(sample, change, place, value) -> None:
    document = (await read(sample, GUIDE)).model_copy(update=change)
    async with sample.read() as session:
        (found,) = await GUIDE.contradictions(session, document)
    assert (found.path, found.value) == (place, value)


# A community's own


async def test_a_community_adds_its_own_and_takes_it_away(sample, editor) -> None:
    paper = Paper(kinds.OWN, HOME, "dibao")
    phone = OwnPhone(name="值班室", phone="0531-00001234")
    own = OwnContent(note="先来坐坐。", counter=1, hours="周三下午", phones=(phone,))
    assert await publish(sample, editor, paper, own, base=0) == 1
    assert await read(sample, paper) == own
    assert await publish(sample, editor, paper, OwnContent(), base=1) == 2
    assert await read(sample, paper) is None
    assert await publish(sample, editor, paper, own, base=2) == 3


@pytest.mark.parametrize(
    ("own", "place"),
    [(OwnContent(counter=77), ("counter",)), (OwnContent(person="没有的岗位"), ("person",))],
)
async def test_a_counter_or_post_that_is_not_there_is_named(sample, own, place) -> None:
    async with sample.read() as session:
        (found,) = await OWN.contradictions(session, own)
    assert found.path == place


async def test_a_community_sees_that_the_text_under_its_words_changed(sample, editor) -> None:
    async def stale() -> list[tuple[str, int, int]]:
        async with sample.read() as session:
            item = await session.scalar(
                select(ServiceItem.id).where(ServiceItem.slug == "gaoling-jintie")
            )
            found = await versions.stale_notes(session)
            return [
                (each.community, each.known, each.newest) for each in found if each.item_id == item
            ]

    assert await stale() == []
    document = (await read(sample, GUIDE)).model_copy(update={"promised_days": 6})
    await publish(sample, editor, GUIDE, document)
    assert (HOME, 1, 2) in await stale()
    others = len(await stale()) - 1
    confirm = partial(versions.confirm_note, actor=editor.actor, paper=OWN, now=NOW)
    await sample.write(confirm)
    assert len(await stale()) == others
    entry = (await log_of(sample))[-1]
    assert (entry.action, entry.before, entry.after) == ("note-confirmed", 1, 2)
    async with sample.read() as session:
        home = await session.scalar(select(Community.id).where(Community.slug == HOME))
        assert entry.community_id == home
        known = await session.scalar(
            select(CommunityNote.item_version)
            .join(ServiceItem, ServiceItem.id == CommunityNote.item_id)
            .where(CommunityNote.community_id == home, ServiceItem.slug == "gaoling-jintie")
        )
    assert known == 2


async def test_new_own_words_know_the_newest_text(sample, editor) -> None:
    document = (await read(sample, GUIDE)).model_copy(update={"promised_days": 6})
    await publish(sample, editor, GUIDE, document)
    await publish(sample, editor, OWN, OwnContent(note="新的说明。"))
    async with sample.read() as session:
        home = await session.scalar(select(Community.id).where(Community.slug == HOME))
        assert await versions.stale_notes(session, home) == []
