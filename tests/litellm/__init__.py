"""LiteLLM in an environment of its own, in the versions of requirements/litellm.lock (written by ``make lock``)."""

import functools
import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import ROOT
from tests.programs import unavailable

LOCK = ROOT / "requirements" / "litellm.lock"
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


def python() -> Path:
    """Return the Python that has LiteLLM; where it cannot be had, the test that asks is skipped."""
    folder, reason = _installed()
    if reason:
        unavailable(f"needs LiteLLM from PyPI, and {reason}")
    return folder / "bin" / "python"


@functools.cache
def _installed() -> tuple[Path, str]:
    """Install what the lock holds, once for each lock and Python; return where, and what stood in the way."""
    version = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = ROOT / ".cache" / "litellm" / version
    if folder.is_dir():
        return folder, ""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        # Under its own name only once it is whole, whatever happens to this process or to another one like it.
        whole = Path(temporary) / "environment"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", whole], check=True, timeout=60)
        pip = (sys.executable, "-m", "pip", "--python", whole, "install", *INSTALL, "--requirement", LOCK)
        done = subprocess.run(pip, capture_output=True, text=True, timeout=600)
        if unreachable := done.returncode and NO_REGISTRY.search(done.stderr):
            return folder, f"pip reaches no registry: {unreachable[0]}"
        assert done.returncode == 0, done.stderr
        if not folder.exists():
            whole.rename(folder)
    return folder, ""
