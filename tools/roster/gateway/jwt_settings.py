"""Settings of JWT authentication. In a module of their own, because they are read before FastAPI is imported."""

from collections.abc import Mapping
from typing import NamedTuple

from roster.findings import ConfigurationError
from roster.settings.urls import url_problem


class JwtSettings(NamedTuple):
    """What tokens are verified against.

    Attributes:
        jwks: the issuer's public keys as a JSON Web Key Set: the path of a file, or an https URL.
    """

    jwks: str
    audience: str
    issuer: str


def read_jwt_settings(environ: Mapping[str, str]) -> JwtSettings | None:
    """Return the settings, None if callers need not authenticate.

    Raises:
        ConfigurationError: only some of the three variables are set, or the URL is not https.
    """
    names = ("ROSTER_GATEWAY_JWKS", "ROSTER_GATEWAY_AUDIENCE", "ROSTER_GATEWAY_ISSUER")
    values = {name: environ.get(name, "").strip() for name in names}
    if not any(values.values()):
        return None
    if missing := [name for name, value in values.items() if not value]:
        raise ConfigurationError(f"authentication is configured incompletely: {' and '.join(missing)} not set")
    settings = JwtSettings(*values.values())
    if "://" in settings.jwks and url_problem(settings.jwks):
        raise ConfigurationError("ROSTER_GATEWAY_JWKS is invalid: must be the path of a file or an https URL")
    return settings
