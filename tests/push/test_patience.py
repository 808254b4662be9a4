"""耐心: what a service's answers mean for the messages after them, whatever their order."""

from __future__ import annotations

import datetime as dt

import pytest

from push.channels import Outcome, Result
from push.leases import LEASE
from push.patience import Pace, Service
from tests.world.clock import NOW

PACE = Pace()
MINUTE = dt.timedelta(minutes=1)
SENT, SILENT, BUSY = Outcome(Result.SENT), Outcome(Result.SILENT, "timeout"), Outcome(Result.AGAIN)
WAIT = Outcome(Result.AGAIN, "503", MINUTE)
THROTTLED = Outcome(Result.AGAIN, "429", MINUTE, of_one=True)


def after(*outcomes: Outcome, to: str = "") -> Service:
    """A service that answered like this, one after the other."""
    service = Service(PACE)
    for number, outcome in enumerate(outcomes):
        service.end(service.begin(), to or f"browser {number}", outcome, NOW)
    return service


def test_one_sending_ends_before_its_lease() -> None:
    assert dt.timedelta(seconds=PACE.sending) < LEASE


@pytest.mark.parametrize("trouble", [SILENT, BUSY])
def test_a_service_that_keeps_failing_is_down_until_it_takes_a_message(trouble) -> None:
    assert not after(trouble, trouble).is_down
    service = after(trouble, trouble, trouble)
    assert service.is_down
    assert service.rests(NOW)
    service.end(service.begin(), "", SENT, NOW + 10 * MINUTE)
    assert not service.is_down
    assert not service.rests(NOW)


def test_a_mail_server_that_delays_many_strangers_goes_on_for_all_others() -> None:
    greylisted = Outcome(Result.AGAIN, "451", of_one=True)
    mail = Service(PACE, is_one=False)
    for number in range(20):
        mail.end(mail.begin(), f"{number}@mail.test", greylisted, NOW)
    assert not mail.rests(NOW)
    assert not mail.throttled
    assert after(*[THROTTLED] * 20).rests(NOW)


def test_a_success_under_way_does_not_end_a_rest_that_was_asked_for_later() -> None:
    service = after(SENT)
    before = service.begin()
    service.end(service.begin(), "", WAIT, NOW)
    service.end(before, "", SENT, NOW)
    assert service.rests(NOW)
    assert not service.rests(NOW + MINUTE)


def test_what_never_went_out_says_nothing_of_the_service() -> None:
    service = after(WAIT)
    for result in Result:
        service.end(service.begin(), "", Outcome(result, went_out=False), NOW)
    assert service.rests(NOW)
    assert not after(*[Outcome(Result.AGAIN, "our fault", went_out=False)] * 9).is_down


def test_a_time_out_says_nothing_of_a_service_that_took_a_later_message() -> None:
    service = after(SENT)
    hanging = [service.begin() for _ in range(9)]
    service.end(service.begin(), "", SENT, NOW)
    for number in hanging:
        service.end(number, "", SILENT, NOW)
    assert not service.is_down


def test_many_that_hang_at_once_are_one_failure_of_the_service() -> None:
    service = after(*[SENT] * 99)
    hanging = [service.begin() for _ in range(80)]
    begins_to_rest = [service.end(number, "", SILENT, NOW) for number in hanging]
    assert begins_to_rest.count(True) == 1
    # Each of them alone would double the wait.
    assert not service.rests(NOW + dt.timedelta(seconds=2 * PACE.first_wait))


def test_a_429_of_one_browser_keeps_none_of_the_others_waiting() -> None:
    assert not after(*[THROTTLED] * 9, to="one browser").rests(NOW)
    assert not after(THROTTLED, THROTTLED, SENT, THROTTLED, THROTTLED).rests(NOW)


def test_several_browsers_429_is_the_service_s() -> None:
    service = after(THROTTLED, THROTTLED, THROTTLED)
    assert service.rests(NOW)
    assert not service.rests(NOW + MINUTE)
    assert not service.is_down


def test_a_new_service_gets_few_places_and_one_more_with_each_message_it_takes() -> None:
    assert Service(PACE).places == PACE.of_new_service
    assert after(SENT, SENT).places == PACE.of_new_service + 2
    assert after(*[SENT] * 999).places == PACE.of_one_service


def test_after_a_rest_one_message_asks() -> None:
    service = after(*[SENT] * 99, WAIT)
    assert service.has_place()
    service.begin()
    assert not service.has_place()
    assert service.is_full()


def test_three_services_that_hang_leave_room_for_a_fourth() -> None:
    service = after(*[SENT] * 99)
    while not service.is_full():
        service.begin()
    most = service.flying - 1 + PACE.batch
    # Fewer places than half a batch are not worth a transaction.
    assert PACE.in_flight - 3 * most >= PACE.batch // 2
