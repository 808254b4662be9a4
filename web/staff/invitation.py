"""邀请: the page behind a one-time link, where a person joins or sets a new password."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from domain.staff import accounts, invitations
from domain.staff.invitations import InvitationSpentError
from web.site.answers import InvalidError, Redirect
from web.site.pages import Page
from web.staff.access import SIGN_IN
from web.staff.password_check import hashed, weakness_of

if TYPE_CHECKING:
    from domain.staff.tables import Invitation
    from web.site.answers import Refusals
    from web.site.visits import ResidentVisit

REFUSED: Refusals = {InvitationSpentError: ("spent", HTTPStatus.NOT_FOUND)}


@dataclass(frozen=True, kw_only=True)
class Welcome(Page):
    """邀请: choose a name and a password, once."""

    template: ClassVar[str] = "staff/welcome.html"
    key: str
    full_name: str
    # False when only a new password is set.
    is_new: bool
    name: str = ""
    # Field to what is wrong: `name`, `taken`, or a weakness of the password.
    wrong: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Spent(Page):
    """An invitation that opens nothing any more."""

    template: ClassVar[str] = "staff/spent.html"
    status: ClassVar[int] = 404


async def show(visit: ResidentVisit) -> Page:
    """The page behind an invitation's link. Raises `InvitationSpentError`."""
    invitation, _ = await _open(visit)
    return _welcome(visit, invitation)


async def spent(_visit: ResidentVisit, _word: str) -> Page:
    """The page for a link that is unknown, used or too old."""
    return Spent()


async def accept(visit: ResidentVisit) -> Redirect:
    """Make the account, or set the new password. Raises `InvalidError`, `InvitationSpentError`."""
    invitation, known = await _open(visit)
    name, password = visit.form.text("name", 40).lower(), visit.form.secret("password")
    if wrong := await _wrong(visit, invitation, name, password, known):
        raise InvalidError(_welcome(visit, invitation, name, wrong))
    try:
        await _accept(visit, name, await hashed(visit.services, password))
    except accounts.NameTakenError:
        raise InvalidError(_welcome(visit, invitation, name, {"name": "taken"})) from None
    return Redirect(SIGN_IN)


async def _accept(visit: ResidentVisit, name: str, password_hash: str) -> None:
    accepting = partial(invitations.accept_invitation, key=visit.params["key"], name=name)
    await visit.services.store.write(partial(accepting, password_hash=password_hash, now=visit.now))


async def _open(visit: ResidentVisit) -> tuple[Invitation, tuple[str, ...]]:
    """The invitation, and names that the password may not contain.

    Raises `InvitationSpentError`.
    """
    async with visit.services.store.read() as session:
        invitation = await invitations.open_invitation(session, visit.params["key"], visit.now)
        return invitation, await invitations.known_of(session, invitation)


async def _wrong(
    visit: ResidentVisit, invitation: Invitation, name: str, password: str, known: tuple[str, ...]
) -> dict[str, str]:
    wrong = {}
    if invitation.staff_id is None and not accounts.NAME.match(name):
        wrong["name"] = "name"
    if weak := await weakness_of(visit.services, visit, password, name, *known):
        wrong["password"] = weak
    return wrong


def _welcome(
    visit: ResidentVisit,
    invitation: Invitation,
    name: str = "",
    wrong: dict[str, str] | None = None,
) -> Welcome:
    return Welcome(
        key=visit.params["key"],
        full_name=invitation.full_name,
        is_new=invitation.staff_id is None,
        name=name,
        wrong=wrong or {},
    )
