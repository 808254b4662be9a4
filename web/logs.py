"""Structured logs: one JSON object a line on standard output, or plain words for a person's terminal."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys

FIELDS = ("id", "method", "route", "status", "ms")


class JsonLines(logging.Formatter):
    """A record as one JSON object; never holds an address, a name or a text of a resident."""

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line."""
        line = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """A record as a person reads it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record, with a trace below it where there is one."""
        time = dt.datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        if record.name == "lianxin.request":
            fields = (getattr(record, name) for name in ("method", "route", "status"))
            text = " ".join(map(str, fields)) + f" {getattr(record, 'ms', 0)} ms"
        else:
            text = f"{record.levelname.lower()} {record.name}: {record.getMessage()}"
        trace = "\n" + self.formatException(record.exc_info) if record.exc_info else ""
        return f"{time} {text}{trace}"


def configure(style: str) -> None:
    """Send everything from `info` up to standard output in the style asked for."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines() if style == "json" else PlainLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True
