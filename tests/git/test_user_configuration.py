"""What roster reads from git does not depend on the user's configuration, nor on what only one clone has."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import Completed
from tests.conftest import Run, edit, git

PRODUCTION = "env/production/offered_models_metadata.yaml"
ENTRY = re.compile("^- name: Codestral on Vertex\n(?:  .*\n)+\n", re.MULTILINE)
RETIREMENT = "  retirement: {notice: 2026-01-01, last_day: 2026-06-01, replacement: codestral_on_fireworks}\n"
AT = ("--at", "2027-01-01")

CONFIGURATION = {
    "alias.cat-file": "!false",
    "alias.rev-list": "log",
    "color.branch": "always",
    "color.diff": "always",
    "color.ui": "always",
    "core.abbrev": "4",
    "core.attributesFile": "/nowhere",
    "core.autocrlf": "true",
    "core.commitGraph": "false",
    "core.eol": "crlf",
    "core.excludesFile": "excludes",
    "core.fileMode": "false",
    "core.fsmonitor": "/bin/false",
    "core.hooksPath": "/nowhere",
    "core.ignoreCase": "true",
    "core.logAllRefUpdates": "false",
    "core.pager": "false",
    "core.precomposeUnicode": "true",
    "core.quotePath": "false",
    "core.safecrlf": "true",
    "core.sparseCheckout": "true",
    "core.untrackedCache": "true",
    "core.warnAmbiguousRefs": "true",
    "core.whitespace": "trailing-space",
    "diff.external": "false",
    "diff.ignoreSubmodules": "all",
    "diff.mnemonicPrefix": "true",
    "diff.noprefix": "true",
    "diff.orderFile": "/nowhere",
    "diff.relative": "true",
    "diff.renameLimit": "1",
    "diff.renames": "copies",
    "format.pretty": "fuller",
    "i18n.commitEncoding": "UTF-16",
    "i18n.logOutputEncoding": "UTF-16",
    "log.abbrevCommit": "true",
    "log.date": "relative",
    "log.decorate": "full",
    "log.diffMerges": "off",
    "log.follow": "true",
    "log.mailmap": "true",
    "log.showRoot": "false",
    "log.showSignature": "true",
    "pager.cat-file": "true",
    "pager.rev-list": "true",
    "status.showUntrackedFiles": "no",
    "submodule.recurse": "true",
    "trace2.normalTarget": "2",
}


@pytest.fixture
def repository(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model that is retired in the root commit, removed after its last day, and an uncommitted change."""
    (checkout / ".gitignore").write_text("/dist/\n")
    edit(checkout / PRODUCTION, "- name: Codestral on Vertex\n", f"- name: Codestral on Vertex\n{RETIREMENT}")
    commit(checkout, monkeypatch, "2026-01-02")
    (checkout / PRODUCTION).write_text(ENTRY.sub("", (checkout / PRODUCTION).read_text()))
    commit(checkout, monkeypatch, "2026-07-01")
    return checkout


