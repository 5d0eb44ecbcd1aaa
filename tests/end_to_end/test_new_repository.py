"""The steps of the README, from an empty folder and a gateway's own files to an instance."""

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.end_to_end.processes import free_port
from tests.large_roster import gitlab_models, gitlab_unit_primitives, write_gitlab_files

pytestmark = pytest.mark.slow

HEADING = "### From a gateway's models to an instance\n"
IDENTITY = {f"GIT_{role}_{key}": "a@example.com" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}


def documented_commands() -> str:
    """Return the commands of the README, with free ports."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
    commands = "\n".join(re.findall("^ {4}(.+)$", section, re.MULTILINE))
    assert commands.count("8000") == commands.count("5052") == 2
    return commands.replace("8000", str(free_port())).replace("5052", str(free_port()))


def run(commands: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run commands in a shell that stops at the first failure, with a home of its own; leave no process running."""
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder)} | IDENTITY
    shell = ["bash", "-e", "-o", "pipefail", "-c", commands]
    with (folder / "output").open("w+") as output:
        # a file, because servers that outlive a failed command would keep a pipe open
        process = subprocess.Popen(
            shell, cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            process.wait(120)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(commands, process.returncode, (folder / "output").read_text())


def by_setting(unit_primitives: Any) -> dict[str, Any]:
    return {entry["feature_setting"]: entry for entry in unit_primitives["configurable_unit_primitives"]}


def test_gateway_files_reach_instance_as_documented(tmp_path: Path):
    write_gitlab_files(tmp_path)
    done = run(documented_commands(), tmp_path)
    assert done.returncode == 0, done.stdout
    assert "Traceback" not in done.stdout
    assert re.search(r"\nlist replaced: \d\d added, 0 changed, 0 removed\n", done.stdout), done.stdout
    assert "\nServed by: " in done.stdout
    rendered = tmp_path / "models/dist/production"
    assert yaml.safe_load((rendered / "models.yml").read_text()) == gitlab_models()
    features = by_setting(yaml.safe_load((rendered / "unit_primitives.yml").read_text()))
    assert features == by_setting(gitlab_unit_primitives())
