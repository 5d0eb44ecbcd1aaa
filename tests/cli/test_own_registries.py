"""Commands in a repository with registries of its own and without JSON Schemas: the toolkit's apply."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roster.registries import FAMILIES, FEATURES, OPTIONAL_REGISTRIES
from roster.repository import toolkit_file
from roster.roster import ROSTER_SCHEMA, roster_path
from tests.cli.test_repository_versions import COMMANDS
from tests.conftest import Run, edit, git

REF = roster_path("staging-ref")


@pytest.fixture
def checkout(checkout: Path) -> Path:
    """The checkout with a feature and a family of its own, which a model has, committed without JSON Schemas."""
    for path in (checkout / "schemas").glob("*.json"):
        path.unlink()
    for registry in OPTIONAL_REGISTRIES:
        (checkout / registry).unlink(missing_ok=True)
    edit(checkout / FEATURES, "- name: duo_chat\n", "- name: our_chat\n")
    edit(checkout / FAMILIES, "- claude\n", "- our_claude\n")
    for roster in checkout.glob("env/*/*.yaml"):
        edit(roster, "family: claude\n", "family: our_claude\n")
        edit(roster, "[code-generation, duo_chat]", "[code-generation, our_chat]")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "Add rosters"]):
        git(checkout, *arguments)
    return checkout


def test_names_are_those_of_the_registries(checkout: Path, roster: Run):
    done = roster("check", "--strict")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout
    edit(checkout / REF, "family: our_claude", "family: claude")
    done = roster("check")
    assert done.returncode == 1
    assert 'unknown family "claude" [unknown-family]' in done.stdout
    assert "schema-out-of-date" not in done.stdout


def test_commands_need_no_json_schema(checkout: Path, roster: Run):
    own = {"duo_chat": "our_chat", "=claude": "=our_claude", "=staging": "=staging-ref"}
    failures = {}
    for command in COMMANDS:
        words = [next((word.replace(old, new) for old, new in own.items() if old in word), word) for word in command]
        done = roster(*words) if command != ("schema",) else None  # that writes a schema
        if done and done.returncode:
            failures[command[:2]] = done.stdout + done.stderr
    assert not failures


def test_schema_command_writes_schema_for_editors(checkout: Path, roster: Run):
    done = roster("schema", "--check")
    assert done.returncode == 0
    assert done.stderr == f"nothing to check: {ROSTER_SCHEMA} does not exist; roster schema writes it, for editors\n"
    assert not (checkout / ROSTER_SCHEMA).exists()
    assert roster("schema").stderr == f"{ROSTER_SCHEMA} written\n"
    schema = json.loads((checkout / ROSTER_SCHEMA).read_bytes())
    assert "our_chat" in schema["$defs"]["feature"]["enum"]
    assert schema.keys() == json.loads(toolkit_file(Path(ROSTER_SCHEMA).name).read_bytes()).keys()
    assert roster("schema", "--check").returncode == 0
    assert roster("check", "--strict").returncode == 0


def test_schema_command_writes_nothing_without_own_registries(checkout: Path, roster: Run):
    (checkout / "schemas").rename(checkout / "other")
    for command in (("schema",), ("schema", "--check")):
        done = roster(*command)
        assert (done.returncode, "nothing to update: this repository has no schemas/" in done.stderr) == (0, True)
    assert not (checkout / "schemas").exists()


def test_missing_features_or_families_are_not_replaced(checkout: Path, roster: Run):
    """The toolkit's would change what a roster may say."""
    for path in (FEATURES, FAMILIES):
        (checkout / path).rename(checkout / "moved")
        done = roster("check")
        assert done.returncode == 2
        assert done.stderr.startswith(f"roster: {path} is missing: restore it, or copy the toolkit's: ")
        git(checkout, "commit", "-qam", "Remove a registry")
        (checkout / "moved").rename(checkout / path)
        assert f"it has no {path}" in roster("diff", "HEAD").stderr
        git(checkout, "add", ".")
        git(checkout, "commit", "-qm", "Restore it")


def test_broken_link_to_schema_is_missing_file(checkout: Path, roster: Run):
    (checkout / ROSTER_SCHEMA).symlink_to("/nowhere")
    done = roster("check")
    assert done.returncode == 2
    assert done.stderr.startswith(f"roster: {ROSTER_SCHEMA} is missing: ")
