"""The office's side of disclosures: writing, steps, publishing, correcting, erasing."""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING

import pytest

from domain.disclosures.tables import DisclosureState
from tests.world.databases import both_databases
from tests.world.forms import hidden
from tests.world.people import log_of
from tests.world.publishing import HERE, TEXT, said

if TYPE_CHECKING:
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


# Writing and the steps


@both_databases
async def test_what_is_written_is_public_after_every_step_and_not_before(
    bureau: PublishingOffice,
) -> None:
    one = await bureau.begins()
    response = await bureau.writes(one, **TEXT)
    assert response.status_code == 303, said(response)
    for name in ("writer", "supervisor", "chief"):
        assert (await bureau.resident_sees(one)).status_code == 404
        response = await bureau.steps(one, name)
        assert response.status_code == 303, said(response)
    assert (await bureau.resident_sees(one)).status_code == 404
    assert (await bureau.publishes(one)).status_code == 303
    page = await bureau.resident_sees(one)
    assert page.status_code == 200
    assert TEXT["summary"] in page.text


async def test_a_form_that_begins_one_twice_begins_one(bureau: PublishingOffice) -> None:
    page = await bureau.get("writer", HERE)
    key = page.text.partition('name="request" value="')[2].partition('"')[0]
    assert await bureau.begins(request=key) == await bureau.begins(request=key)


SEES = {
    # Who sees a draft of a finance disclosure after so many steps.
    "writer": {0, 1, 2, 3},
    "writer-too": {0, 1, 2, 3},
    "chief": {0, 1, 2, 3},
    "subdistrict": {0, 1, 2, 3},
    "chief-above": {0, 1, 2, 3},
    "district": {0, 1, 2, 3},
    "supervisor": {1, 2, 3},
    "supervisor-above": {1, 2, 3},
    "clerk": set(),
    "member": set(),
    "neighbour": set(),
    "supervisor-away": set(),
}
SECRET = "还没有公开的一句话"


async def test_a_draft_is_seen_only_by_those_with_a_step_in_it(bureau: PublishingOffice) -> None:
    one = await bureau.begins()
    await bureau.writes(one, **{**TEXT, "title": SECRET, "summary": SECRET})
    for taken, name in enumerate(("writer", "supervisor", "chief", None)):
        for who, when in SEES.items():
            answers = [await bureau.get(who, f"{one}{below}") for below in ("", "/preview")]
            expected = 200 if taken in when else 404
            assert {each.status_code for each in answers} == {expected}, (who, taken)
            lists = await bureau.get(who, "/staff/disclosures")
            assert (SECRET in lists.text) <= (taken in when), (who, taken)
            home = await bureau.get(who, "/staff")
            assert SECRET not in home.text or taken in when
        for path in (
            "",
            "/disclosures",
            "/disclosures/search?q=公开的一句话",
            "/search?q=公开的一句话",
        ):
            page = await bureau.browser.get(f"/c/liujiazhuang{path}")
            assert SECRET not in page.text, path
        if name is not None:
            await bureau.steps(one, name)
    # Nor does the log name it, which an administrator reads before they have a step.
    assert SECRET not in json.dumps([each.after for each in await log_of(bureau.browser.store)])


WRITING = {"writer", "writer-too", "chief", "subdistrict", "chief-above", "district"}
FORMS = {
    "/draft": {"do": "save"},
    "/draft/ending": {},
    "/withdrawal": {"why": "x"},
    "/correction": {"why": "x"},
    "/publication": {"when": "now"},
    "/schedule/ending": {},
    "/confirmations": {"place": "x", "why": "x"},
}


@pytest.mark.parametrize("who", sorted(set(SEES) - WRITING))
async def test_who_does_not_write_finds_no_form_and_changes_nothing(
    bureau: PublishingOffice, who: str
) -> None:
    one = await bureau.begins()
    await bureau.writes(one, **TEXT)
    before = (await bureau.draft(one)).draft_number
    for path, fields in FORMS.items():
        response = await bureau.post(who, f"{one}{path}", **fields)
        assert response.status_code == 404, path
    assert (await bureau.get(who, f"{one}/draft")).status_code == 404
    assert (await bureau.post(who, f"/f{one}/draft")).status_code == 404
    assert (await bureau.get(who, f"{one}/erasures")).status_code == 404
    after = await bureau.draft(one)
    assert (after.draft_number, (after.draft or {}).get("title")) == (before, TEXT["title"])


