"""A conversation over the wire: who may read it, who may write, and what each is told."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from domain.contacts.content import PostKind
from domain.contacts.tables import ContactPost, Conversation
from domain.matters.tables import Matter, MatterEntry
from domain.places.content import HallHours
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.databases import both_databases
from tests.world.district import places
from tests.world.people import arrived
from tests.world.people import begun as signed_in
from tests.world.photos import jpeg
from tests.world.statements import statements_of
from web.route_list import listed
from web.site.device_key import FormKey

if TYPE_CHECKING:
    import httpx
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.app import Browser
    from tests.world.people import Person

HOME = "liujiazhuang"
WRITE = f"/c/{HOME}/messages"
LAMP = "二单元楼道灯坏了。晚上老人下楼看不见。"


async def posted(browser: Browser, words: str = LAMP, **more: Any) -> httpx.Response:
    """Send the form of a message as a phone would."""
    form = {"request": FormKey.new().key, "words": words, **more}
    return await browser.post(WRITE, data=form)


async def begun(browser: Browser, words: str = LAMP, **more: Any) -> str:
    """Begin a conversation; its address."""
    response = await posted(browser, words, **more)
    assert response.status_code == 303, response.text
    return response.headers["location"]


async def matter_at(browser: Browser, address: str) -> Matter:
    """The matter at an address, as the store has it."""
    token = address.rpartition("/")[2]
    async with browser.store.read() as session:
        return (await session.scalars(select(Matter).where(Matter.token == token))).one()


async def someone(browser: Browser, name: str, role: Role = Role.PARTY_MEMBER) -> Person:
    """Someone who works in the community."""
    place = (await places(browser.store)).community[HOME]
    return await arrived(browser.store, name, Grant(role, community_id=place))


async def post_of(browser: Browser, holder: str | None, substitute: str | None = None) -> str:
    """A post of the community; its slug."""
    place = (await places(browser.store)).community[HOME]
    periods = [{"opens": "08:30", "closes": "12:00"}, {"opens": "13:30", "closes": "20:00"}]

    async def unit(session: AsyncSession) -> None:
        session.add(
            ContactPost(
                community_id=place,
                slug="lou-3",
                kind=PostKind.BUILDING,
                name="3号楼联系党员岗",
                answers_for="楼道里的事",
                buildings=(),
                holder=holder,
                substitute=substitute,
                phone="0531-00001234",
                hours=HallHours.model_validate({"working_day": periods}),
                answers_within=5,
                passes_on_after=8,
                rank=1,
            )
        )

    await browser.store.write(unit)
    return "lou-3"


async def answered(browser: Browser, who: Person, address: str, **more: Any) -> httpx.Response:
    """Answer as this person."""
    matter = await matter_at(browser, address)
    form = {"request": FormKey.new().key, "outcome": "done", "words": "灯已经换好了。", **more}
    path = f"/staff/matters/{matter.id}/answer"
    return await browser.post(path, data=form, headers=who.headers)


async def desk(browser: Browser, who: Person, address: str) -> httpx.Response:
    """The page of the people who answer, as this person gets it."""
    matter = await matter_at(browser, address)
    return await browser.get(f"/staff/matters/{matter.id}", headers=who.headers)


async def write_more(browser: Browser, address: str, words: str) -> httpx.Response:
    """Write again in a conversation."""
    return await browser.post(
        f"{address}/messages", data={"request": FormKey.new().key, "words": words}
    )


# The resident


@both_databases
async def test_a_message_says_at_once_who_has_it_and_by_when(own) -> None:
    await someone(own, "qin")
    slug = await post_of(own, "qin")
    address = await begun(own, post=slug)
    page = (await own.get(address)).text
    assert "二单元楼道灯坏了" in page
    assert "Qin Wang在办" in page
    assert "还有 5 个工作日" in page


async def test_the_same_form_sent_twice_is_one_matter_and_other_words_are_refused(own) -> None:
    form = {"request": FormKey.new().key, "words": LAMP}
    first = await own.post(WRITE, data=form)
    again = await own.post(WRITE, data=form)
    assert again.headers["location"] == first.headers["location"]
    other = await own.post(WRITE, data={**form, "words": "另一件事"})
    assert other.status_code == 409
    assert "另一件事" in other.text


async def test_an_answer_stops_the_clock_and_the_next_message_starts_it_again(own) -> None:
    who = await someone(own, "qin")
    address = await begun(own, post=await post_of(own, "qin"))
    assert (await answered(own, who, address)).status_code == 303
    page = (await own.get(address)).text
    assert "灯已经换好了" in page
    assert "已经答复您了" in page
    await own.post(f"{address}/thanks", data={"request": FormKey.new().key})
    assert (await matter_at(own, address)).owed_since is None
    assert (await write_more(own, address, "又坏了")).status_code == 303
    assert (await matter_at(own, address)).owed_since is not None


async def test_a_link_lets_read_and_the_code_lets_write(own) -> None:
    address = await begun(own)
    code = (await matter_at(own, address)).code
    own.cookies.clear()
    assert "您只能查看" in (await own.get(address)).text
    refused = await write_more(own, address, "我也要写")
    assert refused.status_code == 403
    assert "我也要写" not in (await own.get(address)).text
    wrong = await own.post("/matters/code", data={"code": "AAAAAAAA"})
    assert wrong.status_code == 404
    typed = f" {code[:4].lower()} {code[4:]} "
    form = {"code": typed, "request": FormKey.new().key}
    assert (await own.post("/matters/code", data=form)).headers["location"] == address
    assert (await write_more(own, address, "我也要写")).status_code == 303


async def test_codes_cannot_be_guessed_for_long(own) -> None:
    statuses = [
        (await own.post("/matters/code", data={"code": f"AAAAAA{number:02}"})).status_code
        for number in range(21)
    ]
    assert statuses[:20] == [404] * 20
    assert statuses[20] == 429


async def test_reading_a_page_changes_nothing_and_its_script_says_that_it_is_seen(own) -> None:
    address = await begun(own)
    await own.get(address)
    await own.head(address)
    assert (await matter_at(own, address)).seen_at is None
    await own.post(f"{address}/seen")
    assert (await matter_at(own, address)).seen_at is not None


async def test_closing_rating_and_opening_again(own) -> None:
    who = await someone(own, "qin")
    slug = await post_of(own, "qin")
    address = await begun(own, post=slug, phone="13800000000")
    assert (await own.post(f"{address}/rating", data={"rating": "5"})).status_code == 409
    await own.post(f"{address}/closing")
    async with own.store.read() as session:
        assert (await session.scalars(select(Conversation.phone))).all() == [""]
    assert (await own.post(f"{address}/rating", data={"rating": "5"})).status_code == 303
    assert (await own.post(f"{address}/rating", data={"rating": "1"})).status_code == 409
    again = {"request": FormKey.new().key, "words": "还是不亮"}
    assert (await own.post(f"{address}/reopening", data=again)).status_code == 303
    matter = await matter_at(own, address)
    assert matter.holder_id == who.id
    assert matter.owed_since is not None


async def test_a_closed_matter_opens_again_for_fourteen_days(own, clock) -> None:
    address = await begun(own)
    await own.post(f"{address}/closing")
    clock.now += dt.timedelta(days=15)
    again = {"request": FormKey.new().key, "words": "还是不亮"}
    late = await own.post(f"{address}/reopening", data=again)
    assert late.status_code == 409
    assert "还是不亮" in late.text


async def test_a_copy_holds_the_words_and_the_photographs(own) -> None:
    form = {"request": FormKey.new().key, "words": LAMP}
    files = [("photo", ("a.jpg", jpeg(), "image/jpeg"))]
    response = await own.post(WRITE, data=form, files=files)
    address = response.headers["location"]
    page = (await own.get(address)).text
    photo = page.partition("/photos/")[2].partition('"')[0]
    shown = await own.get(f"/photos/{photo}")
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["x-content-type-options"] == "nosniff"
    copy = await own.get(f"{address}/copy")
    with zipfile.ZipFile(io.BytesIO(copy.content)) as archive:
        names = archive.namelist()
        assert LAMP in archive.read("words.html").decode()
    assert sum(name.endswith(".jpg") for name in names) == 1
    own.cookies.clear()
    assert (await own.get(f"{address}/copy")).status_code == 404


async def test_erasing_leaves_nothing_to_read(own) -> None:
    address = await begun(own)
    refused = await own.post(f"{address}/erasing", data={"sure": "yes"})
    assert refused.status_code == 422
    await own.post(f"{address}/closing")
    assert (await own.post(f"{address}/erasing", data={})).status_code == 422
    assert (await own.post(f"{address}/erasing", data={"sure": "yes"})).status_code == 303
    assert (await own.get(address)).status_code == 404
    async with own.store.read() as session:
        assert set(await session.scalars(select(MatterEntry.words))) == {""}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("楼下着火了", "119"),
        ("闻到煤气味", "119"),
        ("邻居打人", "110"),
        ("老人晕倒了", "120"),
        ("房子的事法院在审", "12348"),
        ("书记受贿", "12388"),
    ],
)
async def test_danger_and_what_belongs_elsewhere_is_said_before_anything_is_sent(
    own, words, says
) -> None:
    key = FormKey.new().key
    first = await own.post(WRITE, data={"request": key, "words": words})
    assert first.status_code == 422
    assert says in first.text
    assert words in first.text
    async with own.store.read() as session:
        assert (await session.scalars(select(Matter.id))).all() == []
    calm = await own.post(WRITE, data={"request": key, "words": words, "calm": "yes"})
    assert calm.status_code == 303


@pytest.mark.parametrize(
    "wrong",
    [
        {"words": ""},
        {"words": "   "},
        {"words": "长" * 2001},
        {"phone": "call me"},
        {"on_behalf_of": "母亲"},
        {"request": "made up"},
    ],
)
async def test_what_cannot_be_sent_comes_back_with_all_that_was_typed(own, wrong) -> None:
    form = {"asker": "王秀兰", "words": LAMP, **wrong}
    response = await own.post(WRITE, data={"request": FormKey.new().key, **form})
    assert response.status_code == 422
    assert "王秀兰" in response.text
    if form["words"].strip():
        assert form["words"][:1900] in response.text


@pytest.mark.parametrize(
    ("path", "shows"),
    [
        ("/f/mine/matters", "第四件"),
        ("/staff", "4 件等您答复"),
        ("/staff/matters", "第四件"),
        (f"/staff/c/{HOME}/matters", "号码 4"),
    ],
)
async def test_a_list_of_more_matters_asks_the_store_no_more(own, path, shows) -> None:
    holder = await someone(own, "qin", Role.EDITOR)
    slug = await post_of(own, "qin")
    headers = holder.headers if path.startswith("/staff") else {}
    counts = []
    for words in ("第一件", "第二件", "第三件", "第四件"):
        await begun(own, words, post=slug)
        with statements_of(own.store._engine.sync_engine, asyncio.current_task()) as asked:
            page = await own.get(path, headers=headers)
        counts.append(len(asked))
    assert shows in page.text
    # The first visit reads what is published as well.
    assert counts[1:] == counts[1:2] * 3


# The people who answer


async def test_only_who_has_it_reads_it(own) -> None:
    holder, other = await someone(own, "qin"), await someone(own, "sun")
    office = await someone(own, "office", Role.EDITOR)
    address = await begun(own, post=await post_of(own, "qin"))
    assert LAMP in (await desk(own, holder, address)).text
    assert (await desk(own, other, address)).status_code == 404
    asked = await desk(own, office, address)
    assert LAMP not in asked.text
    matter = await matter_at(own, address)
    reading = f"/staff/matters/{matter.id}/reading"
    assert (await own.post(reading, data={}, headers=office.headers)).status_code == 422
    read = await own.post(reading, data={"reason": "核查投诉"}, headers=office.headers)
    assert LAMP in read.text
    listed = await own.get(f"/staff/c/{HOME}/matters", headers=office.headers)
    assert "二单元" not in listed.text


async def test_no_page_of_an_erased_matter_is_left_for_who_had_it(own) -> None:
    holder = await someone(own, "qin", Role.EDITOR)
    address = await begun(own, post=await post_of(own, "qin"))
    matter = await matter_at(own, address)
    await own.post(f"{address}/closing")
    assert (await own.post(f"{address}/erasing", data={"sure": "yes"})).status_code == 303
    its = [route for route in listed() if route.address.startswith("/staff/matters/{matter:int}")]
    assert len(its) >= 10
    for route in its:
        path = re.sub(r"\{\w+:int\}", str(matter.id), route.address)
        # The address of a form leads to its page on GET, so each is asked by its last method.
        method = route.method.split(",")[-1]
        response = await own.request(method, path, headers=holder.headers)
        assert response.status_code == 404, route


async def test_a_matter_that_was_handed_over_is_closed_to_its_earlier_holder(own) -> None:
    first, second = await someone(own, "qin"), await someone(own, "sun")
    address = await begun(own, post=await post_of(own, "qin"))
    matter = await matter_at(own, address)
    form = {"colleague": str(second.id), "words": "麻烦你了"}
    path = f"/staff/matters/{matter.id}"
    handed = await own.post(f"{path}/handing-over", data=form, headers=first.headers)
    assert handed.headers["location"] == "/staff/matters"
    assert (await desk(own, first, address)).status_code == 404
    late = await answered(own, first, address, words="我的答复")
    assert late.status_code == 409
    assert "我的答复" in late.text
    note = {"request": FormKey.new().key, "words": "旧标签页"}
    old_tab = await own.post(f"{path}/notes", data=note, headers=first.headers)
    assert old_tab.status_code == 409
    assert "麻烦你了" in (await desk(own, second, address)).text
    page = (await own.get(address)).text
    assert "麻烦你了" not in page
    assert "Qin Wang转交给了Sun Wang" in page


async def test_a_complaint_never_reaches_the_person_it_is_about(own) -> None:
    holder = await someone(own, "qin")
    helper = await someone(own, "sun")
    secretary = await someone(own, "shuji", Role.ADMINISTRATOR)
    slug = await post_of(own, "qin", "sun")
    address = await begun(own, post=slug, complaint="yes")
    for outsider in (holder, helper):
        assert (await desk(own, outsider, address)).status_code == 404
        inbox = await own.get("/staff/matters", headers=outsider.headers)
        assert "二单元" not in inbox.text
    assert LAMP in (await desk(own, secretary, address)).text


async def test_an_unanswered_matter_goes_up_and_the_resident_reads_why(own, clock) -> None:
    await someone(own, "qin")
    helper = await someone(own, "sun")
    address = await begun(own, post=await post_of(own, "qin", "sun"))
    clock.now += dt.timedelta(days=1)
    helper = replace(helper, key=await signed_in(own.store, helper.id, clock.now))
    # Nothing ran meanwhile: the first act finds it where it must be now.
    response = await answered(own, helper, address)
    assert response.headers["location"].startswith("/staff/matters/")
    page = (await own.get(address)).text
    assert "Qin Wang没有按时答复，已转给Sun Wang" in page


async def test_a_promise_is_public_and_who_asked_is_not(own) -> None:
    who = await someone(own, "qin")
    address = await begun(own, post=await post_of(own, "qin"))
    soon = own.services.now().date() + dt.timedelta(days=3)
    promised = {
        "outcome": "later",
        "until": soon.isoformat(),
        "promise": "更换二单元楼道灯",
        "promise_day": soon.isoformat(),
        "promise_time": "18:00",
    }
    assert (await answered(own, who, address, **promised)).status_code == 303
    assert "更换二单元楼道灯" in (await own.get(address)).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": ""},
        {"outcome": "maybe"},
        {"words": ""},
        {"outcome": "later"},
        {"outcome": "later", "until": "2020-01-01"},
        {"promise": "换灯"},
        {"promise": "换灯", "promise_day": "2020-01-01"},
        {"promise": "换灯", "promise_day": "2027-01-01", "promise_time": "noon"},
    ],
)
async def test_an_answer_that_is_not_taken_keeps_what_was_typed(own, wrong) -> None:
    who = await someone(own, "qin")
    address = await begun(own, post=await post_of(own, "qin"))
    response = await answered(own, who, address, **{"words": "我的答复", **wrong})
    assert response.status_code == 422
    if wrong.get("words") != "":
        assert "我的答复" in response.text
    assert (await matter_at(own, address)).owed_since is not None


async def test_three_reporters_read_one_answer_and_nothing_of_each_other(own) -> None:
    who = await someone(own, "qin")
    slug = await post_of(own, "qin")
    first = await begun(own, post=slug)
    own.cookies.clear()
    second = await begun(own, "我家门口灯也坏了，我姓赵", post=slug)
    main, joined = await matter_at(own, first), await matter_at(own, second)
    path = f"/staff/matters/{joined.id}/joining"
    response = await own.post(path, data={"other": str(main.id)}, headers=who.headers)
    assert response.status_code == 303
    assert (await answered(own, who, first, close="yes")).status_code == 303
    page = (await own.get(second)).text
    assert "灯已经换好了" in page
    assert LAMP not in page
    assert "我姓赵" not in (await own.get(first)).text
    for address in (first, second):
        assert not (await matter_at(own, address)).is_open
