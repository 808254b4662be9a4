"""Queue numbers: on a phone, at a kiosk, on the screen, at the counter, and the hall's day."""

from __future__ import annotations

from domain.staff.actor import SERVING
from web.queue import day, figures, kiosk, screen, taking, ticket, watches
from web.queue.counter import actions, desk, printing, seats, take_over
from web.site.answers import kept_figures
from web.site.routing import Route
from web.staff.access import Where, staff_follows, staff_reads, staff_writes

AT = Where.COMMUNITY
COUNTER = "/staff/c/{community}/counters/{counter:int}"

PHONE = (
    Route("/c/{community}/take", taking.show),
    Route("/halls/{community}/tickets", taking.take, methods=["POST"]),
    Route("/tickets/{token}", ticket.show),
    Route("/tickets/{token}/cancellation", ticket.cancel, methods=["POST"]),
    Route("/tickets/{token}/letting-pass", ticket.let_pass, methods=["POST"]),
    Route("/tickets/{token}/return", ticket.come_back, methods=["POST"]),
    Route("/tickets/{token}/rating", ticket.rate, methods=["POST"]),
    Route("/tickets/{token}/documents", ticket.bring, methods=["POST"]),
    Route("/f/tickets/{token}", ticket.part),
    Route("/live/tickets/{token}", ticket.stream),
    Route("/f/mine/tickets", ticket.mine),
    Route("/tickets/{token}/watches", watches.follow_ticket, methods=["POST"]),
    Route("/tickets/{token}/watches/ending", watches.leave_ticket, methods=["POST"]),
    Route("/c/{community}/hall/figures", kept_figures(figures.show)),
)

HALL = (
    Route("/live/screen", screen.stream),
    Route("/kiosk/categories/{letter}", kiosk.category),
    Route("/kiosk/categories/{letter}/priority", kiosk.priority),
    Route("/kiosk/tickets", kiosk.take, methods=["POST"]),
    Route("/kiosk/tickets/{token}", kiosk.show),
)

STAFF = (
    Route("/staff/counters", staff_reads(seats.halls, SERVING)),
    Route("/staff/c/{community}/counters", staff_reads(seats.index, SERVING, AT)),
    Route(COUNTER, staff_reads(desk.show, SERVING, AT)),
    Route(f"/f{COUNTER}", staff_reads(desk.part, SERVING, AT)),
    Route("/live/staff/c/{community}", staff_follows(desk.changes, SERVING)),
    Route(f"{COUNTER}/tickets", staff_reads(printing.take_form, SERVING, AT)),
    Route(f"{COUNTER}/tickets", staff_writes(printing.take, SERVING, AT), methods=["POST"]),
    Route(f"{COUNTER}/shifts", staff_writes(seats.sign_on, SERVING, AT), methods=["POST"]),
    Route(f"{COUNTER}/take-over", staff_reads(take_over.ask, SERVING, AT)),
    Route(f"{COUNTER}/take-over", staff_writes(take_over.answer, SERVING, AT), methods=["POST"]),
    *(
        Route(f"{COUNTER}/{noun}", staff_writes(action, SERVING, AT), methods=["POST"])
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
    Route("/staff/c/{community}/day.csv", staff_reads(day.as_csv, SERVING, AT)),
    Route("/staff/c/{community}/day/closing", staff_reads(day.closing, SERVING, AT)),
    Route(
        "/staff/c/{community}/day/closing",
        staff_writes(day.close, SERVING, AT),
        methods=["POST"],
    ),
)

ROUTES = (*PHONE, *HALL, *STAFF)
