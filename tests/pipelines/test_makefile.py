"""The Makefile: the virtual environment has the Python that the caller chose."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.programs import require

pytestmark = pytest.mark.slow

PYTHON = """#!/bin/sh
# Prints its identity; creates an environment with a copy of itself.
case $1 in
-c) case $2 in *version_info*) exit {status} ;; *) echo /usr {version} ;; esac ;;
-m) rm -rf .venv && mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    require("make")
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name, status in (("3.12", 0), ("3.13", 0), ("3.10", 1)):
        path = tmp_path / f"python{name}"
        path.write_text(PYTHON.format(version=name, status=status))
        path.chmod(0o755)
    (tmp_path / "python3").symlink_to("python3.12")
    return tmp_path


def make(folder: Path, *arguments: str, **variables: str) -> tuple[int, bool]:
    """Run make; return its exit status, and whether it created an environment."""
    stamp = folder / ".venv" / "created-before"
    if stamp.parent.exists():
        stamp.touch()
    environment = {"PATH": f"{folder}:{os.environ['PATH']}"} | variables
    done = subprocess.run(
        ["make", ".venv/venv.stamp", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, not stamp.exists()


def version(folder: Path) -> str:
    done = subprocess.run([folder / ".venv/bin/python", "-c", ""], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


def test_environment_is_replaced_if_another_python_is_chosen(folder: Path):
    assert make(folder) == (0, True)
    assert make(folder) == (0, False)
    assert version(folder) == "3.12"
    assert make(folder, "PYTHON=python3.13") == (0, True)
    assert version(folder) == "3.13"
    assert make(folder, "PYTHON=python3.13") == (0, False)
    assert make(folder, PYTHON="python3.12") == (0, True)
    assert version(folder) == "3.12"


def test_environment_is_kept_if_no_other_python_is_chosen(folder: Path):
    make(folder, "PYTHON=python3.13")
    for arguments in ((), ("PYTHON=.venv/bin/python",), ("PYTHON=./python3.13",)):
        assert make(folder, *arguments) == (0, False)
    assert version(folder) == "3.13"


@pytest.mark.parametrize("python", ["python3.10", "python3.99"])
def test_unusable_python_does_not_replace_environment(folder: Path, python: str):
    make(folder)
    assert make(folder, f"PYTHON={python}") == (2, False)
    assert version(folder) == "3.12"
