"""Files in messages are named from the current folder, so that a terminal or an editor can open them."""

import re
from pathlib import Path

from roster.roster import roster_path
from tests.conftest import Run

PATH = re.compile(r"(?<![\w./-])[\w./-]*(?:offered_models_metadata\.yaml|\.json|dist/catalogue)(?![\w/-])")
PRODUCTION = roster_path("production")
VALID = (
    ("explain", "code-generation"),
    ("explain", "bedrock"),
    ("explain", "claude_3_7_sonnet"),
    ("render", "production"),
    ("render", "production", "--output", "../elsewhere"),
    ("catalogue",),
    ("schema",),
)
BROKEN = (
    ("render", "production", "--check"),
    ("timeline",),
    ("drift",),
    ("explain", "code-generation"),
    ("gateway", "preflight", "production"),
    ("retire", "claude_3_7_sonnet", "--environment", "production"),
    ("promote", "gemini_pro", "--from", "staging", "--to", "production"),
)


def unknown_files(roster: Run, checkout: Path, commands: tuple[tuple[str, ...], ...]) -> dict[str, list[str]]:
    """Run commands in a folder of the repository, and return the paths in their output that do not exist."""
    here, unknown = checkout / "env/production", {}
    for command in commands:
        done = roster(*command, cwd=here)
        paths = PATH.findall(done.stdout + done.stderr)
        if not paths or (wrong := [path for path in paths if not (here / path).exists()]):
            unknown[" ".join(command)] = wrong if paths else [done.stderr]
    return unknown


def test_paths_lead_to_files_from_the_current_folder(roster: Run, checkout: Path):
    assert unknown_files(roster, checkout, VALID) == {}


def test_paths_in_errors_lead_to_files_from_the_current_folder(roster: Run, checkout: Path):
    (checkout / PRODUCTION).write_text("- name: [\n")
    assert unknown_files(roster, checkout, BROKEN) == {}
