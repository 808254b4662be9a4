"""The whole map of addresses. They are nouns and permanent, because they are printed on paper."""

from __future__ import annotations

from starlette.convertors import IntegerConvertor, StringConvertor, register_url_convertor
from starlette.routing import BaseRoute, Route

from domain.devices.tables import DeviceKind
from domain.staff.acting import EDITING, MANAGING, SERVING
from web import (
    calendar,
    codes,
    devices,
    figures,
    handbook,
    health,
    home,
    kiosk,
    mine,
    offline,
    places,
    preferences,
    ratings,
    search,
    wall,
)
from web.answering import kept, kept_figures, reads
from web.papers import office, sheets
from web.papers.desk.desks import DESKS
from web.push import address, inbox, notifications, operator, phones, subscribing
from web.push import office as told_office
from web.queue import taking, tickets, watches
from web.staff import day, log, people, sessions
from web.staff import devices as staff_devices
from web.staff import home as staff_home
from web.staff import ratings as staff_ratings
from web.staff.access import Where, staff_follows, staff_reads, staff_sends, staff_writes
from web.staff.counters import acting, desk, paper, seats, take_over
from web.visit import NOBODYS, number


class Number(IntegerConvertor):
    """A number in an address. One too long for the database becomes one that nothing has."""

    regex = r"[0-9]+(?!\n)"

    def convert(self, value: str) -> int:
        """The number as the views and the database take it."""
        found = number(value)
        return NOBODYS if found is None else found


class Word(StringConvertor):
    """A word in an address. One with control characters is the address of nothing."""

    regex = r"[^/\x00-\x1f\x7f]+(?!\n)"


# In place of Starlette's own, so that no route can forget to ask for them.
register_url_convertor("int", Number())
register_url_convertor("str", Word())


def staff_routes() -> list[BaseRoute]:
    """What staff see and do; each line says who may."""
    return [
        Route("/staff", staff_reads(staff_home.show)),
        Route("/staff/sessions/new", sessions.new),
        Route("/staff/sessions", sessions.create, methods=["POST"]),
        Route("/staff/sessions/ending", sessions.ending, methods=["POST"]),
        Route("/staff/second-factor/confirmation", sessions.confirmation, methods=["GET", "POST"]),
        Route("/staff/account", staff_reads(sessions.account)),
        Route("/staff/account/password", sessions.change_password, methods=["POST"]),
        Route(
            "/staff/account/sessions/{session:int}/ending",
            staff_writes(sessions.end_one),
            methods=["POST"],
        ),
        Route("/staff/second-factor", staff_reads(sessions.second_factor)),
        Route("/staff/second-factor", staff_writes(sessions.set_second_factor), methods=["POST"]),
        Route("/staff/second-factor/removal", sessions.remove_second_factor, methods=["POST"]),
        Route("/invitations/{key}", sessions.invitation, methods=["GET", "POST"]),
        Route("/staff/people", staff_reads(people.index, MANAGING)),
        Route("/staff/invitations", staff_writes(people.invite, MANAGING), methods=["POST"]),
        Route("/staff/people/{person:int}", staff_reads(people.show, MANAGING)),
        *(
            Route(
                f"/staff/people/{{person:int}}/{noun}",
                staff_writes(verb, MANAGING),
                methods=["POST"],
            )
            for noun, verb in (
                ("roles", people.set_roles),
                ("second-factor-duty", people.require_second_factor),
                ("second-factor-removal", people.remove_second_factor),
                ("password-link", people.new_password),
                ("sessions/{session:int}/ending", people.end_session),
                ("deactivation", people.deactivate),
            )
        ),
        Route("/staff/log", staff_reads(log.show, MANAGING, Where.DISTRICT)),
        Route("/staff/log.csv", staff_reads(log.as_csv, MANAGING, Where.DISTRICT)),
    ]


def paper_routes() -> list[BaseRoute]:
    """What an office keeps true: the district its handbook, a community its own."""
    anywhere, district, community = Where.ANYWHERE, Where.DISTRICT, Where.COMMUNITY
    return [
        Route("/staff/handbook", staff_reads(office.handbook, EDITING, district)),
        Route(
            "/staff/handbook/items",
            staff_writes(office.new_item, EDITING, district),
            methods=["POST"],
        ),
        Route("/staff/handbook/spreadsheet", staff_reads(sheets.show, EDITING, district)),
        Route("/staff/handbook/handbook.xlsx", staff_reads(sheets.download, EDITING, district)),
        Route(
            "/staff/handbook/imports",
            staff_sends(sheets.send, EDITING, district),
            methods=["POST"],
        ),
        Route(
            "/staff/handbook/imports/{number:int}",
            staff_reads(sheets.dry_run, EDITING, district),
        ),
        Route(
            "/staff/handbook/imports/{number:int}/publication",
            staff_writes(sheets.publish, EDITING, district),
            methods=["POST"],
        ),
        Route("/staff/communities", staff_reads(office.communities, EDITING, anywhere)),
        Route("/staff/c/{community}", staff_reads(office.community, EDITING, community)),
        Route(
            "/staff/c/{community}/exceptions",
            staff_writes(office.except_day, EDITING, community),
            methods=["POST"],
        ),
        Route(
            "/staff/c/{community}/exceptions/{day}/withdrawal",
            staff_writes(office.withdraw_exception, EDITING, community),
            methods=["POST"],
        ),
        *(route for each in DESKS.values() for route in each.routes()),
    ]


