"""三日, as the office plans them: announce, change, call off, and write the minutes."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from domain.disclosures import days
from domain.disclosures.content import LONGEST_BODY
from domain.disclosures.days import DayPlan, Minutes
from domain.disclosures.errors import PastError
from domain.disclosures.personal_data import found_in
from domain.disclosures.tables import AffairsDayKind
from domain.words import N_
from web.site.answers import InvalidError, Redirect
from web.site.device_key import FormKey
from web.site.errors import found_or_404
from web.site.forms import number
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.personal_data import Found
    from domain.disclosures.tables import AffairsDay
    from domain.places.tables import Community
    from web.site.pages import Page
    from web.staff.access import StaffVisit

LONGEST_TITLE, LONGEST_WHY = 80, 200
# Members of a committee, with room for those of all residents' groups.
MOST_ASSESSED = 999
# The texts of a day that everyone reads, by the field in which they are typed.
PUBLIC = {"title": N_("Title"), "where": N_("Place"), "agenda": N_("Agenda")}
MINUTES = N_("Minutes")


@dataclass(frozen=True, kw_only=True)
class DaysDesk(StaffPage):
    """三日 of a community: the form for a new one, and all that there are."""

    template: ClassVar[str] = "disclosures/days_desk.html"
    tab: ClassVar[str] = "places"
    place: Community
    days: Sequence[AffairsDay]
    # Of the form, so that a form sent twice is one day.
    key: str
    # What the form holds, by field.
    typed: Mapping[str, str]
    # What is wrong, by field: `missing`, `moment`, `order`, `past`, `long`.
    wrong: Mapping[str, str] = field(default_factory=dict)
    # Personal data in what is about to be public.
    found: Sequence[Found] = ()
    kinds: tuple[AffairsDayKind, ...] = tuple(AffairsDayKind)


@dataclass(frozen=True, kw_only=True)
class DayDesk(StaffPage):
    """One day: its form, calling it off, and its minutes."""

    template: ClassVar[str] = "disclosures/day_desk.html"
    tab: ClassVar[str] = "places"
    place: Community
    day: AffairsDay
    typed: Mapping[str, str]
    # As kept, or as typed when they were refused.
    minutes: str
    assessed: str
    is_over: bool
    # By field, as above; `why` and `minutes` as well.
    wrong: Mapping[str, str] = field(default_factory=dict)
    found: Sequence[Found] = ()
    kinds: tuple[AffairsDayKind, ...] = tuple(AffairsDayKind)


async def index(visit: StaffVisit, session: AsyncSession) -> Page:
    """The days of a community, and the form for a new one."""
    return await _index(visit, session)


async def _index(visit: StaffVisit, session: AsyncSession) -> DaysDesk:
    key = FormKey.given(visit.form.text("request")) or FormKey.new()
    return DaysDesk(
        actor=visit.actor,
        place=visit.place,
        days=await days.days_of(session, visit.place.id),
        key=key.key,
        typed=_typed(visit),
    )


def _typed(visit: StaffVisit) -> dict[str, str]:
    """The form as it was typed; an empty one suggests the hall."""
    form = visit.form
    return {
        "kind": form.text("kind") or AffairsDayKind.DELIBERATION.value,
        "title": form.text("title"),
        "begins": form.text("begins"),
        "ends": form.text("ends"),
        "where": form.text("where") or visit.place.hall.name,
        "agenda": form.given("agenda"),
    }


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """One day with its forms."""
    return _page(visit, await _asked(visit, session))


async def _asked(visit: StaffVisit, session: AsyncSession) -> AffairsDay:
    """The day in the address. Raises 404 for a day of another community."""
    return found_or_404(
        await days.day_of(session, visit.place.id, int(visit.params["affairs_day"]))
    )


def _page(visit: StaffVisit, day: AffairsDay) -> DayDesk:
    return DayDesk(
        actor=visit.actor,
        place=visit.place,
        day=day,
        typed=_typed(visit) if "title" in visit.form else _kept(visit, day),
        minutes=visit.form.given("minutes") if "minutes" in visit.form else day.minutes,
        assessed=visit.form.text("assessed") or str(day.members_assessed or ""),
        is_over=day.ends_at <= visit.now,
    )


def _kept(visit: StaffVisit, day: AffairsDay) -> dict[str, str]:
    return {
        "kind": day.kind.value,
        "title": day.title,
        "begins": f"{visit.local(day.begins_at):%Y-%m-%dT%H:%M}",
        "ends": f"{visit.local(day.ends_at):%Y-%m-%dT%H:%M}",
        "where": day.place,
        "agenda": day.agenda,
    }


async def plan(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Announce a day. The form's key is its id, so that a form sent twice is one day."""
    key = FormKey.of(visit.form)
    uid = str(uuid.uuid5(uuid.NAMESPACE_OID, key.request_key))
    page = await _index(visit, session)
    planned = _plan(visit, page)
    try:
        day = await days.plan(session, visit.actor, visit.place.id, planned, uid, visit.now)
    except PastError:
        raise InvalidError(replace(page, wrong={"begins": "past"})) from None
    return _to(visit, day)


