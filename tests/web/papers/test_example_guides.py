"""The sample's guides as a beginning: drafts in the district's own names, never public unchecked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from domain.handbook.examples import begun_from, examples
from domain.papers.kinds.guide import ItemGuide
from domain.papers.tables import PaperDraft
from domain.places.tables import District
from domain.rules import of_guide
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.district import places
from tests.world.people import DISTRICT_ADMINISTRATOR, Person, arrived

if TYPE_CHECKING:
    from tests.world.app import Browser

PAGE = "/staff/handbook/examples"
HUAIYIN = District(id=1, slug="huaiyin", name="槐荫区", city="某某市", hotline="1", is_sample=False)


@pytest.fixture
async def editor(new_office: Browser) -> Person:
    """Who writes the handbook."""
    person = await arrived(new_office.store, "editor", DISTRICT_ADMINISTRATOR)
    new_office.headers.update(person.headers)
    return person


async def drafts(new_office: Browser) -> dict[str, dict[str, object]]:
    async with new_office.store.read() as session:
        found = (await session.scalars(select(PaperDraft))).all()
    return {draft.subject: draft.document for draft in found}


async def test_a_guide_is_taken_over_as_a_draft_and_not_yet_public(new_office, editor) -> None:
    response = await new_office.post(f"{PAGE}/dibao")
    assert response.headers["location"] == "/staff/handbook/dibao"
    draft = (await drafts(new_office))["handbook/dibao"]
    assert draft["name"] == "最低生活保障申请"
    assert "槐荫区" in str(draft["audience"])
    assert "天桥" not in str(draft)
    assert (await new_office.get("/staff/handbook/dibao")).status_code == 200
    assert (await new_office.get("/c/xinsha/handbook/dibao")).status_code == 404
    assert "接着写草稿" in (await new_office.get(PAGE)).text


async def test_what_only_the_district_knows_must_be_entered_first(new_office, editor) -> None:
    await new_office.post(f"{PAGE}/dibao")
    draft = (await drafts(new_office))["handbook/dibao"]
    for field in ("code", "enquiry_phone", "complaint_phone"):
        assert not draft[field]
    assert not any(draft["assured"].values())  # type: ignore[attr-defined]


async def test_taking_it_over_again_leaves_what_was_typed(new_office, editor) -> None:
    await new_office.post(f"{PAGE}/dibao")
    async with new_office.store.read() as session:
        draft = (await session.scalars(select(PaperDraft))).one()
    typed = {**draft.document, "name": "低保"}

    async def change(session) -> None:
        (await session.get_one(PaperDraft, draft.id)).document = typed

    await new_office.store.write(change)
    await new_office.post(f"{PAGE}/dibao")
    assert (await drafts(new_office))["handbook/dibao"]["name"] == "低保"


async def test_a_guide_that_is_none_of_them_is_not_found(new_office, editor) -> None:
    assert (await new_office.post(f"{PAGE}/nothing")).status_code == 404
    assert await drafts(new_office) == {}


async def test_an_editor_of_one_community_takes_nothing_over(new_office) -> None:
    ids = (await places(new_office.store)).community
    person = await arrived(new_office.store, "part", Grant(Role.EDITOR, None, ids["xinsha"]))
    assert (await new_office.post(f"{PAGE}/dibao", headers=person.headers)).status_code == 404


async def test_the_first_guide_of_all_can_begin_empty(new_office, editor) -> None:
    response = await new_office.post("/staff/handbook/items", data={"name": "养犬登记", "like": ""})
    address = response.headers["location"]
    assert (await new_office.get(address)).status_code == 200
    assert [document["name"] for document in (await drafts(new_office)).values()] == ["养犬登记"]


@pytest.mark.parametrize("slug", examples())
def test_every_example_is_right_once_it_was_checked(slug: str) -> None:
    """With what an editor adds, each can be published on the first day."""
    begun = begun_from(slug, HUAIYIN, set())
    checked = {
        **begun,
        "code": "HY-A-01",
        "enquiry_phone": "0531-85900000",
        "complaint_phone": "0531-85900000",
        "assured": {"date": "2026-11-23", "by": "民政科"},
    }
    guide = ItemGuide.model_validate(checked)
    assert list(of_guide(guide, {slug})) == []
