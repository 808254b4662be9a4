"""Who may do what, computed from the route table, so that a new route cannot be forgotten.

Every staff route says which roles it is for and where they must be held. Each is tried here by
people who are none of that; SQLite itself is asked whether anything at all was written.
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update
from starlette.routing import Route

from domain.calendar import HolidayNotice, WorkingCalendar, enter_notice, published_notices
from domain.contacts import absences
from domain.contacts.line import Begun, begin
from domain.contacts.tables import (
    Conversation,
    Letter,
    LetterKind,
    LetterState,
    LineLimit,
    Source,
)
from domain.devices.pairing import LASTS
from domain.devices.tables import Device, DeviceKind, Pairing
from domain.disclosures.inquiries import Asked, ask
from domain.disclosures.tables import (
    AffairsDay,
    AffairsDayKind,
    BoardPosting,
    CatalogueWish,
    Disclosure,
    DisclosureFile,
    Inquiry,
    InquiryAnswer,
    InquiryKind,
    InquiryState,
)
from domain.matters.holders import move
from domain.matters.ladder import Hold, HoldReason, Level
from domain.matters.promises import promise
from domain.matters.tables import EntryKind, MatterEntry, Outcome, Readers, TextBlock
from domain.matters.timeline import Act, Written
from domain.mistakes import reports
from domain.mistakes.reports import Told
from domain.papers import kinds
from domain.papers.paper import Paper
from domain.papers.sheets.importing import keep_import
from domain.papers.tables import PaperVersion
from domain.places.content import HoursException
from domain.published import load_community
from domain.queue.tickets import TicketRequest, take_ticket
from domain.ratings.tables import CallBack, RatingLevel, RatingSource, ServiceRating
from domain.staff import roles
from domain.staff.actor import COMMAND_LINE, EDITING, Grant
from domain.staff.invitations import invite
from domain.staff.tables import Role
from tests.world.app import Browser, opened
from tests.world.clock import NOW, Clock
from tests.world.district import places
from tests.world.people import DISTRICT_ADMINISTRATOR, Person, arrived, begun, with_second_factor
from tests.world.posts import give_post
from web.disclosures.reminders import remind_all
from web.features import FEATURES
from web.matters.background import settle_all
from web.matters.spec import kinds_of
from web.routes import routes
from web.site.answers import Redirect
from web.staff.access import SECOND_FACTOR, SIGN_IN, Where, staff_reads, staff_writes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community
    from tests.world.databases import SqliteFiles
    from web.site.pages import Page
    from web.staff.access import StaffVisit

BY_SCRIPT = {
    "/f/devices/screen": "a device's script checks in and gets a part of its page",
    "/f/devices/kiosk": "the same",
    "/f/devices/rating": "the same",
    "/f/devices/terminal": "the same",
    "/rating/ratings": "the tablet's script sends a rating and gets no page",
    "/push/subscriptions": "the browser's subscription, as JSON",
    "/inbox/readings": "how many messages are new, as JSON",
    "/preferences": "leads back to the page on which it was pressed, also when it refuses",
}
"""Addresses that are only posted to, and why nobody can stand on one."""
UNMARKED = {
    "/staff/sessions/new": "the way in",
    "/staff/sessions": "the way in",
    "/staff/sessions/ending": "the way out, open to sessions that are half way in",
    "/staff/second-factor/confirmation": "the second half of the way in",
}
"""Every address under /staff that does not say who may, and why not."""
HOME, SAME_SUBDISTRICT, AWAY = "liujiazhuang", "dikoulu", "jian"
CODE = "K7M3QX"
DISCLOSURE_ID = 1
"""Of the community, as the sample has it."""
TOKEN = "t" * 22
FILES = ("/imports", "/photo", "/file")
"""How the addresses end to which a file is sent."""
FILLED_IN = {
    "draft": "0",
    "role": "clerk",
    "place": "district",
    "community": HOME,
    "name": "一样东西",
}
OF_NO_PLACE = {"browser", "code", "event", "field", "row", "settlement", "year"}
"""What an address can name that belongs to no place; all else a person of elsewhere may not see."""


ENTRY = 77
"""The entry that is the answer to the inquiry."""


def address_of(path: str, target: Person) -> str:
    """A route's address, with this person and what is theirs or their community's in it."""
    values: dict[str, Any] = {
        "person": target.id,
        "session": target.session,
        "community": HOME,
        "item": "gaoling-jintie",
        "device": 1,
        "counter": 1,
        "ticket": 1,
        "call_back": 1,
        "mistake": 1,
        "browser": 1,
        "row": 1,
        "code": CODE,
        "year": 2027,
        "settlement": "old-town",
        "event": "bereavement",
        "place": HOME,
        "subdistrict": SAME_SUBDISTRICT,
        "archive": NOW.year,
        "wish": 1,
        "number": 1,
        "day": "2026-12-01",
        "token": TOKEN,
        "message": 1,
        "key": "k",
        "field": "name",
        "absence": 1,
        "matter": 1,
        "promise": 1,
        "block": 1,
        "limit": 1,
        "letter": 1,
        "disclosure": DISCLOSURE_ID,
        "file": TOKEN,
        "inquiry": 2,
        "entry": ENTRY,
        "posting": 1,
        "affairs_day": 1,
        "invitation": 1,
        "lang": "en",
        "follow": 1,
        "size": "a4",
    }
    assert set(named_in(path)) <= set(values), f"say here what {path} means"
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(values[found[1]]), path)


def named_in(path: str) -> list[str]:
    """What a route's address names."""
    return re.findall(r"\{(\w+)(?::\w+)?\}", path)


