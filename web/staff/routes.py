"""Accounts, sessions, people and the log. Each line says who may."""

from __future__ import annotations

from domain.staff.actor import EDITING, MANAGING
from web.site.answers import acts, reads
from web.site.routing import Route, form
from web.staff import (
    account,
    first_week,
    home,
    invitation,
    invited,
    invited_list,
    log,
    people,
    second_factor,
    sign_in,
)
from web.staff.access import SECOND_FACTOR, SIGN_IN, Where, staff_acts, staff_reads, staff_writes

INVITATION = "/invitations/{key}"
PERSON = "/staff/people/{person:int}"

ROUTES = (
    Route("/staff", staff_reads(home.show)),
    Route("/staff/first-week", staff_reads(first_week.show, EDITING)),
    Route("/staff/sessions/new", sign_in.new),
    form("/staff/sessions", sign_in.create, SIGN_IN),
    Route("/staff/sessions/current", staff_reads(sign_in.current)),
    form("/staff/sessions/ending", sign_in.ending, SIGN_IN),
    Route(SECOND_FACTOR, sign_in.confirmation),
    Route(SECOND_FACTOR, sign_in.confirm, methods=["POST"]),
    Route("/staff/account", staff_reads(account.show)),
    form("/staff/account/password", staff_acts(account.change_password)),
    form(
        "/staff/account/sessions/{session:int}/ending",
        staff_writes(account.end_session),
        "/staff/account",
    ),
    Route("/staff/second-factor", staff_reads(second_factor.show)),
    Route("/staff/second-factor", staff_acts(second_factor.turn_on), methods=["POST"]),
    form("/staff/second-factor/removal", staff_acts(second_factor.turn_off), "/staff/account"),
    Route(INVITATION, reads(invitation.show, invitation.REFUSED, invitation.spent)),
    Route(
        INVITATION,
        acts(invitation.accept, invitation.REFUSED, invitation.spent),
        methods=["POST"],
    ),
    Route("/staff/people", staff_reads(people.index, MANAGING)),
    form("/staff/invitations", staff_writes(invited.invite, MANAGING), "/staff/people"),
    Route("/staff/invitations/list", staff_reads(invited_list.new, MANAGING)),
    Route("/staff/invitations/list", staff_writes(invited_list.invite, MANAGING), methods=["POST"]),
    form(
        "/staff/invitations/{invitation:int}/withdrawal",
        staff_writes(invited.withdraw, MANAGING),
        "/staff/people",
    ),
    Route(PERSON, staff_reads(people.show, MANAGING)),
    form(f"{PERSON}/name", staff_writes(people.rename, MANAGING)),
    form(f"{PERSON}/return", staff_writes(invited.invite_back, MANAGING), PERSON),
    form(f"{PERSON}/roles", staff_writes(people.set_roles, MANAGING)),
    form(f"{PERSON}/second-factor-duty", staff_writes(people.require_second_factor, MANAGING)),
    form(f"{PERSON}/second-factor-removal", staff_writes(people.remove_second_factor, MANAGING)),
    form(f"{PERSON}/wait-lifting", staff_writes(people.lift_waits, MANAGING)),
    form(f"{PERSON}/password-link", staff_writes(invited.new_password, MANAGING)),
    form(
        f"{PERSON}/sessions/{{session:int}}/ending",
        staff_writes(people.end_session, MANAGING),
        PERSON,
    ),
    form(f"{PERSON}/deactivation", staff_writes(people.deactivate, MANAGING)),
    Route("/staff/log", staff_reads(log.show, MANAGING, Where.DISTRICT)),
    Route("/staff/log.csv", staff_reads(log.as_csv, MANAGING, Where.DISTRICT)),
)