def device_routes() -> list[BaseRoute]:
    """What the devices of a hall show, and how staff look after them."""
    at_hall = "/staff/c/{community}/devices"
    return [
        *(Route(f"/{kind}", kept(devices.shell)) for kind in DeviceKind),
        *(Route(f"/f/devices/{kind}", devices.check_in, methods=["POST"]) for kind in DeviceKind),
        Route("/live/screen", wall.stream),
        Route("/live/rating", ratings.stream),
        Route("/rating/ratings", ratings.from_tablet, methods=["POST"]),
        Route("/kiosk/categories/{letter}", kiosk.category),
        Route("/kiosk/categories/{letter}/priority", kiosk.priority),
        Route("/kiosk/tickets", kiosk.take, methods=["POST"]),
        Route("/kiosk/tickets/{token}", kiosk.show),
        Route("/staff/devices", staff_reads(staff_devices.communities, EDITING)),
        Route("/staff/pairings", staff_writes(staff_devices.typed, EDITING), methods=["POST"]),
        Route("/staff/pairings/{code}", staff_reads(staff_devices.pair, EDITING)),
        Route(
            "/staff/pairings/{code}",
            staff_writes(staff_devices.confirm, EDITING),
            methods=["POST"],
        ),
        Route(at_hall, staff_reads(staff_devices.index, EDITING, Where.COMMUNITY)),
        *(
            Route(
                f"{at_hall}/{{device:int}}/{noun}",
                staff_writes(verb, EDITING, Where.COMMUNITY),
                methods=["POST"],
            )
            for noun, verb in (("name", staff_devices.rename), ("revocation", staff_devices.revoke))
        ),
    ]


def queue_routes() -> list[BaseRoute]:
    """Taking a number on a phone and following it. Whoever took it may act on it."""
    ticket = "/tickets/{token}"
    return [
        Route("/take", taking.take_door),
        Route("/c/{community}/take", taking.show),
        Route("/halls/{community}/tickets", taking.take, methods=["POST"]),
        Route(ticket, tickets.show),
        *(
            Route(f"{ticket}/{noun}", verb, methods=["POST"])
            for noun, verb in (
                ("cancellation", tickets.cancel),
                ("letting-pass", tickets.let_pass),
                ("return", tickets.come_back),
                ("rating", tickets.rate),
                ("documents", tickets.bring),
            )
        ),
        Route(f"/f{ticket}", tickets.part),
        Route(f"/live{ticket}", tickets.stream),
        Route("/f/mine/tickets", tickets.mine),
    ]


def push_routes() -> list[BaseRoute]:
    """Being told: what somebody wants to hear, what they were told, and where they are reached."""
    mine, staff = notifications.BASE, told_office.BASE
    confirming = "/notifications/addresses/{key}"
    return [
        Route("/tickets/{token}/watches", watches.follow_ticket, methods=["POST"]),
        Route("/tickets/{token}/watches/ending", watches.leave_ticket, methods=["POST"]),
        Route("/push/help", kept(phones.show)),
        Route("/push/key", subscribing.current_key),
        Route("/push/subscriptions", subscribing.subscribe, methods=["POST"]),
        Route("/f/mine/inbox", inbox.part),
        Route("/mine/inbox", inbox.show),
        Route("/inbox/unread", inbox.count),
        Route("/inbox/readings", inbox.read_page, methods=["POST"]),
        Route("/inbox/{message:int}/reading", inbox.read_one, methods=["POST"]),
        Route(mine, notifications.show),
        Route(mine, notifications.save, methods=["POST"]),
        Route(f"{mine}/addresses", notifications.ask, methods=["POST"]),
        Route(f"{mine}/addresses/ending", notifications.forget_address, methods=["POST"]),
        Route(f"{mine}/browsers/{{browser:int}}/ending", notifications.stop, methods=["POST"]),
        Route(confirming, address.show),
        Route(confirming, address.say_yes, methods=["POST"]),
        Route(staff, staff_reads(told_office.show)),
        Route(staff, staff_writes(told_office.save), methods=["POST"]),
        Route(f"{staff}/addresses", staff_writes(told_office.ask), methods=["POST"]),
        Route(
            f"{staff}/addresses/ending",
            staff_writes(told_office.forget_address),
            methods=["POST"],
        ),
        Route(
            f"{staff}/browsers/{{browser:int}}/ending",
            staff_writes(told_office.stop),
            methods=["POST"],
        ),
        Route("/staff/call-backs/{call_back:int}", staff_reads(told_office.call_back, EDITING)),
        Route("/staff/push", staff_reads(operator.show, MANAGING, Where.DISTRICT)),
        Route(
            "/staff/push/{row:int}/retry",
            staff_writes(operator.try_again, MANAGING, Where.DISTRICT),
            methods=["POST"],
        ),
    ]


