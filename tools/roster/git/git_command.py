"""How git is run: in English, in a repository's folder, and with a clear sentence where it cannot be."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roster.findings import ConfigurationError


def is_versioned(root: Path) -> bool:
    """Say whether a folder is in a git repository."""
    return any((folder / ".git").exists() for folder in (root, *root.absolute().parents))


def find_commit(root: Path, ref: str, wanted: str) -> str:
    """Return the full name of a commit; nothing where there is none, or where ``ref`` is an option or a range.

    ``wanted``: what was to be done with it, for a person to read.
    """
    if ref.startswith("-"):
        return ""
    done = run(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if told := error_message(done.stderr):
        raise ConfigurationError(f"nothing can be {wanted}: {told}")
    name = done.stdout.decode(errors="replace").strip()
    return name if re.fullmatch("[0-9a-f]+", name) else ""


def start(root: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start a git that is asked and answers through pipes.

    Raises:
        ConfigurationError: git is not installed or cannot be run.
    """
    pipe = subprocess.PIPE
    with _runnable():
        return subprocess.Popen(_command(root, *arguments), stdin=pipe, stdout=pipe, stderr=pipe, env=_in_english())


def error_message(told: bytes) -> str:
    """Return git's complaint in one sentence, with what it recommends where a repository belongs to somebody else."""
    output = told.decode(errors="replace").strip()
    first = output.partition("\n")[0].removeprefix("fatal: ")
    remedy = re.search("git config --global --add safe.directory .*", output)
    return f"{first}: if you trust it, run {remedy[0]}" if remedy else first


def output(root: Path, *arguments: str) -> str:
    """Return what git prints, without the space around it.

    Raises:
        ConfigurationError: git cannot be run or refuses.
    """
    return _output(root, *arguments).decode(errors="replace").strip()


def _output(root: Path, *arguments: str) -> bytes:
    done = run(root, *arguments)
    if done.returncode:
        raise ConfigurationError(f"git {arguments[0]} failed: {error_message(done.stderr) or 'no reason given'}")
    return done.stdout


def run(root: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """Run git, whatever status it ends with.

    Raises:
        ConfigurationError: git is not installed or cannot be run.
    """
    with _runnable():
        return subprocess.run(_command(root, *arguments), capture_output=True, check=False, env=_in_english())


def _command(root: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(root), *arguments]


@contextmanager
def _runnable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"git cannot be run: {reason}; install it, or put it on PATH") from None


def _in_english() -> dict[str, str]:
    """Return an environment in which git's messages can be looked into."""
    return os.environ | {"LC_ALL": "C"}
