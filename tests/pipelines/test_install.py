"""Installation methods: the message about a missing extra shows a command that installs it.

The tests need no network: dependencies come from the environment of the tests.
"""

import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.gateway.gateway_helpers import without

pytestmark = pytest.mark.slow

OFFLINE = ("--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check")


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The Python of a fresh virtual environment, which also sees the packages of the tests' environment."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True, timeout=120)
    (site_packages,) = (tmp_path / "venv/lib").glob("python*/site-packages")
    (site_packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return tmp_path / "venv/bin/python"


def wheel(clone: Path) -> str:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(clone.parent / "wheels")]
    subprocess.run(build, cwd=clone, capture_output=True, check=True, timeout=120)
    (file,) = (clone.parent / "wheels").glob("roster_toolkit-*.whl")
    return str(file)


SOURCES = {
    "wheel": (lambda clone: (wheel(clone),), "roster-toolkit[gateway] @ file://"),
    "git": (lambda clone: (f"git+{clone.as_uri()}",), "roster-toolkit[gateway] @ git+file://localhost/"),
    "folder": (lambda clone: (str(clone),), "roster[gateway]"),
    "editable": (lambda clone: ("--editable", str(clone)), "--editable"),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_message_about_missing_extra_names_working_command(kind: str, python: Path, clone: Path, tmp_path: Path):
    arguments, expected = SOURCES[kind]
    pip = [str(python), "-m", "pip", "install", *OFFLINE]
    done = subprocess.run([*pip, *arguments(clone)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    done = subprocess.run(
        [python.with_name("roster"), "gateway", "fetch"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": without("urllib3", tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    message, _, command = done.stderr.partition(": ")[2].partition(": ")
    assert message == "urllib3 is not installed; install the extra 'gateway'"
    assert expected in command
    command_line = shlex.split(command)
    assert command_line[0] == str(python)
    done = subprocess.run([*command_line, *OFFLINE], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
