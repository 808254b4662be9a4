"""A list of persons is pasted as a whole: masked when it is kept, and refused line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.world.databases import both_databases
from tests.world.publishing import TEXT

if TYPE_CHECKING:
    from tests.world.publishing import PublishingOffice


@pytest.fixture
async def one(bureau: PublishingOffice) -> str:
    """A draft; its address."""
    one = await bureau.begins()
    await bureau.writes(one, **TEXT)
    return one


@both_databases
async def test_a_long_list_is_pasted_masked_and_replaced(
    bureau: PublishingOffice, one: str
) -> None:
    pasted = "序号\t姓名\t身份证\n" + "\n".join(
        f"{n}\t王小国\t11010519491231002X" for n in range(1, 301)
    )
    done = await bureau.post("writer", f"{one}/persons", persons=pasted)
    assert done.status_code == 303
    draft = (await bureau.draft(one)).draft or {}
    assert len(draft["persons"]) == 300
    assert {row["name"] for row in draft["persons"]} == {"王*国"}
    assert "11010519491231002X" not in str(draft)
    assert draft["title"] == TEXT["title"]
    # 300 are too many to type one by one, so the form leads here.
    form = await bureau.get("writer", f"{one}/draft")
    assert f'href="{one}/persons"' in form.text
    page = await bureau.get("writer", f"{one}/persons")
    assert "300\t王*国" in page.text
    await bureau.post("writer", f"{one}/persons", persons="李梅\t80 岁")
    assert [row["name"] for row in ((await bureau.draft(one)).draft or {})["persons"]] == ["李*"]


async def test_what_is_wrong_is_said_by_line_and_nothing_typed_is_lost(
    bureau: PublishingOffice, one: str
) -> None:
    pasted = "1\t王小国\t好\n2\t\t</textarea><script>alert(1)</script>"
    answer = await bureau.post("writer", f"{one}/persons", persons=pasted)
    assert answer.status_code == 422
    assert "第 2 行：缺少姓名" in answer.text
    assert "1\t王小国\t好" in answer.text
    assert "<script>alert" not in answer.text
    assert ((await bureau.draft(one)).draft or {})["persons"] == []


async def test_only_who_writes_here_replaces_a_list(bureau: PublishingOffice, one: str) -> None:
    answer = await bureau.post("supervisor", f"{one}/persons", persons="王小国")
    assert answer.status_code in {403, 404}
    assert ((await bureau.draft(one)).draft or {})["persons"] == []
