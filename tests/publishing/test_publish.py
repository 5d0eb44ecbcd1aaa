"""tools/publish.py with a registry that stores uploads like GitLab's."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from publish import main
from tests.conftest import ROOT
from tests.package_registry import TOKEN, Registry

SCRIPT = ROOT / "tools" / "publish.py"
REVISION = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as server:
        yield server


@pytest.fixture
def object_store() -> Iterator[Registry]:
    with Registry() as server:
        yield server


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    for environment in ("production", "staging-ref"):
        render(tmp_path, environment)
    return tmp_path


def render(dist: Path, environment: str, sequence: object = 12, models: list[str] | None = None) -> None:
    folder = dist / environment
    folder.mkdir(exist_ok=True)
    offered = [{"name": name} for name in models or ["Codestral"]]
    gateway = {
        "environment": environment,
        "revision": REVISION,
        "sequence": sequence,
        "offered_models": offered,
    }
    (folder / "gateway.json").write_text(json.dumps(gateway))
    (folder / "offered_models.json").write_text(json.dumps(offered))


def job_variables(registry: Registry) -> dict[str, str]:
    return {"CI_API_V4_URL": f"{registry.url}/api/v4", "CI_PROJECT_ID": "24", "CI_JOB_TOKEN": TOKEN}


def publish(dist: Path, registry: Registry, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script's main function; a separate process would take most of the time."""
    environ = job_variables(registry) | variables
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        status = main([*options, str(dist)], environ)
    done = subprocess.CompletedProcess(["publish.py"], status, out.getvalue(), err.getvalue())
    assert TOKEN not in done.stdout + done.stderr
    assert_log_is_harmless(done.stdout + done.stderr)
    return done


def assert_log_is_harmless(log: str) -> None:
    """Check that a job log has whole, short lines without control characters, which mark sections and colors, too."""
    assert not log or log.endswith("\n")
    for line in log.splitlines():
        assert line.isprintable()
        assert len(line) < 400


def pointer(registry: Registry, environment: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(registry.stored[f"current/{environment}.json"])
    return parsed


def test_pointers_are_uploaded_last(dist: Path, registry: Registry) -> None:
    done = publish(dist, registry)

    assert (done.returncode, done.stderr) == (0, "")
    version = pointer(registry, "production")["version"]
    assert registry.uploads == [
        f"{version}/production.gateway.json",
        f"{version}/production.offered_models.json",
        f"{version}/staging-ref.gateway.json",
        f"{version}/staging-ref.offered_models.json",
        "current/production.json",
        "current/staging-ref.json",
    ]
    assert done.stdout.splitlines() == [f"published {path}" for path in registry.uploads]


def test_script_runs_as_process_without_installed_packages(dist: Path, registry: Registry) -> None:
    command = [sys.executable, "-S", str(SCRIPT), str(dist)]
    for variables, status in [(job_variables(registry), 0), ({"CI_JOB_TOKEN": TOKEN}, 2)]:
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60)
        assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr
    assert pointer(registry, "production")["sequence"] == 12


def test_pointer_names_rendered_bytes(dist: Path, registry: Registry) -> None:
    publish(dist, registry)

    published = pointer(registry, "production")
    version = str(published["version"])
    assert version.startswith("12-0123456789ab-")
    bodies = {name: (dist / "production" / name).read_bytes() for name in ("gateway.json", "offered_models.json")}
    assert published == {
        "environment": "production",
        "version": version,
        "sequence": 12,
        "revision": REVISION,
        "files": {
            name: {"path": f"{version}/production.{name}", "sha256": hashlib.sha256(body).hexdigest()}
            for name, body in bodies.items()
        },
    }
    for name, body in bodies.items():
        assert registry.stored[f"{version}/production.{name}"] == body


def test_signature_is_published_with_file(dist: Path, registry: Registry) -> None:
    signature = b'{"format": 1}\n'
    (dist / "production" / "gateway.json.sig").write_bytes(signature)

    assert publish(dist, registry).returncode == 0

    published = pointer(registry, "production")
    path = f"{published['version']}/production.gateway.json.sig"
    assert published["files"].keys() == {"gateway.json", "offered_models.json", "gateway.json.sig"}
    assert published["files"]["gateway.json.sig"]["path"] == path
    assert registry.stored[path] == signature
    assert pointer(registry, "staging-ref")["files"].keys() == {"gateway.json", "offered_models.json"}


def test_requests_have_job_token(dist: Path, registry: Registry) -> None:
    publish(dist, registry)

    for method, _, headers, _ in registry.requests:
        sent = {name.lower(): value for name, value in headers.items()}
        assert sent["job-token"] == TOKEN
        if method == "PUT":
            assert sent["content-type"] == "application/json"


