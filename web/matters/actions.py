"""What a resident does in a matter: write, thank, close, reopen, rate, open it on another phone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.keys import plain_code
from domain.matters import retention, rounds, timeline
from domain.matters.errors import ReopenedAlreadyError
from domain.matters.holders import expect, locked, settle
from domain.matters.tables import LONGEST_WORDS, Matter, MatterDevice
from domain.matters.timeline import Act, Written
from domain.store import inserting
from web.matters.matter import NoMatter, is_of_device, matter_of
from web.matters.refusals import NoSuchCodeError, NotYoursError
from web.matters.spec import kinds_of, spec_of
from web.site.answers import FieldError, InvalidError, Redirect, TooOftenError
from web.site.device_key import FormKey
from web.site.forms import number
from web.site.photos import PhotoError, prepared_files

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.ladder import Ladder
    from web.running.services import Services
    from web.site.forms import Form
    from web.site.visit import Visit
    from web.site.visits import ResidentVisit


BEST = 5


def act_of(visit: Visit, session: AsyncSession) -> Act:
    """The unit of work of a visit, as an act on matters."""
    return Act(session, visit.published.calendar, visit.now)


def written_of(form: Form, *, may_be_empty: bool = False) -> Written:
    """What the form says, under its key. Raises `FieldError` for no words, or too many."""
    words = form.given("words").strip()
    if not words and not may_be_empty:
        raise FieldError("missing")
    if len(words) > LONGEST_WORDS:
        raise FieldError("long")
    key = FormKey.given(form.text("request"))
    if key is None:
        raise FieldError("old")
    return Written(words, form.pictures, key.request_key, form_hash(form))


# Photographs are made again before the unit of work: that takes a second, and a unit holds the
# store's only writer.
async def make_pictures(services: Services, form: Form) -> None:
    """Make the photographs of a form again. Raises `FieldError` with what is wrong."""
    try:
        form.pictures = await prepared_files(services, form.files("photo"))
    except PhotoError as error:
        raise FieldError(error.word) from None


def form_hash(form: Form) -> str:
    """A hash of all words and photographs: it tells two forms with one key apart."""
    digest = hashlib.sha256()
    for name in sorted(form):
        for value in form.all(name):
            digest.update(f"{len(name)}:{name}{len(value)}:{value}".encode())
    for picture in form.pictures:
        digest.update(hashlib.sha256(picture.data).digest())
    return digest.hexdigest()


async def may_write(visit: ResidentVisit) -> None:
    """Count one more message of this device and address. Raises `TooOftenError`."""
    count_message(visit, visit.form.text("request"))
    await make_pictures(visit.services, visit.form)


async def may_join(visit: ResidentVisit) -> None:
    """Count joining what another resident wrote like a message. Raises `TooOftenError`."""
    count_message(visit)


def count_message(visit: ResidentVisit, form: str = "") -> None:
    """Count one message, or one for each `form`, as `Limit.wait` does. Raises `TooOftenError`."""
    services = visit.services
    by_device = services.messages_by_device.wait(visit.own_device, visit.now, form)
    wait = by_device or visit.wait_at_address(services.messages_by_address, form=form)
    if wait:
        raise TooOftenError(wait)


async def own_matter(visit: ResidentVisit, session: AsyncSession) -> tuple[Act, Matter, Ladder]:
    """The device's own matter, locked and settled. Raises `NotYoursError`."""
    found = await matter_of(session, visit.params["token"])
    if found is None:
        raise InvalidError(NoMatter())
    if not await is_of_device(session, found.id, visit.device):
        raise NotYoursError
    act, matter = act_of(visit, session), await locked(session, found.id)
    ladder = await spec_of(visit.features, matter.kind).kind.ladder(session, matter, visit.now)
    settle(act, matter, ladder)
    return act, matter, ladder


def _page(matter: Matter) -> Redirect:
    return Redirect(matter.path)


async def write(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Say something more; after an answer, the next one is owed from now on."""
    act, matter, ladder = await own_matter(visit, session)
    await timeline.say(act, matter, written_of(visit.form))
    expect(act, matter, ladder)
    return _page(matter)


async def thank(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Say thank you, which asks for nothing."""
    act, matter, _ = await own_matter(visit, session)
    await timeline.thank(act, matter, written_of(visit.form, may_be_empty=True))
    return _page(matter)


async def close(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Say that it is settled."""
    act, matter, _ = await own_matter(visit, session)
    await rounds.close(act, matter)
    await spec_of(visit.features, matter.kind).kind.closed(session, [matter.id])
    return _page(matter)


async def reopen(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Open it again with a message; it goes to who holds the post now."""
    act, matter, ladder = await own_matter(visit, session)
    await reopen_matter(visit, act, matter, ladder, written_of(visit.form))
    return _page(matter)


async def reopen_matter(
    visit: ResidentVisit, act: Act, matter: Matter, ladder: Ladder, written: Written
) -> None:
    """Begin the next round, if a matter of this kind can have one more.

    Raises `ReopenedAlreadyError`, and what `rounds.reopen` raises.
    """
    kind, is_again = spec_of(visit.features, matter.kind).kind, not matter.is_open
    if await timeline.sent_before(act.session, written):
        return
    if is_again and not await kind.may_reopen(act.session, matter):
        raise ReopenedAlreadyError
    await rounds.reopen(act, matter, ladder, written)
    await kind.reopened(act.session, matter, act.now)


async def rate(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Rate the round that was closed."""
    act, matter, _ = await own_matter(visit, session)
    rating = number(visit.form.text("rating"))
    if rating is None or not 1 <= rating <= BEST:
        raise FieldError("rating")
    await rounds.rate(act, matter, rating)
    return _page(matter)


async def erase(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Erase what was said in a closed matter. What stays names nobody."""
    _, matter, _ = await own_matter(visit, session)
    if matter.is_open or visit.form.text("sure") != "yes":
        raise FieldError("sure")
    await spec_of(visit.features, matter.kind).kind.taken_back(session, [matter.id])
    await retention.erase_matters(session, [matter.id], kinds_of(visit.features), visit.now)
    return Redirect("/mine")


# A scanner or a preview opens a link before its person does, so reading a page changes nothing. The
# page's own script says that it is seen, once it is visible.
async def seen(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Remember that a device of the matter has its newest state in view."""
    found = await matter_of(session, visit.params["token"])
    if found is not None and await is_of_device(session, found.id, visit.device):
        found.seen_at = visit.now
    return Redirect(f"/matters/{visit.params['token']}")


async def may_guess(visit: ResidentVisit) -> None:
    """Count one more code from this address. Raises `TooOftenError`."""
    wait = visit.wait_at_address(visit.services.codes_by_address)
    if wait:
        raise TooOftenError(wait)


async def enter_code(visit: ResidentVisit, session: AsyncSession) -> Redirect:
    """Let this device write in the matter with this code. Raises `NoSuchCodeError`."""
    matter = await _by_code(session, visit.form.text("code"))
    row = {"matter_id": matter.id, "device": visit.own_device}
    await session.execute(
        inserting(session, MatterDevice).values(since=visit.now, **row).on_conflict_do_nothing()
    )
    return _page(matter)


async def _by_code(session: AsyncSession, typed: str) -> Matter:
    """The matter whose code was meant, whatever the keyboard. Raises `NoSuchCodeError`."""
    code = "".join(filter(str.isalnum, plain_code(typed))).upper()
    matter: Matter | None = await session.scalar(
        select(Matter).where(Matter.code == code, Matter.erased_at.is_(None))
    )
    if matter is None:
        raise NoSuchCodeError
    return matter
