"""The addresses of a kind of document: the same for every kind, and what one kind has more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.staff.actor import EDITING
from web.papers.desk import publishing, writing
from web.papers.spec import PaperVisit
from web.site.answers import leads_to
from web.site.routing import Route, form
from web.site.security import FRAMED
from web.staff.access import Where, staff_reads, staff_writes

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.responses import Response

    from web.papers.spec import PaperSpec, PaperView
    from web.site.answers import Redirect
    from web.site.pages import Page
    from web.staff.access import Endpoint, StaffView, StaffVisit


def routes_of(spec: PaperSpec) -> list[Route]:
    """Every address of this kind of document."""
    path = spec.path
    return [
        _reads(spec, path, writing.show),
        _form(spec, f"{path}/draft", writing.save),
        Route(f"/f{path}/draft", _writing(spec, writing.autosave), methods=["POST"]),
        _form(spec, f"{path}/draft/ending", writing.discard, path),
        Route(f"{path}/preview", framed(_endpoint(spec, writing.preview))),
        _reads(spec, f"{path}/publication", publishing.review),
        Route(f"{path}/publication", _writing(spec, publishing.publish), methods=["POST"]),
        _reads(spec, f"{path}/versions", publishing.list_versions),
        _reads(spec, f"{path}/versions/{{number:int}}", publishing.compare),
        _form(spec, f"{path}/versions/{{number:int}}/return", publishing.bring_back),
        *(_form(spec, f"{path}/{word}", view) for word, view in spec.more),
    ]


def _reads(spec: PaperSpec, path: str, view: PaperView) -> Route:
    return Route(path, _endpoint(spec, view))


def _endpoint(spec: PaperSpec, view: PaperView) -> Endpoint:
    return leads_to(view, staff_reads(_staff_view(spec, view), EDITING, _where(spec)))


def _writing(spec: PaperSpec, view: PaperView) -> Endpoint:
    return leads_to(view, staff_writes(_staff_view(spec, view), EDITING, _where(spec)))


def _form(spec: PaperSpec, path: str, view: PaperView, shown_at: str | None = None) -> Route:
    return form(path, _writing(spec, view), shown_at)


def _where(spec: PaperSpec) -> Where:
    return Where.COMMUNITY if spec.kind.is_of_community else Where.DISTRICT


# The variable is called `view`, as in every wrapper of views: the count of long views looks there
# for the function that a route leads to.
def _staff_view(spec: PaperSpec, view: PaperView) -> StaffView:
    """The view of a document as a view of staff."""

    async def staff_view(visit: StaffVisit, session: AsyncSession) -> Page | Redirect | Response:
        return await view(PaperVisit(spec, visit, session))

    return staff_view


def framed(endpoint: Endpoint) -> Endpoint:
    """A page that our own page may show in a frame."""

    async def inner(request: Request) -> Response:
        request.scope[FRAMED] = True
        return await endpoint(request)

    inner.__dict__.update(vars(endpoint))
    inner.__name__ = endpoint.__name__
    return inner
