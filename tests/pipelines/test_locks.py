"""The locks: each pins versions and hashes, and nothing else."""

import json
import re

import pytest

from tests.conftest import ROOT
from tests.litellm import INSTALL


def pins(lock: str) -> dict[str, str]:
    """Each package's version, once it is sure that the lock holds only pins, hashes and comments."""
    found: dict[str, str] = {}
    hashed: set[str] = set()
    name = ""
    for line in (ROOT / "requirements" / lock).read_text().splitlines():
        if pin := re.fullmatch(r"([a-z0-9-]+)==([\w.]+)( ; [^;]+)? \\", line):
            name = pin[1]
            found[name] = pin[2]
        elif re.fullmatch(r" {4}--hash=sha256:[0-9a-f]{64}( \\)?", line):
            hashed.add(name)
        else:
            assert re.fullmatch(r"( {4})?#.*", line), f"{lock} holds {line!r}"
            assert "/" not in line.replace("requirements/", ""), f"{lock} names a place: {line!r}"
    assert hashed == found.keys()
    return found


@pytest.mark.parametrize("lock", ["core.lock", "build.lock"])
def test_a_small_lock_is_part_of_the_large_one(lock: str):
    """Else `make build` and `make test` would take turns in replacing packages."""
    assert pins(lock).items() <= pins("dev.lock").items()


def test_the_lock_of_litellm_holds_versions_and_hashes():
    assert "litellm" in pins("litellm.lock")


def test_the_lock_of_the_test_tools_holds_hashes_and_no_place():
    """A registry's address in it would be one person's mirror."""
    lock = json.loads((ROOT / "tests" / "node" / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_the_lock_of_the_test_tools_is_up_to_date():
    wanted = json.loads((ROOT / "tests" / "node" / "package.json").read_text())["dependencies"]
    locked = json.loads((ROOT / "tests" / "node" / "package-lock.json").read_text())["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_every_install_from_a_lock_skips_dependency_resolution():
    """An old pip resolves extras again in hash mode, and takes releases that the lock does not have."""
    installs = [line for line in (ROOT / "Makefile").read_text().splitlines() if "--require-hashes" in line]
    assert [line for line in [*installs, " ".join(INSTALL)] if "--no-deps" not in line] == []
