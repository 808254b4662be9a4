"""Every desk, with its addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.papers.kinds import PaperKind
from domain.staff.actor import EDITING
from web.papers.desk.publishing import Publishing
from web.papers.desk.writing import Writing
from web.site.routing import Route, form
from web.site.security import FRAMED
from web.staff.access import staff_reads, staff_writes

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from web.staff.access import Endpoint


class Desk(Writing, Publishing):
    """The pages of one kind of document."""

    def routes(self) -> list[BaseRoute]:
        """Every address of this kind of document."""

        def route(below: str, view: Any, *, writes: bool = False) -> Route:
            guard = staff_writes if writes else staff_reads
            methods = ["POST"] if writes else ["GET"]
            return Route(below, guard(view, EDITING, self.where), methods=methods)

        def posts(below: str, view: Any, shown_at: str | None = None) -> Route:
            return form(below, staff_writes(view, EDITING, self.where), shown_at)

        path = self.path
        found: list[BaseRoute] = [
            route(path, self.show),
            posts(f"{path}/draft", self.save),
            route(f"/f{path}/draft", self.autosave, writes=True),
            posts(f"{path}/draft/ending", self.discard, path),
            Route(f"{path}/preview", framed(staff_reads(self.preview, EDITING, self.where))),
            route(f"{path}/publication", self.review),
            route(f"{path}/publication", self.publish, writes=True),
            route(f"{path}/versions", self.versions),
            route(f"{path}/versions/{{number:int}}", self.compare),
            posts(f"{path}/versions/{{number:int}}/return", self.bring_back),
        ]
        if self.kind is PaperKind.OWN:
            found.append(posts(f"{path}/confirmation", self.confirm))
        if self.kind is PaperKind.GUIDE:
            found.append(posts(f"{path}/assurance", self.assure))
        return found


def framed(endpoint: Endpoint) -> Endpoint:
    """A page that our own page may show in a frame."""

    async def inner(request: Request) -> Response:
        request.scope[FRAMED] = True
        return await endpoint(request)

    inner.__dict__.update(vars(endpoint))
    inner.__name__ = endpoint.__name__
    return inner


DESKS = {
    PaperKind.GUIDE: Desk(PaperKind.GUIDE, "/staff/handbook/{item}"),
    PaperKind.HOLIDAYS: Desk(PaperKind.HOLIDAYS, "/staff/holidays/{year:int}"),
    PaperKind.OWN: Desk(PaperKind.OWN, "/staff/c/{community}/handbook/{item}"),
    **{
        kind: Desk(kind, f"/staff/c/{{community}}/{kind}")
        for kind in (
            PaperKind.HALL,
            PaperKind.PEOPLE,
            PaperKind.PARTNERS,
            PaperKind.FACILITIES,
            PaperKind.ABOUT,
            PaperKind.QUEUE,
        )
    },
}
