"""What pre-commit reads: it accepts both files, and every pattern matches the right paths."""

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
def test_pre_commit_accepts_the_hooks(command: str, file: str, tmp_path: Path):
    validate = (sys.executable, "-m", "pre_commit", command, str(ROOT / file))
    home = os.environ | {"PRE_COMMIT_HOME": str(tmp_path)}
    done = subprocess.run(validate, env=home, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


# For each pattern: paths that have to match, and paths that must not.
MATCHES: dict[tuple[str, str], tuple[list[str], list[str]]] = {
    (PUBLISHED_HOOKS, "roster-check"): (
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
    (PUBLISHED_HOOKS, "roster-check-all"): (
        [
            ".pre-commit-config.yaml",
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
            "my/.pre-commit-config.yaml",
            "schemas.md",
        ],
    ),
    (OWN_HOOKS, "roster-check"): (
        ["env/production/offered_models_metadata.yaml", "env/environments.yaml", "schemas/features.yaml"],
        ["environment.yaml", "tests/env/production/offered_models_metadata.yaml", "docs/schemas/index.md"],
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
def test_patterns_match_the_right_paths(hook: tuple[str, str], pattern: str):
    good, bad = MATCHES[hook]
    # As pre-commit does it: searched for, so a pattern has to hold its own anchors.
    matched = [path for path in good + bad if re.search(pattern, path)]
    assert matched == good


@pytest.mark.parametrize("hook", hooks(OWN_HOOKS), ids=lambda hook: hook["id"])
def test_our_own_hooks_need_no_network(hook: dict[str, Any]):
    assert hook["language"] == "system"
    assert hook["entry"].startswith(".venv/bin/")
