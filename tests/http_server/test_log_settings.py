"""The settings of a server's log."""

import pytest

from roster.findings import ConfigurationError
from roster.http_server.log_settings import LogSettings, read_log_settings


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, LogSettings("INFO", True)),
        ({"A_LOG_LEVEL": "warning", "A_LOG_PROBES": "false"}, LogSettings("WARNING", False)),
        ({"B_LOG_LEVEL": "none"}, LogSettings("INFO", True)),
    ],
)
def test_settings_are_read(environ: dict[str, str], expected: LogSettings):
    assert read_log_settings("A_", environ) == expected


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("A_LOG_LEVEL", "verbose", "A_LOG_LEVEL is invalid: must be one of DEBUG, INFO, WARNING, ERROR"),
        ("A_LOG_LEVEL", "", "A_LOG_LEVEL is empty: set a value, or unset the variable"),
        ("A_LOG_PROBES", "no", "A_LOG_PROBES is invalid: must be true or false"),
    ],
)
def test_invalid_value_is_reported(name: str, value: str, message: str):
    with pytest.raises(ConfigurationError, match=f"^{message}$"):
        read_log_settings("A_", {name: value})
