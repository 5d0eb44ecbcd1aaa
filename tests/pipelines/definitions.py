"""The files that GitLab and pre-commit read, parsed."""

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
    found: dict[str, dict[str, Any]] = header["spec"]["inputs"]
    return found


def pipeline(file: str) -> dict[str, Any]:
    """Return what GitLab runs; a template's inputs stand in it as they are written."""
    *_, found = yaml.safe_load_all((ROOT / file).read_text())
    return dict(found)


def jobs(file: str) -> dict[str, dict[str, Any]]:
    """Return a pipeline's jobs, the hidden ones that others extend included."""
    keywords = {"workflow", "variables", "stages", "default", "include"}
    return {name: job for name, job in pipeline(file).items() if name not in keywords}


def shell_lines(file: str) -> list[str]:
    """Return all that a pipeline's jobs give to a shell."""
    scripts = ("before_script", "script", "after_script")
    return [line for job in jobs(file).values() for script in scripts for line in job.get(script, [])]


def hooks(file: str) -> list[dict[str, Any]]:
    """Return the hooks of one of the two files of pre-commit."""
    parsed = yaml.safe_load((ROOT / file).read_text())
    if isinstance(parsed, list):
        return parsed
    return [hook for repository in parsed["repos"] for hook in repository["hooks"]]