async def test_lists_are_for_those_who_write(bureau: PublishingOffice) -> None:
    for who in SEES:
        expected = 200 if who in WRITING else 404
        assert (await bureau.get(who, HERE)).status_code == expected, who


async def test_one_for_all_communities_is_for_roles_above_them(bureau: PublishingOffice) -> None:
    refused = await bureau.post("writer", HERE, kind="finance", **{"for": "subdistrict"})
    assert refused.status_code == 422
    one = await bureau.begins("subdistrict", **{"for": "subdistrict"})
    await bureau.writes(one, who="subdistrict", **TEXT)
    for who in ("writer", "chief", "supervisor"):
        assert (await bureau.get(who, one)).status_code == 404
        assert TEXT["title"] not in (await bureau.get("writer", HERE)).text
    for who in ("subdistrict", "supervisor-above", "chief-above"):
        response = await bureau.steps(one, who)
        assert response.status_code == 303, (who, said(response))
    assert (await bureau.publishes(one, "chief-above")).status_code == 303
    elsewhere = one.replace("liujiazhuang", "dikoulu")
    assert TEXT["summary"] in (await bureau.resident_sees(one)).text
    assert (await bureau.get("chief-above", elsewhere)).status_code in {200, 404}


async def test_nobody_takes_two_steps_and_a_step_needs_its_words(bureau: PublishingOffice) -> None:
    one = await bureau.begins("chief")
    await bureau.writes(one, who="chief", **TEXT)
    assert (await bureau.steps(one, "chief")).status_code == 303
    refused = await bureau.steps(one, "supervisor", opinion="")
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert (await bureau.steps(one, "supervisor")).status_code == 303
    refused = await bureau.steps(one, "chief")
    assert refused.status_code in {409, 422}
    assert said(refused)


async def test_what_is_sent_back_says_why_and_begins_again(bureau: PublishingOffice) -> None:
    one = await bureau.begins()
    await bureau.writes(one, **TEXT)
    await bureau.steps(one, "writer")
    await bureau.steps(one, "supervisor", decision="back", opinion="缺发票")
    page = await bureau.get("writer", one)
    assert "缺发票" in page.text
    assert "缺发票" not in (await bureau.get("supervisor", one)).text
    assert one in (await bureau.get("writer", "/staff")).text
    assert (await bureau.draft(one)).steps_taken == 0


async def test_a_step_is_taken_for_the_draft_that_was_looked_at(bureau: PublishingOffice) -> None:
    one = await bureau.begins()
    await bureau.writes(one, **TEXT)
    await bureau.steps(one, "writer")
    seen = (await bureau.draft(one)).draft_number
    await bureau.writes(one, summary="改过了。")
    await bureau.steps(one, "writer")
    refused = await bureau.post("supervisor", f"{one}/steps", opinion="好", draft=str(seen))
    assert refused.status_code in {409, 422}
    assert (await bureau.draft(one)).steps_taken == 1


async def test_saving_without_a_change_keeps_the_steps(bureau: PublishingOffice) -> None:
    one = await bureau.begins()
    await bureau.writes(one, **TEXT, **LINE, **PERSON, persons_until="2026-12-01")
    await bureau.all_steps(one)
    before = await bureau.draft(one)
    await bureau.writes(one)
    await bureau.post("writer", f"/f{one}/draft", **await bureau.form("writer", one))
    after = await bureau.draft(one)
    assert (after.steps_taken, after.draft_number) == (3, before.draft_number)
    assert after.draft == before.draft
    await bureau.writes(one, title="另一个标题")
    assert (await bureau.draft(one)).steps_taken == 0


# What is typed


async def test_what_is_typed_is_kept_also_when_it_is_wrong(bureau: PublishingOffice) -> None:
    one = await bureau.begins()
    wrong = {**LINE, "ledger.n1.fen": "1.234,50", "ledger.n1.day": "昨天"}
    await bureau.writes(one, **TEXT, **wrong, open_days="许多")
    form = await bureau.form("writer", one)
    assert form["ledger.0.fen"] == ["1.234,50"]
    assert (form["open_days"], form["ledger.0.day"]) == (["许多"], ["昨天"])
    refused = await bureau.steps(one, "writer")
    assert refused.status_code in {409, 422}
    page = await bureau.get("writer", f"{one}/draft?check=1")
    for place in ("ledger.0.fen", "ledger.0.day", "open_days"):
        assert f'href="#{place}"' in page.text
    assert "1,234.50" in said(page)
    # It can be looked at all the same.
    assert (await bureau.get("writer", f"{one}/preview")).status_code == 200


