"""Running git: the only module that starts it.

Callers use plumbing commands, whose output does not depend on the user's configuration. Variables that select another
repository (a hook, ``rebase --exec`` or an alias exports ``GIT_DIR``) or change the output are dropped. A process that
waits for a prompt or for the network is stopped after a time limit.
"""

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from roster.findings import ConfigurationError
from roster.repository import working_tree_root

TIME_LIMIT = 60.0
"""The seconds that git may take for a command, or for one answer of several."""
_MAX_MESSAGES = 1 << 20
_PARTIAL_CLONE_ADVICE = "a partial clone must reach its remote: run git fetch to check it, or clone without --filter"
_KEPT_VARIABLES = re.compile(
    "GIT_(CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|EXEC_PATH|NO_LAZY_FETCH"
    "|ASKPASS|SSH(_COMMAND|_VARIANT)?|(SSL|HTTP|PROXY)_.*|ALLOW_PROTOCOL|TEST_ASSUME_DIFFERENT_OWNER)"
)
"""Variables that git needs to find a repository, its configuration and its remote, or to test who owns it. All others
that start with ``GIT_`` are dropped: those of ``git rev-parse --local-env-vars``, and those of git versions to come."""
_KEPT_CONFIGURATION = re.compile(r"(safe|credential|http|url|protocol|ssh)\..*|core\.(sshcommand|askpass)", re.I)
"""Keys of ``GIT_CONFIG_KEY_<n>`` that are kept: they decide whether a repository may be read and its remote reached."""
_SETTINGS = {
    "LC_ALL": "C",  # error_message() reads English
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",  # an environment's name is no pattern
    "GIT_NO_REPLACE_OBJECTS": "1",  # replaced and grafted commits are in one clone only
    "GIT_GRAFT_FILE": os.devnull,
}


