"""Commands that prompt on a terminal."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path


def rosters(checkout: Path) -> dict[str, bytes]:
    """Return every file under ``env/``, so that a test notices additional files, too."""
    return {
        path.relative_to(checkout).as_posix(): path.read_bytes() for path in checkout.glob("env/**/*") if path.is_file()
    }


def enable_ctrl_c() -> None:
    """Make the terminal the process's controlling terminal, and restore Ctrl-C, which background jobs ignore."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class PromptSession:
    """A command that prompts on a terminal of its own; its standard output is a pipe."""

    def __init__(self, checkout: Path, *arguments: str, command: str = "new") -> None:
        self.shown = ""
        self._terminal, command_end = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "roster", command, *arguments],
            cwd=checkout,
            env={"PATH": "/usr/bin:/bin", "TERM": "dumb", "LC_ALL": "C.UTF-8"},
            stdin=command_end,
            stdout=subprocess.PIPE,
            stderr=command_end,
            start_new_session=True,
            preexec_fn=enable_ctrl_c,
        )
        os.close(command_end)

    def answer(self, *conversation: tuple[str, str]) -> "PromptSession":
        """Wait for each prompt, and answer it."""
        for prompt, answer in conversation:
            before = len(self.shown)
            while f"{prompt}: " not in self.shown[before:]:
                assert self._read(), f"no prompt {prompt!r}: {self.shown}"
            if not answer.endswith("\n"):
                time.sleep(0.5)  # Python misses a signal between a prompt and the wait for its answer
            os.write(self._terminal, answer.encode())
        return self

    def end(self) -> "subprocess.CompletedProcess[str]":
        """Wait for the command to end; the text on its terminal is the result's standard error."""
        while self._read():
            pass
        output, _ = self._process.communicate(timeout=60)
        os.close(self._terminal)
        shown = self.shown.replace("\r\n", "\n")
        return subprocess.CompletedProcess("roster", self._process.returncode, output.decode(), shown)

    def hang_up(self) -> int:
        """Close the terminal, and return the exit status."""
        os.close(self._terminal)
        self._process.communicate(timeout=60)
        return self._process.returncode

    def _read(self) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], 60)
        try:
            text = os.read(self._terminal, 65536).decode() if ready else ""
        except OSError:  # the other end of the terminal is closed
            text = ""
        self.shown += text
        return bool(text)
