"""Structured logs: one JSON object a line, or plain words for a person's terminal."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys


class RequestRecord(logging.LogRecord):
    """One request: which route, never which address, because an address can say who asks for what.

    Made without looking for the line of code that logs, which costs more than a kept page.
    """

    def __init__(self, identity: str, method: str, route: str, status: int, ms: float) -> None:
        super().__init__("lianxin.request", logging.INFO, "", 0, "request", None, None)
        self.id, self.method, self.route, self.status, self.ms = identity, method, route, status, ms


class JsonLines(logging.Formatter):
    """A record as one JSON object; never holds an address, a name or a text of a resident."""

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        if isinstance(record, RequestRecord):
            method, route = json.dumps(record.method), json.dumps(record.route)
            return (
                f'{{"at":"{at}","level":"info","logger":"lianxin.request","id":"{record.id}",'
                f'"method":{method},"route":{route},"status":{record.status},"ms":{record.ms}}}'
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


class PlainLines(logging.Formatter):
    """A record as a person reads it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record, with a trace below it where there is one."""
        time = dt.datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        if isinstance(record, RequestRecord):
            text = f"{record.method} {record.route} {record.status} {record.ms} ms"
        else:
            text = f"{record.levelname.lower()} {record.name}: {record.getMessage()}"
        trace = "\n" + self.formatException(record.exc_info) if record.exc_info else ""
        return f"{time} {text}{trace}"


def configure(style: str) -> None:
    """Send everything from `info` up to standard output in the style asked for."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines() if style == "json" else PlainLines())
    # Nothing of this is ever printed, and asking for it at every line is not free.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True
