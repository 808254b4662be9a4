"""What someone who answers does: answer, promise, ask inside, hand over, join, close."""

from __future__ import annotations

import datetime as dt
from functools import partial, wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound
from starlette.exceptions import HTTPException

from domain.matters import holders, promises, rounds, timeline
from domain.matters.errors import NotHandlerError, NotJoinableError
from domain.matters.holders import expect, hand_over, held_by, is_asked
from domain.matters.joined import join, joined_to, main_id
from domain.matters.tables import LONGEST_SUBJECT, Matter, Outcome, Promise, TextBlock
from domain.matters.timeline import Answer, Written
from domain.places.tables import Community
from domain.staff.accounts import staff_of
from web.matters.actions import act_of, make_pictures, written_of
from web.matters.desk.matter import desk_page, found, not_yours
from web.matters.refusals import HANDLING
from web.matters.spec import spec_of
from web.site.answers import FieldError, InvalidError, Redirect
from web.site.forms import number

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.ladder import Ladder
    from domain.matters.timeline import Act
    from web.running.services import Services
    from web.staff.access import StaffVisit

    Deed = Callable[[StaffVisit, Act, Matter, Ladder], Awaitable[None]]
    View = Callable[[StaffVisit, AsyncSession], Coroutine[Any, Any, Redirect]]

MOST_BLOCKS = 50
LONGEST_BLOCK = 500
WITH_DATE = {Outcome.LATER, Outcome.NOT_YET}


def of_handler(deed: Deed) -> View:
    """A view for the present handler: the matter is locked and settled before `deed`.

    Whatever is refused shows the page again with everything that was typed.
    """

    @wraps(deed)
    async def view(visit: StaffVisit, session: AsyncSession) -> Redirect:
        matter, community = await found(visit, session)
        kind = spec_of(visit.features, matter.kind).kind
        act = act_of(visit, session)
        try:
            matter, ladder = await held_by(act, visit.actor, matter.id, community, kind)
            await deed(visit, act, matter, ladder)
        except NotHandlerError:
            raise await not_yours(visit, session, matter, community) from None
        except FieldError as error:
            again = await desk_page(visit, session, matter, community, trouble=error.field)
            raise InvalidError(again) from None
        except tuple(HANDLING) as error:
            word = HANDLING[type(error)]
            again = await desk_page(visit, session, matter, community, trouble=word)
            raise InvalidError(again) from None
        expect(act, matter, ladder)
        is_still_theirs = await holders.may_handle(session, visit.actor, matter, community)
        return Redirect(f"/staff/matters/{matter.id}" if is_still_theirs else "/staff/matters")

    return view


@of_handler
async def answer(visit: StaffVisit, act: Act, matter: Matter, ladder: Ladder) -> None:
    """Answer with one of the four outcomes; everyone who joined gets the same answer."""
    form, written = visit.form, written_of(visit.form)
    outcome = form.text("outcome")
    if outcome not in set(Outcome):
        raise FieldError("outcome")
    until = _day(form.text("until"))
    if (Outcome(outcome) in WITH_DATE and until is None) or (until and until < visit.today):
        raise FieldError("until")
    promised = _promised(visit)
    if await timeline.sent_before(act.session, written):
        return
    staff_id, given = _own(visit), Answer(Outcome(outcome), written, until)
    others = await joined_to(act.session, matter, for_update=True)
    timeline.answer(act, matter, staff_id, given)
    for other in others:
        timeline.answer(act, other, staff_id, Answer(given.outcome, Written(written.words), until))
        expect(act, other, ladder)
    if promised is not None:
        promises.promise(act, matter, staff_id, *promised)
    if form.text("close") == "yes":
        await _close(visit, act, [matter, *others])


async def _close(visit: StaffVisit, act: Act, matters: list[Matter]) -> None:
    for matter in matters:
        if matter.is_open:
            await rounds.close(act, matter, visit.actor.staff_id)
            await spec_of(visit.features, matter.kind).kind.closed(act.session, [matter.id])


def _promised(visit: StaffVisit) -> tuple[str, dt.datetime] | None:
    """A promise's subject and moment; None when none is made. Raises `FieldError`."""
    subject = visit.form.text("promise", LONGEST_SUBJECT)
    if not subject:
        return None
    due_at = _moment(visit)
    if due_at is None:
        raise FieldError("promise")
    return subject, due_at


def _moment(visit: StaffVisit) -> dt.datetime | None:
    """The date and time of the form in local time; None unless they lie ahead."""
    day = _day(visit.form.text("promise_day"))
    try:
        time = dt.time.fromisoformat(visit.form.text("promise_time") or "18:00")
    except ValueError:
        return None
    if day is None:
        return None
    due_at = dt.datetime.combine(day, time.replace(tzinfo=None), visit.now.tzinfo)
    return due_at if due_at > visit.now else None


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


async def answer_with_photos(visit: StaffVisit, services: Services) -> Redirect:
    """Answer, with photographs: they are made again before the unit of work."""
    try:
        await make_pictures(services, visit.form)
    except FieldError as error:
        async with services.store.read() as session:
            matter, community = await found(visit, session)
            if not await holders.may_handle(session, visit.actor, matter, community):
                raise await not_yours(visit, session, matter, community) from None
            page = await desk_page(visit, session, matter, community, trouble=error.field)
        raise InvalidError(page) from None
    return await services.store.write(partial(answer, visit))


