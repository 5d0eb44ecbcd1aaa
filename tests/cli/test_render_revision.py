"""``roster render --revision``: rosters of an earlier commit, with a higher sequence than the published ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_render import PRODUCTION, artifacts
from tests.conftest import Run, edit, git

AT = ("--at", "2026-11-15")
GOOD, BAD = "release_state: BETA", "release_state: EXPERIMENT"


@pytest.fixture
def repository(checkout: Path) -> Path:
    """Three commits: a valid roster, a renamed model, an error in production."""
    (checkout / ".gitignore").write_text("/dist/\n/other/\n")
    git(checkout, "init")
    commit(checkout)
    edit(checkout / PRODUCTION, "name: Codestral on Vertex", "name: Codestral by Google")
    edit(checkout / PRODUCTION, "AIGW_MODEL_CODESTRAL_ON_VERTEX_API_KEY", "AIGW_MODEL_CODESTRAL_BY_GOOGLE_API_KEY")
    commit(checkout)
    edit(checkout / PRODUCTION, GOOD, BAD)
    commit(checkout)
    return checkout


def commit(root: Path) -> str:
    git(root, "add", "--all")
    git(root, "commit", "--allow-empty", "--message", "a change")
    return git(root, "rev-parse", "HEAD")


def gateway(root: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((root / "dist/production/gateway.json").read_bytes())
    return result


def ids(root: Path) -> set[str]:
    return {model["id"] for model in gateway(root)["offered_models"]}


def test_earlier_commit_has_current_sequence(roster: Run, repository: Path):
    done = roster("render", "--revision", "HEAD~2", *AT)
    assert (done.returncode, done.stdout) == (0, "")
    revision = git(repository, "rev-parse", "HEAD~2")
    assert done.stderr.startswith(f"rolling back to {revision[:12]} as sequence 30120261115\n")
    assert {gateway(repository)[key] for key in ("revision", "sequence")} == {revision, 3_01_2026_11_15}
    assert "codestral_on_vertex" in ids(repository)


def test_earlier_commit_renders_same_content(roster: Run, repository: Path):
    git(repository, "checkout", "HEAD~1")
    roster("render", *AT, "--output", "other")
    git(repository, "checkout", "main")
    roster("render", *AT, "--revision", "HEAD~1")
    then, now = artifacts(repository / "other"), artifacts(repository / "dist")
    assert then.keys() == now.keys()
    for name in then:
        assert now[name].replace(b": 30120261115,\n", b": 20020261115,\n") == then[name]


def test_registries_and_policies_of_commit_apply(roster: Run, repository: Path):
    """The commit lacks a current feature and environment, and its policies were less strict."""
    edit(repository / PRODUCTION, BAD, GOOD)
    edit(repository / "schemas/families.yaml", "- codestral\n", "")
    edit(repository / "env/environments.yaml", "- name: staging\n", "- name: trial\n")
    commit(repository)
    assert roster("render", "staging", *AT).returncode == 2
    done = roster("render", "staging", "--revision", "HEAD~3", *AT)
    assert done.returncode == 0, done.stderr


def test_uncommitted_changes_are_ignored(roster: Run, repository: Path):
    roster("render", "--revision", "HEAD~2", *AT)
    before = artifacts(repository / "dist")
    (repository / PRODUCTION).write_text("[]\n")
    done = roster("render", "--revision", "HEAD~2", "--check", *AT)
    assert (done.returncode, artifacts(repository / "dist")) == (0, before)


def test_check_reports_outdated_artifacts(roster: Run, repository: Path):
    edit(repository / PRODUCTION, BAD, GOOD)
    roster("render", *AT)
    done = roster("render", "--revision", "HEAD~2", "--check", *AT)
    assert done.returncode == 1
    assert "production/gateway.json is out of date" in done.stderr


def test_every_clone_renders_the_same_bytes(roster: Run, repository: Path, tmp_path_factory: pytest.TempPathFactory):
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", str(repository), ".")
    arguments = ("render", "--revision", git(repository, "rev-parse", "HEAD~1"), *AT)
    assert roster(*arguments).returncode == 0
    assert roster(*arguments, cwd=clone).returncode == 0
    assert artifacts(repository / "dist") == artifacts(clone / "dist") != {}


def test_publication_number_increases_sequence(roster: Run, repository: Path):
    edit(repository / PRODUCTION, BAD, GOOD)
    commit(repository)
    sequences = []
    for arguments in (
        [],
        ["--revision", "HEAD~2"],
        ["--revision", "HEAD~3", "--publication", "2"],
        ["--publication", "3"],
        ["--revision", "HEAD~2", "--publication", "99"],
    ):
        assert roster("render", *arguments, *AT).returncode == 0
        sequences.append(gateway(repository)["sequence"])
    commit(repository)
    assert roster("render", *AT).returncode == 0
    sequences.append(gateway(repository)["sequence"])
    assert sequences == [40020261115, 40120261115, 40220261115, 40320261115, 49920261115, 50020261115]


def test_publication_number_from_variable(roster: Run, repository: Path):
    for value, number in (("7", "07"), ("", "01")):
        assert roster("render", "--revision", "HEAD~1", *AT, ROSTER_PUBLICATION=value).returncode == 0
        assert gateway(repository)["sequence"] == int(f"3{number}20261115")


def test_commit_with_error_is_not_rendered(roster: Run, repository: Path):
    edit(repository / PRODUCTION, BAD, GOOD)
    commit(repository)
    roster("render", *AT)
    before = artifacts(repository / "dist" / "production")
    done = roster("render", "--revision", "HEAD~1", *AT)
    assert done.returncode == 1
    assert "[release-state-not-allowed]" in done.stdout
    assert f"production is not rendered: {PRODUCTION} has an error" in done.stderr
    assert artifacts(repository / "dist" / "production") == before


def test_dates_take_effect_on_earlier_commit(roster: Run, repository: Path):
    """A rollback does not restore a model that was retired in the meantime."""
    edit(repository / PRODUCTION, BAD, GOOD)
    end = "  retirement: {notice: 2026-01-01, last_day: 2026-12-01, replacement: codestral_on_fireworks}\n"
    edit(repository / PRODUCTION, "  provider: Vertex\n", f"  provider: Vertex\n{end}")
    commit(repository)
    edit(repository / PRODUCTION, end, "")
    commit(repository)
    for day, offered in (("2026-12-01", True), ("2026-12-02", False)):
        assert roster("render", "production", "--revision", "HEAD~1", "--at", day).returncode == 0
        assert ("codestral_by_google" in ids(repository)) == offered


@pytest.mark.parametrize(
    ("ref", "sentence"),
    [
        ("nowhere", 'there is no commit "nowhere" in this clone: choose one from git log --first-parent, or fetch it'),
        ("HEAD~9", 'there is no commit "HEAD~9" in this clone'),
        ("--output=stolen", 'there is no commit "--output=stolen" in this clone'),
        ("main..HEAD", 'there is no commit "main..HEAD" in this clone'),
        ("line\nbreak", r'there is no commit "line\nbreak" in this clone'),
        ("$(touch stolen)", 'there is no commit "$(touch stolen)" in this clone'),
        ("", "cannot render: the commit has no name; is its variable empty?"),
        ("unmerged", '"unmerged" was never published: choose HEAD or a commit from git log --first-parent'),
    ],
)
def test_unknown_commit_is_reported(roster: Run, repository: Path, ref: str, sentence: str):
    git(repository, "branch", "unmerged", git(repository, "commit-tree", "HEAD^{tree}", "-m", "somebody's"))
    done = roster("render", f"--revision={ref}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"roster: {sentence}")
    assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in repository.iterdir()) == [".git", ".gitignore", "env", "schemas"]


def test_shallow_clone_is_reported(roster: Run, repository: Path, tmp_path_factory: pytest.TempPathFactory):
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "--depth", "2", f"file://{repository}", ".")
    done = roster("render", "--revision", "HEAD~1", cwd=clone)
    assert done.returncode == 2
    assert done.stderr.startswith("roster: this clone is shallow, so its commits cannot be counted")
    assert not (clone / "dist").exists()


def test_revision_outside_git_is_reported(roster: Run):
    done = roster("render", "--revision", "HEAD")
    assert done.returncode == 2
    assert done.stderr.startswith("roster: cannot render: not a git repository")


def test_commit_without_rosters_is_reported(roster: Run, repository: Path):
    git(repository, "rm", "-r", "--quiet", "env")
    git(repository, "commit", "--message", "nothing left")
    gone = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "HEAD~1", "--", "env")
    commit(repository)
    done = roster("render", "--revision", "HEAD~1")
    assert done.returncode == 2
    assert f"roster: {gone[:12]} cannot be rendered: it has no env/environments.yaml\n" in done.stderr


@pytest.mark.parametrize("number", ["0", "100", "-1", "1.5", "x"])
def test_publication_number_out_of_range_is_rejected(roster: Run, repository: Path, number: str):
    done = roster("render", f"--publication={number}")
    assert done.returncode == 2
    assert "Invalid value for '--publication'" in done.stderr
