"""What makes the command pleasant: its version, quiet."""

import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT, Run, edit

PRODUCTION = "env/production/offered_models_metadata.yaml"


@pytest.fixture
def slip(checkout: Path) -> Path:
    """A repository with one finding."""
    edit(checkout / PRODUCTION, "features: [code-generation", "features: [code-generatoin")
    return checkout


def test_the_version_is_that_of_the_package(roster: Run):
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    done = roster("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"roster, version {declared}\n", "")


@pytest.mark.parametrize("quiet", ["--quiet", "-q"])
def test_a_quiet_check_prints_findings_only(roster: Run, slip: Path, quiet: str):
    loud, silent = roster("check"), roster("check", quiet)
    assert loud.stderr != silent.stderr == ""
    assert loud.stdout == silent.stdout != ""
    assert loud.returncode == silent.returncode == 1


def test_a_quiet_check_of_a_clean_repository_prints_nothing(roster: Run):
    done = roster("check", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
