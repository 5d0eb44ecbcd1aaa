"""Python environments of their own, for packages that only tests need, installed from a lock in ``requirements``."""

import functools
import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import ROOT
from tests.programs import unavailable

INSTALL = (
    "--quiet",
    "--no-input",
    "--disable-pip-version-check",
    "--retries=1",
    "--require-hashes",
    "--no-deps",
    "--only-binary=:all:",
)
NO_REGISTRY = re.compile(r"NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError|ProxyError")


def python_of(name: str) -> Path:
    """Return the Python of the environment with ``requirements/<name>.lock``; skip the test if that is unavailable."""
    folder, reason = _installed(name)
    if reason:
        unavailable(f"needs {name}.lock from PyPI, but {reason}")
    return folder / "bin" / "python"


@functools.cache
def _installed(name: str) -> tuple[Path, str]:
    """Install a lock file, once per lock file and Python; return the folder, and the reason if it is unavailable."""
    lock = ROOT / "requirements" / f"{name}.lock"
    version = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = ROOT / ".cache" / name / version
    if folder.is_dir():
        return folder, ""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        # Renamed when complete, so that an interrupted or concurrent installation leaves no partial folder.
        unfinished = Path(temporary) / "environment"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", unfinished], check=True, timeout=60)
        pip = (sys.executable, "-m", "pip", "--python", unfinished, "install", *INSTALL, "--requirement", lock)
        done = subprocess.run(pip, capture_output=True, text=True, timeout=600)
        if unreachable := done.returncode and NO_REGISTRY.search(done.stderr):
            return folder, f"pip cannot reach a registry: {unreachable[0]}"
        assert done.returncode == 0, done.stderr
        if not folder.exists():
            unfinished.rename(folder)
    return folder, ""
