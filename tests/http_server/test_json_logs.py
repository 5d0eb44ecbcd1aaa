"""JSON logs: one object per line."""

import json
import logging
import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.http_server.json_logs import JSONLogFormatter
from roster.settings.secret import Secret
from tests.download.download_helpers import CANARY


def formatted(message: object, *arguments: object, **more: Any) -> dict[str, Any]:
    """Return the formatted record, parsed."""
    record = logging.getLogger("roster.instance").makeRecord(
        "roster.instance", logging.WARNING, "a.py", 1, message, arguments, more.pop("exc_info", None), **more
    )
    record.created = 1781611200.0625
    text = JSONLogFormatter().format(record)
    assert text.isascii()
    assert text.isprintable()
    line = json.loads(text, parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))
    assert isinstance(line, dict)
    return line


def test_record_is_an_object():
    assert formatted("%d models from %s", 3, "the relay") == {
        "time": "2026-06-16T12:00:00.062+00:00",
        "level": "WARNING",
        "logger": "roster.instance",
        "message": "3 models from the relay",
    }


def test_extras_are_keys():
    line = formatted("synced", extra={"models": 3, "seconds": 0.25, "full": True, "error": None, "run": "7"})
    assert line | {"models": 3, "seconds": 0.25, "full": True, "error": None, "run": "7"} == line


def test_extra_without_json_type_becomes_text():
    extra = {"on": date(2026, 6, 16), "never": float("inf"), "ids": {("a", 1): [float("nan")]}}
    line = formatted("synced", extra=extra)
    assert [line[name] for name in extra] == ["2026-06-16", "inf", "{('a', 1): [nan]}"]


def test_extra_cannot_replace_standard_key():
    line = formatted(
        "synced", extra={"level": "INFO", "logger": "other", "time": "now", "color_message": "\x1b[1msynced"}
    )
    assert line == formatted("synced")


def test_exception_is_text():
    try:
        raise ValueError("no\nsuch model")
    except ValueError:
        line = formatted("a sync failed", exc_info=sys.exc_info())
    assert line["message"] == "a sync failed"
    assert line["exception"].startswith("Traceback (most recent call last):\n")
    assert line["exception"].endswith("ValueError: no\nsuch model")


def test_no_exception_key_without_exception():
    assert "exception" not in formatted("a", exc_info=(None, None, None))


def test_secret_is_not_shown():
    secret = Secret(CANARY)
    line = formatted("the token is %s", secret, extra={"token": secret, "tokens": [secret]})
    assert CANARY not in json.dumps(line)


@given(some.text() | some.sampled_from(['a\n{"level": "INFO"}', "a\r\nb", "a\u2028b\x85c\x0bd", "\x1b[2J", "\ud800"]))
def test_text_cannot_forge_a_line(text: str):
    line = formatted("%s", text, extra={"model": text})
    assert (line["message"], line["model"]) == (text, text)


def test_logs_are_written_to_standard_error():
    program = (
        "import logging\n"
        "from roster.http_server.json_logs import configure_logging\n"
        "configure_logging()\n"
        "log = logging.getLogger('any')\n"
        "log.debug('not this')\n"
        "log.info('first\\n%s', {'level': 'ERROR'})\n"
        "log.error('second', extra={'run': 7})\n"
        "logging.getLogger('uvicorn.error').warning('No supported WebSocket library detected.')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["level"], line["message"], line.get("run")) for line in lines] == [
        ("INFO", "first\n{'level': 'ERROR'}", None),
        ("ERROR", "second", 7),
    ]
    assert done.stdout == ""
