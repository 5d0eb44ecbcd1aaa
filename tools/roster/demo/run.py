"""The demo's main loop: start the services, publish edits, report what gateway and instance do with them."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from roster import http_paths
from roster.demo.package_api import TOKEN_HEADER, PackageApi
from roster.demo.service_process import Pause, ServiceProcess
from roster.demo.services import free_ports, services, shared_variables
from roster.demo.watch import StopRequested, pause_until_stopped, watch_edits
from roster.publishing.release import Release, sha256

Render = Callable[[int], Release | None]
"""Renders the roster with a minimum sequence; reports errors and returns None if that fails."""

_EDIT_CHECK_SECONDS = 0.5
_TIMEOUT_SECONDS = 20
_SERVED = "the gateway serves it"


def run(
    root: Path,
    render: Render,
    first_port: int | None,
    environ: Mapping[str, str],
    show: Callable[[Mapping[str, str]], None],
    report: Callable[[str], None],
) -> bool:
    """Run the chain and publish every edit of the repository until the user stops it; return whether it started.

    Args:
        show: called once all services are ready, with URLs and tokens by name.
        report: called with a line about each edit.

    Raises:
        ConfigurationError: a port is not available, or the repository cannot be rendered.
        ServiceFailed: a service ended, or did not become ready.
    """
    is_edited, release = watch_edits(root), render(0)
    if release is None:
        return False
    with ExitStack() as stack, suppress(StopRequested):
        pause = stack.enter_context(pause_until_stopped())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="roster-demo-")))
        ports = free_ports(first_port)
        api = stack.enter_context(PackageApi(ports.package_api))
        api.publish(release)
        processes = []
        for service in services(release.environment, api, ports, folder):
            processes.append(stack.enter_context(ServiceProcess(service, folder, shared_variables(environ, folder))))
            processes[-1].wait_until_ready(pause)
        gateway, relay, instance = processes
        synced = _wait_until_synced(relay, instance, pause)
        show({"package API": api.url(release.pointer_path), TOKEN_HEADER: api.token} | _shown(processes))
        report(synced)
        while True:
            pause(_EDIT_CHECK_SECONDS)
            for process in processes:
                process.require_running()
            if is_edited() and (newer := render(release.sequence + 1)):
                release = newer
                report(f"published {api.publish(release)}")
                gateway.reload()
                report(outcome := _wait_until_served(gateway, release, pause))
                if outcome == _SERVED:
                    instance.reload()
                    report(_wait_until_synced(relay, instance, pause))
    return True


def _shown(processes: list[ServiceProcess]) -> dict[str, str]:
    return {name: value for process in processes for name, value in process.service.shown.items()}


def _wait_until_served(gateway: ServiceProcess, release: Release, pause: Pause) -> str:
    """Wait until the gateway serves or rejects a release, and return which."""
    version = sha256(release.files["gateway.json"])[:12]
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        gateway.require_running()
        status, body = gateway.service.get(gateway.service.ready_path)
        state = json.loads(body) if status == 200 else {}
        if state.get("active") and state["active"]["sequence"] == release.sequence:
            return _SERVED
        if state.get("last_error") and state["last_error"]["version"] == version:
            return f"the gateway rejected it and serves the previous list: {state['last_error']['message']}"
        pause(0.05)
    return f"the gateway did not serve it within {_TIMEOUT_SECONDS} seconds"


def _wait_until_synced(relay: ServiceProcess, instance: ServiceProcess, pause: Pause) -> str:
    """Wait until the instance has the list that the relay serves, and return whether it has."""
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        instance.require_running()
        served, list_body = relay.service.get(http_paths.DEFINITIONS)
        ready, state_body = instance.service.get(instance.service.ready_path)
        stored = json.loads(state_body)["list"] if ready == 200 else None
        if served == 200 and stored and stored["digest"] == sha256(list_body):
            return "the instance has the gateway's list"
        pause(0.05)
    return f"the instance did not sync the gateway's list within {_TIMEOUT_SECONDS} seconds; its page shows the cause"
