"""Lock files: they contain only pinned versions and hashes."""

import itertools
import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.locked_environment import INSTALL
from tests.node import PROJECTS


def pins(lock: str) -> dict[str, str]:
    """Return each package's version; check that the lock file contains only pins, hashes and comments."""
    versions: dict[str, str] = {}
    hashed: set[str] = set()
    name = ""
    for line in (ROOT / "requirements" / lock).read_text().splitlines():
        if pin := re.fullmatch(r"([a-z0-9-]+)==([\w.]+)( ; [^;]+)? \\", line):
            name = pin[1]
            versions[name] = pin[2]
        elif re.fullmatch(r" {4}--hash=sha256:[0-9a-f]{64}( \\)?", line):
            hashed.add(name)
        else:
            assert re.fullmatch(r"( {4})?#.*", line), f"{lock} contains {line!r}"
            assert "/" not in line.replace("requirements/", ""), f"{lock} contains a URL or path: {line!r}"
    assert hashed == versions.keys()
    return versions


@pytest.mark.parametrize("lock", ["core.lock", "gateway.lock", "servers.lock", "build.lock"])
def test_small_lock_is_subset_of_large_one(lock: str):
    """Otherwise `make build` and `make test` would replace each other's packages."""
    assert pins(lock).items() <= pins("dev.lock").items()


def test_lowest_lock_has_the_lower_bound_of_each_dependency():
    """Otherwise another dependency requires a newer version, and `make test-lowest` does not test the bound."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    del extras["probe"]  # only LiteLLM, whose tests have an environment of their own
    requirements = [*project["dependencies"], *itertools.chain(*extras.values())]
    bounds = dict(re.findall(r"^([a-z0-9-]+)(?:\[\w+\])?>=([\d.]+)", "\n".join(requirements), re.MULTILINE))
    assert len(bounds) == len({re.split(r"\W*[\[>]", each)[0] for each in requirements})
    locked = pins("lowest.lock")
    assert {name: release(locked[name]) for name in bounds} == {name: release(bounds[name]) for name in bounds}


def release(version: str) -> list[int]:
    """Return the numbers of a version, without zeros at the end."""
    return list(map(int, re.sub(r"(\.0)+$", "", version).split(".")))


def test_locks_of_other_environments_are_valid():
    assert "litellm" in pins("litellm.lock")
    assert "openapi-python-client" in pins("openapi-client.lock")
    assert "gql" in pins("graphql-client.lock")
    assert "kubernetes-validate" in pins("kubernetes.lock")


def test_probe_accepts_the_versions_of_litellm_that_tests_use():
    content = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (extra,), (group,) = content["project"]["optional-dependencies"]["probe"], content["dependency-groups"]["litellm"]
    assert extra == group.replace("[proxy]", "")


def test_probe_lock_has_the_tested_versions():
    """It is installed into the environment of core.lock, and tests run with the versions of litellm.lock."""
    locked = pins("probe.lock")
    assert pins("core.lock").items() <= locked.items()
    assert locked.items() <= (pins("litellm.lock") | pins("core.lock")).items()


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_npm_lock_has_hashes_and_no_urls(project: Path):
    """URLs would be those of one person's registry mirror."""
    lock = json.loads((project / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_npm_lock_is_up_to_date(project: Path):
    required = json.loads((project / "package.json").read_text())["dependencies"]
    locked = json.loads((project / "package-lock.json").read_text())["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in required} == required


def test_every_install_from_a_lock_skips_dependency_resolution():
    """In hash mode, old versions of pip resolve extras again and select releases that are not in the lock file."""
    installs = [line for line in (ROOT / "Makefile").read_text().splitlines() if "--require-hashes" in line]
    assert [line for line in [*installs, " ".join(INSTALL)] if "--no-deps" not in line] == []
