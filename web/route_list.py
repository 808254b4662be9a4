"""The route table as text, for `python -m web routes`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import Route

from web.routes import routes
from web.staff.access import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.staff.tables import Role

# A route without a role; its view may still ask for a device or a session.
OPEN = "open"


@dataclass(frozen=True)
class Listed:
    """A route. `address` is its path with the parameters as the table spells them."""

    method: str
    address: str
    # Role names joined by commas, `open`, or `staff` for anyone who is signed in.
    roles: str
    # Where the roles must be held: `anywhere`, `district`, `community`; empty if open.
    where: str
    view: str

    # Addresses are on posters, slips and in bookmarks. The golden list in tests/addresses.txt
    # holds these words, so that no refactoring changes one unnoticed.
    @property
    def promise(self) -> str:
        """What must stay as it is, because it is printed on paper: all but the view's name."""
        return f"{self.method:<9} {self.address:<62} {self.roles:<40} {self.where}".rstrip()

    def __str__(self) -> str:
        return f"{self.promise:<123} {self.view}"


def listed() -> Iterator[Listed]:
    """Every route, in matching order."""
    for route in routes():
        if not isinstance(route, Route):  # pragma: no cover
            raise TypeError(route)
        endpoint = route.endpoint
        view = getattr(endpoint, "view", endpoint)
        yield Listed(
            method=",".join(sorted((route.methods or set()) - {"HEAD"})),
            address=route.path,
            roles=_roles(getattr(endpoint, "roles", None)),
            where=str(getattr(endpoint, "where", "")),
            view=f"{view.__module__}.{view.__qualname__}",
        )


def _roles(roles: frozenset[Role] | None) -> str:
    if roles is None:
        return OPEN
    return "staff" if roles == EVERYBODY else ",".join(sorted(roles))