@pytest.mark.parametrize("failing", ["production.gateway.json", "staging-ref.offered_models.json"])
def test_failed_upload_updates_no_pointer(dist: Path, registry: Registry, failing: str) -> None:
    publish(dist, registry)
    before = dict(registry.stored)
    registry.requests.clear()
    for environment in ("production", "staging-ref"):
        render(dist, environment, sequence=13, models=["Qwen"])
    path = f"{version_to_come(dist)}/{failing}"
    registry.responses["PUT", path] = (503, {})

    done = publish(dist, registry)

    assert done.returncode == 1
    assert done.stderr == f"publish: PUT {path}: GitLab answered 503 Service Unavailable\n"
    assert path in registry.uploads
    assert not [upload for upload in registry.uploads if upload.startswith("current/")]
    assert {name: registry.stored[name] for name in before} == before


def version_to_come(dist: Path) -> object:
    """Return the version that the same files get in a new registry."""
    with Registry() as trial:
        publish(dist, trial)
        return pointer(trial, "production")["version"]


def test_failed_read_is_not_an_empty_registry(dist: Path, registry: Registry) -> None:
    registry.responses["GET", "current/production.json"] = (500, {})

    done = publish(dist, registry)

    assert done.returncode == 1
    assert done.stderr == ("publish: GET current/production.json: GitLab answered 500 Internal Server Error\n")
    assert registry.uploads == []


def test_second_run_uploads_nothing(dist: Path, registry: Registry) -> None:
    publish(dist, registry)
    registry.requests.clear()

    done = publish(dist, registry)

    assert (done.returncode, registry.uploads) == (0, [])
    assert done.stdout.count("is already published") == 2


def test_repeated_run_uploads_missing_files_only(dist: Path, registry: Registry) -> None:
    registry.responses["PUT", "current/staging-ref.json"] = (500, {})
    assert publish(dist, registry).returncode == 1
    registry.responses.clear()
    registry.requests.clear()

    assert publish(dist, registry).returncode == 0
    assert registry.uploads == ["current/staging-ref.json"]


def test_older_pipeline_does_not_update_pointer(dist: Path, registry: Registry) -> None:
    publish(dist, registry)
    before = dict(registry.stored)
    for environment in ("production", "staging-ref"):
        render(dist, environment, sequence=11)

    done = publish(dist, registry)

    assert (done.returncode, registry.stored) == (0, before)
    assert "production: not published: sequence 12 is newer than 11\n" in done.stdout


def test_insist_fails_if_newer_is_published(dist: Path, registry: Registry) -> None:
    publish(dist, registry)
    before = dict(registry.stored)
    for environment in ("production", "staging-ref"):
        render(dist, environment, sequence=11)

    done = publish(dist, registry, "--insist")

    assert (done.returncode, registry.stored) == (2, before)
    cached = "production: not published: sequence 12 is newer than 11"
    hint = "use the newest pipeline, or a higher ROSTER_PUBLICATION"
    assert done.stderr == f"publish: {cached}; {hint}\n"


def test_other_content_of_same_commit_is_other_version(dist: Path, registry: Registry) -> None:
    publish(dist, registry)
    first = pointer(registry, "production")["version"]
    body = registry.stored[f"{first}/production.offered_models.json"]
    for environment in ("production", "staging-ref"):
        render(dist, environment, sequence=13, models=["Qwen"] if environment == "production" else None)

    publish(dist, registry)

    assert pointer(registry, "production")["version"] != first
    assert pointer(registry, "staging-ref")["version"] == first
    assert registry.stored[f"{first}/production.offered_models.json"] == body


def test_unchanged_content_is_not_published(dist: Path, registry: Registry) -> None:
    publish(dist, registry)
    before = dict(registry.stored)
    for environment in ("production", "staging-ref"):
        render(dist, environment, sequence=13)

    done = publish(dist, registry, "--insist")

    assert (done.returncode, registry.stored) == (0, before)
    assert done.stdout.count("is already published") == 2


def test_lost_files_are_published_again(dist: Path, registry: Registry) -> None:
    publish(dist, registry)
    del registry.stored[f"{pointer(registry, 'production')['version']}/production.gateway.json"]
    for environment in ("production", "staging-ref"):
        render(dist, environment, sequence=13)

    assert publish(dist, registry).returncode == 0
    assert (pointer(registry, "production")["sequence"], pointer(registry, "staging-ref")["sequence"]) == (13, 12)


def test_same_sequence_with_other_content_is_rejected(dist: Path, registry: Registry) -> None:
    publish(dist, registry)
    before = dict(registry.stored)
    render(dist, "staging-ref", models=["Qwen"])

    done = publish(dist, registry)

    assert (done.returncode, registry.stored) == (2, before)
    other = "staging-ref: sequence 12 is already published with different content; set a higher ROSTER_PUBLICATION"
    assert done.stderr == f"publish: {other}\n"


