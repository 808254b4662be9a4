"""What the office types: kept also when it is wrong, and whole when two people type at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.world.publishing import TEXT, said

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
    for words in ("<mark>她</mark>", "<mark>我</mark>", "我的。", "我的正文。", "data-not-saved"):
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