@pytest.mark.parametrize(
    ("typed", "fen"),
    [("1,234.50", 123450), ("１２３４．５０", 123450), ("1.2万", 1_200_000), ("(300)", -30_000)],
)
async def test_amounts_are_understood_as_people_write_them(bureau, typed: str, fen: int) -> None:
    one = await bureau.published(**{**LINE, "ledger.n1.fen": typed})
    [revision] = await bureau.revisions(one)
    assert revision.document is not None
    assert [line.fen for line in revision.document.ledger] == [fen]


async def test_a_name_is_masked_and_a_number_shortened_when_it_is_saved(bureau) -> None:
    one = await bureau.begins()
    await bureau.writes(one, **TEXT, **PERSON)
    [person] = ((await bureau.draft(one)).draft or {})["persons"]
    assert person == {"name": "王*国", "number": "1", "note": f"*{IDENTITY[-4:]}"}


async def test_a_table_from_a_spreadsheet_becomes_a_table(bureau: PublishingOffice) -> None:
    one = await bureau.begins()
    await bureau.writes(one, **{**TEXT, "body": "支出：\r\n项目\t金额\r\n照明\t4500\r\n"})
    page = await bureau.get("writer", f"{one}/preview")
    assert "<td>照明</td>" in page.text


async def test_a_line_keeps_its_key_whatever_becomes_of_it(bureau: PublishingOffice) -> None:
    one = await bureau.begins()
    added = {**await bureau.form("writer", one), **TEXT, **LINE}
    for _ in range(2):
        # A page that saves itself sends the new line without its key each time.
        await bureau.post("writer", f"/f{one}/draft", **added)
    [line] = ((await bureau.draft(one)).draft or {})["ledger"]
    form = await bureau.form("writer", one)
    other = {name.replace("n1", "n2"): value for name, value in LINE.items()}
    await bureau.post("writer", f"{one}/draft", **{**form, "ledger.0.purpose": "改了", **other})
    first, second = ((await bureau.draft(one)).draft or {})["ledger"]
    assert (first["key"], first["purpose"]) == (line["key"], "改了")
    assert second["key"] not in {None, "", line["key"]}


async def test_a_new_line_in_the_place_of_a_published_one_is_another_line(bureau) -> None:
    one = await bureau.published(**LINE)
    await bureau.post("writer", f"{one}/correction", why="换一行", changes="meaning")
    form = await bureau.form("writer", one)
    [key] = form["ledger.0.key"]
    left = {name: value for name, value in form.items() if not name.startswith("ledger.")}
    await bureau.post("writer", f"{one}/draft", **{**left, **LINE})
    [line] = ((await bureau.draft(one)).draft or {})["ledger"]
    assert line["key"] != key


# Two editors


async def test_the_changes_of_two_editors_are_put_together(bureau: PublishingOffice) -> None:
    one = await bureau.begins()
    await bureau.writes(one, **TEXT)
    theirs, mine = [await bureau.form(who, one) for who in ("writer-too", "writer")]
    await bureau.post("writer-too", f"{one}/draft", **{**theirs, "body": "新的正文。"})
    saved = await bureau.post("writer", f"/f{one}/draft", **{**mine, "summary": "我的摘要。"})
    assert "Writer-Too" in saved.text
    draft = (await bureau.draft(one)).draft or {}
    assert (draft["body"], draft["summary"]) == ("新的正文。", "我的摘要。")


async def test_where_two_editors_meet_the_second_is_told_and_loses_nothing(bureau) -> None:
    one = await bureau.begins()
    await bureau.writes(one, **TEXT)
    theirs, mine = [await bureau.form(who, one) for who in ("writer-too", "writer")]
    await bureau.post("writer-too", f"{one}/draft", **{**theirs, "summary": "她的。"})
    form = {**mine, "summary": "我的。", "body": "我的正文。"}
    line = await bureau.post("writer", f"/f{one}/draft", **form)
    assert line.status_code == 200
    assert ((await bureau.draft(one)).draft or {})["summary"] == "她的。"
    page = await bureau.post("writer", f"{one}/draft", do="save", **form)
    assert page.status_code == 422
    for words in ("<del>她</del>", "<ins>我</ins>", "我的。", "我的正文。", "data-not-saved"):
        assert words in page.text, words
    kept = await bureau.post("writer", f"{one}/draft", do="mine", **form)
    assert kept.status_code == 303
    draft = (await bureau.draft(one)).draft or {}
    assert (draft["summary"], draft["body"]) == ("我的。", "我的正文。")


