"""What callers have to show. Apart from what looks at it, since FastAPI takes a while to import."""

from collections.abc import Mapping
from typing import NamedTuple

from roster.findings import ConfigurationError
from roster.settings.urls import complaint


class Caller(NamedTuple):
    """What a token has to say.

    Attributes:
        jwks: the key set's file or https address.
    """

    jwks: str
    audience: str
    issuer: str


def caller_from(environ: Mapping[str, str]) -> Caller | None:
    """Return what callers have to show, None when anybody may ask.

    Raises:
        ConfigurationError: only some of the three variables are set, or the address is not https.
    """
    names = ("ROSTER_GATEWAY_JWKS", "ROSTER_GATEWAY_AUDIENCE", "ROSTER_GATEWAY_ISSUER")
    values = [environ.get(name, "").strip() for name in names]
    if not any(values):
        return None
    if missing := [name for name, value in zip(names, values, strict=True) if not value]:
        raise ConfigurationError(f"callers cannot be authenticated: {' and '.join(missing)} not set")
    if "://" in values[0] and complaint(values[0]):
        raise ConfigurationError("ROSTER_GATEWAY_JWKS has to be a file or an https address")
    return Caller(*values)