class GitProcess:
    """A git process that answers requests; a context manager that stops it.

    Raises:
        ConfigurationError: git cannot be run.
    """

    def __init__(self, root: Path, *arguments: str) -> None:
        self.command = arguments[0]
        # in a pipe, messages of git could fill up, and a program that git leaves running would keep it open
        self._stderr = _open_messages()
        with _os_errors_reported():
            self._process = subprocess.Popen(
                ["git", "--no-pager", "-c", "core.fsmonitor=false", "-C", str(root), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env=_environment(os.environ),
                start_new_session=True,  # without a terminal, nothing can prompt
            )
        assert self._process.stdin is not None  # both are pipes
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._buffer = bytearray()

    def __enter__(self) -> "GitProcess":
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self.stop()
        self._stderr.close()

    def request(self, data: bytes) -> None:
        """Write to git's standard input.

        Raises:
            ConfigurationError: git has ended.
        """
        try:
            self._stdin.write(data)
            self._stdin.flush()
        except OSError:
            raise self.failure() from None

    def line(self) -> bytes:
        """Return the next line without its line break; empty at the end.

        Raises:
            ConfigurationError: git does not answer in time.
        """
        while b"\n" not in self._buffer and self._receive():
            pass
        line, _, self._buffer = self._buffer.partition(b"\n")
        return bytes(line)

    def read(self, size: int) -> bytes:
        """Return the next bytes; fewer at the end.

        Raises:
            ConfigurationError: git does not answer in time.
        """
        while len(self._buffer) < size and self._receive():
            pass
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def finish(self, data: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        """Write all input, read the output to its end, and wait for git to end.

        Raises:
            ConfigurationError: git does not end in time.
        """
        try:
            stdout, _ = self._process.communicate(data, timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            raise self._too_slow() from None
        return subprocess.CompletedProcess(self._process.args, self._process.returncode, stdout, self.messages())

    def messages(self) -> bytes:
        """Return what git wrote to its standard error so far."""
        return os.pread(self._stderr.fileno(), _MAX_MESSAGES, 0)

    def failure(self) -> ConfigurationError:
        """Stop git, and return the error that it reported."""
        with suppress(subprocess.TimeoutExpired):  # it has closed its output, and ends
            self._process.wait(timeout=1)
        self.stop()
        return failure(self.command, self.messages())

    def stop(self) -> None:
        """End git and everything that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._stdin, self._stdout):
            with suppress(OSError):
                stream.close()

    def _receive(self) -> bool:
        """Wait for output; return whether there was any before the end."""
        if not select.select([self._stdout], [], [], TIME_LIMIT)[0]:
            raise self._too_slow()
        data = os.read(self._stdout.fileno(), 1 << 16)
        self._buffer += data
        return bool(data)

    def _too_slow(self) -> ConfigurationError:
        self.stop()
        return ConfigurationError(
            f"git {self.command} was stopped: no answer within {TIME_LIMIT:.0f} seconds; {_PARTIAL_CLONE_ADVICE}"
        )


def _open_messages() -> IO[bytes]:
    """Open a file without a name for git's messages; on Linux in memory: a container may have no folder for it."""
    if sys.platform == "linux":
        return os.fdopen(os.memfd_create("git-messages"), "w+b")
    import tempfile

    return tempfile.TemporaryFile()


def run(root: Path, *arguments: str, data: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """Run git, and return its output whatever its exit status.

    Raises:
        ConfigurationError: git cannot be run, or takes too long.
    """
    with GitProcess(root, *arguments) as process:
        return process.finish(data)


def output(root: Path, *arguments: str) -> str:
    """Run git, and return its standard output without the line break at its end.

    Raises:
        ConfigurationError: git cannot be run, fails, or takes too long.
    """
    result = run(root, *arguments)
    if result.returncode:
        raise failure(arguments[0], result.stderr)
    return result.stdout.decode(errors="surrogateescape").removesuffix("\n")


def find_commit(root: Path, ref: str, action: str) -> str:
    """Return the full hash of a commit; empty if there is none, or if ``ref`` is an option or a range.

    ``action``: what the caller does with the commit, for the error message.

    Raises:
        ConfigurationError: git cannot be run or reports an error.
    """
    if ref.startswith("-"):
        return ""
    result = run(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if result.returncode > 1:
        raise ConfigurationError(f"cannot {action}: {error_message(result.stderr)}")
    commit = result.stdout.decode(errors="replace").strip()
    return commit if result.returncode == 0 and re.fullmatch("[0-9a-f]+", commit) else ""


def is_shallow(root: Path) -> bool:
    """Return whether a clone lacks the beginning of its history.

    Raises:
        ConfigurationError: git cannot be run or fails.
    """
    return output(root, "rev-parse", "--is-shallow-repository") == "true"


def prefix(root: Path) -> str:
    """Return the path of a folder from the top of its working tree, with a slash at its end; empty at the top.

    Raises:
        ConfigurationError: git cannot be run or fails, or the folder is in no working tree.
    """
    is_inside, _, path = output(root, "rev-parse", "--is-inside-work-tree", "--show-prefix").partition("\n")
    top = working_tree_root(root)
    if is_inside != "true" or not top or (top / path) != root.resolve():
        raise ConfigurationError(
            f"{root} is not in the working tree of its git repository: run roster in one (git worktree add), "
            "or correct core.worktree or core.bare in the configuration of git"
        )
    return path


def failure(command: str, stderr: bytes) -> ConfigurationError:
    """Return the error for a git command that failed."""
    advice = f"; {_PARTIAL_CLONE_ADVICE}" if b" from promisor remote" in stderr else ""
    return ConfigurationError(f"git {command} failed: {error_message(stderr) or 'no reason given'}{advice}")


def error_message(stderr: bytes) -> str:
    """Return git's error in one sentence, with git's advice if the repository belongs to another user.

    Configuration can make git write other lines, such as traces and warnings.
    """
    text = stderr.decode(errors="replace").strip()
    error = re.search("^(?:fatal|error): (.*)", text, re.MULTILINE)
    first = error[1] if error else text.partition("\n")[0]
    remedy = re.search("git config --global --add safe.directory .*", text)
    return f"{first}: if you trust it, run {remedy[0]}" if remedy else first


@contextmanager
def _os_errors_reported() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"git cannot be run: {reason}; install it, or put it on PATH") from None


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a git process."""
    kept = {
        name: value
        for name, value in variables.items()
        if not name.startswith("GIT_") or _KEPT_VARIABLES.fullmatch(name)
    }
    return kept | _kept_configuration(variables) | _SETTINGS


def _kept_configuration(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of ``GIT_CONFIG_COUNT`` that do not change what git prints."""
    count = variables.get("GIT_CONFIG_COUNT", "")
    names = [str(number) for number in range(int(count))] if re.fullmatch("[0-9]{1,4}", count) else []
    pairs = [(variables.get(f"GIT_CONFIG_KEY_{name}", ""), variables.get(f"GIT_CONFIG_VALUE_{name}")) for name in names]
    kept = [(key, value) for key, value in pairs if value is not None and _KEPT_CONFIGURATION.fullmatch(key)]
    numbered = {"GIT_CONFIG_COUNT": str(len(kept))}
    for number, (key, value) in enumerate(kept):
        numbered |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return numbered
