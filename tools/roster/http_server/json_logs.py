"""Structured logs: each record is a JSON object (RFC 8259) on a line of its own."""

import logging
import time
from functools import lru_cache
from itertools import islice
from json.encoder import JSONEncoder
from math import isfinite

from roster.http_server.request_ids import current_request_id

_STANDARD_COUNT = len(vars(logging.makeLogRecord({})))
"""Extras are added to a record after these."""
_STANDARD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""``taskName`` exists since Python 3.12; ``color_message`` is uvicorn's message with colors."""
_encode = JSONEncoder().encode
_JSON_TYPES = frozenset({str, int, bool, type(None)})
_RESERVED = _STANDARD_ATTRIBUTES | {"time", "level", "logger", "message", "request_id", "exception"}
"""What extras cannot replace."""


class JSONLogFormatter(logging.Formatter):
    """Formats ``time`` (UTC, ISO 8601, milliseconds), ``level``, ``logger``, ``message`` and extras.

    During a request, there is also its ``request_id``, and with an exception, its traceback as ``exception``.

    JSON escapes control characters, so no text can forge a line. Extras from ``extra=`` that have no JSON type become
    text, so a ``Secret`` is never shown. Extras named like another field are omitted.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line of ASCII, without the newline."""
        seconds = int(record.created)
        line: dict[str, object] = {
            "time": f"{_second(seconds)}.{int((record.created - seconds) * 1000):03}+00:00",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if id_ := current_request_id.get():
            line["request_id"] = id_
        if record.exc_info and record.exc_info[0]:
            line["exception"] = self.formatException(record.exc_info)
        attributes = vars(record)
        for name in islice(attributes, _STANDARD_COUNT, None):
            if name not in _RESERVED:
                value = attributes[name]
                line[name] = value if type(value) in _JSON_TYPES else _json_value(value)
        return _encode(line)


@lru_cache(1)  # most lines are logged in the same second as the previous one
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def _json_value(value: object) -> object:
    is_json = value is None or isinstance(value, str | int) or (isinstance(value, float) and isfinite(value))
    return value if is_json else str(value)


def configure_logging(level: str = "INFO") -> None:
    """Log records from a level on to standard error as JSON, unless logging is already configured.

    ``DEBUG`` concerns the toolkit only: other packages would log URLs with their query strings.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JSONLogFormatter())
    logging.basicConfig(level=max(logging.INFO, logging.getLevelName(level)), handlers=[handler])
    logging.getLogger("roster").setLevel(level)
    logging.getLogger("uvicorn.access").propagate = False  # it logs query strings; AccessLogMiddleware does not
    logging.getLogger("uvicorn.error").addFilter(_is_no_advice_on_websockets)


def _is_no_advice_on_websockets(record: logging.LogRecord) -> bool:
    """Whether a record does not advise to install packages, which uvicorn does if a client asks for a WebSocket."""
    return "WebSocket library" not in record.getMessage()
