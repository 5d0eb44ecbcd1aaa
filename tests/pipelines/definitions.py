"""Parsed definitions of pipelines and hooks."""

from typing import Any

import yaml

from tests.conftest import ROOT

PIPELINE = ".gitlab-ci.yml"
TEMPLATE = "templates/roster-check.yml"
OWN_HOOKS = ".pre-commit-config.yaml"
PUBLISHED_HOOKS = ".pre-commit-hooks.yaml"


def inputs() -> dict[str, dict[str, Any]]:
    """Return the template's inputs."""
    header, _ = yaml.safe_load_all((ROOT / TEMPLATE).read_text())
    inputs_: dict[str, dict[str, Any]] = header["spec"]["inputs"]
    return inputs_


def pipeline(file: str) -> dict[str, Any]:
    """Return a pipeline's definition; references to a template's inputs are not replaced."""
    *_, definition = yaml.safe_load_all((ROOT / file).read_text())
    return dict(definition)


def jobs(file: str) -> dict[str, dict[str, Any]]:
    """Return a pipeline's jobs, including hidden ones."""
    keywords = {"workflow", "variables", "stages", "default", "include"}
    return {name: job for name, job in pipeline(file).items() if name not in keywords}


def shell_lines(file: str) -> list[str]:
    """Return the lines of all scripts of a pipeline's jobs."""
    scripts = ("before_script", "script", "after_script")
    return [line for job in jobs(file).values() for script in scripts for line in job.get(script, [])]


def hooks(file: str) -> list[dict[str, Any]]:
    """Return the hooks of a pre-commit configuration or manifest."""
    parsed = yaml.safe_load((ROOT / file).read_text())
    if isinstance(parsed, list):
        return parsed
    return [hook for repository in parsed["repos"] for hook in repository["hooks"]]
