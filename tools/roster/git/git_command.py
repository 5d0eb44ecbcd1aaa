"""Running git: with English messages, in a repository's folder, and with a clear error if git fails."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roster.findings import ConfigurationError


def is_versioned(root: Path) -> bool:
    """Return whether a folder is in a git repository."""
    return any((folder / ".git").exists() for folder in (root, *root.absolute().parents))


def find_commit(root: Path, ref: str, action: str) -> str:
    """Return the full hash of a commit; empty if there is none, or if ``ref`` is an option or a range.

    ``action``: what the caller does with the commit, for the error message.

    Raises:
        ConfigurationError: git cannot be run or reports an error.
    """
    if ref.startswith("-"):
        return ""
    result = run(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if error := error_message(result.stderr):
        raise ConfigurationError(f"cannot {action}: {error}")
    commit = result.stdout.decode(errors="replace").strip()
    return commit if re.fullmatch("[0-9a-f]+", commit) else ""


def start(root: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start a git process with pipes for input, output and errors.

    Raises:
        ConfigurationError: git cannot be run.
    """
    pipe = subprocess.PIPE
    with _os_errors_reported():
        return subprocess.Popen(_command(root, *arguments), stdin=pipe, stdout=pipe, stderr=pipe, env=_environment())


def error_message(stderr: bytes) -> str:
    """Return git's error in one sentence, with git's advice if the repository belongs to another user."""
    text = stderr.decode(errors="replace").strip()
    first = text.partition("\n")[0].removeprefix("fatal: ")
    remedy = re.search("git config --global --add safe.directory .*", text)
    return f"{first}: if you trust it, run {remedy[0]}" if remedy else first


def output(root: Path, *arguments: str) -> str:
    """Run git, and return its standard output without surrounding space.

    Raises:
        ConfigurationError: git cannot be run or fails.
    """
    result = run(root, *arguments)
    if result.returncode:
        raise failure(arguments[0], result.stderr)
    return result.stdout.decode(errors="replace").strip()


def run(root: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """Run git, and return its output whatever its exit status.

    Raises:
        ConfigurationError: git cannot be run.
    """
    with _os_errors_reported():
        return subprocess.run(_command(root, *arguments), capture_output=True, check=False, env=_environment())


def failure(command: str, stderr: bytes) -> ConfigurationError:
    """Return the error for a git command that failed."""
    return ConfigurationError(f"git {command} failed: {error_message(stderr) or 'no reason given'}")


def is_shallow(root: Path) -> bool:
    """Return whether a clone lacks the beginning of its history.

    Raises:
        ConfigurationError: git cannot be run or fails.
    """
    return output(root, "rev-parse", "--is-shallow-repository") == "true"


def _command(root: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(root), *arguments]


@contextmanager
def _os_errors_reported() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"git cannot be run: {reason}; install it, or put it on PATH") from None


def _environment() -> dict[str, str]:
    return os.environ | {"LC_ALL": "C"}  # error_message() reads English
