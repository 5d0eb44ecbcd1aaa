"""A project with rosters: a git repository with this repository's data, and the steps of its pipeline."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import ROOT, git
from tests.end_to_end.gitlab import GitLab
from tests.package_registry import TOKEN

ENVIRONMENTS = ("staging-ref", "staging", "production")
MODEL = """
- name: {name}
  identifier: bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0
  api-key: AIGW_MODEL_{id}_API_KEY
  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
  release_state: {state}
  family: claude
  features: [duo_chat]
"""


def roster_of(environment: str) -> str:
    """Return the path of a roster in the repository."""
    return f"env/{environment}/offered_models_metadata.yaml"


class Project:
    """A clone of a project in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        git(folder, "init")
        (folder / ".gitignore").write_text("dist/\n")
        self.commit("Offer models")

    def commit(self, subject: str) -> str:
        """Commit all changes to the default branch; return the commit's hash."""
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--message", subject)
        return git(self.folder, "rev-parse", "HEAD")

    def offer(self, name: str, state: str = "GA") -> str:
        """Add a model to every environment and commit it."""
        text = MODEL.format(name=name, id=name.upper().replace(" ", "_"), state=state)
        for environment in ENVIRONMENTS:
            path = self.folder / roster_of(environment)
            path.write_text(path.read_text() + text)
        return self.commit(f"Offer {name}")

    def render(self, *options: str) -> None:
        """Render production, like the pipeline."""
        command = [sys.executable, "-m", "roster", "render", "production", *options]
        _run(command, self.folder, {"PATH": "/usr/bin:/bin"})

    def publish(self, gitlab: GitLab) -> str:
        """Publish the artifacts, like the pipeline; return the output."""
        variables = {"CI_API_V4_URL": f"{gitlab.url}/api/v4", "CI_PROJECT_ID": "24", "CI_JOB_TOKEN": TOKEN}
        return _run([sys.executable, str(ROOT / "tools" / "publish.py")], self.folder, variables)

    def release(self, gitlab: GitLab, *options: str) -> None:
        """Render and publish."""
        self.render(*options)
        assert "published current/production.json" in self.publish(gitlab)

    @property
    def artifact(self) -> dict[str, Any]:
        """The gateway.json that was rendered last."""
        parsed: dict[str, Any] = json.loads((self.folder / "dist/production/gateway.json").read_bytes())
        return parsed

    def damage(self, **changes: Any) -> None:
        """Change keys of the last rendered gateway.json, as a defect of a pipeline might."""
        text = json.dumps(self.artifact | changes)
        (self.folder / "dist/production/gateway.json").write_text(text)


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