async def change(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Announce it differently."""
    day = await _asked(visit, session)
    page = _page(visit, day)
    planned = _plan(visit, page)
    try:
        await days.change(session, visit.actor, day, planned, visit.now)
    except PastError:
        raise InvalidError(replace(page, wrong={"begins": "past"})) from None
    return _to(visit, day)


def _plan(visit: StaffVisit, page: DaysDesk | DayDesk) -> DayPlan:
    """What was typed. Raises `InvalidError` with all that is wrong, or with what was found."""
    typed, wrong = page.typed, {}
    begins, ends = (_moment(visit, typed[name]) for name in ("begins", "ends"))
    for name, moment in (("begins", begins), ("ends", ends)):
        if moment is None:
            wrong[name] = "moment"
    if begins is not None and ends is not None and ends <= begins:
        wrong["ends"] = "order"
    for name in ("title", "where"):
        if not 1 <= len(typed[name]) <= LONGEST_TITLE:
            wrong[name] = "long" if typed[name] else "missing"
    if len(typed["agenda"]) > LONGEST_BODY:
        wrong["agenda"] = "long"
    if typed["kind"] not in set(AffairsDayKind):
        wrong["kind"] = "missing"
    if wrong or begins is None or ends is None:
        raise InvalidError(replace(page, wrong=wrong))
    _refuse_personal_data(visit, page, {name: typed[name] for name in PUBLIC})
    kind = AffairsDayKind(typed["kind"])
    return DayPlan(kind, typed["title"], begins, ends, typed["where"], typed["agenda"])


def _moment(visit: StaffVisit, text: str) -> dt.datetime | None:
    """A day and a time as a browser sends them, in the deployment's time zone."""
    try:
        typed = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return typed.replace(tzinfo=visit.now.tzinfo) if typed.tzinfo is None else None


def _refuse_personal_data(
    visit: StaffVisit, page: DaysDesk | DayDesk, texts: Mapping[str, str]
) -> None:
    """Raise `InvalidError` for what was found, unless it was looked at and is to be public."""
    if "anyway" in visit.form:
        return
    names = {**PUBLIC, "minutes": MINUTES}
    found = [each for name, text in texts.items() for each in found_in(text, names[name])]
    if found:
        raise InvalidError(replace(page, found=found))


async def cancel(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Call it off, with the reason that residents read."""
    day = await _asked(visit, session)
    why = visit.form.text("why", LONGEST_WHY)
    if not why:
        raise InvalidError(replace(_page(visit, day), wrong={"why": "missing"}))
    _refuse_personal_data(visit, _page(visit, day), {"title": why})
    await days.cancel(session, visit.actor, day, why, visit.now)
    return _to(visit, day)


async def write_minutes(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Put the minutes where everyone reads them."""
    day = await _asked(visit, session)
    page, minutes = _page(visit, day), visit.form.given("minutes")
    if day.begins_at > visit.now:
        raise InvalidError(replace(page, wrong={"minutes": "early"}))
    if len(minutes) > LONGEST_BODY:
        raise InvalidError(replace(page, wrong={"minutes": "long"}))
    assessed = number(visit.form.text("assessed") or "0")
    if assessed is None or assessed > MOST_ASSESSED:
        raise InvalidError(replace(page, wrong={"assessed": "number"}))
    _refuse_personal_data(visit, page, {"minutes": minutes})
    written = Minutes(minutes, assessed)
    await days.write_minutes(session, visit.actor, day, written, visit.now)
    return _to(visit, day)


def _to(visit: StaffVisit, day: AffairsDay) -> Redirect:
    return Redirect(f"/staff/c/{visit.place.slug}/days/{day.id}")
