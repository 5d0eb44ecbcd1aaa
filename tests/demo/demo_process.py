"""``roster demo`` as a separate process group, like in a terminal."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.end_to_end.processes import until

SMALL_RELAY = "from roster.demo import services; services.nginx = lambda: None; "


class Demo:
    """A demo process in a repository, with its own temporary folder.

    Attributes:
        temporary: the folder for the files of the demo and its services.
    """

    def __init__(self, repository: Path, temporary: Path, *options: str, first: str = "", **variables: str) -> None:
        self.temporary = temporary
        temporary.mkdir()
        self._out, self._err = temporary.with_suffix(".out"), temporary.with_suffix(".err")
        # A shell's background job ignores SIGINT, and so would its children: Ctrl-C could not end the demo.
        first = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {first}"
        program = f"{first}from roster.cli.main import run; raise SystemExit(run(['demo', *{options!r}]))"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program],
                cwd=repository,
                env={"PATH": "/usr/bin:/bin", "TMPDIR": str(temporary)} | variables,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def printed(self) -> str:
        """The standard output so far."""
        return self._out.read_text()

    @property
    def errors(self) -> str:
        """The standard error so far."""
        return self._err.read_text()

    def starts(self) -> None:
        """Wait until all services are ready."""
        until(lambda: self._lives() and "Press Ctrl-C to stop." in self.printed, 60)

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until a text was printed on standard error a number of times."""
        until(lambda: self._lives() and self.errors.count(text) >= times, 30)

    def _lives(self) -> bool:
        assert self.process.poll() is None, self.printed + self.errors
        return True

    def address(self, name: str) -> str:
        """Return the URL that it prints after a name, with an optional path appended."""
        return self.value(f"{name}.*?")

    def value(self, name: str) -> str:
        """Return the value printed after a name, which is a regular expression."""
        return str(re.findall(rf"^{name}  +(\S+)$", self.printed, re.MULTILINE)[0])

    def servers(self) -> list[int]:
        """Return the ids of the processes that use its folder."""
        marker = f"TMPDIR={self.temporary}/roster-demo-".encode()
        return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if marker in _read(path)]

    def server(self, command: bytes) -> int:
        """Return the id of the process whose command line contains a command. Others may end while they are read."""
        return next(pid for pid in self.servers() if command in _read(Path(f"/proc/{pid}/cmdline")))

    def ends(self, number: int = signal.SIGINT) -> int:
        """Send a signal to the process group, like a terminal; return the exit status."""
        os.killpg(self.process.pid, number)
        return self.process.wait(60)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def get(address: str) -> bytes:
    """Return the response of a URL."""
    with urllib.request.urlopen(address, timeout=10) as response:
        body: bytes = response.read()
        return body


@contextmanager
def demo(repository: Path, *options: str, first: str = "", **variables: str) -> Iterator[Demo]:
    """Start a demo; stop it and its services after the test."""
    started = Demo(repository, repository / "temporary", *options, first=first, **variables)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
            started.process.wait()
        for server in started.servers():
            os.kill(server, signal.SIGKILL)
