"""Hooks run by pre-commit: our own in this repository, the published ones in another repository with rosters."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from roster.authoring.new_repository import HOOKS, REF
from tests.command import run_command
from tests.conftest import edit, git

pytestmark = pytest.mark.slow

PRODUCTION = "env/production/offered_models_metadata.yaml"
ENVIRONMENTS = "env/environments.yaml"


def pre_commit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pre-commit in a repository, with a separate cache and without the environment's settings."""
    # SKIP disables hooks. GIT_* refer to this repository if the tests are run by a hook.
    environment = {name: value for name, value in os.environ.items() if name != "SKIP" and not name.startswith("GIT_")}
    environment |= {"PRE_COMMIT_HOME": str(folder.parent / "pre-commit"), "PRE_COMMIT_COLOR": "never"}
    command = (sys.executable, "-m", "pre_commit", *arguments)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def results(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Return the result of each hook by name: Passed, Failed or (no files to check)Skipped."""
    lines = [line.partition("...") for line in done.stdout.splitlines() if "..." in line]
    return {name: result.lstrip(".") for name, _, result in lines if result.endswith(("Passed", "Failed", "Skipped"))}


class TestInThisRepository:
    """Our own hooks use the environment of `make test`."""

    @pytest.fixture
    def clone(self, clone: Path) -> Path:
        (clone / ".venv").symlink_to(sys.prefix)
        return clone

    def test_all_hooks_pass_on_all_files(self, clone: Path):
        done = pre_commit(clone, "run", "--all-files")
        assert done.returncode == 0, done.stdout + done.stderr
        assert set(results(done).values()) == {"Passed"}

    @pytest.mark.parametrize(
        ("hook", "file", "old", "new", "message"),
        [
            ("roster-check", PRODUCTION, "release_state: BETA", "release_state: Beta", "[invalid-value]"),
            ("roster-schema", "schemas/features.yaml", "- name: duo_chat\n", "- name: duo_talk\n", "run roster schema"),
            ("roster-docs", "docs/rules.md", "\n", "\nWritten by hand.\n", "run roster docs"),
        ],
    )
    def test_invalid_or_outdated_file_fails(self, clone: Path, hook: str, file: str, old: str, new: str, message: str):
        text = (clone / file).read_text()
        assert old in text
        (clone / file).write_text(text.replace(old, new, 1))
        git(clone, "add", "--all", "--", file)
        done = pre_commit(clone, "run", hook)
        assert done.returncode == 1
        assert list(results(done).values()) == ["Failed"]
        assert message in done.stdout

    @pytest.mark.parametrize("new_name", [None, "env/production/renamed.yaml", "elsewhere.yaml"])
    def test_deleted_or_renamed_roster_fails(self, clone: Path, new_name: str | None):
        arguments = ("mv", PRODUCTION, new_name) if new_name else ("rm", "--quiet", PRODUCTION)
        git(clone, *arguments)
        done = pre_commit(clone, "run", "roster-check")
        assert (done.returncode, list(results(done).values())) == (1, ["Failed"])
        assert "[missing-roster]" in done.stdout


@pytest.mark.usefixtures("_registry")
class TestInAnotherRepository:
    """`pre-commit try-repo` installs this repository with pip, like any rosters_repository repository with hooks."""

    def test_valid_rosters_pass(self, committed_toolkit: Path, rosters_repository: Path):
        done = pre_commit(rosters_repository, "try-repo", str(committed_toolkit), "--all-files")
        assert done.returncode == 0, done.stdout + done.stderr
        assert results(done) == {"check the rosters": "Passed", "check all rosters": "Passed"}

    def test_invalid_roster_fails_with_finding(self, committed_toolkit: Path, rosters_repository: Path):
        edit(
            rosters_repository / PRODUCTION,
            "features: [code-generation, duo_chat]",
            "features: [code-generatoin, duo_chat]",
        )
        git(rosters_repository, "add", PRODUCTION)
        done = pre_commit(rosters_repository, "try-repo", str(committed_toolkit))
        assert done.returncode == 1
        assert results(done) == {"check the rosters": "Failed", "check all rosters": "Failed"}
        assert f'{PRODUCTION}:46:14: error: unknown feature "code-generatoin" [unknown-feature]' in done.stdout
        assert 'did you mean "code-generation"?' in done.stdout

    def test_changed_policy_rechecks_every_roster(self, committed_toolkit: Path, rosters_repository: Path):
        edit(rosters_repository / ENVIRONMENTS, "  release_states: [BETA, GA]\n", "  release_states: [GA]\n")
        git(rosters_repository, "add", ENVIRONMENTS)
        done = pre_commit(rosters_repository, "try-repo", str(committed_toolkit))
        assert done.returncode == 1
        assert results(done) == {"check the rosters": "(no files to check)Skipped", "check all rosters": "Failed"}
        assert PRODUCTION in done.stdout
        assert "[release-state-not-allowed]" in done.stdout

    @pytest.mark.parametrize("new_name", [None, "env/production/renamed.yaml"])
    def test_deleted_or_renamed_roster_fails(
        self, committed_toolkit: Path, rosters_repository: Path, new_name: str | None
    ):
        arguments = ("mv", PRODUCTION, new_name) if new_name else ("rm", "--quiet", PRODUCTION)
        git(rosters_repository, *arguments)
        done = pre_commit(rosters_repository, "try-repo", str(committed_toolkit))
        assert done.returncode == 1
        assert results(done) == {"check the rosters": "(no files to check)Skipped", "check all rosters": "Failed"}
        assert "[missing-roster]" in done.stdout


@pytest.mark.usefixtures("_registry")
def test_hooks_of_new_repository_pass(clone: Path, tmp_path: Path):
    git(clone, "tag", REF)
    assert run_command(("init", "models", "--yes"), tmp_path, {}).returncode == 0
    edit(tmp_path / "models" / HOOKS, "https://gitlab.example.com/platform/roster.git", str(clone))
    git(tmp_path / "models", "init", "--quiet")
    git(tmp_path / "models", "add", "--all")
    done = pre_commit(tmp_path / "models", "run", "--all-files")
    assert results(done) == {"check the rosters": "Passed", "check all rosters": "Passed"}, done.stdout + done.stderr


@pytest.mark.usefixtures("_registry")
class TestInMonorepo:
    @pytest.fixture
    def monorepo(self, rosters_repository: Path) -> Path:
        """A git repository with the rosters of two teams."""
        (rosters_repository / "cfg").mkdir()
        git(rosters_repository, "mv", "env", "cfg/env")
        shutil.copytree(rosters_repository / "cfg", rosters_repository / "a team")
        git(rosters_repository, "add", "--all")
        git(rosters_repository, "commit", "--quiet", "--message", "monorepo")
        return rosters_repository

    def test_every_folder_is_checked(self, committed_toolkit: Path, monorepo: Path):
        done = pre_commit(monorepo, "try-repo", str(committed_toolkit), "--all-files", "--verbose")
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("6 rosters checked, no problems found") == 2
        for folder in ("cfg", "a team"):
            edit(monorepo / folder / PRODUCTION, "features: [code-generation, duo_chat]", "features: [x, duo_chat]")
        git(monorepo, "add", "--all")
        done = pre_commit(monorepo, "try-repo", str(committed_toolkit))
        assert results(done) == {"check the rosters": "Failed", "check all rosters": "Failed"}
        for folder in ("cfg", "a team"):
            assert done.stdout.count(f"\n{folder}/{PRODUCTION}:46:14: error: ") == 2

    def test_deleted_roster_fails(self, committed_toolkit: Path, monorepo: Path):
        git(monorepo, "rm", "--quiet", f"cfg/{PRODUCTION}")
        done = pre_commit(monorepo, "try-repo", str(committed_toolkit))
        assert results(done) == {"check the rosters": "(no files to check)Skipped", "check all rosters": "Failed"}
        assert "cfg/env/environments.yaml:" in done.stdout
