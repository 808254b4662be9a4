"""From a request to a visit: shared, or of one device with its key and form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from domain.characters import clean
from domain.keys import key_hash
from web.site.client import address_of
from web.site.device_key import FormKey, device_key
from web.site.forms import Form, form_of
from web.site.visit import Visit, home_now, manner_of

if TYPE_CHECKING:
    import datetime as dt

    from starlette.requests import Request

    from web.running.services import Services
    from web.site.limits import Limit


# Times as much as from another network may come from that of a hall.
HALL_CROWD = 20


@dataclass(frozen=True)
class ResidentVisit(Visit):
    """A visit of one device: its form, its key, and the services.

    Cached pages are the same for everyone, so their views get a plain `Visit`.
    """

    services: Services
    form: Form
    # The network of the client, as `web.site.client.network_of` has it; empty if unknown.
    address: str
    # Whether the request came over TLS, so that cookies may be told to stay there.
    is_secure: bool
    key: str | None
    # Every `Feature`, whose type would close a circle here.
    features: tuple[Any, ...]

    @property
    def device(self) -> str | None:
        """The hash of the device's key; None before the device first did something."""
        return None if self.key is None else key_hash(self.key)

    @cached_property
    def own_key(self) -> str:
        """The device's key, made now if it has none. The response sets it as a cookie."""
        return self.key or FormKey.of(self.form).device_key

    def wait_at_address(self, limit: Limit, what: str = "", form: str = "") -> dt.timedelta | None:
        """Count one more use of a limit for this network, or for `what` there.

        None if it is allowed, else how long until it is; `form` is that of `Limit.wait`.
        """
        is_hall = self.services.hall_networks.has(self.address, self.now)
        times = HALL_CROWD if is_hall else 1
        return limit.wait(f"{what} {self.address}", self.now, form, times=times)

    @property
    def own_device(self) -> str:
        """The hash of `own_key`."""
        return key_hash(self.own_key)


async def visit_of(request: Request, services: Services) -> Visit:
    """Builds the `Visit` for a request."""
    manner, preferences = manner_of(request.scope, services.settings.public_url)
    published = await services.published()
    return Visit(
        path=clean(request.scope["path"]),
        params=request.path_params,
        query={name: clean(value) for name, value in request.query_params.items()},
        manner=manner,
        preferences=home_now(published, preferences, request.scope),
        now=services.now(),
        published=published,
        rows_on_home=request.app.state.rows_on_home,
    )


async def resident_visit(request: Request) -> ResidentVisit:
    """Builds the `ResidentVisit` for a request, with its form."""
    services: Services = request.app.state.services
    visit = await visit_of(request, services)
    form = await form_of(request) if request.method == "POST" else Form({})
    return ResidentVisit(
        **vars(visit),
        services=services,
        form=form,
        address=address_of(request),
        is_secure=request.url.scheme == "https",
        key=device_key(request),
        features=request.app.state.features,
    )
