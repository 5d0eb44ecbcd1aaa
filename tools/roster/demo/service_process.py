"""A server of the demo as a process: how it is started, when it is ready, and how it is ended."""

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
"""RetryTiming for some seconds; raises where somebody asks for the end meanwhile."""

_STARTING_SECONDS = 60
_ENDING_SECONDS = 10
_LOG_LINES = 20
"""How much of its log is told of a service that failed."""


class Service(NamedTuple):
    """A server.

    Attributes:
        command: what starts it in the foreground; it ends on SIGTERM.
        variables: its environment variables beside those that all have.
        ready: the path that answers 200 once it serves.
        shown: what a person is told of it: addresses, tokens, by name.
        preparation: a command that runs to its end before, with the same variables; empty where there is none.
    """

    name: str
    command: tuple[str, ...]
    variables: Mapping[str, str]
    port: int
    ready: str
    shown: Mapping[str, str]
    preparation: tuple[str, ...] = ()

    def get(self, path: str) -> tuple[int, bytes]:
        """Return the status and the body that it answers a path with; status 0 where it does not answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException):
            return 0, b""
        finally:
            connection.close()


class Failed(Exception):
    """A service ended, or did not begin to serve: what happened, with the end of its log.

    Attributes:
        configured_wrongly: it says itself that it was (exit status 2).
    """

    def __init__(self, message: str, configured_wrongly: bool = False) -> None:
        super().__init__(message)
        self.configured_wrongly = configured_wrongly


class Process:
    """A service that runs from when this is entered until it is left; its log is a file in a folder."""

    def __init__(self, service: Service, folder: Path, variables: Mapping[str, str]) -> None:
        self.service = service
        self._folder = folder
        self._log = folder / f"{service.name}.log"
        self._variables = {**variables, **service.variables}

    def __enter__(self) -> Self:
        """Prepare and start it.

        Raises:
            Failed: its preparation failed.
        """
        if self.service.preparation:
            self._process = self._started(self.service.preparation)
            if self._process.wait():
                self.require()
        self._process = self._started(self.service.command)
        return self

    def _started(self, command: tuple[str, ...]) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            # A group of its own: what a terminal sends at Ctrl-C is for the demo, which ends one after the other.
            return subprocess.Popen(
                [*_outlived_by_nobody(), *command],
                cwd=self._folder,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )

    def __exit__(self, *_: object) -> None:
        """End it and wait for that; kill it and what it started where it takes too long."""
        self._process.terminate()
        try:
            self._process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def wait_until_ready(self, pause: Pause) -> None:
        """Return once it serves.

        Raises:
            Failed: it ended, or took too long.
        """
        ends = time.monotonic() + _STARTING_SECONDS
        while (answer := self.service.get(self.service.ready))[0] != 200:
            self.require()
            if time.monotonic() > ends:
                told = f"answers {answer[0]} {answer[1].decode(errors='replace')}" if answer[0] else "does not answer"
                raise Failed(f"the {self.service.name} {told} after {_STARTING_SECONDS} seconds{self._said()}")
            pause(0.05)

    def require(self) -> None:
        """Raise ``Failed`` unless it runs."""
        status = self._process.poll()
        if status is not None:
            how = f"with status {status}" if status >= 0 else f"by signal {-status}"
            raise Failed(f"the {self.service.name} ended {how}{self._said()}", configured_wrongly=status == 2)

    def reload(self) -> None:
        """Send it SIGHUP."""
        self._process.send_signal(signal.SIGHUP)

    def _said(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
        return "".join(("; the end of its log:", *(f"\n  {line}" for line in lines))) if lines else "; its log is empty"


def _outlived_by_nobody() -> list[str]:
    """Return what a command starts with, so that the kernel ends it when the demo is killed; Linux has that."""
    program = shutil.which("setpriv")
    asked = [program, "--pdeathsig", "TERM"] if program else []
    # That of busybox does not know the option.
    return asked if asked and subprocess.run([*asked, "true"], capture_output=True, check=False).returncode == 0 else []
