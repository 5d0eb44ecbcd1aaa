"""The command, and shells, on pseudo-terminals."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

COLUMNS = 200
PLAIN = {"PATH": "/usr/bin:/bin", "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}


def on_a_terminal(*arguments: str, cwd: Path, stream: str = "stdout", before: str = "", **environment: str) -> str:
    """Run the command with one of its streams on a terminal, and return what it writes there.

    ``before`` is Python code that runs first in the same process.
    """
    script = f"{before}\nfrom roster.cli.main import run\nraise SystemExit(run({arguments!r}))"
    controller, terminal_end = pty.openpty()
    out, err = (terminal_end if stream == name else subprocess.DEVNULL for name in ("stdout", "stderr"))
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=cwd, env=PLAIN | environment, stdout=out, stderr=err) as process:
        os.close(terminal_end)
        text = read_all(controller)
        process.wait(30)
    return text


def typed(command: list[str], keys: str, cwd: Path, environment: dict[str, str]) -> str:
    """Start a shell in a terminal, type keys, and return all output until the shell exits."""
    process, controller = pty.fork()
    if process == 0:
        os.chdir(cwd)
        os.execve(command[0], command, environment)
    fcntl.ioctl(controller, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    os.write(controller, keys.encode())
    text = read_all(controller)
    os.waitpid(process, 0)
    return text


def read_all(terminal: int, seconds: float = 60) -> str:
    """Read a terminal until its other end is closed."""
    text, end = b"", time.monotonic() + seconds
    try:
        while select.select([terminal], [], [], max(0, end - time.monotonic()))[0] and (
            part := os.read(terminal, 65536)
        ):
            text += part
    except OSError:  # the other end is closed
        pass
    os.close(terminal)
    return text.decode()
