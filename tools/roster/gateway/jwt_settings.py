"""Settings of JWT authentication. In a module of their own, because they are read before FastAPI is imported."""

from collections.abc import Mapping
from typing import NamedTuple

from roster.findings import ConfigurationError
from roster.settings.environment_variables import InvalidValue, Variable, VariableReader
from roster.settings.urls import url_problem

PREFIX = "ROSTER_GATEWAY_"


def _parse_jwks(text: str) -> str:
    if "://" in text and url_problem(text.strip()):
        raise InvalidValue("must be the path of a file or an https URL")
    return text.strip()


VARIABLES: dict[str, Variable] = {
    "ROSTER_GATEWAY_JWKS": Variable(
        "jwks",
        "",
        "The issuer's public keys as a JSON Web Key Set: the path of a file, or an https URL.",
        _parse_jwks,
    ),
    "ROSTER_GATEWAY_AUDIENCE": Variable("audience", "", "The required `aud` of tokens.", str.strip),
    "ROSTER_GATEWAY_ISSUER": Variable("issuer", "", "The required `iss` of tokens.", str.strip),
}


class JwtSettings(NamedTuple):
    """What tokens are verified against; ``VARIABLES`` documents the fields."""

    jwks: str
    audience: str
    issuer: str


def read_jwt_settings(environ: Mapping[str, str]) -> JwtSettings | None:
    """Return the settings, None if callers need not authenticate.

    Raises:
        ConfigurationError: only some of the variables are set, or one is invalid.
    """
    variables = VariableReader(VARIABLES, PREFIX, environ)
    missing = [name for name in VARIABLES if name not in variables.texts or not variables.texts[name].reveal().strip()]
    if len(missing) == len(VARIABLES):
        return None
    if missing:
        raise ConfigurationError(f"authentication is configured incompletely: {' and '.join(missing)} not set")
    return JwtSettings(**variables.values())
