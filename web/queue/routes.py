"""Queue numbers: on a phone, at a kiosk, on the screen, at the counter, and the hall's day."""

from __future__ import annotations

from domain.staff.actor import MANAGING, SERVING
from web.queue import (
    day,
    day_file,
    figures,
    hall_now,
    halls,
    kiosk,
    refusals,
    screen,
    taking,
    ticket,
    ticket_actions,
)
from web.queue.counter import actions, desk, printing, seats, take_over
from web.site.answers import cached_with_services, kept, reads, writes
from web.site.routing import Route, form
from web.staff.access import Where, staff_follows, staff_reads, staff_writes

AT = Where.COMMUNITY
TAKE_OFFLINE = "/c/{community}/take/offline"
COUNTERS = "/staff/c/{community}/counters"
COUNTER = f"{COUNTERS}/{{counter:int}}"

PHONE = (
    Route("/halls", reads(halls.show)),
    Route("/f/halls", reads(halls.part)),
    Route("/f/halls/{community}", reads(hall_now.part)),
    Route("/c/{community}/take", reads(taking.show)),
    Route(TAKE_OFFLINE, kept(taking.without_network)),
    form(
        "/halls/{community}/tickets",
        writes(taking.take, refusals.TAKING, taking.show_again, taking.before_taking),
        "/c/{community}/take",
    ),
    Route("/tickets/{token}", reads(ticket.show)),
    *(
        form(f"/tickets/{{token}}/{noun}", writes(action, refusals.ACTING, ticket.show_again))
        for noun, action in (
            ("cancellation", ticket_actions.cancel),
            ("letting-pass", ticket_actions.let_pass),
            ("return", ticket_actions.come_back),
            ("rating", ticket_actions.rate),
            ("documents", ticket_actions.bring),
        )
    ),
    Route("/f/tickets/{token}", reads(ticket.part)),
    Route("/live/tickets/{token}", reads(ticket.stream)),
    Route("/f/mine/tickets", reads(ticket.mine)),
    form(
        "/tickets/{token}/watches",
        writes(
            ticket_actions.follow_ticket,
            refusals.ACTING,
            ticket.show_again,
            ticket_actions.before_following,
        ),
        "/tickets/{token}",
    ),
    form(
        "/tickets/{token}/watches/ending",
        writes(ticket_actions.leave_ticket, refusals.ACTING, ticket.show_again),
        "/tickets/{token}",
    ),
    Route("/c/{community}/hall/figures", cached_with_services(figures.show)),
)

HALL = (
    Route("/live/screen", screen.stream),
    Route("/kiosk/categories/{letter}", kiosk.at_kiosk(kiosk.category)),
    Route("/kiosk/categories/{letter}/priority", kiosk.at_kiosk(kiosk.priority)),
    form("/kiosk/tickets", kiosk.at_kiosk(kiosk.take)),
    Route("/kiosk/tickets/{token}", kiosk.at_kiosk(kiosk.show)),
)

STAFF = (
    Route("/staff/counters", staff_reads(seats.halls, SERVING)),
    Route(COUNTERS, staff_reads(seats.index, SERVING, AT)),
    Route(COUNTER, staff_reads(desk.show, SERVING, AT)),
    Route(f"/f{COUNTER}", staff_reads(desk.part, SERVING, AT)),
    Route("/live/staff/c/{community}", staff_follows(desk.changes, SERVING)),
    Route(f"{COUNTER}/tickets", staff_reads(printing.take_form, SERVING, AT)),
    Route(f"{COUNTER}/tickets", staff_writes(printing.take, SERVING, AT), methods=["POST"]),
    form(f"{COUNTER}/shifts", staff_writes(seats.sign_on, SERVING, AT), COUNTERS),
    Route(f"{COUNTER}/take-over", staff_reads(take_over.ask, SERVING, AT)),
    Route(f"{COUNTER}/take-over", staff_writes(take_over.answer, SERVING, AT), methods=["POST"]),
    form(f"{COUNTER}/left-seat", staff_writes(take_over.sign_off, SERVING, AT), COUNTERS),
    *(
        form(f"{COUNTER}/{noun}", staff_writes(action, SERVING, AT), COUNTER)
        for noun, action in actions.ACTIONS.items()
    ),
    Route(
        "/staff/c/{community}/tickets/{ticket:int}/slip",
        staff_reads(printing.slip, SERVING, AT),
    ),
    Route(
        "/staff/c/{community}/tickets/{ticket:int}/notice",
        staff_reads(printing.notice, SERVING, AT),
    ),
    Route("/staff/c/{community}/day", staff_reads(day.show, SERVING, AT)),
    Route("/staff/c/{community}/day.csv", staff_reads(day_file.of_hall, SERVING, AT)),
    Route("/staff/queue.csv", staff_reads(day_file.of_district, MANAGING, Where.DISTRICT)),
    Route("/staff/c/{community}/day/closing", staff_reads(day.closing, SERVING, AT)),
    Route(
        "/staff/c/{community}/day/closing",
        staff_writes(day.close, SERVING, AT),
        methods=["POST"],
    ),
    form(
        "/staff/c/{community}/day/stopping",
        staff_writes(day.stop, SERVING, AT),
        "/staff/c/{community}/day",
    ),
    form(
        "/staff/c/{community}/day/stopping/ending",
        staff_writes(day.give_again, SERVING, AT),
        "/staff/c/{community}/day",
    ),
    form(
        "/staff/c/{community}/day/reopening",
        staff_writes(day.reopen, SERVING, AT),
        "/staff/c/{community}/day",
    ),
)

ROUTES = (*PHONE, *HALL, *STAFF)
