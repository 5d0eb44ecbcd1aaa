"""The services of the chain, in the order in which they start."""

import os
import secrets
import shutil
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from roster import http_paths
from roster.demo.package_api import TOKEN_HEADER, PackageApi
from roster.demo.service_process import Service
from roster.findings import ConfigurationError
from roster.publishing.release import sha256

_OWN_PREFIXES = ("MODEL_SWITCHING_METADATA_", "ROSTER_")
_NGINX = """\
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      return 404;
    }}
    location /v1/ {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
}}
"""
"""Relative paths are relative to the folder given with ``-p``."""


class Ports(NamedTuple):
    """The port of each server."""

    package_api: int
    gateway: int
    relay: int
    instance: int


def free_ports(first: int | None) -> Ports:
    """Return available ports: the first one and those after it, or any.

    Raises:
        ConfigurationError: one is not available.
    """
    with ExitStack() as listeners:
        wanted = [0 if first is None else first + number for number in range(len(Ports._fields))]
        return Ports(*(listeners.enter_context(_listen(port)).getsockname()[1] for port in wanted))


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        raise ConfigurationError(f"port {port} of 127.0.0.1 is not available: {why}") from None


def shared_variables(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the environment variables that all services share, without those of other gateways and instances."""
    inherited = {name: value for name, value in environ.items() if not name.startswith(_OWN_PREFIXES)}
    return inherited | {"TMPDIR": str(folder)}


def services(environment: str, api: PackageApi, ports: Ports, folder: Path) -> tuple[Service, ...]:
    """Return the services behind the package API, whose files are in a folder."""
    return (
        _gateway(environment, api, ports.gateway),
        relay(ports.relay, ports.gateway, folder, nginx()),
        _instance(ports.instance, ports.relay, folder),
    )


def _gateway(environment: str, api: PackageApi, port: int) -> Service:
    variables = {
        "FILE_PATH": api.url(f"current/{environment}.json"),
        "ACCESS_TOKEN": api.token,
        "TOKEN_HEADER": TOKEN_HEADER,
        "ENVIRONMENT": environment,
    }
    return Service(
        "gateway",
        (sys.executable, "-m", "roster", "gateway", "serve", "--port", str(port)),
        {f"MODEL_SWITCHING_METADATA_{name}": value for name, value in variables.items()},
        port,
        http_paths.READINESS,
        {"gateway": f"http://127.0.0.1:{port}/docs"},
    )


def _instance(port: int, relay_port: int, folder: Path) -> Service:
    token, command = secrets.token_urlsafe(24), (sys.executable, "-m", "roster", "instance")
    variables = {
        "DATABASE_URL": f"sqlite:///{folder}/instance.db",
        "GATEWAY_URL": f"http://127.0.0.1:{relay_port}",
        "WRITE_TOKEN_HASHES": sha256(token.encode()),
    }
    return Service(
        "instance",
        (*command, "serve", "--port", str(port)),
        {f"ROSTER_INSTANCE_{name}": value for name, value in variables.items()},
        port,
        http_paths.READINESS,
        {"instance, its page": f"http://127.0.0.1:{port}/admin/model_selection", "token for its page": token},
        preparation=(*command, "flag", "on"),
    )


def nginx() -> str | None:
    """Return the path of nginx if it is installed; on Debian, it is in root's PATH only."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def relay(port: int, upstream: int, folder: Path, program: str | None) -> Service:
    """Return the relay to a port: nginx if its path is given, otherwise the module ``relay``."""
    if program:
        (folder / "nginx.conf").write_text(_NGINX.format(port=port, upstream=upstream), encoding="ascii")
        command: tuple[str, ...] = (program, "-p", str(folder), "-e", "stderr", "-c", "nginx.conf")
    else:
        command = (sys.executable, "-m", "roster.demo.relay", str(port), str(upstream))
    shown = {"relay, by nginx" if program else "relay": f"http://127.0.0.1:{port}{http_paths.OFFERED}"}
    return Service("relay", command, {}, port, http_paths.OFFERED, shown)
