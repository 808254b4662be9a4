"""The domain's tables: importing this module fills `metadata` with all of them.

The tables of push join the same `metadata` once `push.tables` is imported. The domain may not
import push; code that needs the whole schema takes `metadata` from `push.tables`, as
`web.running.revisions` and the tests of migrations do.
"""

from domain import calendar, refused_forms, revision
from domain.base import Base
from domain.contacts import tables as contacts
from domain.devices import tables as devices
from domain.disclosures import tables as disclosures
from domain.handbook import tables as handbook
from domain.matters import tables as matters
from domain.mistakes import tables as mistakes
from domain.papers import tables as papers
from domain.places import tables as places
from domain.queue import accuracy, versions
from domain.queue import tables as queue
from domain.ratings import tables as ratings
from domain.staff import journal
from domain.staff import tables as staff

__all__ = [
    "accuracy",
    "calendar",
    "contacts",
    "devices",
    "disclosures",
    "handbook",
    "journal",
    "matters",
    "metadata",
    "mistakes",
    "papers",
    "places",
    "queue",
    "ratings",
    "refused_forms",
    "revision",
    "staff",
    "versions",
]

metadata = Base.metadata
