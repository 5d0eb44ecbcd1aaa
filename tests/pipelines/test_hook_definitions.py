"""pre-commit definitions: valid, with file patterns that match the intended paths."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.pipelines.definitions import OWN_HOOKS, PUBLISHED_HOOKS, hooks


@pytest.mark.parametrize(("command", "file"), [("validate-config", OWN_HOOKS), ("validate-manifest", PUBLISHED_HOOKS)])
def test_definition_is_accepted_by_pre_commit(command: str, file: str, tmp_path: Path):
    validate = (sys.executable, "-m", "pre_commit", command, str(ROOT / file))
    home = os.environ | {"PRE_COMMIT_HOME": str(tmp_path)}
    done = subprocess.run(validate, env=home, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


# For each pattern: paths that must match, and paths that must not match.
MATCHES: dict[tuple[str, str], tuple[list[str], list[str]]] = {
    (PUBLISHED_HOOKS, "roster-check"): (
        [
            "env/production/offered_models_metadata.yaml",
            "env/staging-ref/offered_models_metadata.yaml",
            "cfg/env/production/offered_models_metadata.yaml",
            "platform/a part/env/production/offered_models_metadata.yaml",
        ],
        [
            "env/offered_models_metadata.yaml",
            "env/production/eu/offered_models_metadata.yaml",
            "env/production/offered_models_metadata.yml",
            "env/production/offered_models_metadata.yaml.orig",
            "env/production/offered_models_metadataXyaml",
            "env/environments.yaml",
            "myenv/production/offered_models_metadata.yaml",
        ],
    ),
    (OWN_HOOKS, "roster-schema"): (
        ["schemas/features.yaml", "schemas/offered_models_metadata.schema.json"],
        ["env/environments.yaml", "tests/schemas/features.yaml"],
    ),
    (OWN_HOOKS, "roster-docs"): (
        ["docs/rules.md", "tools/roster/rules/characters.py", "schemas/features.yaml"],
        ["tools/publish.py", "tests/rules/unknown-key/bad.yaml", "my/docs/rules.md"],
    ),
    (OWN_HOOKS, "mypy"): (
        ["tools/roster/check/pipeline.py", "tools/publish.py", "tests/publishing/test_publish.py", "pyproject.toml"],
        ["docs/conf.py", "tools/roster/py.typed", "tests/rules/unknown-key/bad.yaml", "tools/pyproject.toml"],
    ),
}


PATTERNS = {
    (file, hook["id"]): hook["files"]
    for file in (OWN_HOOKS, PUBLISHED_HOOKS)
    for hook in hooks(file)
    if "files" in hook
}


def test_every_pattern_has_examples():
    assert PATTERNS.keys() == MATCHES.keys()


@pytest.mark.parametrize(("hook", "pattern"), PATTERNS.items(), ids=lambda value: "-".join(value[1:]))
def test_pattern_matches_intended_paths(hook: tuple[str, str], pattern: str):
    matching, others = MATCHES[hook]
    # pre-commit searches for the pattern, so a pattern must contain its own anchors.
    matched = [path for path in matching + others if re.search(pattern, path)]
    assert matched == matching


@pytest.mark.parametrize(("file", "hook"), [(PUBLISHED_HOOKS, "roster-check-all"), (OWN_HOOKS, "roster-check")])
def test_hook_for_all_rosters_runs_without_changed_files(file: str, hook: str):
    """Deleted files are none, and a renamed file may match no pattern."""
    (definition,) = (each for each in hooks(file) if each["id"] == hook)
    assert definition["always_run"] is True
    assert definition["pass_filenames"] is False
    assert "files" not in definition


@pytest.mark.parametrize("hook", hooks(OWN_HOOKS), ids=lambda hook: hook["id"])
def test_own_hooks_need_no_network(hook: dict[str, Any]):
    assert hook["language"] == "system"
    assert hook["entry"].startswith(".venv/bin/")
