"""``roster render``: the artifacts' formats, deterministic output, and no lost files after a failure."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from roster.render import gateway_json
from tests.conftest import Run, edit, git

PRODUCTION = "env/production/offered_models_metadata.yaml"


def artifacts(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_every_environment_is_rendered(roster: Run, checkout: Path):
    done = roster("render")
    assert (done.returncode, done.stdout) == (0, "")
    assert list(artifacts(checkout / "dist")) == [
        f"{environment}/{artifact}.json"
        for environment in ("production", "staging", "staging-ref")
        for artifact in ("gateway", "offered_models")
    ]
    offered = json.loads((checkout / "dist/production/offered_models.json").read_bytes())
    assert offered[0] == {
        "name": "GitLab: Codestral on Fireworks",
        "id": "codestral_on_fireworks",
        "release_state": "GA",
        "features": ["code-completion"],
    }


def test_given_target_is_rendered_alone(roster: Run, checkout: Path):
    done = roster("render", "staging", "--target", "litellm", "--target", "definitions")
    assert done.stderr == "wrote dist/staging/definitions.json\nwrote dist/staging/litellm.yaml\n"
    assert roster("render", "staging", "--target", "litellm", "--check").returncode == 0
    done = roster("render", "--target", "litelm")
    assert done.returncode == 2
    assert "'litelm' is not one of" in done.stderr


def test_given_environment_is_rendered_alone(roster: Run, checkout: Path):
    assert roster("render", "staging").returncode == 0
    assert {path.split("/")[0] for path in artifacts(checkout / "dist")} == {"staging"}


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2", "TZ": "Pacific/Kiritimati"},
        {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
    ],
    ids=lambda variables: ",".join(variables),
)
def test_rendering_is_deterministic(roster: Run, checkout: Path, surroundings: dict[str, str]):
    edit(checkout / PRODUCTION, "provider: Bedrock", "provider: Bedrock\n  display_name: Klöde 模型")
    roster("render", "--at", "2026-06-15", "--output", str(checkout / "one"))
    elsewhere = checkout / "env" / "staging"
    done = roster("render", "--at", "2026-06-15", "--output", str(checkout / "other"), cwd=elsewhere, **surroundings)
    assert done.returncode == 0, done.stderr
    assert artifacts(checkout / "one") == artifacts(checkout / "other") != {}


def test_line_endings_do_not_affect_artifacts(roster: Run, checkout: Path):
    roster("render", "--output", str(checkout / "one"))
    for path in checkout.glob("env/*/*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    roster("render", "--output", str(checkout / "other"))
    assert artifacts(checkout / "one") == artifacts(checkout / "other") != {}


def test_second_run_changes_no_file(roster: Run, checkout: Path):
    roster("render")
    before = {path: path.stat().st_mtime_ns for path in (checkout / "dist").rglob("*.json")}
    done = roster("render")
    assert before == {path: path.stat().st_mtime_ns for path in (checkout / "dist").rglob("*.json")}
    assert "wrote" not in done.stderr


def test_check_reports_outdated_artifacts_and_writes_nothing(roster: Run, checkout: Path):
    assert roster("render", "--check").returncode == 1
    assert not (checkout / "dist").exists()
    roster("render")
    assert roster("render", "--check").returncode == 0
    edit(checkout / PRODUCTION, "name: Codestral on Vertex", "id: codestral_on_vertex\n  name: Codestral by Google")
    before = artifacts(checkout / "dist")
    done = roster("render", "--check")
    assert done.returncode == 1
    assert "production/offered_models.json is out of date" in done.stderr
    assert "staging/" not in done.stderr
    assert artifacts(checkout / "dist") == before


def test_invalid_roster_is_not_rendered_but_others_are(roster: Run, checkout: Path):
    roster("render")
    before = artifacts(checkout / "dist")
    edit(checkout / PRODUCTION, "release_state: BETA", "release_state: EXPERIMENT")
    edit(checkout / "env/staging/offered_models_metadata.yaml", "display_name: Gemini Pro", "display_name: Gemini")
    done = roster("render")
    assert done.returncode == 1
    assert "[release-state-not-allowed]" in done.stdout
    assert f"production is not rendered: {PRODUCTION} has an error" in done.stderr
    after = artifacts(checkout / "dist")
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"staging/gateway.json", "staging/offered_models.json"}


@pytest.mark.parametrize("options", [(), ("--check",), ("--revision", "HEAD")])
def test_nothing_is_left_to_render(roster: Run, checkout: Path, options: tuple[str, ...]):
    """No roster has no history: git takes an empty list of paths for all files."""
    edit(checkout / PRODUCTION, "release_state: BETA", "release_state: BEETA")
    git(checkout, "init")
    git(checkout, "add", "--all")
    git(checkout, "commit", "--message", "first")
    done = roster("render", "production", *options)
    assert done.returncode == 1
    assert "[invalid-value]" in done.stdout
    assert done.stderr.endswith(f"production is not rendered: {PRODUCTION} has an error\n")


def test_empty_path_is_not_the_current_folder(roster: Run, checkout: Path):
    for arguments in (("check", ""), ("check", PRODUCTION, ""), ("render", "--output", ""), ("render", "--sign", "")):
        done = roster(*arguments)
        assert done.returncode == 2
        assert "the path is empty; is its variable empty?" in done.stderr


def test_empty_environment_is_not_every_environment(roster: Run, checkout: Path):
    for arguments in (("render", ""), ("timeline", ""), ("diff", ".", ".", "--environment", "")):
        done = roster(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert 'there is no environment ""' in done.stderr


def test_retired_model_has_tombstone(roster: Run, checkout: Path):
    end = "  retirement: {notice: 2026-01-01, last_day: 2026-12-01, replacement: codestral_on_fireworks}\n"
    edit(
        checkout / PRODUCTION,
        "  description: Mistral's coding model, hosted",
        f"{end}  description: Mistral's coding model, hosted",
    )

    def rendered(day: str) -> dict[str, Any]:
        assert roster("render", "production", "--at", day).returncode == 0
        gateway = json.loads((checkout / "dist/production/gateway.json").read_bytes())
        listed = json.loads((checkout / "dist/production/offered_models.json").read_bytes())
        assert gateway["offered_models"] == listed
        return {
            "ids": [model["id"] for model in listed],
            "routes": list(gateway["routes"]),
            "retired": gateway["retired"],
        }

    last, after = rendered("2026-12-01"), rendered("2026-12-02")
    assert "codestral_on_vertex" in last["ids"]
    assert last["retired"] == []
    assert after["ids"] == after["routes"] == [id_ for id_ in last["ids"] if id_ != "codestral_on_vertex"]
    tombstone = {"id": "codestral_on_vertex", "last_day": "2026-12-01", "replacement": "codestral_on_fireworks"}
    assert after["retired"] == [tombstone]


def test_list_has_no_endpoint_identifier_or_key_name(roster: Run, checkout: Path):
    roster("render")
    for path in (checkout / "dist").glob("*/offered_models.json"):
        text = path.read_text()
        assert "https://" not in text
        assert "AIGW_MODEL" not in text
        assert "fireworks_ai/" not in text


def test_invalid_artifact_is_a_defect(roster: Run, checkout: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gateway_json, "FORMAT", 2)
    monkeypatch.setattr(tempfile, "tempdir", str(checkout))
    done = roster("render")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert not (checkout / "dist").exists()
