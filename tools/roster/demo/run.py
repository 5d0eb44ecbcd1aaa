"""The demo from its start to its end."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from roster.demo.package_api import HEADER, PackageApi
from roster.demo.service_process import Pause, Process
from roster.demo.services import DEFINITIONS, free_ports, services, shared_variables
from roster.demo.watch import Asked, edits, ending
from roster.publishing.release import Release, sha256

Render = Callable[[int], Release | None]
"""Renders the roster, with a sequence no lower than a number; where that fails, tells why and gives None."""

_LOOKING_SECONDS = 0.5
_TAKING_SECONDS = 20
_SERVED = "the gateway serves it"


def run(
    root: Path,
    render: Render,
    first_port: int | None,
    environ: Mapping[str, str],
    show: Callable[[Mapping[str, str]], None],
    tell: Callable[[str], None],
) -> bool:
    """Run the chain until somebody asks for the end, and publish every edit of the repository; False without a start.

    Args:
        show: is given what to look at, by name, once everything serves.
        tell: is given a line on each edit.

    Raises:
        ConfigurationError: a port is taken, or the repository cannot be rendered at all.
        Failed: a service ended, or did not begin to serve.
    """
    edited, release = edits(root), render(0)
    if release is None:
        return False
    with ExitStack() as started, suppress(Asked):
        pause = started.enter_context(ending())
        folder = Path(started.enter_context(TemporaryDirectory(prefix="roster-demo-")))
        ports = free_ports(first_port)
        api = started.enter_context(PackageApi(ports.package_api))
        api.publish(release)
        processes = []
        for service in services(release.environment, api, ports, folder):
            processes.append(started.enter_context(Process(service, folder, shared_variables(environ, folder))))
            processes[-1].wait_until_ready(pause)
        gateway, relay, instance = processes
        copied = _copied(relay, instance, pause)
        show({"package API": api.address(release.pointer_path), HEADER: api.token} | _shown(processes))
        tell(copied)
        while True:
            pause(_LOOKING_SECONDS)
            for process in processes:
                process.require()
            if edited() and (newer := render(release.sequence + 1)):
                release = newer
                tell(f"published {api.publish(release)}")
                gateway.reload()
                tell(outcome := _outcome(gateway, release, pause))
                if outcome == _SERVED:
                    instance.reload()
                    tell(_copied(relay, instance, pause))
    return True


def _shown(processes: list[Process]) -> dict[str, str]:
    return {name: value for process in processes for name, value in process.service.shown.items()}


def _outcome(gateway: Process, release: Release, pause: Pause) -> str:
    """Say what the gateway made of a release."""
    version = sha256(release.files["gateway.json"])[:12]
    ends = time.monotonic() + _TAKING_SECONDS
    while time.monotonic() < ends:
        gateway.require()
        status, body = gateway.service.get(gateway.service.ready)
        state = json.loads(body) if status == 200 else {}
        if state.get("active") and state["active"]["sequence"] == release.sequence:
            return _SERVED
        if state.get("last_error") and state["last_error"]["version"] == version:
            return f"the gateway refuses it, and serves what it has: {state['last_error']['message']}"
        pause(0.05)
    return f"the gateway has not taken it after {_TAKING_SECONDS} seconds"


def _copied(relay: Process, instance: Process, pause: Pause) -> str:
    """Say whether the instance has what the relay hands on."""
    ends = time.monotonic() + _TAKING_SECONDS
    while time.monotonic() < ends:
        instance.require()
        served, state = relay.service.get(DEFINITIONS), instance.service.get(instance.service.ready)
        copied = json.loads(state[1])["list"] if state[0] == 200 else None
        if served[0] == 200 and copied and copied["digest"] == sha256(served[1]):
            return "the instance has the gateway's list"
        pause(0.05)
    return f"the instance does not have the gateway's list after {_TAKING_SECONDS} seconds; its page says why"
