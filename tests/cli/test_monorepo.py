"""Rosters in a folder of a git repository: reports name files as git does, and a check finds the rosters."""

import json
import os
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import ROOT, Run, copy_data, edit, git

PRODUCTION = "env/production/offered_models_metadata.yaml"
FORMATS = ("json", "codequality", "junit", "sarif", "github")


@pytest.fixture
def monorepo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with an invalid roster in ``cfg/models``."""
    top = tmp_path_factory.mktemp("monorepo")
    copy_data(top / "cfg/models", "env", "schemas")
    git(top, "init")
    edit(top / "cfg/models" / PRODUCTION, "release_state: BETA", "release_state: BEETA")
    commit(top)
    return top


def commit(top: Path) -> None:
    git(top, "add", "--all")
    git(top, "commit", "--allow-empty", "--message", "a change")


def report_options(folder: Path) -> list[str]:
    return [f"--format={kind}={folder / kind}" for kind in FORMATS]


def files_in_reports(folder: Path) -> dict[str, set[str]]:
    """Return the files that the reports of every format name, by format."""
    texts = {kind: (folder / kind).read_text() for kind in FORMATS}
    report = json.loads(texts["json"])
    junit, sarif = ElementTree.fromstring(texts["junit"]), json.loads(texts["sarif"])
    locations = [result["locations"][0]["physicalLocation"] for result in sarif["runs"][0]["results"]]
    failures = [failure.text or "" for failure in junit.iter("failure")]
    return {
        "json": {item["path"] for item in report["diagnostics"]},
        "json files": set(report["files"]),
        "codequality": {item["location"]["path"] for item in json.loads(texts["codequality"])},
        "junit": {case.attrib["file"] for case in junit.iter("testcase") if case.find("failure") is not None},
        "junit failures": {failure.partition(":")[0] for failure in failures},
        "junit suites": {suite.attrib["name"] for suite in junit.iter("testsuite")},
        "sarif": {location["artifactLocation"]["uri"] for location in locations},
        "github": set(re.findall("file=([^,]*)", texts["github"])),
    }


@pytest.mark.parametrize("here", [".", "cfg", "cfg/models", "cfg/models/env/production"])
def test_reports_name_files_from_top_of_git(roster: Run, monorepo: Path, tmp_path: Path, here: str):
    paths = ["models"] if here == "cfg" else []
    done = roster("check", *paths, *report_options(tmp_path), cwd=monorepo / here)
    assert done.returncode == 1
    files = files_in_reports(tmp_path)
    checked = {f"cfg/models/{path.relative_to(ROOT)}" for path in (ROOT / "env").rglob("*.yaml")}
    assert files.pop("json files") >= checked
    assert files.pop("junit suites") >= checked
    assert {kind: names for kind, names in files.items() if names != {f"cfg/models/{PRODUCTION}"}} == {}


@pytest.mark.parametrize("kind", ["text", *FORMATS])
def test_check_does_not_start_git(roster: Run, monorepo: Path, kind: str):
    done = roster("check", "--format", kind, cwd=monorepo / "cfg/models", PATH="")
    assert (done.returncode, done.stderr) == (1, "3 rosters checked: 1 error\n")


def test_fingerprints_distinguish_folders(roster: Run, monorepo: Path):
    shutil.copytree(monorepo / "cfg/models", monorepo / "other")
    commit(monorepo)
    items = json.loads(roster("check", "--format", "codequality", cwd=monorepo).stdout)
    assert [item["location"]["path"] for item in items] == [f"cfg/models/{PRODUCTION}", f"other/{PRODUCTION}"]
    assert len({item["fingerprint"] for item in items}) == 2


@pytest.mark.parametrize(
    ("here", "shown"),
    [
        (".", f"cfg/models/{PRODUCTION}"),
        ("cfg/models", PRODUCTION),
        ("cfg/models/schemas", f"../{PRODUCTION}"),
        ("cfg/models/env/production", "offered_models_metadata.yaml"),
    ],
)
def test_text_names_files_from_current_folder(roster: Run, monorepo: Path, here: str, shown: str):
    done = roster("check", cwd=monorepo / here)
    assert done.stdout.startswith(f"{shown}:33:18: error: ")
    assert (monorepo / here / shown).is_file()
    if here != ".":
        assert roster("render", "production", cwd=monorepo / here).stdout.startswith(f"{shown}:33:18: error: ")
        assert roster("timeline", cwd=monorepo / here).stderr.startswith(f"{shown}:33:18: error: ")


def test_diff_names_files_from_top_of_git(roster: Run, monorepo: Path):
    folder = monorepo / "cfg/models"
    edit(folder / PRODUCTION, "release_state: BEETA", "release_state: BETA")
    commit(monorepo)
    edit(folder / PRODUCTION, "endpoint: https://", "endpoint: https://eu.")
    changes = json.loads(roster("diff", "HEAD", "--format", "json", cwd=folder).stdout)["changes"]
    assert {change["path"] for change in changes} == {f"cfg/models/{PRODUCTION}"}
    assert f"cfg/models/{PRODUCTION}:" in roster("diff", "HEAD", "--format", "markdown", cwd=folder).stdout
    assert f"            {PRODUCTION}:" in roster("diff", "HEAD", cwd=folder).stdout


def test_timeline_names_files_from_top_of_git(roster: Run, monorepo: Path):
    folder = monorepo / "cfg/models"
    retirement = "  retirement: {notice: 2026-01-01, last_day: 2026-12-01, replacement: codestral_on_vertex}\n"
    edit(folder / PRODUCTION, "- name: Codestral on Fireworks\n", f"- name: Codestral on Fireworks\n{retirement}")
    events = json.loads(roster("timeline", "--format", "json", cwd=folder).stdout)["events"]
    assert {event["path"] for event in events} == {f"cfg/models/{PRODUCTION}"}
    assert f"            {PRODUCTION}:" in roster("timeline", cwd=folder).stdout


@pytest.mark.parametrize("path", ["env", "env/production", PRODUCTION])
def test_links_are_named_as_git_names_the_file(roster: Run, monorepo: Path, path: str):
    folder, target = monorepo / "cfg/models", monorepo / "shared/target"
    target.parent.mkdir()
    (folder / path).rename(target)
    (folder / path).symlink_to(os.path.relpath(target, (folder / path).parent))
    tracked = f"shared/target{PRODUCTION.removeprefix(path)}"
    for arguments in ((), (str(folder / PRODUCTION),), (f"cfg/models/{path}",)):
        done = roster("check", *arguments, "--format", "github", cwd=monorepo if arguments else folder)
        assert f"file={tracked},line=33," in done.stdout
    assert roster("check", PRODUCTION, cwd=folder).stdout.startswith(f"{PRODUCTION}:33:18: error: ")


def test_rosters_that_are_links_to_one_file(roster: Run, monorepo: Path):
    staging = monorepo / "cfg/models/env/staging/offered_models_metadata.yaml"
    staging.unlink()
    staging.symlink_to("../production/offered_models_metadata.yaml")
    report = json.loads(roster("check", "--format", "json", cwd=monorepo / "cfg/models").stdout)
    assert len(report["files"]) == len(set(report["files"]))
    fingerprints = [item["fingerprint"] for item in report["diagnostics"]]
    assert len(fingerprints) == len(set(fingerprints)) > 1


def test_linked_worktree_and_submodule_have_a_top_of_their_own(roster: Run, monorepo: Path, tmp_path: Path):
    git(monorepo, "worktree", "add", "--quiet", str(tmp_path / "worktree"))
    superproject = tmp_path / "superproject"
    superproject.mkdir()
    git(superproject, "init")
    git(superproject, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(monorepo), "vendor/models")
    for top in (tmp_path / "worktree", superproject / "vendor/models"):
        done = roster("check", "--format", "github", cwd=top / "cfg/models")
        assert f"file=cfg/models/{PRODUCTION}," in done.stdout
        assert git(top / "cfg/models", "rev-parse", "--show-prefix") == "cfg/models/"


class TestSeveralRepositories:
    @pytest.fixture
    def monorepo(self, monorepo: Path) -> Path:
        """Two teams' repositories, each with an invalid roster."""
        shutil.copytree(monorepo / "cfg/models", monorepo / "other")
        commit(monorepo)
        return monorepo

    def test_all_below_current_folder_are_checked(self, roster: Run, monorepo: Path):
        for arguments in ((), (".",)):
            done = roster("check", *arguments, cwd=monorepo)
            assert re.findall(r"^(\S+):33:18: error", done.stdout, re.MULTILINE) == [
                f"cfg/models/{PRODUCTION}",
                f"other/{PRODUCTION}",
            ]
            assert (done.returncode, done.stderr) == (1, "6 rosters checked: 2 errors\n")

    @pytest.mark.parametrize("command", ["render", "diff", "drift", "timeline", "schema"])
    def test_other_commands_name_the_folders(self, roster: Run, monorepo: Path, command: str):
        done = roster(command, cwd=monorepo)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.endswith("; run roster in cfg/models or other\n")

    def test_paths_select_repositories(self, roster: Run, monorepo: Path):
        paths = [f"{folder}/env/{name}" for folder in ("cfg/models", "other") for name in ("staging", "production")]
        done = roster("check", *paths, cwd=monorepo)
        assert done.stderr == "4 rosters checked: 2 errors\n"
        assert roster("check", paths[0], paths[2], cwd=monorepo).returncode == 0
        assert roster("check", "other", cwd=monorepo).stderr == "3 rosters checked: 1 error\n"

    def test_each_is_compared_with_its_own_base(self, roster: Run, monorepo: Path):
        done = roster("check", "--changed-since", "main", cwd=monorepo)
        assert done.returncode == 0
        (monorepo / "other" / PRODUCTION).write_text("[]\n")
        done = roster("check", "--changed-since", "main", cwd=monorepo)
        assert re.findall(r"^(\S+?):\d+:\d+: error", done.stdout, re.MULTILINE) == [f"other/{PRODUCTION}"]

    def test_removed_repository_is_no_success(self, roster: Run, monorepo: Path):
        shutil.rmtree(monorepo / "other")
        done = roster("check", "--changed-since", "main", cwd=monorepo)
        assert done.returncode == 2
        assert "all rosters in other/ were removed since" in done.stderr
        assert roster("check", "--changed-since", "main", "cfg", cwd=monorepo).returncode == 0

    def test_moved_repository_is_not_removed(self, roster: Run, monorepo: Path):
        git(monorepo, "mv", "other", "elsewhere")
        assert roster("check", "--changed-since", "main", cwd=monorepo).returncode == 0

    def test_broken_registry_names_its_folder(self, roster: Run, monorepo: Path):
        (monorepo / "other/schemas/features.yaml").write_text("- [\n")
        done = roster("check", cwd=monorepo)
        assert done.returncode == 2
        assert done.stderr.startswith("roster: other: schemas/features.yaml:")

    def test_every_repository_is_fixed(self, roster: Run, monorepo: Path):
        for folder in ("cfg/models", "other"):
            edit(monorepo / folder / PRODUCTION, "release_state: BEETA", "release_state: Beta")
        assert roster("check", "--fix", cwd=monorepo).returncode == 0


def test_folder_without_rosters_is_an_error(roster: Run, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("empty")
    git(folder, "init")
    done = roster("check", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not in a roster repository" in done.stderr