def test_environments_can_be_published_separately(dist: Path, registry: Registry) -> None:
    publish(dist, registry)
    for name in ("gateway.json", "offered_models.json"):
        (dist / "staging-ref" / name).unlink()

    done = publish(dist, registry)

    assert done.stdout == f"production: {pointer(registry, 'production')['version']} is already published\n"


def test_token_is_not_sent_after_redirect(dist: Path, registry: Registry, object_store: Registry) -> None:
    publish(dist, registry)
    path = "current/production.json"
    object_store.stored["/signed"] = registry.stored[path]
    registry.responses["GET", path] = (302, {"Location": f"{object_store.url}/signed"})

    assert publish(dist, registry).returncode == 0
    [(method, where, headers, _)] = object_store.requests
    assert (method, where) == ("GET", "/signed")
    assert TOKEN not in headers.values()


def test_redirected_upload_fails(dist: Path, registry: Registry, object_store: Registry) -> None:
    registry.responses["PUT", "current/production.json"] = (307, {"Location": object_store.url})

    assert publish(dist, registry).returncode == 1
    assert object_store.requests == []


def test_unreachable_registry_fails(dist: Path, registry: Registry) -> None:
    registry.shutdown()
    registry.server_close()

    done = publish(dist, registry)

    assert done.returncode == 1
    assert done.stderr.startswith("publish: GET current/production.json: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"CI_PROJECT_ID": "", "CI_JOB_TOKEN": ""},
            "not set: CI_PROJECT_ID, CI_JOB_TOKEN (GitLab sets them in a job)",
        ),
        ({"CI_API_V4_URL": "file:///etc"}, "CI_API_V4_URL is invalid: must be an http or https URL"),
        (
            {"CI_JOB_TOKEN": f"{TOKEN}\n{TOKEN}"},
            "the token for JOB-TOKEN is invalid: must be printable ASCII",
        ),
    ],
)
def test_missing_variables_are_reported(
    dist: Path, registry: Registry, variables: dict[str, str], sentence: str
) -> None:
    done = publish(dist, registry, **variables)

    assert (done.returncode, done.stderr) == (2, f"publish: {sentence}\n")
    assert registry.requests == []


@pytest.mark.parametrize(
    ("gateway", "sentence"),
    [
        ("{", "was not written by `roster render`"),
        ("[]", "was not written by `roster render`"),
        ("{}", "was not written by `roster render`: KeyError('environment')"),
        ({"environment": "staging"}, "environment 'staging' must be a plain name, and that of its folder"),
        ({"sequence": True}, "sequence True must be a positive integer"),
        ({"sequence": 0}, "sequence 0 must be a positive integer"),
        ({"revision": "../../v2"}, "revision '../../v2' must be the hash of a commit"),
        ({"revision": f"{REVISION}-dirty"}, f"revision '{REVISION}-dirty' must be the hash of a commit"),
        ({"revision": None}, "revision None must be the hash of a commit"),
    ],
)
def test_invalid_artifact_is_rejected(
    dist: Path, registry: Registry, gateway: str | dict[str, object], sentence: str
) -> None:
    path = dist / "production" / "gateway.json"
    if isinstance(gateway, dict):
        gateway = json.dumps({**json.loads(path.read_text()), **gateway})
    path.write_text(gateway)

    done = publish(dist, registry)

    assert done.returncode == 2
    assert done.stderr.startswith(f"publish: {path}")
    assert sentence in done.stderr
    assert registry.requests == []


@pytest.mark.parametrize("content", ["", "<html>", "[]", "[" * 100_000, '[{"name": "Qwen"}]'])
def test_list_that_differs_from_gateway_json_is_rejected(dist: Path, registry: Registry, content: str) -> None:
    (dist / "production" / "offered_models.json").write_text(content)

    done = publish(dist, registry)

    assert (done.returncode, registry.requests) == (2, [])
    assert done.stderr.startswith(f"publish: {dist / 'production'}/")
    assert "offered_models.json" in done.stderr


def test_empty_folder_fails(tmp_path: Path, registry: Registry) -> None:
    done = publish(tmp_path, registry)

    assert done.returncode == 2
    assert done.stderr == (f"publish: {tmp_path} has no <environment>/gateway.json; run `roster render` first\n")


def test_artifacts_of_different_commits_are_rejected(dist: Path, registry: Registry) -> None:
    render(dist, "staging-ref", sequence=11)

    done = publish(dist, registry)

    assert done.returncode == 2
    assert done.stderr == (f"publish: {dist} has artifacts of different commits; run `roster render` again\n")
    assert registry.requests == []


def test_incomplete_environment_is_not_published(dist: Path, registry: Registry) -> None:
    missing = dist / "production" / "offered_models.json"
    missing.unlink()

    done = publish(dist, registry)

    assert done.returncode == 2
    assert done.stderr == f"publish: cannot read {missing}: No such file or directory\n"
    assert registry.requests == []
