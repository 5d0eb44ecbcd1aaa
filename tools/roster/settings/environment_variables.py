"""Environment variables that an operator sets: how they are declared, read and told of, whatever they are for."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from roster.findings import ConfigurationError
from roster.naming import closest_name, printable
from roster.settings.secret import Secret
from roster.settings.urls import parse_origin, url_problem

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)


class InvalidValue(Exception):
    """A variable's value is of no use: what has to be different, without the value."""


class Variable(NamedTuple):
    """An environment variable.

    Attributes:
        field: what it is called in ``Settings``.
        default: the text that stands for it where it is not set; empty where nothing does.
        meaning: what an operator reads about it.
        read: makes a value of its text, or raises ``InvalidValue``.
    """

    field: str
    default: str
    meaning: str
    read: Callable[[str], object]


class VariableReader:
    """What is set of some variables, by name, and of those for proxies. Nothing of it shows in a traceback.

    ``prefix`` is what the names of the variables start with. Whoever has made one deletes ``environ``, so that a
    traceback that shows local variables does not show a token; nothing is refused before.
    """

    def __init__(self, variables: Mapping[str, Variable], prefix: str, environ: Mapping[str, str]) -> None:
        self._variables, self._prefix = variables, prefix
        self.texts = {name: Secret(environ[name]) for name in variables if name in environ}
        self._unknown = sorted(name for name in environ if name.startswith(prefix) and name not in variables)
        self._proxy = Secret(environ.get("https_proxy") or environ.get("HTTPS_PROXY") or "")
        self._direct = environ.get("no_proxy") or environ.get("NO_PROXY") or ""

    def reject_empty(self) -> None:
        """Raise a ConfigurationError where a variable is set to nothing."""
        for name, text in self.texts.items():
            if not text.reveal().strip():
                raise ConfigurationError(f"{name} is empty: give it a value, or do not set it")

    def values(self) -> dict[str, Any]:
        """Return by field what each text means, or its default; None where it has none.

        Raises:
            ConfigurationError: a text is of no use. The message names its variable and does not show it.
        """
        return {variable.field: self._value(name, variable) for name, variable in self._variables.items()}

    def _value(self, name: str, variable: Variable) -> Any:
        text = self.texts.get(name) or Secret(variable.default)
        if not text.reveal():
            return None
        try:
            return variable.read(text.reveal())
        except InvalidValue as invalid:
            problem = str(invalid)
        # Not within the except block: the other exception's frames hold the value.
        raise ConfigurationError(f"{name} is of no use: {problem}")

    def proxy(self, url: str, asked_by: str) -> Secret | None:
        """Return the proxy for an address: none without one, where NO_PROXY names its host, or to this machine.

        Raises:
            ConfigurationError: what HTTPS_PROXY holds is no proxy, and the variable ``asked_by`` asks for one.
        """
        from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # most have no proxy

        scheme, host, _ = parse_origin(url)
        if scheme == "http" or not self._proxy.reveal() or proxy_bypass_environment(host, {"no": self._direct}):
            return None
        address = self._proxy if "://" in self._proxy.reveal() else Secret(f"http://{self._proxy.reveal()}")
        if not _is_address(address):
            raise ConfigurationError(f"HTTPS_PROXY is not the http:// address of a proxy, and {asked_by} asks for one")
        return address

    def warnings(self) -> Iterable[str]:
        """Yield a sentence for each variable with the prefix that is none, with what it was probably meant to be."""
        known = [name.removeprefix(self._prefix) for name in self._variables]
        for name in self._unknown:
            guess = closest_name(name.removeprefix(self._prefix), known)
            yield f"{printable(name)} means nothing here" + (f"; did you mean {self._prefix}{guess}?" if guess else "")


def _is_address(address: Secret) -> bool:
    try:
        parse_origin(address.reveal())
    except ValueError:
        return False
    return True


def parse_url(text: str) -> str:
    """Read an address to download from."""
    if problem := url_problem(text):
        raise InvalidValue(problem)
    return text


def parse_token(text: str) -> Secret:
    """Read a token: what RFC 9110, 5.5 lets a header carry, without the blanks that copying brings along."""
    if not re.fullmatch("[!-~]+", text):
        raise InvalidValue("it holds a blank, a line break or another character that no token has")
    return Secret(text)


def number_parser(least: float, most: float) -> Callable[[str], float]:
    """Return what reads a number within bounds."""

    def read(text: str) -> float:
        if not _NUMBER.fullmatch(text) or not least <= float(text) <= most:
            raise InvalidValue(f"it has to be a number from {least:g} to {most:g}")
        return float(text)

    return read


def parse_byte_count(text: str) -> int:
    """Read how many bytes something may have."""
    if not re.fullmatch("[0-9]{1,10}", text, re.ASCII) or not 1024 <= int(text) <= 2**30:
        raise InvalidValue(f"it has to be a whole number from 1024 to {2**30}")
    return int(text)


def parse_boolean(text: str) -> bool:
    """Read whether something is on."""
    if text not in ("true", "false"):
        raise InvalidValue("it has to be true or false")
    return text == "true"


def markdown_table(variables: Mapping[str, Variable]) -> str:
    """Return variables as a table in Markdown."""
    rows = (
        f"| `{name}` | {f'`{variable.default}`' if variable.default else ''} | {variable.meaning} |"
        for name, variable in variables.items()
    )
    return "\n".join(("| variable | default | means |", "|---|---|---|", *rows))
