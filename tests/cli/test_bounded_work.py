"""The work of a check is bounded: 2 seconds of CPU and 256 MiB for any file."""

import shutil
from pathlib import Path

import pytest

from roster.roster import roster_path
from tests.conftest import ROOT, Run, copy_data
from tests.hostile_shapes import SHAPES
from tests.resource_limits import run_within_limits

REPORTS = ("text", "json", "codequality", "junit", "sarif", "github")


def test_small_hostile_rosters_are_checked(roster: Run, checkout: Path):
    failures = {}
    for name, shape in SHAPES.items():
        (checkout / roster_path("production")).write_text(shape(0.0005), newline="")
        done = roster("check")
        if done.returncode not in (0, 1) or "Traceback" in done.stderr:
            failures[name] = done.stderr
    assert failures == {}


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_check_of_hostile_roster_is_bounded(shape: str, tmp_path: Path):
    repository(tmp_path, SHAPES[shape](1))
    status = run_within_limits(tmp_path, "-m", "roster", "check")
    assert status in (0, 1), (tmp_path / "err").read_text()[-500:]
    assert (tmp_path / "out").stat().st_size < 5_000_000


@pytest.mark.slow
@pytest.mark.parametrize("output", REPORTS)
def test_report_of_many_findings_is_bounded(output: str, tmp_path: Path):
    repository(tmp_path, SHAPES["wrong values"](1))
    assert run_within_limits(tmp_path, "-m", "roster", "check", "--format", output) == 1


def repository(root: Path, roster: str) -> None:
    """Write a repository with one roster."""
    copy_data(root, "schemas")
    path = root / roster_path("production")
    path.parent.mkdir(parents=True)
    path.write_text(roster, newline="")
    shutil.copy(ROOT / "tests/yaml/environments.yaml", root / "env/environments.yaml")
