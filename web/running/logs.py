"""Structured logs: one JSON object a line, or plain words for a terminal."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import time
from functools import lru_cache

from web.site.bounded import bounded_cache

_BLANK = vars(logging.LogRecord("lianxin.request", logging.INFO, "", 0, "request", None, None))


# An address can say who asks for what, so only the route is logged. The record is made without the
# usual constructor, which looks up the calling line, the process and the thread: that costs more
# than answering with a cached page.
class RequestRecord(logging.LogRecord):
    """The log record of a request: its route, never its address."""

    def __init__(self, identity: str, method: str, route: str, status: int, ms: float) -> None:
        self.__dict__.update(_BLANK)
        self.created = time.time()
        self.id, self.method, self.route, self.status, self.ms = identity, method, route, status, ms


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object, never with a resident's address, name or text."""

    def format(self, record: logging.LogRecord) -> str:
        seconds, fraction = divmod(record.created, 1)
        at = f"{_second(seconds)}.{int(fraction * 1000):03}+00:00"
        if isinstance(record, RequestRecord):
            return (
                f'{{"at":"{at}","level":"info","logger":"lianxin.request","id":"{record.id}",'
                f"{_route(record.method, record.route)},"
                f'"status":{record.status},"ms":{record.ms}}}'
            )
        line = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


@lru_cache(4)
def _second(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")


@bounded_cache(512, longest=200)
def _route(method: str, route: str) -> str:
    return f'"method":{json.dumps(method)},"route":{json.dumps(route)}'


class PlainLines(logging.Formatter):
    """Formats a record for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The record, followed by its traceback if it has one."""
        time = dt.datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        if isinstance(record, RequestRecord):
            text = f"{record.method} {record.route} {record.status} {record.ms} ms"
        else:
            text = f"{record.levelname.lower()} {record.name}: {record.getMessage()}"
        trace = "\n" + self.formatException(record.exc_info) if record.exc_info else ""
        return f"{time} {text}{trace}"


def configure(style: str) -> None:
    """Log everything from `info` up to standard output in this style."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines() if style == "json" else PlainLines())
    # Nothing of this is ever printed, and asking for it at every line is not free.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True
