"""第二步验证: turning the second factor on and off."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import qrcode
from qrcode.image.svg import SvgPathImage

from domain.staff import credentials, passwords
from domain.staff.sign_in import AuthorityLostError
from web.site.answers import InvalidError, Redirect
from web.staff import account
from web.staff.access import StaffPage
from web.staff.password_check import with_password

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.running.services import Services
    from web.site.pages import Page
    from web.staff.access import StaffVisit


@dataclass(frozen=True, kw_only=True)
class SecondFactor(StaffPage):
    """第二步验证的设置: scan a code, then prove it with the digits the phone shows."""

    template: ClassVar[str] = "staff/second_factor.html"
    tab: ClassVar[str] = "account"
    secret: str
    code_svg: str
    is_wrong: bool = False
    # Whether the office requires it of this person.
    must: bool


@dataclass(frozen=True, kw_only=True)
class RecoveryCodes(StaffPage):
    """恢复码, shown once."""

    template: ClassVar[str] = "staff/recovery_codes.html"
    tab: ClassVar[str] = "account"
    codes: tuple[str, ...]


async def show(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """A new secret to scan; the account's page for a person who has one."""
    # Turning it off asks for the password. If this page gave a new secret at once, a stranger at
    # a device left open could lock its owner out.
    if visit.session.staff.totp_secret is not None:
        return Redirect(account.PATH)
    return _page(visit, passwords.new_secret())


def _page(visit: StaffVisit, secret: str, *, is_wrong: bool = False) -> SecondFactor:
    address = passwords.provisioning_address(secret, visit.actor.name)
    drawn = qrcode.make(address, image_factory=SvgPathImage, border=2)
    text = drawn.to_string(encoding="unicode")
    return SecondFactor(
        secret=secret,
        # Without a size of its own it takes the width of the page.
        code_svg=re.sub(r'(width|height)="[^"]*mm"', "", text, count=2),
        is_wrong=is_wrong,
        actor=visit.actor,
        must=visit.session.staff.must_have_second_factor,
    )


async def turn_on(visit: StaffVisit, services: Services) -> Page | Redirect:
    """Take the secret that was scanned, when the code typed proves it; shows the recovery codes."""
    if visit.session.staff.totp_secret is not None:
        return Redirect(account.PATH)
    secret, code = visit.form.text("secret", 64), visit.form.text("code", 20)
    if not passwords.is_secret(secret):
        raise InvalidError(_page(visit, passwords.new_secret(), is_wrong=True))
    turn_on = partial(credentials.set_second_factor, actor=visit.actor, secret=secret, code=code)
    codes = await services.store.write(partial(turn_on, seal=services.seal, now=visit.now))
    if codes is None:
        raise InvalidError(_page(visit, secret, is_wrong=True))
    return RecoveryCodes(actor=visit.actor, codes=codes)


async def turn_off(visit: StaffVisit, services: Services) -> Redirect:
    """Stop asking for a second factor at this account, for who knows its password."""
    if wrong := await account.wrong_password(visit, services, "password"):
        raise await account.refused(visit, services, wrong)
    remove = partial(credentials.remove_second_factor, actor=visit.actor, now=visit.now)
    removing = partial(remove, staff_id=visit.session.staff_id)
    try:
        await with_password(services, visit.session.staff, removing)
    except AuthorityLostError:
        raise await account.refused(visit, services, {"password": "refused"}) from None
    return Redirect(f"{account.PATH}?done=second-factor")