def counter_routes() -> list[BaseRoute]:
    """What is done at a hall's counters, and its day."""
    here = Where.COMMUNITY
    hall = "/staff/c/{community}"
    counter = f"{hall}/counters/{{counter:int}}"
    ticket = f"{hall}/tickets/{{ticket:int}}"
    writes = {
        "shifts": seats.sign_on,
        "take-over": take_over.answer,
        "tickets": paper.take,
        **acting.ACTIONS,
    }
    return [
        Route("/staff/counters", staff_reads(seats.halls, SERVING)),
        Route(f"{hall}/counters", staff_reads(seats.index, SERVING, here)),
        Route(counter, staff_reads(desk.show, SERVING, here)),
        Route(f"/f{counter}", staff_reads(desk.part, SERVING, here)),
        Route(f"{counter}/take-over", staff_reads(take_over.ask, SERVING, here)),
        Route("/live/staff/c/{community}", staff_follows(desk.changes, SERVING)),
        Route(f"{counter}/tickets", staff_reads(paper.take_form, SERVING, here)),
        *(
            Route(f"{counter}/{noun}", staff_writes(verb, SERVING, here), methods=["POST"])
            for noun, verb in writes.items()
        ),
        Route(f"{ticket}/slip", staff_reads(paper.slip, SERVING, here)),
        Route(f"{ticket}/notice", staff_reads(paper.notice, SERVING, here)),
        Route(f"{hall}/day", staff_reads(day.show, SERVING, here)),
        Route(f"{hall}/day.csv", staff_reads(day.as_csv, SERVING, here)),
        Route(f"{hall}/day/closing", staff_reads(day.closing, SERVING, here)),
        Route(f"{hall}/day/closing", staff_writes(day.close, SERVING, here), methods=["POST"]),
    ]


def rating_routes() -> list[BaseRoute]:
    """What the office does about ratings."""
    here = Where.COMMUNITY
    call_backs = "/staff/c/{community}/call-backs"
    one = f"{call_backs}/{{call_back:int}}"
    return [
        Route(call_backs, staff_reads(staff_ratings.index, EDITING, here)),
        Route(one, staff_reads(staff_ratings.show, EDITING, here)),
        Route(
            f"{one}/attempts",
            staff_writes(staff_ratings.try_again, EDITING, here),
            methods=["POST"],
        ),
        Route(f"{one}/answer", staff_writes(staff_ratings.answer, EDITING, here), methods=["POST"]),
        Route("/staff/c/{community}/ratings", staff_reads(staff_ratings.results, EDITING, here)),
    ]


def routes() -> list[BaseRoute]:
    """Every route, the ones asked for most first."""
    return [
        Route("/", home.door),
        Route("/c/{community}", kept(home.show)),
        Route("/c/{community}/handbook", kept(handbook.index)),
        Route("/c/{community}/handbook/categories/{category}", kept(handbook.category)),
        Route("/c/{community}/handbook/events/{event}", kept(handbook.event)),
        Route("/c/{community}/handbook/{item}", kept(handbook.guide)),
        Route("/c/{community}/handbook/{item}/forms/{number:int}", kept(handbook.form)),
        Route("/c/{community}/search", reads(search.show)),
        Route("/c/{community}/search.json", search.index),
        Route("/c/{community}/facilities", kept(places.facilities)),
        Route("/c/{community}/people", kept(places.people)),
        Route("/c/{community}/partners", kept(places.partners)),
        Route("/c/{community}/brand", kept(places.brand)),
        Route("/c/{community}/hall", kept(places.hall)),
        Route("/c/{community}/hall/figures", kept_figures(figures.show)),
        Route("/c/{community}/posters", reads(codes.posters)),
        Route("/c/{community}/b/{building}", places.building),
        Route("/c/{community}/offline.json", offline.bundle),
        Route("/handbook", home.handbook_door),
        Route("/communities", reads(places.choose)),
        Route("/working-days", reads(calendar.show)),
        Route("/working-days.ics", calendar.ics),
        Route("/mine", kept(mine.show)),
        Route("/code", reads(codes.show)),
        Route("/code.svg", codes.svg),
        Route("/code.png", codes.png),
        Route("/preferences", preferences.change, methods=["POST"]),
        Route("/f/halls/{community}", reads(home.hall_state)),
        Route("/f/search", reads(search.results)),
        Route("/f/here", reads(mine.here)),
        Route("/offline", kept(offline.show)),
        Route("/assets/{name}", offline.asset),
        Route("/sw.js", offline.worker),
        Route("/manifest.webmanifest", offline.manifest),
        Route("/favicon.ico", offline.favicon),
        Route("/robots.txt", health.robots),
        Route("/sitemap.xml", health.sitemap),
        *queue_routes(),
        *push_routes(),
        *device_routes(),
        *staff_routes(),
        *counter_routes(),
        *rating_routes(),
        *paper_routes(),
        Route("/healthz", health.healthz),
        Route("/metrics", health.metrics),
    ]
