"""Settings of an instance behind a reverse proxy: the path below which it is served, and whose headers it trusts."""

import re
from ipaddress import ip_network

from roster import http_paths
from roster.instance.http import paths
from roster.settings.environment_variables import InvalidValue, Variable

_ROOT_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*){0,10}")
_OWN_NAMES = sorted({path.split("/")[1] for path in (paths.PAGE, paths.API, *http_paths.MONITORING_PATHS)})


def proxy_variables() -> dict[str, Variable]:
    """Return the variables, with the fields ``root_path`` and ``trusted_proxies``."""
    return {
        "ROSTER_INSTANCE_ROOT_PATH": Variable(
            "root_path",
            "/",
            "Path below which a reverse proxy serves the instance, such as `/ai`; see "
            "[Behind a reverse proxy](#behind-a-reverse-proxy).",
            _parse_root_path,
        ),
        "ROSTER_INSTANCE_TRUSTED_PROXIES": Variable(
            "trusted_proxies",
            "127.0.0.1,::1",
            "Addresses or networks of reverse proxies whose `X-Forwarded-Proto` and `X-Forwarded-For` are trusted, "
            "separated by commas; `none` trusts nobody.",
            _parse_proxies,
        ),
    }


def _parse_root_path(text: str) -> str:
    """Parse the path; the result is empty or begins with a slash, and never ends with one."""
    root_path = text.removesuffix("/")
    if not _ROOT_PATH.fullmatch(root_path):
        raise InvalidValue("must be a path such as /ai, of letters, digits and - . _ ~")
    if root_path and root_path.split("/")[1] in _OWN_NAMES:
        # Otherwise, a request with the prefix and one without it could have the same path.
        names = ", ".join(f"/{name}" for name in _OWN_NAMES)
        raise InvalidValue(f"must not begin with a path of the instance itself ({names}): choose another one")
    return root_path


def _parse_proxies(text: str) -> tuple[str, ...]:
    if text.strip().lower() == "none":
        return ()
    proxies = tuple(part.strip() for part in text.split(","))
    try:
        for proxy in proxies:
            ip_network(proxy)
    except ValueError:
        pass
    else:
        return proxies
    raise InvalidValue("must be IP addresses, or networks such as 10.0.0.0/8, separated by commas; or none")
