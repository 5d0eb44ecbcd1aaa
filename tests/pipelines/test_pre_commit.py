"""The hooks as pre-commit runs them: ours in this repository, the published ones in another that holds rosters."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import edit, git

pytestmark = pytest.mark.slow

PRODUCTION = "env/production/offered_models_metadata.yaml"
ENVIRONMENTS = "env/environments.yaml"


def pre_commit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pre-commit in a repository, with a cache of its own and no settings of whoever runs the tests."""
    # SKIP leaves hooks out; GIT_* name another repository when a hook runs the tests.
    environment = {name: value for name, value in os.environ.items() if name != "SKIP" and not name.startswith("GIT_")}
    environment |= {"PRE_COMMIT_HOME": str(folder.parent / "pre-commit"), "PRE_COMMIT_COLOR": "never"}
    command = (sys.executable, "-m", "pre_commit", *arguments)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def results(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Return what became of each hook, by its name: Passed, Failed or (no files to check)Skipped."""
    lines = [line.partition("...") for line in done.stdout.splitlines() if "..." in line]
    return {name: result.lstrip(".") for name, _, result in lines if result.endswith(("Passed", "Failed", "Skipped"))}


class TestInThisRepository:
    """Our own hooks run what `make test` installed."""

    @pytest.fixture
    def clone(self, clone: Path) -> Path:
        (clone / ".venv").symlink_to(sys.prefix)
        return clone

    def test_all_hooks_pass_on_all_files(self, clone: Path):
        done = pre_commit(clone, "run", "--all-files")
        assert done.returncode == 0, done.stdout + done.stderr
        assert set(results(done).values()) == {"Passed"}

    @pytest.mark.parametrize(
        ("hook", "file", "old", "new", "said"),
        [
            ("roster-check", PRODUCTION, "release_state: BETA", "release_state: Beta", "[invalid-value]"),
            ("roster-schema", "schemas/features.yaml", "- name: duo_chat\n", "- name: duo_talk\n", "run roster schema"),
            ("roster-docs", "docs/rules.md", "\n", "\nWritten by hand.\n", "run roster docs"),
        ],
    )
    def test_what_drifted_fails(self, clone: Path, hook: str, file: str, old: str, new: str, said: str):
        text = (clone / file).read_text()
        assert old in text
        (clone / file).write_text(text.replace(old, new, 1))
        git(clone, "add", "--all", "--", file)
        done = pre_commit(clone, "run", hook)
        assert done.returncode == 1
        assert list(results(done).values()) == ["Failed"]
        assert said in done.stdout


@pytest.mark.usefixtures("_registry")
class TestInAnotherRepository:
    """`pre-commit try-repo` installs this repository as any other that holds hooks: with pip, from its metadata."""

    def test_good_rosters_pass(self, committed: Path, other: Path):
        done = pre_commit(other, "try-repo", str(committed), "--all-files")
        assert done.returncode == 0, done.stdout + done.stderr
        assert results(done) == {"check the rosters": "Passed", "check all rosters": "Passed"}

    def test_a_bad_roster_fails_with_the_finding(self, committed: Path, other: Path):
        edit(other / PRODUCTION, "features: [code-generation, duo_chat]", "features: [code-generatoin, duo_chat]")
        git(other, "add", PRODUCTION)
        done = pre_commit(other, "try-repo", str(committed))
        assert done.returncode == 1
        assert results(done) == {"check the rosters": "Failed", "check all rosters": "(no files to check)Skipped"}
        assert f'{PRODUCTION}:46:14: error: unknown feature "code-generatoin" [unknown-feature]' in done.stdout
        assert 'did you mean "code-generation"?' in done.stdout

    def test_a_policy_alone_rechecks_every_roster(self, committed: Path, other: Path):
        edit(other / ENVIRONMENTS, "  release_states: [BETA, GA]\n", "  release_states: [GA]\n")
        git(other, "add", ENVIRONMENTS)
        done = pre_commit(other, "try-repo", str(committed))
        assert done.returncode == 1
        assert results(done) == {"check the rosters": "(no files to check)Skipped", "check all rosters": "Failed"}
        assert PRODUCTION in done.stdout
        assert "[release-state-not-allowed]" in done.stdout
