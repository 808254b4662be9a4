"""Words that the forms of several kinds of documents share, translated where they are shown."""

from __future__ import annotations

from domain.places.content import Datum
from domain.words import N_

# Of the parts that are in more than one document.
LABELS = {
    "Position.latitude": N_("Latitude"),
    "Position.longitude": N_("Longitude"),
    "Position.datum": N_("Coordinates from"),
}
ONE_A_LINE = N_("One per line.")
IN_DEGREES = N_(
    "In degrees, or paste the link of a map into the first field. Baidu Maps counts otherwise and"
    " cannot be used."
)
TIMES = N_("For example 08:30-12:00 13:30-17:00. Leave it empty when closed.")
# Of the enumerations that are in more than one document; all others are in the `options` of their
# document's form.
OPTIONS = (
    (Datum.WGS84, N_("GPS, a phone (WGS-84)")),
    (Datum.GCJ02, N_("a map app in China (GCJ-02)")),
)
