"""Third-party programs from npm, in the versions of the lock files in this folder and in the folders within it.

They are installed separately, so that tests of pages need not install the large programs for OpenAPI and GraphQL. To
update a lock file: ``npm install --package-lock-only --prefix FOLDER``.
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
PROJECTS = (HERE, HERE / "graphiql", HERE / "graphql", HERE / "openapi")
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
NO_REGISTRY = re.compile(r"code (ENOTFOUND|EAI_AGAIN|ECONN\w+|E?TIMEDOUT|ENETUNREACH|EHOSTUNREACH|E5\d\d|ENOTCACHED)")


def program(package: str, name: str = "") -> list[str]:
    """Return the command that starts a package's program; skip the test if it cannot be installed.

    ``name``: the program, where its name differs from the package's.
    """
    folder = folder_of(package)
    package_bin = json.loads((folder / "package.json").read_text())["bin"]
    script = package_bin if isinstance(package_bin, str) else package_bin[name or package]
    return ["node", str(folder / script)]


def folder_of(package: str) -> Path:
    """Return the folder of an installed package; skip the test if it cannot be installed."""
    require("node", "nodejs")
    require("npm")
    folder, reason = _installed(project_of(package))
    if reason:
        unavailable(f"needs {package} from npm, but {reason}")
    return folder / "node_modules" / package


def project_of(package: str) -> Path:
    """Return the folder of the project that requires a package."""
    (project,) = (each for each in PROJECTS if f'"{package}":' in (each / "package.json").read_text())
    return project


@functools.cache
def _installed(project: Path) -> tuple[Path, str]:
    """Install a project's lock file once; return the folder, and the reason if it is unavailable."""
    lock = (project / "package-lock.json").read_bytes()
    folder = ROOT / ".cache" / "node" / hashlib.sha256(lock).hexdigest()[:12]
    if folder.is_dir():
        return folder, ""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        # Renamed when complete, so that an interrupted or concurrent installation leaves no partial folder.
        unfinished = Path(temporary) / "node"
        unfinished.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(project / name, unfinished)
        done = subprocess.run(INSTALL, cwd=unfinished, capture_output=True, text=True, timeout=600)
        if unreachable := NO_REGISTRY.search(done.stderr):
            return folder, f"npm cannot reach a registry: {unreachable[0]}"
        assert done.returncode == 0, done.stderr
        if not folder.exists():
            unfinished.rename(folder)
    return folder, ""
