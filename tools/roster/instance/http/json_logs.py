"""Logs for machines: a JSON object (RFC 8259) for each record, on a line of its own."""

import json
import logging
from datetime import UTC, datetime
from math import isfinite

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""What is no extra: every record has it (``taskName`` from Python 3.12 on), or it is uvicorn's message in colour."""


class JSONLogFormatter(logging.Formatter):
    """Writes ``time`` (UTC, ISO 8601, milliseconds), ``level``, ``logger``, ``message``, ``exception`` and extras.

    JSON has control characters as escapes, so no text can forge a line. An extra, handed in with ``extra=``, is a
    value where JSON has one for it, else its text: a ``Secret`` shows nothing. One that is called like one of the
    others is left out.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line of ASCII, without its end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = self.formatException(record.exc_info)
        extras = {name: _value(value) for name, value in vars(record).items() if name not in _OWN | line.keys()}
        return json.dumps(line | extras)


def _value(extra: object) -> object:
    is_plain = extra is None or isinstance(extra, str | int) or (isinstance(extra, float) and isfinite(extra))
    return extra if is_plain else str(extra)


def configure_logging() -> None:
    """Write everything from INFO on to standard error, as lines of JSON, unless logging is set up already."""
    handler = logging.StreamHandler()
    handler.setFormatter(JSONLogFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
