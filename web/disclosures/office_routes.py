"""The addresses of disclosures at the office.

Roles of the steps are data, so each view looks at them: a route lets in who has any role here, and
`web.disclosures.office.found` answers 404 for who has no step in the disclosure.
"""

from __future__ import annotations

from web.disclosures.office import (
    acts,
    desk,
    erasing,
    files,
    index,
    ledger,
    persons,
    preview,
    writing,
)
from web.papers.desk.routes import framed
from web.site.routing import Route, form
from web.staff.access import (
    EVERYBODY,
    Where,
    staff_acts,
    staff_reads,
    staff_sends,
    staff_writes,
)

AT = Where.COMMUNITY
HERE = "/staff/c/{community}/disclosures"
ONE = f"{HERE}/{{disclosure:int}}"
DRAFT = f"{ONE}/draft"
FILE = f"{ONE}/files/{{file}}"

OFFICE_ROUTES = (
    Route("/staff/disclosures", staff_reads(index.my_steps)),
    Route(HERE, staff_reads(index.show, EVERYBODY, AT)),
    Route(HERE, staff_writes(index.begin, EVERYBODY, AT), methods=["POST"]),
    Route(f"{HERE}/new", staff_reads(index.new, EVERYBODY, AT)),
    Route(ONE, staff_acts(desk.show, EVERYBODY, AT)),
    Route(DRAFT, staff_reads(writing.show, EVERYBODY, AT)),
    Route(DRAFT, staff_writes(writing.save, EVERYBODY, AT), methods=["POST"]),
    Route(f"/f{DRAFT}", staff_writes(writing.autosave, EVERYBODY, AT), methods=["POST"]),
    Route(f"{ONE}/preview", framed(staff_reads(preview.show, EVERYBODY, AT))),
    form(f"{ONE}/steps", staff_acts(acts.take_step, EVERYBODY, AT)),
    form(f"{ONE}/confirmations", staff_acts(acts.confirm, EVERYBODY, AT)),
    form(f"{ONE}/publication", staff_acts(acts.publish, EVERYBODY, AT)),
    form(f"{ONE}/schedule/ending", staff_acts(acts.unschedule, EVERYBODY, AT), ONE),
    form(f"{ONE}/withdrawal", staff_acts(acts.withdraw, EVERYBODY, AT)),
    form(f"{ONE}/correction", staff_acts(acts.correct, EVERYBODY, AT)),
    form(f"{ONE}/file", staff_sends(files.send, EVERYBODY, AT)),
    Route(FILE, staff_reads(files.download, EVERYBODY, AT)),
    form(f"{FILE}/original", staff_acts(files.publish_original, EVERYBODY, AT), ONE),
    form(f"{FILE}/table", staff_acts(files.as_table, EVERYBODY, AT), ONE),
    form(f"{FILE}/removal", staff_acts(files.remove, EVERYBODY, AT), ONE),
    Route(f"{ONE}/ledger", staff_reads(ledger.show, EVERYBODY, AT)),
    form(f"{ONE}/ledger/file", staff_sends(ledger.send, EVERYBODY, AT)),
    form(f"{ONE}/ledger/rows", staff_writes(ledger.take, EVERYBODY, AT)),
    Route(f"{ONE}/ledger.xlsx", staff_reads(ledger.download, EVERYBODY, AT)),
    Route(f"{ONE}/persons", staff_reads(persons.show, EVERYBODY, AT)),
    Route(f"{ONE}/persons", staff_writes(persons.take, EVERYBODY, AT), methods=["POST"]),
    Route(f"{ONE}/erasures", staff_reads(erasing.show, EVERYBODY, AT)),
    Route(f"{ONE}/erasures", staff_writes(erasing.erase, EVERYBODY, AT), methods=["POST"]),
    form(f"{DRAFT}/ending", staff_writes(writing.discard, EVERYBODY, AT), DRAFT),
)
