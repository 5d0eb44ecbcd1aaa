"""What the operator set, from the environment variables of ``variables.py``."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from roster.consume.address import origin
from roster.consume.secret import Secret
from roster.consume.variables import ACCESS_TOKEN, FILE_PATH, PREFIX, TOKEN_HEADER, USE_PROXY, VARIABLES, Unusable
from roster.diagnostic import ConfigurationError
from roster.naming import nearest, printable


class Settings(NamedTuple):
    """How to download, and what to insist on. Nothing secret shows in its representation.

    Attributes:
        url: where the file or its pointer is; https, or http to loopback, without user, password or fragment.
        header: PRIVATE-TOKEN, DEPLOY-TOKEN, JOB-TOKEN, Bearer or Basic.
        environment: what is made for another one is refused; None accepts any.
        poll_seconds: from one download to the next.
        deadline_seconds: for one download in all, retries included.
        max_bytes: how large a file may be.
        max_shrink: the share of the models that may be gone at once, 0 to 1.
        allow_older: whether a lower sequence than the one that is served is accepted.
        private_endpoints: whether a model's endpoint may be in a private network.
        cache_folder: where the last good file is kept; None is the temporary folder.
        public_keys: in PEM, one of which has to have signed; none asks for no signature.
        proxy: the address of the proxy to go through, which may hold a password; None is none.
    """

    url: str
    token: Secret
    header: str
    environment: str | None
    poll_seconds: float
    deadline_seconds: float
    max_bytes: int
    max_shrink: float
    allow_older: bool
    private_endpoints: bool
    cache_folder: Path | None
    public_keys: tuple[str, ...]
    proxy: Secret | None


def settings(environ: Mapping[str, str]) -> tuple[Settings | None, list[str]]:
    """Return the settings, None where the feature is off, and warnings: a sentence each.

    Raises:
        ConfigurationError: a variable is of no use. The message names it and shows no value.
    """
    given = {name: Secret(environ[name]) for name in VARIABLES if name in environ}
    proxy = Secret(environ.get("https_proxy") or environ.get("HTTPS_PROXY") or "")
    direct = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in VARIABLES)
    del environ  # so that a traceback that shows local variables does not show the token

    for name, value in given.items():
        if not value.reveal().strip():
            raise ConfigurationError(f"{name} is empty: give it a value, or do not set it")
    for missing, other in ((FILE_PATH, ACCESS_TOKEN), (ACCESS_TOKEN, FILE_PATH)):
        if missing not in given:
            return None, [f"{other} is set but {missing} is not: nothing is downloaded"] if other in given else []
    values = {variable.field: _value(name, given.get(name)) for name, variable in VARIABLES.items()}
    if values["header"] == "Basic" and ":" not in given[ACCESS_TOKEN].reveal():
        raise ConfigurationError(f"{ACCESS_TOKEN} has to be user:token, since {TOKEN_HEADER} is Basic")
    values["public_keys"] = values["public_keys"] or ()
    values["proxy"] = _proxy(values["url"], proxy, direct) if values["proxy"] else None
    return Settings(**values), list(_warnings(unknown))


def _value(name: str, given: Secret | None) -> Any:
    """Return what a variable's text means, or its default; None where it has none."""
    text = given or Secret(VARIABLES[name].default)
    if not text.reveal():
        return None
    try:
        return VARIABLES[name].read(text.reveal())
    except Unusable as unusable:
        problem = str(unusable)
    # Not within the except block: the other exception's frames hold the value.
    raise ConfigurationError(f"{name} is of no use: {problem}")


def _proxy(url: str, proxy: Secret, direct: str) -> Secret | None:
    """Return the proxy for an address: none where there is none, where NO_PROXY names its host, or to this machine."""
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # most have no proxy

    scheme, host, _ = origin(url)
    if scheme == "http" or not proxy.reveal() or proxy_bypass_environment(host, {"no": direct}):
        return None
    address = proxy if "://" in proxy.reveal() else Secret(f"http://{proxy.reveal()}")
    if not _is_address(address):
        raise ConfigurationError(f"HTTPS_PROXY is not the http:// address of a proxy, and {USE_PROXY} asks for one")
    return address


def _is_address(address: Secret) -> bool:
    try:
        origin(address.reveal())
    except ValueError:
        return False
    return True


def _warnings(unknown: Iterable[str]) -> Iterable[str]:
    known = [name.removeprefix(PREFIX) for name in VARIABLES]
    for name in unknown:
        guess = nearest(name.removeprefix(PREFIX), known)
        yield f"{printable(name)} means nothing here" + (f"; did you mean {PREFIX}{guess}?" if guess else "")
