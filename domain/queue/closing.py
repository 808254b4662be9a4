"""关门前: what a forecast means on a day that ends at the hall's closing time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.queue.forecast import Forecast


# By the near end of the range, not by its far one: a number is refused only if it cannot be served,
# and a person who may be lucky is told so. Not taken: the middle, which refuses every second person
# who would have been served.
def is_too_late(forecast: Forecast | None, now: dt.datetime, ends_at: dt.datetime | None) -> bool:
    """Whether the turn cannot come before the hall closes, even if all goes fast."""
    return _is_after(now, forecast.low, ends_at) if forecast else False


def may_be_too_late(
    forecast: Forecast | None, now: dt.datetime, ends_at: dt.datetime | None
) -> bool:
    """Whether the turn may come only after the hall closes."""
    return _is_after(now, forecast.high, ends_at) if forecast else False


def back_at(
    forecast: Forecast | None, now: dt.datetime, ends_at: dt.datetime | None
) -> dt.datetime | None:
    """When to be back in the hall; None for a person who should stay, or would find it closed."""
    if forecast is None or forecast.is_soon or is_too_late(forecast, now, ends_at):
        return None
    return forecast.back_at(now)


def _is_after(now: dt.datetime, minutes: int, ends_at: dt.datetime | None) -> bool:
    # Two moments of one zone are compared by the clock on the wall, which may repeat an hour.
    turn = now.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)
    return ends_at is not None and turn > ends_at