def commit(root: Path, monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T12:00:00Z")
    if not (root / ".git").exists():
        git(root, "init")
    git(root, "add", "--all")
    git(root, "commit", "--message", day)


Results = Callable[..., dict[str, tuple[int, str, str]]]


@pytest.fixture
def results(roster: Run, repository: Path) -> Results:
    """Return a function that returns what commands that read git write, with the bytes of the artifacts."""

    def run(**variables: str) -> dict[str, tuple[int, str, str]]:
        shutil.rmtree(repository / "dist", ignore_errors=True)
        done: dict[str, Completed] = {
            "render": roster("render", *AT, **variables),
            "render --revision": roster("render", "--revision", "HEAD~1", "--output", "dist/earlier", *AT, **variables),
            "check": roster("check", "--changed-since", "HEAD~1", "--format", "json", *AT, **variables),
            "diff": roster("diff", "HEAD~1", "--format", "json", *AT, **variables),
            "promote": roster(
                *("promote", "gemini_pro", "--from", "staging", "--to", "production"),
                *("--dry-run", "--at", "2026-07-02"),
                **variables,
            ),
        }
        files = sorted((repository / "dist").rglob("*.json"))
        artifacts = {str(file.relative_to(repository)): (0, file.read_text(), "") for file in files}
        return {name: (each.returncode, each.stdout, each.stderr) for name, each in done.items()} | artifacts

    return run


def test_configuration_changes_nothing(results: Results, repository: Path, tmp_path_factory: pytest.TempPathFactory):
    (repository / "excludes").write_text("env/\n")
    git(repository, "add", "excludes")
    git(repository, "commit", "--quiet", "--amend", "--no-edit")
    expected = results()
    assert "codestral_on_vertex" in json.dumps(json.loads(expected["dist/production/gateway.json"][1])["retired"])
    assert [expected[name][0] for name in ("render", "render --revision", "check", "diff")] == [0, 0, 0, 0]
    for key, value in CONFIGURATION.items():
        git(repository, "config", key, value)
    assert results() == expected


@pytest.mark.slow
def test_no_single_value_changes_anything(results: Results, repository: Path):
    """One value could hide the effect of another one."""
    expected = results()
    failures = []
    for key, value in CONFIGURATION.items():
        git(repository, "config", key, value)
        if results() != expected:
            failures.append(key)
        git(repository, "config", "--unset", key)
    assert failures == []


def test_variables_of_another_repository_change_nothing(results: Results, tmp_path_factory: pytest.TempPathFactory):
    """As in a hook that another repository's git runs."""
    other = tmp_path_factory.mktemp("other")
    git(other, "init")
    git(other, "commit", "--allow-empty", "--message", "other")
    expected = results()
    variables = {"GIT_DIR": ".git", "GIT_COMMON_DIR": ".git", "GIT_INDEX_FILE": ".git/index", "GIT_WORK_TREE": "."}
    variables |= {"GIT_OBJECT_DIRECTORY": ".git/objects", "GIT_SHALLOW_FILE": "HEAD", "GIT_GRAFT_FILE": "HEAD"}
    variables = {name: str(other / value) for name, value in variables.items()}
    assert results(**variables, GIT_PREFIX="env/", GIT_TRACE="1", GIT_CONFIG_PARAMETERS="'core.bare=true'") == expected


def test_replaced_and_grafted_commits_change_nothing(results: Results, repository: Path):
    expected = results()
    git(repository, "replace", "--graft", "HEAD")
    git(repository, "replace", "HEAD~1", git(repository, "commit-tree", "HEAD^{tree}", "-m", "other"))
    assert results() == expected
    grafts = repository / ".git/info/grafts"
    grafts.parent.mkdir(exist_ok=True)
    grafts.write_text(f"{git(repository, 'rev-parse', 'HEAD')}\n")
    assert results() == expected


@pytest.mark.parametrize("value", ["true", "false", "input"])
def test_line_breaks_of_working_tree_do_not_make_revision_dirty(roster: Run, repository: Path, value: str):
    git(repository, "config", "core.autocrlf", value)
    for path in (repository / "env").rglob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert roster("render", *AT).returncode == 0
    gateway = json.loads((repository / "dist/production/gateway.json").read_text())
    assert gateway["revision"] == git(repository, "rev-parse", "HEAD")


@pytest.mark.parametrize("hide", [("update-index", "--assume-unchanged"), ("update-index", "--skip-worktree")])
def test_hidden_change_makes_revision_dirty(roster: Run, repository: Path, hide: tuple[str, ...]):
    git(repository, *hide, PRODUCTION)
    edit(repository / PRODUCTION, "description: Mistral's", "description: The")
    assert roster("render", *AT).returncode == 0
    assert json.loads((repository / "dist/production/gateway.json").read_text())["revision"].endswith("-dirty")
