"""报错: one report for each form, bounded, closed once, and erased with every word."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from domain.mistakes import reports
from domain.mistakes.reports import ClosedError, FullError, SentOtherError, Told
from domain.mistakes.tables import MistakeReport, Outcome
from domain.papers import kinds
from domain.papers.paper import Paper
from domain.staff.actor import Actor
from tests.world.clock import NOW
from tests.world.district import places
from tests.world.people import log_of

if TYPE_CHECKING:
    from domain.store import Store

PLANTED = "没人接电话4711"
DAY = dt.timedelta(days=1)
EDITOR = Actor(None, None, "editor")


async def told(store: Store, slug: str = "liujiazhuang", **more: Any) -> Told:
    place = (await places(store)).community[slug]
    page = f"/c/{slug}/hall"
    return replace(
        Told(place, page, "服务大厅", Paper(kinds.HALL, slug), PLANTED, "0531-00002100"), **more
    )


async def send(store: Store, said: Told, key: str = "k", now: dt.datetime = NOW) -> MistakeReport:
    return await store.write(partial(reports.send, told=said, form_key=key, now=now))


async def close(store: Store, report: MistakeReport, answer: str = "") -> None:
    async def unit(session: Any) -> None:
        found = await reports.locked(session, report.community_id, report.id)
        assert found is not None
        await reports.close(session, EDITOR, found, Outcome.CORRECTED, answer, NOW)

    await store.write(unit)


async def every(store: Store) -> list[MistakeReport]:
    async with store.read() as session:
        return list(await session.scalars(select(MistakeReport).order_by(MistakeReport.id)))


async def test_a_report_says_the_version_of_its_document(sample) -> None:
    report = await send(sample, await told(sample))
    assert (report.paper, report.version) == ("c/liujiazhuang/hall", 1)
    other = await send(sample, await told(sample, paper=None), "other")
    assert (other.paper, other.version) == ("", 0)


async def test_the_same_form_again_is_one_report_and_other_words_are_refused(sample) -> None:
    said = await told(sample)
    first = await send(sample, said)
    assert (await send(sample, said)).id == first.id
    with pytest.raises(SentOtherError):
        await send(sample, replace(said, words="电话号码也不对"))
    assert [report.words for report in await every(sample)] == [PLANTED]


async def test_one_community_takes_a_bounded_number_a_day(sample, monkeypatch) -> None:
    monkeypatch.setattr(reports, "MOST_A_DAY", 2)
    said = await told(sample)
    for key in "ab":
        await send(sample, said, key)
    with pytest.raises(FullError):
        await send(sample, said, "c")
    # What was sent already is found again, another community is free, and so is tomorrow.
    await send(sample, said, "a")
    await send(sample, await told(sample, "jian"), "d")
    await send(sample, said, "e", NOW + DAY)


async def test_a_full_list_takes_no_more_until_some_are_closed(sample, monkeypatch) -> None:
    monkeypatch.setattr(reports, "MOST_OPEN", 1)
    said = await told(sample)
    report = await send(sample, said, "a")
    with pytest.raises(FullError):
        await send(sample, said, "b", NOW + 2 * DAY)
    await close(sample, report)
    await send(sample, said, "b", NOW + 2 * DAY)


async def test_a_report_is_closed_once_and_its_number_goes(sample) -> None:
    report = await send(sample, await told(sample))
    await close(sample, report, "已改")
    with pytest.raises(ClosedError):
        await close(sample, report, "又改")
    [closed] = await every(sample)
    assert (closed.outcome, closed.answer, closed.phone) == (Outcome.CORRECTED, "已改", "")


async def test_the_log_says_who_closed_it_and_no_word_of_the_resident(sample) -> None:
    report = await send(sample, await told(sample))
    await close(sample, report)
    entry = (await log_of(sample))[-1]
    assert (entry.action, entry.subject) == ("mistake-corrected", f"mistake/{report.id}")
    assert PLANTED not in repr([vars(entry) for entry in await log_of(sample)])


async def test_old_reports_are_erased_open_or_not(sample) -> None:
    said = await told(sample)
    await close(sample, await send(sample, said, "a"))
    await send(sample, said, "b")
    await send(sample, said, "c", NOW + DAY)
    erase = partial(reports.erase_old, sent_before=NOW + DAY)
    assert await sample.write(erase) == 2
    assert await sample.write(erase) == 0
    assert [report.form_key for report in await every(sample)] == ["c"]


async def test_lists_hold_the_open_ones_oldest_first_and_the_closed_apart(sample) -> None:
    said = await told(sample)
    first, second, third = [await send(sample, said, key) for key in "abc"]
    await close(sample, second)
    async with sample.read() as session:
        here = [said.community_id]
        still_open = await reports.open_reports(session, here)
        assert [report.id for report in still_open] == [first.id, third.id]
        assert await reports.count_open(session, here) == 2
        assert [each.id for each in await reports.closed_reports(session, here)] == [second.id]
        assert await reports.open_reports(session, [said.community_id + 1]) == []
