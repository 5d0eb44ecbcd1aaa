"""GitLab definitions: valid, with pinned images, without tokens, and safe from shell injection."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from roster.git.history import GITLAB_BASE
from tests.conftest import ROOT
from tests.pipelines.definitions import PIPELINE, TEMPLATE, inputs, jobs, pipeline, shell_lines

FILES = (PIPELINE, TEMPLATE)
COMMITS = {"CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "CI_MERGE_REQUEST_DIFF_BASE_SHA"}
GENERATED_VARIABLES = {"CI_SERVER_URL", "CI_JOB_TOKEN"} | COMMITS
"""Variables whose values GitLab generates, unlike branch names and merge request titles, which anybody can choose."""
OPERATOR_VARIABLES = {"ROSTER_REVISION", "ROSTER_ENVIRONMENT"}
"""Variables set by a person who starts a job and may push to the default branch. They must be quoted."""


@pytest.mark.parametrize("file", FILES)
def test_definition_matches_schema_of_gitlab(file: str, tmp_path: Path):
    # The schema does not cover the header of a template, so only the part after it is validated.
    (tmp_path / "pipeline.yml").write_text(yaml.safe_dump(pipeline(file)))
    validate = ("check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(tmp_path / "pipeline.yml"))
    done = subprocess.run([sys.executable, "-m", *validate], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", FILES)
def test_shell_lines_use_only_trusted_variables(file: str):
    lines = "\n".join(shell_lines(file))
    without_inputs = re.sub(r"\$\[\[.*?\]\]", "", lines)
    assert lines
    assert set(re.findall(r"\$\W*(\w+)", without_inputs)) <= GENERATED_VARIABLES | OPERATOR_VARIABLES
    assert set(re.findall(r"\$(\w+)", re.sub(r'"[^"]*"', "", without_inputs))) == set()
    assert "`" not in lines


def test_inputs_in_shell_lines_have_patterns():
    for name in re.findall(r"\$\[\[ inputs\.(\w+) \]\]", "\n".join(shell_lines(TEMPLATE))):
        assert "regex" in inputs()[name], name


VALID = {
    "url": ["https://gitlab.example.com/platform/ai/roster.git", "https://gitlab.example.com:8443/roster"],
    "ref": ["v1.2.0", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "release/1.2"],
    "arguments": ["", "--strict", "--strict --at 2027-01-01 env/production"],
    "folder": [".", "cfg/models"],
    "codequality": ["gl-code-quality-report.json", "reports/quality.json"],
    "junit": ["roster-junit.xml"],
}
HOSTILE = ["$(id)", "`id`", "a;id", "a|id", "a&id", "a>b", "a\nid", "a'b", 'a"b', "a\\b", "$HOME", "{a,b}", "*", "#"]
INVALID = {
    "url": ["http://gitlab.example.com/roster", "https://user:password@gitlab.example.com/roster", "--upload-pack=id"],
    "ref": ["--orphan", "-b", "", "a b"],
    "arguments": [],
    "folder": ["-x", "", "a b", "/etc"],
    "codequality": ["-", "", "a b", "/etc/passwd"],
    "junit": ["-", "", "a b", "/etc/passwd"],
}  # fmt: skip


def test_every_input_pattern_has_examples():
    assert {name for name, definition in inputs().items() if "regex" in definition} == VALID.keys() == INVALID.keys()


@pytest.mark.parametrize("name", VALID)
def test_patterns_match_only_harmless_values(name: str):
    # GitLab uses RE2, whose $ matches only at the end of the text, like \Z in Python.
    pattern = re.sub(r"\$$", r"\\Z", inputs()[name]["regex"])
    values = (
        VALID[name] + INVALID[name] + HOSTILE + [f"{valid}{hostile}" for valid in VALID[name] for hostile in HOSTILE]
    )
    assert [value for value in values if re.search(pattern, value)] == VALID[name]


@pytest.mark.parametrize("file", FILES)
def test_images_are_pinned_to_a_patch_release(file: str):
    images = [job["image"] for job in jobs(file).values() if "image" in job]
    images = [inputs()["image"]["default"] if "inputs.image" in image else image for image in images]
    assert images
    assert [
        image for image in images if not re.fullmatch(r"[a-z/]+:\d+\.\d+\.\d+-[a-z]+(@sha256:[0-9a-f]{64})?", image)
    ] == []


@pytest.mark.parametrize(("file", "job"), [(PIPELINE, "check"), (TEMPLATE, "$[[ inputs.job ]]")])
def test_reports_of_failed_jobs_are_uploaded(file: str, job: str):
    artifacts = jobs(file)[job]["artifacts"]
    assert artifacts["when"] == "always"
    assert artifacts["reports"].keys() == {"codequality", "junit"}
    assert artifacts["paths"] == list(artifacts["reports"].values())
    written = dict(re.findall(r"--format (\w+)=(\$\[\[.*?\]\]|[^\s\"]+)", "\n".join(jobs(file)[job]["script"])))
    assert written == artifacts["reports"]


def test_jobs_use_no_configured_token():
    """Publishing uses the job token, which GitLab revokes when the job ends, and executes nothing from a cache."""
    text = (ROOT / PIPELINE).read_text()
    assert re.findall(r"TOKEN|id_tokens|secrets:", text) == []
    publishing = {name: job for name, job in jobs(PIPELINE).items() if "publish.py" in str(job)}
    assert list(publishing) == ["publish", "rollback"]
    assert all(job["cache"] == [] for job in publishing.values())


def test_publishing_jobs_run_one_at_a_time_on_default_branch_only():
    for name in ("publish", "rollback"):
        job = jobs(PIPELINE)[name]
        assert (job["resource_group"], job["interruptible"]) == ("publish", False)
        assert [rule["if"] for rule in job["rules"]] == ["$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"]


@pytest.mark.parametrize(("file", "job"), [(PIPELINE, "update-facts"), (TEMPLATE, "$[[ inputs.job ]]-update-facts")])
def test_facts_are_updated_by_one_job_at_a_time_in_schedules_of_default_branch(file: str, job: str):
    definition = jobs(file)[job]
    schedule = '$CI_PIPELINE_SOURCE == "schedule" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH'
    assert definition["rules"] == [{"if": schedule}]
    assert (definition["resource_group"], definition["interruptible"]) == (job, False)
    assert (definition["stage"], definition["needs"]) == (".post", []), "a failure stops no other job"
    assert "tools/update_facts.py" in definition["script"][-1]


def test_catalogue_is_published_from_default_branch_and_exposed_in_merge_requests():
    pages, catalogue = jobs(PIPELINE)["pages"], jobs(PIPELINE)["catalogue"]
    assert [rule["if"] for rule in pages["rules"]] == ["$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"]
    assert (pages["resource_group"], pages["interruptible"]) == ("pages", False)
    assert "allow_failure" not in pages
    assert "needs" not in pages, "it would not wait for the tests"
    assert [rule["if"] for rule in catalogue["rules"]] == ['$CI_PIPELINE_SOURCE == "merge_request_event"']
    assert pages["artifacts"]["paths"] == catalogue["artifacts"]["paths"] == ["public/"], "what GitLab Pages publishes"
    assert catalogue["artifacts"]["expose_as"] == "Model catalogue"


def test_rollback_is_manual_and_needs_no_other_job():
    job = jobs(PIPELINE)["rollback"]
    assert [(rule["when"], rule["allow_failure"]) for rule in job["rules"]] == [("manual", True)]
    assert job["needs"] == []


@pytest.mark.parametrize("name", ["impact", "probe"])
def test_failed_comment_or_probe_does_not_fail_pipeline(name: str):
    job = jobs(PIPELINE)[name]
    assert job["allow_failure"] is True
    assert [rule["if"] for rule in job["rules"]] == ['$CI_PIPELINE_SOURCE == "merge_request_event"']


def test_report_whose_existence_is_tested_is_removed_first():
    """Otherwise a file of that name in the repository would pass for the report of a command that failed."""
    for job in jobs(PIPELINE).values():
        script = job.get("script", [])
        for number, line in enumerate(script):
            for path in re.findall(r"test -s (\S+)", line):
                assert f"rm -f {path}" in script[:number]


BASE = "${CI_MERGE_REQUEST_TARGET_BRANCH_SHA:-$CI_MERGE_REQUEST_DIFF_BASE_SHA}"
"""The base of a change. In a merged results pipeline, the second variable alone would include the target's changes."""


def test_every_mention_of_base_is_that_of_pipeline():
    """In the documentation and in error messages, as in the pipeline; ``revisions.py`` reads both variables."""
    files = [ROOT / PIPELINE, ROOT / TEMPLATE, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    files += [path for path in (ROOT / "tools").rglob("*.py") if path.name != "revisions.py"]
    mentions = {path: path.read_text().count("CI_MERGE_REQUEST_DIFF_BASE_SHA") for path in files}
    assert {path for path in files if mentions[path]} >= {ROOT / PIPELINE, ROOT / "README.md"}
    assert {path: path.read_text().count(BASE) for path in files if mentions[path]} == {
        path: count for path, count in mentions.items() if count
    }


def test_error_message_recommends_base_of_pipeline():
    assert GITLAB_BASE == BASE
