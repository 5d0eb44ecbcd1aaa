"""The services of the chain, in the order in which they are started."""

import os
import secrets
import shutil
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from roster.demo.package_api import HEADER, PackageApi
from roster.demo.service_process import Service
from roster.findings import ConfigurationError
from roster.publishing.release import sha256

DEFINITIONS = "/v1/models/definitions"
"""What an instance asks the relay for."""

_LIST = "/v1/models/offered"
_OURS = ("MODEL_SWITCHING_METADATA_", "ROSTER_")
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
"""Relative paths are below the folder that ``-p`` names."""


class Ports(NamedTuple):
    """The port of each server."""

    package_api: int
    gateway: int
    relay: int
    instance: int


def free_ports(first: int | None) -> Ports:
    """Return ports that nobody listens on: the first one and those after it, or any.

    Raises:
        ConfigurationError: one is taken.
    """
    with ExitStack() as held:
        wanted = [0 if first is None else first + number for number in range(len(Ports._fields))]
        return Ports(*(held.enter_context(_listening(port)).getsockname()[1] for port in wanted))


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        raise ConfigurationError(f"port {port} of 127.0.0.1 cannot be listened on: {why}") from None


def shared_variables(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the environment variables that every service has: none that sets up a gateway or an instance elsewhere."""
    return {name: value for name, value in environ.items() if not name.startswith(_OURS)} | {"TMPDIR": str(folder)}


def services(environment: str, api: PackageApi, ports: Ports, folder: Path) -> tuple[Service, ...]:
    """Return the services behind the package API. Their files lie in a folder."""
    return (
        _gateway(environment, api, ports.gateway),
        relay(ports.relay, ports.gateway, folder, nginx()),
        _instance(ports.instance, ports.relay, folder),
    )


def _gateway(environment: str, api: PackageApi, port: int) -> Service:
    variables = {
        "FILE_PATH": api.address(f"current/{environment}.json"),
        "ACCESS_TOKEN": api.token,
        "TOKEN_HEADER": HEADER,
        "ENVIRONMENT": environment,
    }
    return Service(
        "gateway",
        (sys.executable, "-m", "roster", "gateway", "serve", "--port", str(port)),
        {f"MODEL_SWITCHING_METADATA_{name}": value for name, value in variables.items()},
        port,
        "/-/readiness",
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
        "/-/readiness",
        {"instance, its page": f"http://127.0.0.1:{port}/admin/model_selection", "token for its page": token},
        preparation=(*command, "flag", "on"),
    )


def nginx() -> str | None:
    """Return the path of nginx, where it is installed; Debian keeps it where only root's PATH leads."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def relay(port: int, upstream: int, folder: Path, program: str | None) -> Service:
    """Return the relay to a port: nginx, or the small one where there is no such program."""
    if program:
        (folder / "nginx.conf").write_text(_NGINX.format(port=port, upstream=upstream), encoding="ascii")
        command: tuple[str, ...] = (program, "-p", str(folder), "-e", "stderr", "-c", "nginx.conf")
    else:
        command = (sys.executable, "-m", "roster.demo.relay", str(port), str(upstream))
    shown = {"relay, by nginx" if program else "relay": f"http://127.0.0.1:{port}{_LIST}"}
    return Service("relay", command, {}, port, _LIST, shown)
