"""What GitLab reads: it is valid, and it does with tokens, images and other people's text what it should."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.pipelines.definitions import PIPELINE, TEMPLATE, inputs, jobs, pipeline, shell_lines

FILES = (PIPELINE, TEMPLATE)
COMMITS = {"CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_MERGE_REQUEST_DIFF_BASE_SHA"}
NO_ONES_TEXT = {"CI_SERVER_URL", "CI_JOB_TOKEN"} | COMMITS
"""Variables whose value GitLab makes; names of branches and titles of merge requests are written by strangers."""
OPERATORS_TEXT = {"ROSTER_REVISION", "ROSTER_ENVIRONMENT"}
"""Variables whose value is given by who starts the job, who may push to the default branch; always in quotes."""


@pytest.mark.parametrize("file", FILES)
def test_it_fits_gitlabs_own_schema(file: str, tmp_path: Path):
    # The schema knows nothing of a template's header, so what comes after it is held to the schema.
    (tmp_path / "pipeline.yml").write_text(yaml.safe_dump(pipeline(file)))
    validate = ("check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(tmp_path / "pipeline.yml"))
    done = subprocess.run([sys.executable, "-m", *validate], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", FILES)
def test_no_shell_line_holds_a_strangers_text(file: str):
    lines = "\n".join(shell_lines(file))
    without_inputs = re.sub(r"\$\[\[.*?\]\]", "", lines)
    assert lines
    assert set(re.findall(r"\$\W*(\w+)", without_inputs)) <= NO_ONES_TEXT | OPERATORS_TEXT
    assert set(re.findall(r"\$(\w+)", re.sub(r'"[^"]*"', "", without_inputs))) == set()
    assert "`" not in lines


def test_an_input_in_a_shell_line_is_held_to_a_pattern():
    for name in re.findall(r"\$\[\[ inputs\.(\w+) \]\]", "\n".join(shell_lines(TEMPLATE))):
        assert "regex" in inputs()[name], name


GOOD = {
    "url": ["https://gitlab.example.com/platform/ai/roster.git", "https://gitlab.example.com:8443/roster"],
    "ref": ["v1.2.0", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "release/1.2"],
    "arguments": ["", "--strict", "--strict --at 2027-01-01 env/production"],
    "codequality": ["gl-code-quality-report.json", "reports/quality.json"],
    "junit": ["roster-junit.xml"],
}
HOSTILE = ["$(id)", "`id`", "a;id", "a|id", "a&id", "a>b", "a\nid", "a'b", 'a"b', "a\\b", "$HOME", "{a,b}", "*", "#"]
BAD = {
    "url": ["http://gitlab.example.com/roster", "https://user:password@gitlab.example.com/roster", "--upload-pack=id"],
    "ref": ["--orphan", "-b", "", "a b"],
    "arguments": [],
    "codequality": ["-", "", "a b", "/etc/passwd"],
    "junit": ["-", "", "a b", "/etc/passwd"],
}  # fmt: skip


def test_every_pattern_of_an_input_has_examples():
    assert {name for name, about in inputs().items() if "regex" in about} == GOOD.keys() == BAD.keys()


@pytest.mark.parametrize("name", GOOD)
def test_patterns_let_through_what_is_harmless(name: str):
    # GitLab matches with RE2, where $ is the very end: \Z in Python.
    pattern = re.sub(r"\$$", r"\\Z", inputs()[name]["regex"])
    values = GOOD[name] + BAD[name] + HOSTILE + [f"{good}{hostile}" for good in GOOD[name] for hostile in HOSTILE]
    assert [value for value in values if re.search(pattern, value)] == GOOD[name]


@pytest.mark.parametrize("file", FILES)
def test_images_are_pinned_to_a_patch_release(file: str):
    images = [job["image"] for job in jobs(file).values() if "image" in job]
    images = [inputs()["image"]["default"] if "inputs.image" in image else image for image in images]
    assert images
    assert [
        image for image in images if not re.fullmatch(r"[a-z/]+:\d+\.\d+\.\d+-[a-z]+(@sha256:[0-9a-f]{64})?", image)
    ] == []


@pytest.mark.parametrize(("file", "job"), [(PIPELINE, "check"), (TEMPLATE, "$[[ inputs.job ]]")])
def test_reports_reach_gitlab_when_the_job_fails(file: str, job: str):
    artifacts = jobs(file)[job]["artifacts"]
    assert artifacts["when"] == "always"
    assert artifacts["reports"].keys() == {"codequality", "junit"}
    assert artifacts["paths"] == list(artifacts["reports"].values())
    written = dict(re.findall(r"--format (\w+)=(\$\[\[.*?\]\]|[^\s\"]+)", "\n".join(jobs(file)[job]["script"])))
    assert written == artifacts["reports"]


def test_no_job_is_given_a_token():
    """Publishing has the job's own, which GitLab takes back when the job ends; and it runs nothing from a cache."""
    text = (ROOT / PIPELINE).read_text()
    assert re.findall(r"TOKEN|id_tokens|secrets:", text) == []
    publishing = {name: job for name, job in jobs(PIPELINE).items() if "publish.py" in str(job)}
    assert list(publishing) == ["publish", "rollback"]
    assert all(job["cache"] == [] for job in publishing.values())


def test_one_job_at_a_time_publishes_from_the_default_branch_only():
    for name in ("publish", "rollback"):
        job = jobs(PIPELINE)[name]
        assert (job["resource_group"], job["interruptible"]) == ("publish", False)
        assert [rule["if"] for rule in job["rules"]] == ["$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"]


def test_a_rollback_is_started_by_somebody_and_waits_for_nothing():
    job = jobs(PIPELINE)["rollback"]
    assert [(rule["when"], rule["allow_failure"]) for rule in job["rules"]] == [("manual", True)]
    assert job["needs"] == []


def test_the_comment_never_fails_a_merge_request():
    job = jobs(PIPELINE)["impact"]
    assert job["allow_failure"] is True
    assert [rule["if"] for rule in job["rules"]] == ['$CI_PIPELINE_SOURCE == "merge_request_event"']
