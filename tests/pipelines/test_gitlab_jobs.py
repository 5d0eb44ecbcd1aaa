"""GitLab jobs, run by gitlab-ci-local (npm) with its shell executor, on valid and invalid rosters."""

import base64
import json
import os
import re
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

from roster.authoring.new_repository import REF
from roster.registries import KNOWN_PROVIDER_FACTS, PROVIDER_FACTS
from tests.command import run_command
from tests.conftest import ROOT, edit, git
from tests.gitlab_stub import running
from tests.node import program
from tests.package_registry import Registry
from tests.pipelines.definitions import PIPELINE, TEMPLATE, inputs
from tests.programs import require
from tests.publishing import test_comment, test_update_facts
from tests.publishing.gitlab_project import Project

pytestmark = pytest.mark.slow

PRODUCTION = "env/production/offered_models_metadata.yaml"
QUALITY, JUNIT = "gl-code-quality-report.json", "roster-junit.xml"
Gitlab = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def gitlab(tmp_path: Path) -> Gitlab:
    """Runs gitlab-ci-local in a repository with jobs or options as arguments, and pipeline variables as keywords."""
    require("rsync")  # used by gitlab-ci-local to copy artifacts
    command = [*program("gitlab-ci-local"), "--home", str(tmp_path), "--no-color"]
    # The python3 of a job is the Python that runs the tests.
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def run(folder: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        options = [f"--variable={name}={value}" for name, value in variables.items()]
        return subprocess.run(
            [*command, *options, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
        )

    return run


def log(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the output of a job without colors and without the job's name before each line."""
    lines = click.unstyle(done.stdout + done.stderr).splitlines()
    return "\n".join(line.partition(" > ")[2] if " > " in line else line for line in lines)


def quality(folder: Path, job: str) -> list[dict[str, Any]]:
    """Return the Code Quality report among a job's artifacts."""
    path = folder / ".gitlab-ci-local" / "artifacts" / job / QUALITY
    report: list[dict[str, Any]] = json.loads(path.read_text())
    return report


def failures(folder: Path, job: str) -> list[str]:
    """Return the texts of the failures in a job's JUnit report, which must also contain passing tests."""
    tree = ElementTree.parse(folder / ".gitlab-ci-local" / "artifacts" / job / JUNIT)
    texts = [failure.text or "" for failure in tree.iter("failure")]
    assert len(list(tree.iter("testcase"))) > len(texts)
    return texts


def assert_clean(done: "subprocess.CompletedProcess[str]", folder: Path, job: str) -> None:
    assert done.returncode == 0, log(done)
    assert "3 rosters checked, no problems found" in log(done)
    assert quality(folder, job) == []
    assert failures(folder, job) == []


def break_roster(folder: Path) -> None:
    edit(folder / PRODUCTION, "features: [code-generation, duo_chat]", "features: [code-generatoin, duo_chat]")


def assert_reported(done: "subprocess.CompletedProcess[str]", folder: Path, job: str) -> None:
    """Check that the finding is in the log and in both reports."""
    assert done.returncode != 0, log(done)
    lines = (folder / PRODUCTION).read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, start=1) if "code-generatoin" in text)
    assert f'{PRODUCTION}:{line}:14: error: unknown feature "code-generatoin" [unknown-feature]' in log(done)
    [finding] = quality(folder, job)
    assert (finding["check_name"], finding["location"]["path"]) == ("unknown-feature", PRODUCTION)
    assert finding["location"]["lines"]["begin"] == line
    [failure] = failures(folder, job)
    assert 'unknown feature "code-generatoin"' in failure


@pytest.mark.parametrize(
    ("variables", "jobs"),
    [
        (
            {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_COMMIT_BRANCH": ""},
            [
                "check",
                "check-change",
                "impact",
                "probe",
                "lint",
                "test",
                "test-lowest",
                "test-slow",
                "render",
                "catalogue",
            ],
        ),
        (
            {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"},
            ["check", "lint", "test", "test-lowest", "test-slow", "render", "publish", "pages", "rollback"],
        ),
        (
            {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main"},
            ["check", "render", "publish", "pages", "rollback", "update-facts"],
        ),
    ],
    ids=["merge-request", "default-branch", "schedule"],
)
def test_jobs_of_each_kind_of_pipeline(gitlab: Gitlab, clone: Path, variables: dict[str, str], jobs: list[str]):
    listed = gitlab(clone, "--list-csv", CI_DEFAULT_BRANCH="main", **variables)
    rows = [line.split(";") for line in listed.stdout.splitlines() if ";" in line]
    assert [row[0] for row in rows[1:]] == jobs


@pytest.mark.usefixtures("_registry")
def test_only_valid_rosters_are_rendered(gitlab: Gitlab, clone: Path):
    run = ("--force-shell-executor", "check", "render")
    valid = gitlab(clone, *run)
    assert_clean(valid, clone, "check")
    artifacts = clone / ".gitlab-ci-local" / "artifacts" / "render" / "dist"
    assert "claude_3_7_sonnet" in (artifacts / "production" / "offered_models.json").read_text()
    break_roster(clone)
    invalid = gitlab(clone, *run)
    assert_reported(invalid, clone, "check")
    assert ("make render" in log(valid), "make render" in log(invalid)) == (True, False)


@pytest.mark.usefixtures("_registry")
def test_rollback_publishes_earlier_commit(gitlab: Gitlab, clone: Path):
    before = git(clone, "rev-parse", "HEAD")
    edit(clone / PRODUCTION, "name: Codestral on Vertex", "id: codestral_on_vertex\n  name: Codestral by Google")
    git(clone, "commit", "--all", "--message", "renamed")
    run = ("--force-shell-executor", "rollback")
    with Registry() as packages:
        variables = {"CI_API_V4_URL": f"{packages.url}/api/v4", "CI_PROJECT_ID": "24", "CI_JOB_TOKEN": TOKEN}
        injected = gitlab(clone, *run, ROSTER_REVISION="$(touch stolen);'\"`touch stolen`", **variables)
        unset = gitlab(clone, *run, **variables)
        assert (packages.uploads, (clone / "stolen").exists()) == ([], False)
        done = gitlab(clone, *run, ROSTER_REVISION=before, ROSTER_ENVIRONMENT="production", **variables)
        uploaded = list(packages.uploads)
        repeated = gitlab(clone, *run, ROSTER_REVISION="HEAD", **variables)
    assert "there is no commit" in log(injected)
    assert "the commit has no name; is its variable empty?" in log(unset)
    assert done.returncode == 0, log(done)
    pointer = json.loads(packages.stored["current/production.json"])
    assert (pointer["revision"], str(pointer["sequence"])[:3]) == (before, "201")
    assert not [path for path in uploaded if "staging" in path]
    assert "set a higher ROSTER_PUBLICATION" in log(repeated)
    assert packages.uploads == uploaded


@pytest.mark.usefixtures("_registry")
def test_impact_job_comments_on_merge_request(gitlab: Gitlab, clone: Path):
    base = git(clone, "rev-parse", "HEAD")

    def pushed(old: str, new: str) -> str:
        edit(clone / PRODUCTION, old, new)
        git(clone, "commit", "--all", "--message", "a push")
        variables = test_comment.variables(notes) | {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
        variables["CI_PIPELINE_SOURCE"] = "merge_request_event"
        return log(gitlab(clone, "--force-shell-executor", "impact", **variables))

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
    assert "0 before this change, 1 after it" in note["body"], "an invalid roster is not reported as unchanged"
    assert "comment: updated" in third
    assert test_comment.TOKEN not in first + second + third


@pytest.mark.usefixtures("_registry")
def test_catalogue_jobs_write_pages_and_mark_changes(gitlab: Gitlab, clone: Path):
    base = git(clone, "rev-parse", "HEAD")
    edit(clone / PRODUCTION, "release_state: BETA", "release_state: GA")
    git(clone, "commit", "--all", "--message", "a change")
    branch = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}
    merge_request = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    pages = gitlab(clone, "--force-shell-executor", "pages", **branch)
    catalogue = gitlab(clone, "--force-shell-executor", "catalogue", **merge_request)
    assert (pages.returncode, catalogue.returncode) == (0, 0), log(pages) + log(catalogue)
    artifacts = clone / ".gitlab-ci-local" / "artifacts"
    assert "What this change does" not in (artifacts / "pages/public/index.html").read_text()
    assert "moves from Beta to GA" in (artifacts / "pages/public/changes.html").read_text()
    assert "was Beta" in (artifacts / "catalogue/public/index.html").read_text()


def project_of(folder: Path) -> Project:
    """Return a stub of the GitLab project with the last commit of a repository."""
    project = Project({path: (folder / path).read_bytes() for path in git(folder, "ls-files").splitlines()})
    commit = git(folder, "rev-parse", "HEAD")
    project.commits[commit] = project.commits[project.branches["main"]]
    project.branches["main"] = commit
    return project


@pytest.mark.usefixtures("_registry")
def test_update_job_opens_one_merge_request(gitlab: Gitlab, clone: Path):
    (clone / PROVIDER_FACTS).unlink()
    git(clone, "commit", "--all", "--message", "without facts")
    with running(project_of(clone)) as project:
        variables = test_update_facts.variables(project) | {"ROSTER_PROVIDERS_FROM": KNOWN_PROVIDER_FACTS}
        done = [gitlab(clone, "--force-shell-executor", "update-facts", **variables)]
        (clone / PROVIDER_FACTS).unlink()
        done.append(gitlab(clone, "--force-shell-executor", "update-facts", **variables))
    assert [each.returncode for each in done] == [0, 0], log(done[0])
    assert "update-facts: !1 created" in log(done[0])
    assert "update-facts: !1 is up to date" in log(done[1])
    assert '"ends": "' in project.head.files[PROVIDER_FACTS].decode()
    [request] = project.merge_requests
    assert "**Changed provider facts**" in request["description"]
    assert project.token not in log(done[0]) + log(done[1])


def test_probe_job_without_keys_is_skipped(gitlab: Gitlab, clone: Path):
    variables = {"CI_PIPELINE_SOURCE": "merge_request_event", "AIGW_MODEL_X_API_KEY": "", "A_AIGW_MODEL_X_API_KEY": "k"}
    done = gitlab(clone, "--force-shell-executor", "probe", **variables)
    assert done.returncode == 0, log(done)
    assert "probe: skipped: no variable has a key" in log(done)
    assert not (clone / ".venv").exists()


@pytest.mark.usefixtures("_registry")
def test_probe_job_asks_changed_models(gitlab: Gitlab, clone: Path):
    """The keys are those of other models, so that the test sends nothing."""
    base = git(clone, "rev-parse", "HEAD")
    edit(clone / PRODUCTION, "family: claude", "family: qwen")
    edit(clone / PRODUCTION, "identifier: bedrock/", "identifier: bedrock/us.")
    git(clone, "commit", "--all", "--message", "a push")
    variables = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    done = gitlab(clone, "--force-shell-executor", "probe", AIGW_MODEL_OTHER_API_KEY="canary", **variables)
    assert done.returncode == 0, "it is allowed to fail"
    assert "1 model probed, 1 with problems" in log(done)
    assert "WARN  probe" in log(done)
    assert "canary" not in log(done)
    tree = ElementTree.parse(clone / ".gitlab-ci-local" / "artifacts" / "probe" / "roster-probe.xml")
    assert list(tree.iter("testcase"))


TOKEN = "canary-of-the-job"
ALLOWED = "Basic " + base64.b64encode(f"gitlab-ci-token:{TOKEN}".encode()).decode()


class PrivateRepositories(SimpleHTTPRequestHandler):
    """Serves git repositories to requests with the job token, like GitLab to jobs of allowed projects."""

    def do_GET(self) -> None:
        if self.headers.get("Authorization") == ALLOWED:
            return super().do_GET()
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="GitLab"')
        self.end_headers()
        return None

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@pytest.fixture
def server(committed_toolkit: Path, tmp_path: Path) -> Iterator[str]:
    """The URL of a GitLab stub with the toolkit as a private project."""
    project = tmp_path / "server" / "platform" / "roster.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(committed_toolkit), str(project))
    git(project, "repack", "-a", "-d", "--quiet")
    git(project, "update-server-info")
    handler = partial(PrivateRepositories, directory=str(tmp_path / "server"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def including(rosters_repository: Path, committed_toolkit: Path, server: str) -> Path:
    """A repository with rosters whose pipeline includes the template, as in the README."""
    ref = git(committed_toolkit, "rev-parse", "HEAD")
    (rosters_repository / ".gitlab-ci.yml").write_text(
        f"""include:
  - component: $CI_SERVER_FQDN/platform/roster/roster-check@{ref}
    inputs:
      url: {server}/platform/roster.git
      ref: {ref}
      arguments: --strict
"""
    )
    # The download cache of gitlab-ci-local, which would otherwise request the template from gitlab.example.com.
    cached = rosters_repository / f".gitlab-ci-local/includes/gitlab.example.com/platform/roster/{ref}/{TEMPLATE}"
    cached.parent.mkdir(parents=True)
    shutil.copy(ROOT / TEMPLATE, cached)
    return rosters_repository


@pytest.mark.usefixtures("_registry")
def test_template_checks_rosters_of_another_repository(gitlab: Gitlab, including: Path, server: str):
    job = inputs()["job"]["default"]
    variables = {"CI_SERVER_URL": server, "CI_JOB_TOKEN": TOKEN}
    valid = gitlab(including, "--force-shell-executor", job, **variables)
    assert_clean(valid, including, job)
    break_roster(including)
    invalid = gitlab(including, "--force-shell-executor", job, **variables)
    assert_reported(invalid, including, job)
    assert TOKEN not in log(valid) + log(invalid)
    assert TOKEN not in (including / ".roster-toolkit" / ".git" / "config").read_text()


@pytest.mark.usefixtures("_registry")
def test_template_proposes_provider_facts_of_another_repository(gitlab: Gitlab, including: Path, server: str):
    git(including, "add", "--all")
    git(including, "commit", "--quiet", "--message", "pipeline")
    with running(project_of(including)) as project:
        variables = test_update_facts.variables(project) | {"CI_SERVER_URL": server, "CI_JOB_TOKEN": TOKEN}
        variables["ROSTER_PROVIDERS_FROM"] = f".roster-toolkit/{KNOWN_PROVIDER_FACTS}"
        done = gitlab(including, "--force-shell-executor", "roster-check-update-facts", **variables)
    assert done.returncode == 0, log(done)
    assert "update-facts: !1 created" in log(done)
    assert '"ends": "' in project.head.files[PROVIDER_FACTS].decode()
    assert TOKEN not in log(done)
    assert project.token not in log(done)


@pytest.fixture
def new_repository(server: str, tmp_path: Path) -> Path:
    """A repository as roster init creates it, committed; its toolkit is on the stub, with the tag of its version."""
    folder, project = tmp_path / "models", tmp_path / "server/platform/roster.git"
    done = run_command(("init", "models", "--yes"), tmp_path, {})
    assert done.returncode == 0, done.stderr
    edit(folder / PIPELINE, "url: https://gitlab.example.com/", f"url: {server}/")
    for arguments in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "Add rosters"]):
        git(folder, *arguments)
    git(folder, "remote", "add", "origin", "https://gitlab.example.com/product/models.git")
    git(project, "tag", REF)
    git(project, "update-server-info")
    cached = folder / f".gitlab-ci-local/includes/gitlab.example.com/platform/roster/{REF}/{TEMPLATE}"
    cached.parent.mkdir(parents=True)
    shutil.copy(ROOT / TEMPLATE, cached)
    return folder


@pytest.mark.usefixtures("_registry")
def test_pipeline_of_new_repository_checks_and_renders(gitlab: Gitlab, new_repository: Path, server: str):
    variables = {"CI_SERVER_URL": server, "CI_JOB_TOKEN": TOKEN, "CI_DEFAULT_BRANCH": "main"}
    done = gitlab(new_repository, "--force-shell-executor", **variables)
    assert done.returncode == 0, log(done)
    assert log(done).count("3 rosters checked, no problems found") == 2, "in roster-check and in roster-render"
    artifacts = new_repository / ".gitlab-ci-local" / "artifacts"
    assert (artifacts / "roster-render/dist/production/gateway.json").is_file()
    assert not (artifacts / "pages").exists(), "publishing pages is a decision"
    assert failures(new_repository, "roster-check") == []
    done = gitlab(new_repository, "--force-shell-executor", "pages", **variables, ROSTER_PAGES="true")
    assert done.returncode == 0, log(done)
    assert (artifacts / "pages/public/index.html").is_file()
    variables |= {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_COMMIT_BRANCH": ""}
    variables |= {"CI_MERGE_REQUEST_DIFF_BASE_SHA": git(new_repository, "rev-parse", "HEAD")}
    for roster in new_repository.glob("env/*/*.yaml"):
        roster.write_text(roster.read_text().replace(" on Fireworks", "").replace("_ON_FIREWORKS", ""))
    done = gitlab(new_repository, "--force-shell-executor", **variables)
    assert done.returncode != 0
    assert 'changed from "codestral_on_fireworks" to "codestral" [model-left-unannounced]' in log(done)


def documented(start: str) -> str:
    """Return the YAML example of the README that contains a text."""
    (example,) = (block for block in re.findall("```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
                  if start in block)  # fmt: skip
    return example


@pytest.mark.usefixtures("_registry")
def test_documented_job_checks_change(gitlab: Gitlab, including: Path, server: str):
    pipeline = including / ".gitlab-ci.yml"
    pipeline.write_text(f"{pipeline.read_text()}\n{documented('roster-check-change:')}")
    variables = {"CI_SERVER_URL": server, "CI_JOB_TOKEN": TOKEN, "CI_PIPELINE_SOURCE": "merge_request_event"}
    variables |= {"CI_MERGE_REQUEST_DIFF_BASE_SHA": git(including, "rev-parse", "HEAD")}
    run = partial(gitlab, including, "--force-shell-executor", "roster-check-change", **variables)
    valid = run()
    assert valid.returncode == 0, log(valid)
    text = (including / PRODUCTION).read_text()
    (including / PRODUCTION).write_text(re.sub(r"- name: Codestral on Vertex\n(?:  .*\n)+\n", "", text))
    invalid = run()
    assert invalid.returncode != 0
    assert '"codestral_on_vertex" was removed, but not retired [model-left-unannounced]' in log(invalid)


@pytest.mark.usefixtures("_registry")
def test_documented_job_checks_folder_of_monorepo(
    gitlab: Gitlab, including: Path, committed_toolkit: Path, server: str
):
    (including / "cfg/models").mkdir(parents=True)
    git(including, "mv", "env", "cfg/models/env")
    git(including, "commit", "--quiet", "--message", "monorepo")
    edit(including / "cfg/models" / PRODUCTION, "features: [code-generation, duo_chat]", "features: [x, duo_chat]")
    text, ref = documented("arguments: cfg/models"), git(committed_toolkit, "rev-parse", "HEAD")
    text = re.sub("<group>/roster.git", "platform/roster.git", text).replace("https://<GitLab>", server)
    text = text.replace("<group>", "platform").replace("<tag or commit>", ref).replace("<the same tag or commit>", ref)
    (including / ".gitlab-ci.yml").write_text(text)
    job = inputs()["job"]["default"]
    done = gitlab(including, "--force-shell-executor", job, CI_SERVER_URL=server, CI_JOB_TOKEN=TOKEN)
    assert done.returncode != 0
    assert f"cfg/models/{PRODUCTION}:46:14: error: " in log(done)
    assert {finding["location"]["path"] for finding in quality(including, job)} == {f"cfg/models/{PRODUCTION}"}


def test_template_sends_token_to_its_own_gitlab_only(gitlab: Gitlab, including: Path):
    done = gitlab(
        including, "--force-shell-executor", inputs()["job"]["default"],
        CI_SERVER_URL="https://gitlab.example.com", CI_JOB_TOKEN=TOKEN,
    )  # fmt: skip
    assert done.returncode != 0
    assert "could not read Username" in log(done)