async def planted_page(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """A page of one community that does nothing."""
    return Redirect("/staff")


PLANTED = [
    Route("/staff/planted/{community}", staff_reads(planted_page, EDITING, Where.COMMUNITY)),
    Route(
        "/staff/planted/{community}/changes",
        staff_writes(planted_page, EDITING, Where.COMMUNITY),
        methods=["POST"],
    ),
]
"""Routes about one community that are always there, to try the rule itself."""
MARKED = [
    *(each for each in routes() if isinstance(each, Route) and hasattr(each.endpoint, "roles")),
    *PLANTED,
]
"""Every route that says who may."""


def method_of(route: Route) -> str:
    """How the route is asked."""
    return "POST" if "POST" in (route.methods or ()) else "GET"


def name_of(route: Route) -> str:
    """A test's name for a route."""
    return f"{method_of(route)} {route.path}"


POSTED = [
    each
    for each in routes()
    if isinstance(each, Route)
    and "POST" in (each.methods or ())
    and each.path not in BY_SCRIPT
    and not each.path.startswith("/f/")
]
"""Every form's route."""


every_route = pytest.mark.parametrize("route", MARKED, ids=name_of)


@dataclass
class Office:
    """A running house, someone to act on, and a watch on its database."""

    browser: Browser
    target: Person
    people: dict[str, Person]
    """One for each role at each kind of place."""
    outsiders: dict[str, str]
    """Session keys that open nothing."""
    watch: sqlite3.Connection

    def written(self) -> int:
        """A number that changes whenever anything is committed to the database."""
        return int(self.watch.execute("PRAGMA data_version").fetchone()[0])

    async def tries(self, key: str, route: Route, target: Person | None = None) -> httpx.Response:
        """What the holder of a session's key gets who asks this route about the target."""
        is_post, is_file = method_of(route) == "POST", route.path.endswith(FILES)
        return await self.browser.request(
            method_of(route),
            address_of(route.path, target or self.target),
            headers={"cookie": f"staff={key}"} if key else None,
            data=FILLED_IN if is_post and not is_file else None,
            files={"file": ("x.xlsx", b"x")} if is_file else None,
        )


@pytest.fixture(scope="module")
async def office(sqlite_files: SqliteFiles) -> AsyncIterator[Office]:
    """One office for all: what is done in it is done to people of the test's own."""
    async with opened(sqlite_files.copy("sample"), Clock(NOW)) as browser:
        browser.app.router.routes[:0] = PLANTED
        # It writes by itself, and here every writing is asked after.
        await browser.services.measuring.close()
        store, found = browser.store, await places(browser.store)
        at = {
            "district": {},
            "home": {"community_id": found.community[HOME]},
            "away": {"community_id": found.community[AWAY]},
            "above": {"subdistrict_id": found.subdistrict[SAME_SUBDISTRICT]},
        }
        people = {
            f"{role.value} at {place}": await arrived(
                store, f"{role.value}.{place}", Grant(role, **given)
            )
            for role in Role
            for place, given in at.items()
        }
        careful, gone = [
            await arrived(store, name, DISTRICT_ADMINISTRATOR) for name in ("careful", "gone")
        ]
        await with_second_factor(store, careful)
        await store.write(partial(roles.deactivate, actor=COMMAND_LINE, staff_id=gone.id, now=NOW))
        outsiders = {
            "without a key": "",
            "with a made-up key": "made-up",
            "half way in": await begun(store, careful.id),
            "let go": gone.key,
        }
        await store.write(set_up)
        boss_id = people["administrator at district"].id

        async def what_is_theirs(session: AsyncSession) -> None:
            session.add(TextBlock(staff_id=boss_id, words="收到"))
            # Who entered a call is shown its code.
            await session.execute(update(Conversation).values(taken_by_id=boss_id))
            await session.execute(update(Inquiry).values(written_by=boss_id))

        await store.write(what_is_theirs)
        # What would be written by itself later is written now.
        await settle_all(browser.services, kinds_of(FEATURES))
        await remind_all(browser.services)
        target = await arrived(store, "target", Grant(Role.CLERK, **at["home"]))
        await give_post(store, "target")
        away = dt.timedelta(days=1)
        leaves = partial(
            absences.enter,
            actor=target.actor,
            staff_id=target.id,
            since=NOW + away,
            until=NOW + 2 * away,
            now=NOW,
        )
        await store.write(leaves)
        boss = people["administrator at district"].actor
        sent = partial(
            keep_import, actor=boss, file_name="x.xlsx", changed=[], unchanged=0, now=NOW
        )
        await store.write(sent)
        path = str(browser.services.settings.database_url.database)
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as watch:
            yield Office(browser, target, people, outsiders, watch)


async def set_up(session: AsyncSession) -> None:
    """A device, a code, a number with a notice and a rating, a version of every document."""
    community = await load_community(session, HOME)
    taken = await take_ticket(session, community.hall.id, TicketRequest("B"), NOW, served={"B"})
    taken.missing, taken.token = ("户口簿",), TOKEN
    rating = ServiceRating(
        ticket_id=taken.id,
        hall_id=community.hall.id,
        level=RatingLevel.DISSATISFIED,
        tags=(),
        words="",
        source=RatingSource.PAGE,
        given_at=NOW,
        given_on=NOW.date(),
    )
    session.add(rating)
    await session.flush()
    fix_by = NOW.date()
    session.add(CallBack(rating_id=rating.id, community_id=community.id, fix_by=fix_by, phone=""))
    told = Told(community.id, f"/c/{HOME}/hall", "服务大厅", None, "电话没人接")
    await reports.send(session, told, "form", NOW)
    key = {"kind": DeviceKind.SCREEN, "key_hash": "d"}
    session.add(Device(hall_id=community.hall.id, name="大屏", paired_at=NOW, seen_at=NOW, **key))
    later, key["key_hash"] = NOW + LASTS, "p"
    session.add(Pairing(code=CODE, address_hash="a", created_at=NOW, expires_at=later, **key))
    await invite(session, COMMAND_LINE, "韩秀芝", Grant(Role.CLERK), NOW)
    await a_matter(session, community.id)
    await an_inquiry(session, community.id)
    await a_draft(session, community)
    ignored = {"kind": LetterKind.RECEIVED, "state": LetterState.IGNORED, "raw": b"From: x"}
    session.add(Letter(community_id=community.id, id_hash="l", at=NOW, **ignored))
    asked = {
        "title": "电梯维保合同",
        "why": "想看",
        "form_key": "w",
        "asked_at": NOW,
        "public_title": "x",
    }
    session.add(CatalogueWish(community_id=community.id, is_shown=True, **asked))
    exception = HoursException(day="2026-12-01", reason="停电")
    hours = community.hall.hours.model_copy(update={"exceptions": (exception,)})
    community.hall.hours = hours
    await enter_notice(session, HolidayNotice(year=2027, days_off=("2027-01-01",)))
    await session.flush()
    for kind in kinds.KINDS:
        key_of = {
            kinds.GUIDE: "gaoling-jintie",
            kinds.OWN: "gaoling-jintie",
            kinds.CATALOGUE: "old-town",
            kinds.EVENT: "bereavement",
            kinds.PLACE: HOME,
        }
        paper = Paper(kind, HOME if kind.is_of_community else None, key_of.get(kind, "2027"))
        document = await paper.read(session)
        assert document is not None
        plain = document.model_dump(mode="json")
        session.add(PaperVersion(subject=paper.subject, number=1, document=plain, reason=""))


async def a_draft(session: AsyncSession, community: Community) -> None:
    """A published disclosure with a correction that is being written, a file and a posting."""
    disclosure = await session.get_one(Disclosure, DISCLOSURE_ID)
    disclosure.draft = {"title": "更正"}
    held = {"begins_at": NOW, "ends_at": NOW + LASTS, "place": "会议室"}
    kind = AffairsDayKind.INQUIRY
    session.add(
        AffairsDay(
            uid="d", community_id=community.id, kind=kind, title="质询日", changed_at=NOW, **held
        )
    )
    posting = {"place": "东门", "posted_by": 1, "since": NOW.date(), "until": NOW.date()}
    of = {"disclosure_id": DISCLOSURE_ID, "community_id": community.id, "number": 1}
    session.add(BoardPosting(form_key="k", noted_at=NOW, photo=b"x", **of, **posting))
    file = {"token": TOKEN, "name": "a.txt", "media_type": "text/plain", "sha256": "h"}
    session.add(DisclosureFile(disclosure_id=DISCLOSURE_ID, size=1, data=b"x", **file))


async def a_matter(session: AsyncSession, community_id: int) -> None:
    """A matter that is the subdistrict's, with a promise."""
    act = Act(session, WorkingCalendar(published_notices()), NOW)
    begun = Begun(community_id, None, Conversation(source=Source.COMMUNITY))
    matter, _ = await begin(act, begun, Written("路灯坏了"))
    move(act, matter, Hold(Level.SUBDISTRICT, None, NOW, HoldReason.TIMER))
    matter.token = TOKEN
    promise(act, matter, 1, "换路灯", NOW)
    limit = {"device": "d", "reason": "刷屏", "staff_id": 1}
    until = NOW + LASTS
    session.add(LineLimit(community_id=community_id, since=NOW, until=until, **limit))


async def an_inquiry(session: AsyncSession, community_id: int) -> None:
    """An inquiry that everyone reads, with an answer that waits for a moderator."""
    act = Act(session, WorkingCalendar(published_notices()), NOW)
    asked = Asked(community_id, InquiryKind.APPLICATION)
    matter, _ = await ask(act, asked, Written("申请公开合同"))
    inquiry = await session.get_one(Inquiry, matter.id)
    inquiry.state, inquiry.public_words = InquiryState.PUBLIC, "申请公开合同"
    said = {"kind": EntryKind.ANSWER, "outcome": Outcome.DONE, "readers": Readers.ALL}
    session.add(MatterEntry(id=ENTRY, matter_id=matter.id, at=NOW, words="见附件", **said))
    await session.flush()
    of_it = {"matter_id": matter.id, "at": NOW, "outcome": Outcome.DONE, "waits_since": NOW}
    session.add(InquiryAnswer(entry_id=ENTRY, **of_it))


NUMBERS = count()


async def newcomer(office: Office) -> Person:
    """A clerk of the community, for a test that changes what it is done to."""
    home = (await places(office.browser.store)).community[HOME]
    name = f"newcomer-{next(NUMBERS)}"
    return await arrived(office.browser.store, name, Grant(Role.CLERK, community_id=home))


def strangers(route: Route) -> list[str]:
    """Who may not: each role that is not meant, and the right ones at a wrong place."""
    endpoint: Any = route.endpoint
    roles, where = sorted(endpoint.roles), endpoint.where
    found = [f"{role.value} at district" for role in Role if role not in roles]
    if where is not Where.ANYWHERE or set(named_in(route.path)) - OF_NO_PLACE:
        found += [f"{role.value} at away" for role in roles]
    if where is Where.DISTRICT:
        found += [f"{role.value} at above" for role in roles]
    return found


def test_every_staff_address_says_who_may_or_stands_in_the_list() -> None:
    found = [each for each in routes() if isinstance(each, Route)]
    says = {each.path for each in MARKED}
    below = {each.path for each in found if each.path.startswith("/staff")}
    assert below - says == set(UNMARKED)
    assert all(hasattr(each.endpoint, "roles") for each in found if each.path in says)
    assert len(MARKED) > 15


@every_route
async def test_who_is_not_signed_in_is_sent_to_the_way_in(office, route) -> None:
    for who, key in office.outsiders.items():
        before = office.written()
        response = await office.tries(key, route)
        assert response.status_code == 303, who
        first = SECOND_FACTOR if who == "half way in" else SIGN_IN
        assert response.headers["location"].partition("?")[0] == first, who
        assert office.written() == before, who


@every_route
async def test_whoever_may_not_finds_nothing_and_changes_nothing(office, route) -> None:
    for who in strangers(route):
        before = office.written()
        response = await office.tries(office.people[who].key, route)
        assert response.status_code == 404, who
        assert office.target.name not in response.text, who
        assert office.written() == before, who


@pytest.mark.parametrize("route", POSTED, ids=name_of)
async def test_every_form_leads_to_its_page_when_its_address_is_read(office, route) -> None:
    """Back, reload, a shared link and the language switch read the address of a refused form."""
    key = office.people["administrator at district"].key
    address = address_of(route.path, office.target)
    response = await office.browser.get(address, headers={"cookie": f"staff={key}"})
    for _ in range(3):
        if response.status_code == 303:
            there = response.headers["location"]
            response = await office.browser.get(there, headers={"cookie": f"staff={key}"})
    # The page of an invitation that opens nothing says so with the status.
    expected = 404 if route.path.startswith("/invitations/") else 200
    assert response.status_code == expected, (address, response.url)
    assert response.headers["content-type"].startswith("text/html")


def test_addresses_that_are_only_posted_to_are_scripts() -> None:
    found = [each for each in routes() if isinstance(each, Route)]
    read = {each.path for each in found if "GET" in (each.methods or ())}
    only_posted = {each.path for each in found} - read
    autosaved = {each for each in only_posted if each.startswith("/f/staff/")}
    assert all(each.endswith("/draft") for each in autosaved)
    assert only_posted - autosaved == set(BY_SCRIPT)


@every_route
async def test_whoever_may_is_let_in(office, route) -> None:
    """Else the tests above would pass for a route that nobody can open."""
    endpoint: Any = route.endpoint
    target = await newcomer(office)
    role = min(endpoint.roles)
    person = target if "/account/" in route.path else office.people[f"{role} at district"]
    if route.path.endswith("/return"):
        leaves = partial(roles.deactivate, actor=COMMAND_LINE, staff_id=target.id, now=NOW)
        await office.browser.store.write(leaves)
    before = office.written()
    # A stream has no end, unless its server stops.
    office.browser.services.live.is_closing = route.path.startswith("/live/")
    response = await office.tries(person.key, route, target)
    assert response.status_code in {200, 303, 422}, response.status_code
    assert not response.headers.get("location", "").startswith((SIGN_IN, SECOND_FACTOR))
    if method_of(route) == "GET":
        assert response.headers["cache-control"] == "no-store"
    if route.path.endswith("/deactivation"):
        assert office.written() != before, "the watch on the database sees nothing"


async def test_a_role_at_the_community_or_above_it_is_let_in(office) -> None:
    for place in ("home", "above", "district"):
        for route in PLANTED:
            response = await office.tries(office.people[f"editor at {place}"].key, route)
            assert response.headers["location"] == "/staff", place


async def test_a_community_that_does_not_exist_is_not_found(office) -> None:
    headers = office.people["editor at district"].headers
    assert (await office.browser.get("/staff/planted/mars", headers=headers)).status_code == 404


async def test_everybody_means_everybody(office) -> None:
    for name, person in office.people.items():
        response = await office.browser.get("/staff", headers=person.headers)
        assert response.status_code == 200, name


async def test_a_password_is_not_changed_and_no_second_factor_removed_by_who_is_signed_out(
    office,
) -> None:
    before = office.written()
    form = {"current": "x", "new": "some quite other words", "password": "x"}
    for path in ("/staff/account/password", "/staff/second-factor/removal"):
        response = await office.browser.post(path, data=form)
        assert response.headers["location"] == SIGN_IN, path
    assert office.written() == before


async def test_what_another_site_sends_in_an_administrators_name_is_refused(office) -> None:
    admin, before = office.people["administrator at district"], office.written()
    for route in MARKED:
        if method_of(route) == "POST":
            response = await office.browser.post(
                address_of(route.path, office.target),
                headers={**admin.headers, "sec-fetch-site": "cross-site"},
            )
            assert response.status_code == 403, route.path
    assert office.written() == before
