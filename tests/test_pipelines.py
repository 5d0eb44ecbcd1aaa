"""What GitLab, pre-commit and pip read: their own readers accept it, and it matches the right paths."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
HOOK_FILES = (".pre-commit-config.yaml", ".pre-commit-hooks.yaml")


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A module of this Python, in the repository."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=variables or None,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_gitlab_pipeline_fits_gitlabs_own_schema() -> None:
    done = run("check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", ".gitlab-ci.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_job_expands_a_variable_in_a_shell_line() -> None:
    """Branch names and titles are written by strangers; scripts read variables themselves."""
    pipeline = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text())
    lines = [
        line
        for job in pipeline.values()
        if isinstance(job, dict)
        for key in ("before_script", "script", "after_script")
        for line in job.get(key, [])
    ]
    assert lines
    assert [line for line in lines if "$" in line] == []


@pytest.mark.parametrize(
    ("command", "file"), [("validate-config", HOOK_FILES[0]), ("validate-manifest", HOOK_FILES[1])]
)
def test_pre_commit_accepts_the_hooks(command: str, file: str, tmp_path: Path) -> None:
    done = run("pre_commit", command, file, PRE_COMMIT_HOME=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr


# For each pattern: paths that have to match, and paths that must not.
MATCHES: dict[tuple[str, str], tuple[list[str], list[str]]] = {
    (".pre-commit-hooks.yaml", "roster-check"): (
        ["env/production/offered_models_metadata.yaml", "env/staging-ref/offered_models_metadata.yaml"],
        [
            "env/offered_models_metadata.yaml",
            "env/production/eu/offered_models_metadata.yaml",
            "env/production/offered_models_metadata.yml",
            "env/production/offered_models_metadata.yaml.orig",
            "env/production/offered_models_metadataXyaml",
            "env/environments.yaml",
            "tests/env/production/offered_models_metadata.yaml",
        ],
    ),
    (".pre-commit-hooks.yaml", "roster-check-all"): (
        [
            "env/environments.yaml",
            "schemas/features.yaml",
            "schemas/families.yaml",
            "schemas/offered_models_metadata.schema.json",
        ],
        [
            "env/production/offered_models_metadata.yaml",
            "env/environments.yaml.orig",
            "env/environmentsXyaml",
            "docs/schemas/features.yaml",
            "schemas.md",
        ],
    ),
    (".pre-commit-config.yaml", "roster-check"): (
        ["env/production/offered_models_metadata.yaml", "env/environments.yaml", "schemas/features.yaml"],
        ["environment.yaml", "tests/env/production/offered_models_metadata.yaml", "docs/schemas/index.md"],
    ),
    (".pre-commit-config.yaml", "roster-schema"): (
        ["schemas/features.yaml", "schemas/offered_models_metadata.schema.json"],
        ["env/environments.yaml", "tests/schemas/features.yaml"],
    ),
    (".pre-commit-config.yaml", "mypy"): (
        ["tools/roster/check.py", "tools/publish.py", "tests/test_publish.py", "pyproject.toml"],
        ["docs/conf.py", "tools/roster/py.typed", "tests/rules/unknown-key/bad.yaml", "tools/pyproject.toml"],
    ),
}


def hooks(file: str) -> list[dict[str, Any]]:
    parsed = yaml.safe_load((ROOT / file).read_text())
    if isinstance(parsed, list):
        return parsed
    return [hook for repository in parsed["repos"] for hook in repository["hooks"]]


PATTERNS = {(file, hook["id"]): hook["files"] for file in HOOK_FILES for hook in hooks(file) if "files" in hook}


def test_every_pattern_has_examples() -> None:
    assert PATTERNS.keys() == MATCHES.keys()


@pytest.mark.parametrize(("hook", "pattern"), PATTERNS.items(), ids=lambda value: "-".join(value[1:]))
def test_patterns_match_the_right_paths(hook: tuple[str, str], pattern: str) -> None:
    good, bad = MATCHES[hook]
    # As pre-commit does it: searched for, so a pattern has to hold its own anchors.
    matched = [path for path in good + bad if re.search(pattern, path)]
    assert matched == good


@pytest.mark.parametrize("hook", hooks(".pre-commit-config.yaml"), ids=lambda hook: hook["id"])
def test_our_own_hooks_need_no_network(hook: dict[str, Any]) -> None:
    assert hook["language"] == "system"
    assert hook["entry"].startswith(".venv/bin/")


def pins(lock: str) -> dict[str, str]:
    """Each package's version, once it is sure that the lock holds only pins, hashes and comments."""
    found: dict[str, str] = {}
    hashed: set[str] = set()
    name = ""
    for line in (ROOT / "requirements" / lock).read_text().splitlines():
        if pin := re.fullmatch(r"([a-z0-9-]+)==([\w.]+)( ; [^;]+)? \\", line):
            name = pin[1]
            found[name] = pin[2]
        elif re.fullmatch(r" {4}--hash=sha256:[0-9a-f]{64}( \\)?", line):
            hashed.add(name)
        else:
            assert re.fullmatch(r"( {4})?#.*", line), f"{lock} holds {line!r}"
            assert "/" not in line.replace("requirements/", ""), f"{lock} names a place: {line!r}"
    assert hashed == found.keys()
    return found


@pytest.mark.parametrize("lock", ["core.lock", "build.lock"])
def test_a_small_lock_is_part_of_the_large_one(lock: str) -> None:
    """Else `make build` and `make test` would take turns in replacing packages."""
    assert pins(lock).items() <= pins("dev.lock").items()
