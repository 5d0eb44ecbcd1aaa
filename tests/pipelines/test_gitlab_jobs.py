"""The jobs as a runner runs them: gitlab-ci-local (npm) with its shell executor, on good and on bad rosters."""

import base64
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import pytest

from tests.conftest import ROOT, edit, git
from tests.node import program
from tests.package_registry import Registry
from tests.pipelines.definitions import TEMPLATE, inputs
from tests.programs import require
from tests.publishing import test_comment

pytestmark = pytest.mark.slow

PRODUCTION = "env/production/offered_models_metadata.yaml"
QUALITY, JUNIT = "gl-code-quality-report.json", "roster-junit.xml"
Gitlab = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def gitlab(tmp_path: Path) -> Gitlab:
    """gitlab-ci-local in a repository: a job to run, or options, and the pipeline's variables."""
    require("rsync")  # gitlab-ci-local copies artifacts with it
    command = [*program("gitlab-ci-local"), "--home", str(tmp_path), "--no-color"]
    # The job's python3 is the one that runs the tests.
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def run(folder: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        given = [f"--variable={name}={value}" for name, value in variables.items()]
        whole = [*command, *given, *arguments]
        return subprocess.run(whole, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)

    return run


def log(done: "subprocess.CompletedProcess[str]") -> str:
    """Return what a job printed, without colours and the job's name before each line."""
    lines = click.unstyle(done.stdout + done.stderr).splitlines()
    return "\n".join(line.partition(" > ")[2] if " > " in line else line for line in lines)


def quality(folder: Path, job: str) -> list[dict[str, Any]]:
    """Return the Code Quality report that a job left as an artifact."""
    found: list[dict[str, Any]] = json.loads((folder / ".gitlab-ci-local" / "artifacts" / job / QUALITY).read_text())
    return found


def failures(folder: Path, job: str) -> list[str]:
    """Return the text of each failure in the JUnit report that a job left, which also has passing cases."""
    tree = ElementTree.parse(folder / ".gitlab-ci-local" / "artifacts" / job / JUNIT)
    found = [failure.text or "" for failure in tree.iter("failure")]
    assert len(list(tree.iter("testcase"))) > len(found)
    return found


def assert_clean(done: "subprocess.CompletedProcess[str]", folder: Path, job: str) -> None:
    assert done.returncode == 0, log(done)
    assert "3 rosters checked, no problems found" in log(done)
    assert quality(folder, job) == []
    assert failures(folder, job) == []


def make_bad(folder: Path) -> None:
    edit(folder / PRODUCTION, "features: [code-generation, duo_chat]", "features: [code-generatoin, duo_chat]")


def assert_found(done: "subprocess.CompletedProcess[str]", folder: Path, job: str) -> None:
    """The finding is in the log, in the widget's report and among the failed tests."""
    assert done.returncode != 0, log(done)
    assert f'{PRODUCTION}:46:14: error: unknown feature "code-generatoin" [unknown-feature]' in log(done)
    [finding] = quality(folder, job)
    assert (finding["check_name"], finding["location"]["path"]) == ("unknown-feature", PRODUCTION)
    assert finding["location"]["lines"]["begin"] == 46
    [failure] = failures(folder, job)
    assert 'unknown feature "code-generatoin"' in failure


@pytest.mark.parametrize(
    ("variables", "jobs"),
    [
        (
            {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_COMMIT_BRANCH": ""},
            ["check", "check-change", "impact", "lint", "test", "test-slow", "render"],
        ),
        (
            {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"},
            ["check", "lint", "test", "test-slow", "render", "publish", "rollback"],
        ),
        ({"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main"}, ["check", "render", "publish", "rollback"]),
    ],
    ids=["merge-request", "default-branch", "schedule"],
)
def test_each_pipeline_has_its_jobs(gitlab: Gitlab, clone: Path, variables: dict[str, str], jobs: list[str]):
    listed = gitlab(clone, "--list-csv", CI_DEFAULT_BRANCH="main", **variables)
    rows = [line.split(";") for line in listed.stdout.splitlines() if ";" in line]
    assert [row[0] for row in rows[1:]] == jobs


@pytest.mark.usefixtures("_registry")
def test_rosters_are_checked_and_only_good_ones_rendered(gitlab: Gitlab, clone: Path):
    run = ("--force-shell-executor", "check", "render")
    good = gitlab(clone, *run)
    assert_clean(good, clone, "check")
    artifacts = clone / ".gitlab-ci-local" / "artifacts" / "render" / "dist"
    assert "claude_3_7_sonnet" in (artifacts / "production" / "offered_models.json").read_text()
    make_bad(clone)
    bad = gitlab(clone, *run)
    assert_found(bad, clone, "check")
    assert ("make render" in log(good), "make render" in log(bad)) == (True, False)


@pytest.mark.usefixtures("_registry")
def test_an_operator_goes_back_to_an_earlier_commit(gitlab: Gitlab, clone: Path):
    before = git(clone, "rev-parse", "HEAD")
    edit(clone / PRODUCTION, "name: Codestral on Vertex", "id: codestral_on_vertex\n  name: Codestral by Google")
    git(clone, "commit", "--all", "--message", "renamed")
    run = ("--force-shell-executor", "rollback")
    with Registry() as packages:
        about = {"CI_API_V4_URL": f"{packages.url}/api/v4", "CI_PROJECT_ID": "24", "CI_JOB_TOKEN": TOKEN}
        refused = gitlab(clone, *run, ROSTER_REVISION="$(touch stolen);'\"`touch stolen`", **about)
        unset = gitlab(clone, *run, **about)
        assert (packages.uploads, (clone / "stolen").exists()) == ([], False)
        done = gitlab(clone, *run, ROSTER_REVISION=before, ROSTER_ENVIRONMENT="production", **about)
        uploaded = list(packages.uploads)
        again = gitlab(clone, *run, ROSTER_REVISION="HEAD", **about)
    assert "there is no commit" in log(refused)
    assert "the commit has no name; is its variable empty?" in log(unset)
    assert done.returncode == 0, log(done)
    pointer = json.loads(packages.stored["current/production.json"])
    assert (pointer["revision"], str(pointer["sequence"])[:3]) == (before, "201")
    assert not [path for path in uploaded if "staging" in path]
    assert "set a higher ROSTER_PUBLICATION" in log(again)
    assert packages.uploads == uploaded


@pytest.mark.usefixtures("_registry")
def test_a_merge_request_is_told_what_it_does_to_customers(gitlab: Gitlab, clone: Path):
    base = git(clone, "rev-parse", "HEAD")

    def pushed(old: str, new: str) -> str:
        edit(clone / PRODUCTION, old, new)
        git(clone, "commit", "--all", "--message", "a push")
        about = test_comment.variables(notes) | {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
        return log(gitlab(clone, "--force-shell-executor", "impact", CI_PIPELINE_SOURCE="merge_request_event", **about))

    with test_comment.running_stub() as notes:
        first = pushed("release_state: BETA", "release_state: GA")
        bodies = [note["body"] for note in notes.notes]
        second = pushed("family: claude", "family: qwen")
        third = pushed("features: [code-generation, duo_chat]", "features: [code-generatoin, duo_chat]")
    assert ("comment: created" in first, "comment: updated" in second) == (True, True), first + second
    assert "[release-state-promoted]" in first
    assert "release-state-promoted" in bodies[0]
    [note] = notes.notes
    assert "deployment-moved" in note["body"]
    assert "0 before this change, 1 after it" in note["body"], "what cannot be compared does not read as unchanged"
    assert "comment: updated" in third
    assert test_comment.TOKEN not in first + second + third


TOKEN = "canary-of-the-job"
ALLOWED = "Basic " + base64.b64encode(f"gitlab-ci-token:{TOKEN}".encode()).decode()


class PrivateRepositories(SimpleHTTPRequestHandler):
    """Serves git repositories to whoever has the job's token, as GitLab does to a job of an allowed project."""

    def do_GET(self) -> None:
        if self.headers.get("Authorization") == ALLOWED:
            return super().do_GET()
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="GitLab"')
        self.end_headers()
        return None

    def log_message(self, *_: Any) -> None:
        """Say nothing of a request."""


@pytest.fixture
def server(committed: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a GitLab that has the toolkit as a private project."""
    project = tmp_path / "server" / "platform" / "roster.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(committed), str(project))
    git(project, "repack", "-a", "-d", "--quiet")
    git(project, "update-server-info")
    handler = partial(PrivateRepositories, directory=str(tmp_path / "server"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def including(other: Path, committed: Path, server: str) -> Path:
    """A repository with rosters whose pipeline includes the template, as the README says."""
    ref = git(committed, "rev-parse", "HEAD")
    (other / ".gitlab-ci.yml").write_text(
        f"""include:
  - component: $CI_SERVER_FQDN/platform/roster/roster-check@{ref}
    inputs:
      url: {server}/platform/roster.git
      ref: {ref}
      arguments: --strict
"""
    )
    # Where gitlab-ci-local keeps what it downloaded; it would ask gitlab.example.com for it.
    downloaded = other / f".gitlab-ci-local/includes/gitlab.example.com/platform/roster/{ref}/{TEMPLATE}"
    downloaded.parent.mkdir(parents=True)
    shutil.copy(ROOT / TEMPLATE, downloaded)
    return other


@pytest.mark.usefixtures("_registry")
def test_the_template_checks_another_repository(gitlab: Gitlab, including: Path, server: str):
    job = inputs()["job"]["default"]
    variables = {"CI_SERVER_URL": server, "CI_JOB_TOKEN": TOKEN}
    good = gitlab(including, "--force-shell-executor", job, **variables)
    assert_clean(good, including, job)
    make_bad(including)
    bad = gitlab(including, "--force-shell-executor", job, **variables)
    assert_found(bad, including, job)
    assert TOKEN not in log(good) + log(bad)
    assert TOKEN not in (including / ".roster-toolkit" / ".git" / "config").read_text()


def test_the_template_gives_the_token_to_its_own_gitlab_only(gitlab: Gitlab, including: Path):
    done = gitlab(
        including, "--force-shell-executor", inputs()["job"]["default"],
        CI_SERVER_URL="https://gitlab.example.com", CI_JOB_TOKEN=TOKEN,
    )  # fmt: skip
    assert done.returncode != 0
    assert "could not read Username" in log(done)
