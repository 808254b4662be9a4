"""Accounts, sessions, people and the log. Each line says who may."""

from __future__ import annotations

from domain.staff.actor import MANAGING
from web.site.routing import Route, form
from web.staff import home, log, people, sign_in
from web.staff.access import SIGN_IN, Where, staff_reads, staff_writes

PERSON = "/staff/people/{person:int}"

ROUTES = (
    Route("/staff", staff_reads(home.show)),
    Route("/staff/sessions/new", sign_in.new),
    form("/staff/sessions", sign_in.create, SIGN_IN),
    form("/staff/sessions/ending", sign_in.ending, SIGN_IN),
    Route("/staff/second-factor/confirmation", sign_in.confirmation, methods=["GET", "POST"]),
    Route("/staff/account", staff_reads(sign_in.account)),
    form("/staff/account/password", sign_in.change_password),
    form(
        "/staff/account/sessions/{session:int}/ending",
        staff_writes(sign_in.end_one),
        "/staff/account",
    ),
    Route("/staff/second-factor", staff_reads(sign_in.second_factor)),
    Route("/staff/second-factor", staff_writes(sign_in.set_second_factor), methods=["POST"]),
    form("/staff/second-factor/removal", sign_in.remove_second_factor, "/staff/account"),
    Route("/invitations/{key}", sign_in.invitation, methods=["GET", "POST"]),
    Route("/staff/people", staff_reads(people.index, MANAGING)),
    form("/staff/invitations", staff_writes(people.invite, MANAGING), "/staff/people"),
    Route(PERSON, staff_reads(people.show, MANAGING)),
    form(f"{PERSON}/roles", staff_writes(people.set_roles, MANAGING)),
    form(f"{PERSON}/second-factor-duty", staff_writes(people.require_second_factor, MANAGING)),
    form(f"{PERSON}/second-factor-removal", staff_writes(people.remove_second_factor, MANAGING)),
    form(f"{PERSON}/password-link", staff_writes(people.new_password, MANAGING)),
    form(
        f"{PERSON}/sessions/{{session:int}}/ending",
        staff_writes(people.end_session, MANAGING),
        PERSON,
    ),
    form(f"{PERSON}/deactivation", staff_writes(people.deactivate, MANAGING)),
    Route("/staff/log", staff_reads(log.show, MANAGING, Where.DISTRICT)),
    Route("/staff/log.csv", staff_reads(log.as_csv, MANAGING, Where.DISTRICT)),
)
