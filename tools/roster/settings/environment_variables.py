"""Environment variables: how the gateway's and the instance's variables are declared, parsed and documented."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from roster.findings import ConfigurationError
from roster.naming import closest_name, printable
from roster.settings.secret import Secret
from roster.settings.urls import parse_origin, url_problem

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)


class InvalidValue(Exception):
    """Why the value of a variable is invalid: a phrase such as "must be …", without the value."""


class Variable(NamedTuple):
    """An environment variable.

    Attributes:
        field: its field in the settings class.
        default: the text that is parsed if the variable is not set; empty if it has no default.
        description: its documentation for operators.
        parse: converts its text to a value, or raises ``InvalidValue``.
    """

    field: str
    default: str
    description: str
    parse: Callable[[str], object]


class VariableReader:
    """Reads declared variables, and those for proxies, from an environment.

    Values are kept as secrets. Callers delete ``environ`` after creating a reader, so that tracebacks that show local
    variables do not show a token; therefore the constructor never raises.

    Args:
        prefix: the common prefix of the names; other variables with it are reported as unknown.
    """

    def __init__(self, variables: Mapping[str, Variable], prefix: str, environ: Mapping[str, str]) -> None:
        self._variables, self._prefix = variables, prefix
        self.texts = {name: Secret(environ[name]) for name in variables if name in environ}
        self._unknown = sorted(name for name in environ if name.startswith(prefix) and name not in variables)
        self._https_proxy = Secret(environ.get("https_proxy") or environ.get("HTTPS_PROXY") or "")
        self._no_proxy = environ.get("no_proxy") or environ.get("NO_PROXY") or ""

    def reject_empty(self) -> None:
        """Raise a ConfigurationError if a variable is set but empty."""
        for name, text in self.texts.items():
            if not text.reveal().strip():
                raise ConfigurationError(f"{name} is empty: set a value, or unset the variable")

    def values(self) -> dict[str, Any]:
        """Return the parsed values and defaults by field; None for variables without either.

        Raises:
            ConfigurationError: a value is invalid. The message names the variable and does not show the value.
        """
        return {variable.field: self._value(name, variable) for name, variable in self._variables.items()}

    def _value(self, name: str, variable: Variable) -> Any:
        text = self.texts.get(name) or Secret(variable.default)
        if not text.reveal():
            return None
        try:
            return variable.parse(text.reveal())
        except InvalidValue as error:
            problem = str(error)
        # Raised outside the except block, because the frames of the other exception hold the value.
        raise ConfigurationError(f"{name} is invalid: {problem}")

    def proxy(self, url: str, required_by: str) -> Secret | None:
        """Return the proxy for a URL; None if there is none, NO_PROXY contains the host, or the host is this machine.

        Raises:
            ConfigurationError: HTTPS_PROXY is invalid, and the variable ``required_by`` requires a proxy.
        """
        from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # rarely needed

        origin = parse_origin(url)
        if origin.scheme == "http" or not self._https_proxy.reveal():
            return None
        if proxy_bypass_environment(origin.host, {"no": self._no_proxy}):
            return None
        proxy = self._https_proxy  # revealed in no local variable, which tracebacks show
        if "://" not in proxy.reveal():
            proxy = Secret(f"http://{proxy.reveal()}")
        with suppress(ValueError):
            parse_origin(proxy.reveal())
            return proxy
        raise ConfigurationError(
            f"HTTPS_PROXY is invalid: must be the http:// URL of a proxy, because {required_by} is true"
        )

    def warnings(self) -> Iterable[str]:
        """Yield a warning for each unknown variable with the prefix, with the nearest known name."""
        names = [name.removeprefix(self._prefix) for name in self._variables]
        for name in self._unknown:
            guess = closest_name(name.removeprefix(self._prefix), names)
            hint = f"; did you mean {self._prefix}{guess}?" if guess else ""
            yield f"unknown environment variable {printable(name)}{hint}"


def parse_url(text: str) -> str:
    """Parse a URL to download from."""
    if problem := url_problem(text):
        raise InvalidValue(problem)
    return text


def parse_token(text: str) -> Secret:
    """Parse a token, which may contain only characters that are allowed in a header (RFC 9110, 5.5) and no spaces."""
    if not re.fullmatch("[!-~]+", text):
        raise InvalidValue("must not contain spaces, line breaks or other characters that tokens do not have")
    return Secret(text)


def number_parser(minimum: float, maximum: float) -> Callable[[str], float]:
    """Return a parser for numbers in a range."""

    def parse(text: str) -> float:
        if not _NUMBER.fullmatch(text) or not minimum <= float(text) <= maximum:
            raise InvalidValue(f"must be a number from {minimum:g} to {maximum:g}")
        return float(text)

    return parse


def parse_byte_count(text: str) -> int:
    """Parse a size in bytes."""
    if not re.fullmatch("[0-9]{1,10}", text, re.ASCII) or not 1024 <= int(text) <= 2**30:
        raise InvalidValue(f"must be an integer from 1024 to {2**30}")
    return int(text)


def parse_boolean(text: str) -> bool:
    """Parse ``true`` or ``false``."""
    if text not in ("true", "false"):
        raise InvalidValue("must be true or false")
    return text == "true"
