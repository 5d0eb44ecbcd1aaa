"""Programs that the slow tests run: where one is missing, its tests are skipped on a workstation and fail in CI.

``.ci/tools`` installs all of them on Debian.
"""

import os
import shutil
from typing import NoReturn

import pytest

SYSTEM_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
"""Debian installs nginx into a folder that is not on everybody's path."""


def require(program: str, package: str = "") -> str:
    """Return the path of a program; without it, skip the test, or fail it in CI.

    ``package``: the Debian package, where its name differs from the program's.
    """
    return shutil.which(program, path=SYSTEM_PATH) or unavailable(
        f"needs {program} (Debian: apt-get install {package or program})"
    )


def unavailable(reason: str) -> NoReturn:
    """Skip the current test, or fail it in CI, where everything that tests need is installed."""
    (pytest.fail if "CI" in os.environ else pytest.skip)(reason)
