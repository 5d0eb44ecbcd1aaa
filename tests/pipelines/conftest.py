"""Fixtures: git repositories with this repository's working tree, and with rosters only."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, copy_data, git
from tests.programs import unavailable


@pytest.fixture(scope="session")
def committed_toolkit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with this repository's working tree, uncommitted changes included, as its only commit."""
    folder = tmp_path_factory.mktemp("committed-toolkit")
    git(folder, "init", "--quiet")
    git(folder, "--git-dir", str(folder / ".git"), "--work-tree", str(ROOT), "add", "--all")
    git(folder, "commit", "--quiet", "--message", "now")
    git(folder, "reset", "--quiet", "--hard")
    return folder


@pytest.fixture
def clone(committed_toolkit: Path, tmp_path: Path) -> Path:
    """A clone of this repository, which a test may change."""
    folder = tmp_path / "roster"
    git(tmp_path, "clone", "--quiet", str(committed_toolkit), str(folder))
    git(folder, "remote", "set-url", "origin", "https://gitlab.example.com/platform/roster.git")
    return folder


@pytest.fixture
def rosters_repository(tmp_path: Path) -> Path:
    """A repository with rosters and without ``schemas/``."""
    folder = tmp_path / "other"
    copy_data(folder, "env")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "rosters")
    git(folder, "remote", "add", "origin", "https://gitlab.example.com/product/other.git")
    return folder


@pytest.fixture(scope="session")
def _registry(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Require a package registry that is reachable by pip."""
    folder = tmp_path_factory.mktemp("download")
    download = ("download", "--quiet", "--no-deps", "--no-cache-dir", "--retries=1", "--timeout=15", "--dest", folder)
    done = subprocess.run([sys.executable, "-m", "pip", *download, "hatchling"], capture_output=True, text=True)
    if done.returncode:
        unavailable(f"installs packages, but pip cannot reach a registry: {done.stderr.strip().splitlines()[-1]}")
