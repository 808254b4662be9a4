"""Accounts, sessions, people and the log. Each line says who may."""

from __future__ import annotations

from domain.staff.actor import MANAGING
from web.site.routing import Route
from web.staff import home, log, people, sign_in
from web.staff.access import Where, staff_reads, staff_writes

PERSON = "/staff/people/{person:int}"

ROUTES = (
    Route("/staff", staff_reads(home.show)),
    Route("/staff/sessions/new", sign_in.new),
    Route("/staff/sessions", sign_in.create, methods=["POST"]),
    Route("/staff/sessions/current", staff_reads(sign_in.current)),
    Route("/staff/sessions/ending", sign_in.ending, methods=["POST"]),
    Route("/staff/second-factor/confirmation", sign_in.confirmation, methods=["GET", "POST"]),
    Route("/staff/account", staff_reads(sign_in.account)),
    Route("/staff/account/password", sign_in.change_password, methods=["POST"]),
    Route(
        "/staff/account/sessions/{session:int}/ending",
        staff_writes(sign_in.end_one),
        methods=["POST"],
    ),
    Route("/staff/second-factor", staff_reads(sign_in.second_factor)),
    Route("/staff/second-factor", staff_writes(sign_in.set_second_factor), methods=["POST"]),
    Route("/staff/second-factor/removal", sign_in.remove_second_factor, methods=["POST"]),
    Route("/invitations/{key}", sign_in.invitation, methods=["GET", "POST"]),
    Route("/staff/people", staff_reads(people.index, MANAGING)),
    Route("/staff/invitations", staff_writes(people.invite, MANAGING), methods=["POST"]),
    Route(PERSON, staff_reads(people.show, MANAGING)),
    Route(f"{PERSON}/roles", staff_writes(people.set_roles, MANAGING), methods=["POST"]),
    Route(
        f"{PERSON}/second-factor-duty",
        staff_writes(people.require_second_factor, MANAGING),
        methods=["POST"],
    ),
    Route(
        f"{PERSON}/second-factor-removal",
        staff_writes(people.remove_second_factor, MANAGING),
        methods=["POST"],
    ),
    Route(f"{PERSON}/password-link", staff_writes(people.new_password, MANAGING), methods=["POST"]),
    Route(
        f"{PERSON}/sessions/{{session:int}}/ending",
        staff_writes(people.end_session, MANAGING),
        methods=["POST"],
    ),
    Route(f"{PERSON}/deactivation", staff_writes(people.deactivate, MANAGING), methods=["POST"]),
    Route("/staff/log", staff_reads(log.show, MANAGING, Where.DISTRICT)),
    Route("/staff/log.csv", staff_reads(log.as_csv, MANAGING, Where.DISTRICT)),
)
