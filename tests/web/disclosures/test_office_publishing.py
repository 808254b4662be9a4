"""The office publishes, at once or at a time, corrects, withdraws and erases."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.publishing import HERE, TEXT, said
from web.disclosures.background import erase_all, publish_all

if TYPE_CHECKING:
    from tests.world.clock import Clock
    from tests.world.publishing import PublishingOffice

IDENTITY = "110101199003077758"
"""An identity number with its check digit; nobody has it."""
MOBILE = "13800001111"
LINE = {
    "ledger.n1.purpose": "楼道照明维修",
    "ledger.n1.day": "2026-11-09",
    "ledger.n1.fen": "-4,500.00",
    "ledger.n1.counterparty": "物业公司（样例）",
    "ledger.n1.evidence": "记-11-001",
    "ledger.n1.key": "",
}
PERSON = {"persons.n1.name": "王建国", "persons.n1.number": "1", "persons.n1.note": IDENTITY}


# The schedule


TOMORROW = {"when": "at", "day": "2026-11-24", "time": "09:00"}


@both_databases
async def test_the_schedule_publishes_once_at_its_moment(
    bureau: PublishingOffice, clock: Clock
) -> None:
    one, services = await bureau.ready(), bureau.browser.services
    assert (await bureau.publishes(one, **TOMORROW)).status_code == 303
    assert await publish_all(services) == 0
    assert (await bureau.resident_sees(one)).status_code == 404
    # As when the server was down at that moment.
    clock.now = NOW + dt.timedelta(days=3)
    assert [await publish_all(services) for _ in range(2)] == [1, 0]
    assert len(await bureau.revisions(one)) == 1
    assert (await bureau.resident_sees(one)).status_code == 200


async def test_a_schedule_in_the_past_is_refused(bureau: PublishingOffice) -> None:
    one = await bureau.ready()
    for fields in ({"day": "2026-11-22"}, {"day": "morgen"}, {"day": "2026-11-23", "time": "99"}):
        refused = await bureau.publishes(one, **{"when": "at", **fields})
        assert refused.status_code in {409, 422}, fields
        assert said(refused)


async def test_a_confirmed_place_stays_confirmed_and_a_new_one_waits(
    bureau: PublishingOffice, clock: Clock
) -> None:
    one, other = await bureau.ready(), await bureau.ready(title="另一份公开")
    for each in (one, other):
        await bureau.publishes(each, **TOMORROW)

    async def plant(session) -> None:
        """As if the check had learned to find what it did not find before."""
        from domain.disclosures import publishing

        disclosure = await publishing.locked(session, int(one.rpartition("/")[2]))
        disclosure.draft = {**disclosure.draft, "body": IDENTITY}

    await bureau.browser.store.write(plant)
    clock.now = NOW + dt.timedelta(days=1)
    assert await publish_all(bureau.browser.services) == 1
    left = await bureau.draft(one)
    assert (left.publish_at, left.draft_trouble) == (None, "personal-data")
    await bureau.come_back()
    assert one in (await bureau.get("writer", "/staff")).text
    assert len(await bureau.revisions(other)) == 1


async def test_a_draft_that_nobody_expected_holds_up_no_other(
    bureau: PublishingOffice, clock: Clock
) -> None:
    one, other = await bureau.ready(), await bureau.ready(title="另一份公开")
    for each in (one, other):
        await bureau.publishes(each, **TOMORROW)

    async def plant(session) -> None:
        from domain.disclosures import publishing

        disclosure = await publishing.locked(session, int(one.rpartition("/")[2]))
        disclosure.draft = {"ledger": 3}

    await bureau.browser.store.write(plant)
    clock.now = NOW + dt.timedelta(days=1)
    assert await publish_all(bureau.browser.services) == 1
    assert (await bureau.draft(one)).draft_trouble == "failed"
    assert await publish_all(bureau.browser.services) == 0


async def test_a_scheduled_one_is_withdrawn_and_changed(
    bureau: PublishingOffice, clock: Clock
) -> None:
    one, services = await bureau.ready(), bureau.browser.services
    await bureau.publishes(one, **TOMORROW)
    assert (await bureau.post("chief", f"{one}/withdrawal", why="再看看")).status_code == 303
    await bureau.publishes(one, **TOMORROW)
    assert (await bureau.post("chief", f"{one}/schedule/ending")).status_code == 303
    await bureau.publishes(one, **TOMORROW)
    await bureau.writes(one, title="改了")
    clock.now = NOW + dt.timedelta(days=3)
    assert await publish_all(services) == 0
    # After its date it can still be saved.
    await bureau.come_back()
    assert (await bureau.writes(one, title="又改了")).status_code == 303
    assert (await bureau.resident_sees(one)).status_code == 404


# Correcting, withdrawing, erasing


async def test_a_correction_shows_what_it_changes_and_keeps_the_first(bureau) -> None:
    one = await bureau.published(**LINE)
    nothing = await bureau.post("writer", f"{one}/correction", why="", changes="meaning")
    assert nothing.status_code == 422
    response = await bureau.post("writer", f"{one}/correction", why="金额写错", changes="meaning")
    assert response.status_code == 303
    unchanged = await bureau.form("writer", one)
    assert unchanged["ledger.0.fen"] == ["-4,500.00"]
    await bureau.post("writer", f"{one}/draft", **{**unchanged, "ledger.0.fen": "-4300"})
    page = await bureau.get("writer", one)
    assert "4300" in re.sub("<[^>]+>", "", page.text)
    await bureau.all_steps(one)
    assert (await bureau.publishes(one)).status_code == 303
    first, second = await bureau.revisions(one)
    assert first.document is not None
    assert (first.document.ledger[0].key, first.document.ledger[0].fen) == (
        second.document.ledger[0].key,
        -450_000,
    )
    assert (second.reason, second.changes_meaning) == ("金额写错", True)


async def test_a_correction_that_changes_nothing_is_not_published(bureau) -> None:
    one = await bureau.published(**LINE, **PERSON, persons_until="2026-12-30")
    await bureau.post("writer", f"{one}/correction", why="看看", changes="spelling")
    await bureau.all_steps(one)
    refused = await bureau.publishes(one)
    assert refused.status_code in {409, 422}
    assert len(await bureau.revisions(one)) == 1
    await bureau.writes(one, summary="修好了 3 号楼的灯")
    await bureau.all_steps(one)
    assert (await bureau.publishes(one)).status_code == 303
    assert [each.changes_meaning for each in await bureau.revisions(one)] == [True, False]


async def test_a_withdrawn_one_says_so_and_is_not_corrected(bureau: PublishingOffice) -> None:
    one = await bureau.published()
    await bureau.post("writer", f"{one}/correction", why="改", changes="meaning")
    assert (await bureau.post("chief", f"{one}/withdrawal", why="数字有误")).status_code == 303
    page = await bureau.resident_sees(one)
    assert "数字有误" in page.text
    assert TEXT["summary"] not in page.text
    for path in ("/correction", "/withdrawal"):
        refused = await bureau.post("chief", f"{one}{path}", why="再来", changes="meaning")
        assert refused.status_code in {409, 422}, path
    assert (await bureau.draft(one)).draft is None


async def test_what_is_erased_is_gone_and_the_page_says_where_and_until_when(bureau) -> None:
    one = await bureau.published(summary="张三的电话写错了地方")
    for who in ("writer", "supervisor"):
        assert (await bureau.get(who, f"{one}/erasures")).status_code == 404
    for fields in ({"why": "误登"}, {"number": "1", "why": ""}, {"number": "9", "why": "误登"}):
        assert (await bureau.post("chief", f"{one}/erasures", **fields)).status_code == 422
    done = await bureau.post("chief", f"{one}/erasures", number="1", why="误登个人信息")
    assert done.status_code == 303
    page = await bureau.get("chief", f"{one}/erasures")
    assert "误登个人信息" in page.text
    # Thirty days after the twenty-third of November.
    assert "2026年12月23日" in page.text
    for path in (one.removeprefix("/staff"), one, f"{one}/erasures"):
        assert "张三的电话" not in (await bureau.get("chief", path)).text
    [revision] = await bureau.revisions(one)
    assert revision.document is None


async def test_persons_are_erased_when_their_day_is_over(bureau, clock: Clock) -> None:
    one = await bureau.published(**PERSON, persons_until="2026-11-25")
    assert "王*国" in (await bureau.resident_sees(one)).text
    clock.now = NOW + dt.timedelta(days=3)
    assert await erase_all(bureau.browser.services) == 1
    assert "王*国" not in (await bureau.resident_sees(one)).text
    [revision] = await bureau.revisions(one)
    assert (revision.persons, revision.document is None) == (None, False)


async def test_a_draft_can_be_discarded(bureau: PublishingOffice) -> None:
    one = await bureau.begins()
    await bureau.writes(one, **TEXT)
    assert (await bureau.post("writer", f"{one}/draft/ending")).headers["location"] == HERE
    assert TEXT["title"] not in (await bureau.get("writer", HERE)).text


async def test_the_lists_of_the_office(bureau: PublishingOffice) -> None:
    written, on_way = await bureau.begins(), await bureau.begins()
    await bureau.writes(written, **{**TEXT, "title": "正在写的"})
    await bureau.writes(on_way, **{**TEXT, "title": "走程序的"})
    await bureau.steps(on_way, "writer")
    scheduled = await bureau.ready(title="定时的")
    await bureau.publishes(scheduled, **TOMORROW)
    await bureau.published(title="公开了的")
    page = (await bureau.get("writer", HERE)).text
    order = [page.index(words) for words in ("正在写的", "走程序的", "定时的", "公开了的")]
    assert order == sorted(order)
    waiting = (await bureau.get("supervisor", "/staff/disclosures")).text
    assert "走程序的" in waiting
    for words in ("正在写的", "定时的", "公开了的"):
        assert words not in waiting
    assert "/staff/disclosures" in (await bureau.get("supervisor", "/staff")).text
