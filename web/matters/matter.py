"""A matter for the resident: what was said, who has it now, and by when an answer is owed."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import undefer
from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.matters.happened import topic_of
from domain.matters.inbox import of_device
from domain.matters.tables import Matter, MatterDevice, MatterEntry, MatterPhoto
from domain.staff.accounts import full_names
from web.matters.rows import MatterRow, row_of
from web.matters.spec import spec_of
from web.matters.timeline import RESIDENT, mark_of, view_of
from web.site.device_key import FormKey
from web.site.errors import found_or_404
from web.site.pages import Card, Page
from web.site.topics import TopicStream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store
    from web.matters.timeline import MatterView
    from web.site.visits import ResidentVisit

NO_STORE = {"cache-control": "no-store"}
# Open and recently closed matters on 我的.
MOST_MINE = 20
# A photograph never changes; its address is as secret as the matter's.
PHOTO_HEADERS = {
    "cache-control": "private, max-age=86400, immutable",
    "content-security-policy": "default-src 'none'; sandbox",
}


@dataclass(frozen=True, kw_only=True)
class MatterNow(Page):
    """The part of the page that changes."""

    template: ClassVar[str] = "matters/_matter.html"
    tab: ClassVar[str] = "mine"
    view: MatterView


@dataclass(frozen=True, kw_only=True)
class MatterPage(MatterNow):
    template: ClassVar[str] = "matters/matter.html"
    # Whether this device may write in it.
    is_own: bool
    about: Card
    # Of the form, so that what is sent twice arrives once.
    key: str
    # Why something was not done; empty at first.
    trouble: str = ""
    # What was typed, when it was not taken.
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class NoMatter(Page):
    template: ClassVar[str] = "matters/no_matter.html"
    tab: ClassVar[str] = "mine"
    status: ClassVar[int] = HTTPStatus.NOT_FOUND


@dataclass(frozen=True, kw_only=True)
class MyMatters(Page):
    template: ClassVar[str] = "matters/_mine.html"
    matters: list[MatterRow]


async def show(visit: ResidentVisit) -> Page:
    """The page for everyone who has its address; only its devices may write."""
    return await show_again(visit, "")


async def show_again(visit: ResidentVisit, trouble: str) -> Page:
    """The page again, with the reason why something was not done and what was typed."""
    store = visit.services.store
    async with store.read() as session:
        matter = await matter_of(session, visit.params["token"])
        if matter is None:
            return NoMatter()
        spec = spec_of(visit.features, matter.kind)
        view = await _view(visit, session, matter)
        about = await spec.about(visit, session, matter)
        is_own = await is_of_device(session, matter.id, visit.device)
        _, slug = visit.place_of(None, matter.community_id)
        community = await visit.published.community(slug, session)
    return MatterPage(
        community=community,
        view=view,
        is_own=is_own,
        about=about,
        key=FormKey.new().key,
        trouble=trouble,
        words=visit.form.given("words"),
    )


async def part(visit: ResidentVisit) -> Page:
    """The changing part alone."""
    async with visit.services.store.read() as session:
        matter = found_or_404(await matter_of(session, visit.params["token"]))
        return MatterNow(view=await _view(visit, session, matter))


async def _view(visit: ResidentVisit, session: AsyncSession, matter: Matter) -> MatterView:
    kind = spec_of(visit.features, matter.kind).kind
    return await view_of(visit, session, matter, may_reopen=await kind.may_reopen(session, matter))


async def stream(visit: ResidentVisit) -> Response:
    """A mark whenever something was said or done; it carries no content."""
    async with visit.services.store.read() as session:
        matter = found_or_404(await matter_of(session, visit.params["token"]))
    return TopicStream(visit.services.topics, topic_of(matter.id), marks)


async def marks(store: Store, topics: Sequence[str]) -> dict[str, str]:
    """The marks of matters for their residents; none of those whose content is erased."""
    ids = [int(topic.rpartition("/")[2]) for topic in topics]
    entries = (
        select(MatterEntry.matter_id, func.count().label("count"))
        .where(MatterEntry.matter_id.in_(ids), MatterEntry.readers.in_(RESIDENT))
        .group_by(MatterEntry.matter_id)
        .subquery()
    )
    async with store.read() as session:
        rows = await session.execute(
            select(Matter, func.coalesce(entries.c.count, 0))
            .outerjoin(entries, entries.c.matter_id == Matter.id)
            .where(Matter.id.in_(ids), Matter.erased_at.is_(None))
        )
        return {topic_of(row[0].id): mark_of(row[0], row[1]) for row in rows}


async def mine(visit: ResidentVisit) -> Page:
    """The matters that this device may write in."""
    if visit.device is None:
        return MyMatters(matters=[])
    async with visit.services.store.read() as session:
        matters = await of_device(session, visit.device, MOST_MINE)
        names = await full_names(session, [matter.holder_id for matter in matters])
    rows = [
        row_of(visit, matter, matter.path, holder=names.get(matter.holder_id, ""))
        for matter in matters
    ]
    return MyMatters(matters=rows)


async def photo(visit: ResidentVisit) -> Response:
    """A photograph by its own address, which nobody can guess."""
    async with visit.services.store.read() as session:
        picture: MatterPhoto = found_or_404(
            await session.scalar(
                select(MatterPhoto)
                .where(MatterPhoto.token == visit.params["photo"])
                .options(undefer(MatterPhoto.data))
            )
        )
    return Response(picture.data, 200, PHOTO_HEADERS, "image/jpeg")


async def copy(visit: ResidentVisit) -> Response:
    """Everything that was said, with the photographs, as a file to keep."""
    async with visit.services.store.read() as session:
        matter = await matter_of(session, visit.params["token"])
        if matter is None or not await is_of_device(session, matter.id, visit.device):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        page = await _copied(visit, session, matter)
        files = await _photos_of(session, matter.id)
    files["words.html"] = visit.services.renderer.render(page, visit).encode()
    return Response(_zipped(files), HTTPStatus.OK, _as_file(matter.code), "application/zip")


async def _copied(visit: ResidentVisit, session: AsyncSession, matter: Matter) -> MatterCopy:
    spec = spec_of(visit.features, matter.kind)
    return MatterCopy(
        view=await view_of(visit, session, matter),
        about=await spec.about(visit, session, matter),
    )


async def _photos_of(session: AsyncSession, matter_id: int) -> dict[str, bytes]:
    """The photographs that a resident may see, by the names of their files."""
    photos = await session.scalars(
        select(MatterPhoto)
        .join(MatterEntry, MatterEntry.id == MatterPhoto.entry_id)
        .where(MatterEntry.matter_id == matter_id, MatterEntry.readers.in_(RESIDENT))
        .options(undefer(MatterPhoto.data))
    )
    return {f"{photo.id}.jpg": photo.data for photo in photos}


def _as_file(code: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="lianxin-{code}.zip"', **NO_STORE}


@dataclass(frozen=True, kw_only=True)
class MatterCopy(Page):
    """What was said, as a page that stands alone."""

    template: ClassVar[str] = "matters/copy.html"
    view: MatterView
    about: Card


def _zipped(files: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return whole.getvalue()


async def matter_of(session: AsyncSession, token: str) -> Matter | None:
    """The matter at this address; None for an address that was never given, or is erased."""
    found: Matter | None = await session.scalar(
        select(Matter).where(Matter.token == token, Matter.erased_at.is_(None))
    )
    return found


async def is_of_device(session: AsyncSession, matter_id: int, device: str | None) -> bool:
    """Whether this device may write in the matter."""
    if device is None:
        return False
    return await session.get(MatterDevice, (matter_id, device)) is not None