async def test_theirs_is_taken_where_it_is_better(bureau: PublishingOffice) -> None:
    one = await bureau.begins()
    await bureau.writes(one, **TEXT)
    theirs, mine = [await bureau.form(who, one) for who in ("writer-too", "writer")]
    await bureau.post("writer-too", f"{one}/draft", **{**theirs, "summary": "她的。"})
    form = {**mine, "summary": "我的。", "title": "我的标题"}
    taken = await bureau.post("writer", f"{one}/draft", do="theirs summary", **form)
    assert taken.status_code == 303
    draft = (await bureau.draft(one)).draft or {}
    assert (draft["summary"], draft["title"]) == ("她的。", "我的标题")


async def test_words_for_a_draft_that_is_gone_are_shown_to_be_copied(bureau) -> None:
    one = await bureau.begins()
    await bureau.writes(one, **TEXT)
    form = {**await bureau.form("writer", one), "summary": "还没存的话"}
    await bureau.post("writer-too", f"{one}/draft/ending")
    line = await bureau.post("writer", f"/f{one}/draft", **form)
    assert line.status_code == 200
    page = await bureau.post("writer", f"{one}/draft", do="save", **form)
    assert page.status_code == 422
    assert "还没存的话" in page.text
    assert (await bureau.draft(one)).draft is None


async def test_what_a_form_began_from_may_be_any_nonsense(bureau: PublishingOffice) -> None:
    one = await bureau.begins()
    form = await bureau.form("writer", one)
    for began in (
        "",
        "[]",
        "{",
        '{"ledger": 3}',
        '{"ledger": [{"key": {"a": 1}}]}',
        '{"open_days": {}}',
    ):
        response = await bureau.post("writer", f"{one}/draft", **{**form, **TEXT, "began": began})
        assert response.status_code in {303, 422}, began


# The check


async def test_personal_data_is_named_and_must_be_corrected_or_confirmed(bureau) -> None:
    one = await bureau.begins()
    text = {**TEXT, "summary": f"联系 {MOBILE}。", "body": f"身份证 {IDENTITY}"}
    await bureau.writes(one, **text, **{**LINE, "ledger.n1.evidence": MOBILE})
    refused = await bureau.steps(one, "writer")
    assert refused.status_code in {409, 422}
    assert IDENTITY not in refused.text
    assert MOBILE not in refused.text
    for place in ("summary", "body", "ledger.0.evidence"):
        assert f'href="{one}/draft#{place}"' in refused.text
    await bureau.writes(one, body="支出见下表。")
    for count in (2, 1):
        page = await bureau.get("writer", one)
        places = page.text.split('name="place" value="')[1:]
        assert len(places) == count
        place = places[0].partition('"')[0]
        nothing = await bureau.post("writer", f"{one}/confirmations", place=place, why="")
        assert nothing.status_code == 422
        done = await bureau.post("writer", f"{one}/confirmations", place=place, why="值班电话")
        assert done.status_code == 303
    await bureau.all_steps(one)
    assert (await bureau.publishes(one)).status_code == 303
    said_of_it = [
        each.after
        for each in await log_of(bureau.browser.store)
        if each.action == "disclosure-confirmed"
    ]
    assert [each["why"] for each in said_of_it] == ["值班电话", "值班电话"]
    assert MOBILE not in json.dumps(said_of_it)


async def test_a_reason_with_personal_data_is_refused(bureau: PublishingOffice) -> None:
    one = await bureau.published()
    refused = await bureau.post("chief", f"{one}/withdrawal", why=f"误登 {IDENTITY}")
    assert refused.status_code == 422
    assert (await bureau.draft(one)).state is DisclosureState.PUBLISHED


async def test_a_duty_begins_a_disclosure_with_its_item_and_period(bureau) -> None:
    owed = await bureau.get("writer", f"{HERE}/owed")
    address = unescape(owed.text.partition(f'href="{HERE}/new?')[2].partition('"')[0])
    page = await bureau.get("writer", f"{HERE}/new?{address}")
    form = hidden(page.text)
    kind = page.text.partition(" checked")[0].rpartition('value="')[2].partition('"')[0]
    one = await bureau.begins(kind=kind, **form)
    draft = await bureau.form("writer", one)
    assert draft["item"] == [form["item"]]
    assert draft["period"] == [form["period"]]
    assert draft["title"] != [""]
    assert (await bureau.get("clerk", f"{HERE}/new")).status_code == 404
