"""Programs of others that come from npm, in the versions of the lock beside this file.

``npm install --package-lock-only --prefix tests/node`` writes the lock anew.
"""

import functools
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.conftest import ROOT
from tests.programs import require, unavailable

HERE = Path(__file__).parent
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
NO_REGISTRY = re.compile(r"code (ENOTFOUND|EAI_AGAIN|ECONN\w+|E?TIMEDOUT|ENETUNREACH|EHOSTUNREACH|E5\d\d|ENOTCACHED)")


def program(package: str) -> list[str]:
    """Return the command that starts a package's program; where it cannot be had, the test that asks is skipped."""
    folder = folder_of(package)
    about = json.loads((folder / "package.json").read_text())
    start = about["bin"] if isinstance(about["bin"], str) else about["bin"][package]
    return ["node", str(folder / start)]


def folder_of(package: str) -> Path:
    """Return where a package is installed; where it cannot be had, the test that asks is skipped."""
    require("node", "nodejs")
    require("npm")
    folder, reason = _installed()
    if reason:
        unavailable(f"needs {package} from npm, and {reason}")
    return folder / "node_modules" / package


@functools.cache
def _installed() -> tuple[Path, str]:
    """Install what the lock holds, once for each lock; return where, and what stood in the way."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = ROOT / ".cache" / "node" / hashlib.sha256(lock).hexdigest()[:12]
    if folder.is_dir():
        return folder, ""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        # Under its own name only once it is whole, whatever happens to this process or to another one like it.
        whole = shutil.copytree(HERE, Path(temporary) / "node", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        done = subprocess.run(INSTALL, cwd=whole, capture_output=True, text=True, timeout=300)
        if unreachable := NO_REGISTRY.search(done.stderr):
            return folder, f"npm reaches no registry: {unreachable[0]}"
        assert done.returncode == 0, done.stderr
        if not folder.exists():
            whole.rename(folder)
    return folder, ""
