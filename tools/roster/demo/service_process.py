"""Service processes of the demo: start, readiness, failure and termination."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple, Self

Pause = Callable[[float], None]
"""Sleeps for some seconds; raises if the user stops the demo."""

_START_TIMEOUT_SECONDS = 60
_STOP_TIMEOUT_SECONDS = 10
_LOG_LINES = 20
"""How many of a failed service's last log lines are shown."""


class Service(NamedTuple):
    """A server.

    Attributes:
        command: starts it in the foreground; SIGTERM stops it.
        variables: environment variables in addition to the shared ones.
        ready_path: answers 200 once the service is ready.
        shown: URLs and tokens to show to the user, by name.
        preparation: a command to run before, with the same variables; empty if there is none.
    """

    name: str
    command: tuple[str, ...]
    variables: Mapping[str, str]
    port: int
    ready_path: str
    shown: Mapping[str, str]
    preparation: tuple[str, ...] = ()

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of a GET request; status 0 if there is no response."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException):
            return 0, b""
        finally:
            connection.close()


class ServiceFailed(Exception):
    """A service ended, or did not become ready; the message includes the end of its log.

    Attributes:
        misconfigured: the service reported wrong configuration (exit status 2).
    """

    def __init__(self, message: str, misconfigured: bool = False) -> None:
        super().__init__(message)
        self.misconfigured = misconfigured


class ServiceProcess:
    """A service that runs while the context is active; its log is a file in a folder."""

    def __init__(self, service: Service, folder: Path, variables: Mapping[str, str]) -> None:
        self.service = service
        self._folder = folder
        self._log = folder / f"{service.name}.log"
        self._variables = {**variables, **service.variables}

    def __enter__(self) -> Self:
        """Prepare and start the service.

        Raises:
            ServiceFailed: the preparation failed.
        """
        if self.service.preparation:
            self._process = self._start(self.service.preparation)
            if self._process.wait():
                self.require_running()
        self._process = self._start(self.service.command)
        return self

    def _start(self, command: tuple[str, ...]) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            # In its own process group, because Ctrl-C is for the demo, which stops the services in order.
            return subprocess.Popen(
                [*_die_with_parent(), *command],
                cwd=self._folder,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )

    def __exit__(self, *_: object) -> None:
        """Terminate the service; kill its process group if that takes too long."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def wait_until_ready(self, pause: Pause) -> None:
        """Return once the service is ready.

        Raises:
            ServiceFailed: it ended, or took too long.
        """
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while True:
            status, body = self.service.get(self.service.ready_path)
            if status == 200:
                return
            self.require_running()
            if time.monotonic() > deadline:
                state = f"answers {status} {body.decode(errors='replace')}" if status else "does not answer"
                message = f"the {self.service.name} {state} after {_START_TIMEOUT_SECONDS} seconds"
                raise ServiceFailed(f"{message}{self._log_end()}")
            pause(0.05)

    def require_running(self) -> None:
        """Raise ``ServiceFailed`` unless the service runs."""
        status = self._process.poll()
        if status is not None:
            how = f"with status {status}" if status >= 0 else f"by signal {-status}"
            raise ServiceFailed(f"the {self.service.name} ended {how}{self._log_end()}", misconfigured=status == 2)

    def reload(self) -> None:
        """Send SIGHUP."""
        self._process.send_signal(signal.SIGHUP)

    def _log_end(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
        return "".join(("; the end of its log:", *(f"\n  {line}" for line in lines))) if lines else "; its log is empty"


def _die_with_parent() -> list[str]:
    """Return a command prefix that makes Linux terminate a service when the demo is killed; empty elsewhere."""
    program = shutil.which("setpriv")
    prefix = [program, "--pdeathsig", "TERM"] if program else []
    # The option is missing in busybox.
    works = prefix and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    return prefix if works else []
