"""Structured logs: each record is a JSON object (RFC 8259) on a line of its own."""

import json
import logging
from datetime import UTC, datetime
from math import isfinite

_STANDARD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""``taskName`` exists since Python 3.12; ``color_message`` is uvicorn's message with colors."""


class JSONLogFormatter(logging.Formatter):
    """Formats ``time`` (UTC, ISO 8601, milliseconds), ``level``, ``logger``, ``message``, ``exception`` and extras.

    JSON escapes control characters, so no text can forge a line. Extras from ``extra=`` that have no JSON type become
    text, so a ``Secret`` is never shown. Extras named like another field are omitted.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line of ASCII, without the newline."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = self.formatException(record.exc_info)
        reserved = _STANDARD_ATTRIBUTES | line.keys()
        extras = {name: _json_value(value) for name, value in vars(record).items() if name not in reserved}
        return json.dumps(line | extras)


def _json_value(value: object) -> object:
    is_json = value is None or isinstance(value, str | int) or (isinstance(value, float) and isfinite(value))
    return value if is_json else str(value)


def configure_logging() -> None:
    """Log records from INFO on to standard error as JSON, unless logging is already configured."""
    handler = logging.StreamHandler()
    handler.setFormatter(JSONLogFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