def _own(visit: StaffVisit) -> int:
    if visit.actor.staff_id is None:  # pragma: no cover - the command line has no pages
        raise AssertionError
    return visit.actor.staff_id


@of_handler
async def pass_on(visit: StaffVisit, act: Act, matter: Matter, ladder: Ladder) -> None:
    """Hand over to a colleague; the matter is closed to this holder at once."""
    to = await _colleague(visit, act.session, matter)
    words = Written(visit.form.given("words").strip()[:2000])
    others = await joined_to(act.session, matter, for_update=True)
    for each in [matter, *others]:
        hand_over(act, each, ladder, _own(visit), to, words if each is matter else Written(""))


async def _colleague(visit: StaffVisit, session: AsyncSession, matter: Matter) -> int:
    """Who was chosen in the form. Raises `FieldError` for no one, and who has no role here."""
    chosen = number(visit.form.text("colleague"))
    community = await session.get_one(Community, matter.community_id)
    allowed = {who.id for who in await staff_of(session, community)}
    if chosen is None or chosen not in allowed - {_own(visit), matter.about_id}:
        raise FieldError("colleague")
    return chosen


@of_handler
async def close(visit: StaffVisit, act: Act, matter: Matter, _ladder: Ladder) -> None:
    """Close it, and each that was joined. Refused while an answer is owed."""
    if matter.owed_since is not None:
        raise FieldError("owed")
    await _close(visit, act, [matter, *await joined_to(act.session, matter, for_update=True)])


@of_handler
async def join_other(visit: StaffVisit, act: Act, matter: Matter, _ladder: Ladder) -> None:
    """Join this matter to another about the same thing."""
    other = number(visit.form.text("other"))
    if other is None:
        raise FieldError("other")
    try:
        into = await holders.locked(act.session, other)
    except NoResultFound:
        raise NotJoinableError from None
    await join(act, matter, into)


@of_handler
async def keep_promise(visit: StaffVisit, act: Act, matter: Matter, _ladder: Ladder) -> None:
    """Say that a promise was kept."""
    promises.keep(act, matter, await _promise(visit, act.session, matter), _own(visit))


@of_handler
async def move_promise(visit: StaffVisit, act: Act, matter: Matter, _ladder: Ladder) -> None:
    """Move a promise with a reason, or say that it cannot be kept."""
    made, reason = await _promise(visit, act.session, matter), visit.form.text("reason", 500)
    if not reason:
        raise FieldError("reason")
    if visit.form.text("never") == "yes":
        promises.break_off(act, matter, made, _own(visit), reason)
        return
    due_at = _moment(visit)
    if due_at is None:
        raise FieldError("promise")
    promises.put_off(act, matter, made, _own(visit), due_at, reason)


async def _promise(visit: StaffVisit, session: AsyncSession, matter: Matter) -> Promise:
    found = await session.get(Promise, int(visit.params["promise"]))
    if found is None or found.matter_id != main_id(matter):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


async def add_note(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Write among colleagues, and ask one of them; the resident sees none of it.

    For the handler, and for the colleagues they asked.
    """
    matter, community = await found(visit, session)
    act = act_of(visit, session)
    asked = await is_asked(session, matter, visit.actor.staff_id)
    if not asked:
        await _refuse_others(visit, act, matter, community)
    try:
        await _note(visit, act, matter, may_ask=not asked)
    except FieldError as error:
        again = await desk_page(visit, session, matter, community, trouble=error.field)
        raise InvalidError(again) from None
    return Redirect(f"/staff/matters/{matter.id}")


async def _refuse_others(visit: StaffVisit, act: Act, matter: Matter, community: Community) -> None:
    """Lock and settle the matter, and refuse everyone but its handler."""
    kind = spec_of(visit.features, matter.kind).kind
    try:
        await held_by(act, visit.actor, matter.id, community, kind)
    except NotHandlerError:
        raise await not_yours(visit, act.session, matter, community) from None


async def _note(visit: StaffVisit, act: Act, matter: Matter, *, may_ask: bool) -> None:
    written = written_of(visit.form)
    if not await timeline.sent_before(act.session, written):
        timeline.note(act, matter, _own(visit), written)
    if visit.form.text("colleague") and may_ask:
        await holders.ask_colleague(act, matter, await _colleague(visit, act.session, matter))


async def add_block(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Keep words to be used again, `MOST_BLOCKS` at most."""
    words, staff_id = visit.form.given("words").strip()[:LONGEST_BLOCK], _own(visit)
    count = await session.scalar(
        select(func.count()).select_from(TextBlock).where(TextBlock.staff_id == staff_id)
    )
    same = await session.scalar(
        select(TextBlock.id).where(TextBlock.staff_id == staff_id, TextBlock.words == words)
    )
    if words and same is None and (count or 0) < MOST_BLOCKS:
        session.add(TextBlock(staff_id=staff_id, words=words))
    return _back(visit)


async def drop_block(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Forget one of the text blocks of this person."""
    block = await session.get(TextBlock, int(visit.params["block"]))
    if block is None or block.staff_id != visit.actor.staff_id:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    await session.delete(block)
    return _back(visit)


def _back(visit: StaffVisit) -> Redirect:
    matter = number(visit.form.text("matter"))
    return Redirect("/staff/matters" if matter is None else f"/staff/matters/{matter}")
