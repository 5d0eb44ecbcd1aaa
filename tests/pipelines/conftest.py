"""This repository, and another one that only holds rosters, as pre-commit and GitLab see them: in git."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, git
from tests.programs import unavailable


@pytest.fixture(scope="session")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository as it is now, changes included, in one commit of another git repository. Clone it."""
    folder = tmp_path_factory.mktemp("committed")
    git(folder, "init", "--quiet")
    git(folder, "--git-dir", str(folder / ".git"), "--work-tree", str(ROOT), "add", "--all")
    git(folder, "commit", "--quiet", "--message", "now")
    git(folder, "reset", "--quiet", "--hard")
    return folder


@pytest.fixture
def clone(committed: Path, tmp_path: Path) -> Path:
    """A clone of this repository to change and to run things in."""
    folder = tmp_path / "roster"
    git(tmp_path, "clone", "--quiet", str(committed), str(folder))
    git(folder, "remote", "set-url", "origin", "https://gitlab.example.com/platform/roster.git")
    return folder


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A repository with rosters of its own, and no ``schemas/``."""
    folder = tmp_path / "other"
    shutil.copytree(ROOT / "env", folder / "env")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "rosters")
    git(folder, "remote", "add", "origin", "https://gitlab.example.com/product/other.git")
    return folder


@pytest.fixture(scope="session")
def _registry(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Require a package registry that pip reaches."""
    folder = tmp_path_factory.mktemp("download")
    download = ("download", "--quiet", "--no-deps", "--no-cache-dir", "--retries=1", "--timeout=15", "--dest", folder)
    done = subprocess.run([sys.executable, "-m", "pip", *download, "hatchling"], capture_output=True, text=True)
    if done.returncode:
        unavailable(f"installs packages, and pip reaches no registry: {done.stderr.strip().splitlines()[-1]}")
