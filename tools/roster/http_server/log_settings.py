"""Settings of a server's log, read from environment variables.

These are ``ROSTER_GATEWAY_LOG_LEVEL``, ``ROSTER_GATEWAY_LOG_PROBES``, ``ROSTER_INSTANCE_LOG_LEVEL`` and
``ROSTER_INSTANCE_LOG_PROBES``.
"""

from collections.abc import Mapping
from typing import NamedTuple

from roster.settings.environment_variables import InvalidValue, Variable, VariableReader, parse_boolean

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class LogSettings(NamedTuple):
    """What is logged; ``log_variables`` documents the fields."""

    level: str
    probes: bool


def log_variables(prefix: str) -> dict[str, Variable]:
    """Return the variables of a server whose variables have a prefix."""
    return {
        f"{prefix}LOG_LEVEL": Variable(
            "level", "INFO", "Least severe messages to log: `DEBUG`, `INFO`, `WARNING` or `ERROR`.", _parse_level
        ),
        f"{prefix}LOG_PROBES": Variable(
            "probes",
            "true",
            "`false` leaves successful requests for `/-/liveness`, `/-/readiness` and `/metrics` out of the log.",
            parse_boolean,
        ),
    }


def read_log_settings(prefix: str, environ: Mapping[str, str]) -> LogSettings:
    """Return the settings.

    Raises:
        ConfigurationError: a variable is invalid or empty.
    """
    variables = VariableReader(log_variables(prefix), prefix, environ)
    variables.reject_empty()
    return LogSettings(**variables.values())


def _parse_level(text: str) -> str:
    if text.upper() not in _LEVELS:
        raise InvalidValue(f"must be one of {', '.join(_LEVELS)}")
    return text.upper()
