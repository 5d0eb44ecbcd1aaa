"""A repository to check rosters in, with fixed registries."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from roster.check import trial_period
from roster.cli.main import run
from roster.docs import examples
from roster.registries import CAPABILITIES, ENVIRONMENTS, FAMILIES, FEATURES, PROVIDER_FACTS, PROVIDERS
from roster.roster import ROSTER_FILE
from tests.conftest import copy_data, disable_rule, git

HERE = Path(__file__).parent
TODAY = examples.TODAY.isoformat()
SCHEMA_LINE = "missing-schema-line"
"""A rule that nearly every case would violate, because the cases leave the line out. Tests that do not name it disable
it."""
REGISTRIES = {
    Path(path).name: path for path in (FEATURES, FAMILIES, PROVIDERS, CAPABILITIES, PROVIDER_FACTS, ENVIRONMENTS)
}

Files = Mapping[str, bytes]
"""The files of a case by path; ``before: `` and a path is the file's content in the previous commit."""
Check = Callable[[Files], tuple[int, str]]
"""Runs ``roster check`` on a repository with some files; returns the exit status and all output."""


def registries(folder: Path) -> dict[str, bytes]:
    """Return the registries in a folder, as files of a repository."""
    return {path: (folder / name).read_bytes() for name, path in REGISTRIES.items() if (folder / name).is_file()}


@pytest.fixture(scope="session")
def without_rosters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the examples' registries and their schema."""
    root = tmp_path_factory.mktemp("without-rosters")
    copy_data(root, "schemas")
    put(root, examples.registries(["production"]))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        assert run(["schema"]) == 0
    return root


@pytest.fixture
def check(
    without_rosters: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> Check:
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{examples.COMMIT_DAY}T12:00:00Z")
    monkeypatch.setattr(trial_period, "current_date", lambda: examples.TODAY)
    if SCHEMA_LINE not in request.node.name:
        disable_rule(SCHEMA_LINE, monkeypatch)

    def checked(files: Files) -> tuple[int, str]:
        shutil.copytree(without_rosters, tmp_path, dirs_exist_ok=True)
        before, after = examples.split_versions(files)
        if before:
            commit(tmp_path, before)
        put(tmp_path, after)
        status = run(["check", "--at", TODAY, *(["--changed-since", "HEAD"] if before else [])])
        output = capsys.readouterr()
        return status, output.out + re.sub("^compared with .*\n", "", output.err)

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return checked


def commit(root: Path, files: Files) -> None:
    """Commit the files before a change, then remove the rosters."""
    put(root, files)
    git(root, "init")
    git(root, "add", "--all")
    git(root, "commit", "--allow-empty", "--message", "before")
    for path in files:
        if path.endswith(ROSTER_FILE):
            (root / path).unlink()


def put(root: Path, files: Files) -> None:
    """Write files into a folder."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
