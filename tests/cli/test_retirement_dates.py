"""Dates that take effect without a commit: one repository, checked and rendered around a retirement's last day."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import Run, edit, git

PRODUCTION = "env/production/offered_models_metadata.yaml"
BEFORE_NOTICE, NOTICE, HALF_TIME = "2026-07-31", "2026-08-01", "2026-10-01"
LAST_DAY, DAY_AFTER = "2026-12-01", "2026-12-02"
CLAUDE_4 = """
- name: Claude 4
  identifier: bedrock/claude-4-20260101-v1:0
  api-key: AIGW_MODEL_CLAUDE_4_API_KEY
  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
  release_state: GA
  family: claude
  features: [code-generation, duo_chat]
"""
DEFAULTS = "  default_for: [code-generation, duo_chat]\n"
TOMBSTONE = {"id": "claude_3_7_sonnet", "last_day": LAST_DAY, "replacement": "claude_4"}


class Ending(NamedTuple):
    """A retirement of Claude 3.7 Sonnet: its features and its tombstone."""

    features: tuple[str, ...]
    tombstone: dict[str, Any]
    key: str = ""


WHOLE = Ending(("code-generation", "duo_chat"), TOMBSTONE)
PART = Ending(("duo_chat",), TOMBSTONE | {"features": ["duo_chat"]}, ", features: [duo_chat]")


@pytest.fixture(params=[WHOLE, PART], ids=["whole model", "some features"])
def ending(request: pytest.FixtureRequest, checkout: Path) -> Ending:
    """Claude 3.7 Sonnet retires in production, and is still the default of all its features."""
    ending: Ending = request.param
    with (checkout / PRODUCTION).open("a") as file:
        file.write(CLAUDE_4)
    dates = f"notice: 2026-08-01, last_day: {LAST_DAY}, replacement: claude_4{ending.key}"
    edit(checkout / PRODUCTION, DEFAULTS, f"{DEFAULTS}  retirement: {{{dates}}}\n")
    return ending


def move_defaults(checkout: Path, ending: Ending) -> None:
    """Move the defaults of the retiring features to the replacement."""
    stays = [feature for feature in WHOLE.features if feature not in ending.features]
    edit(checkout / PRODUCTION, DEFAULTS, f"  default_for: [{', '.join(stays)}]\n" if stays else "")
    with (checkout / PRODUCTION).open("a") as file:
        file.write(f"  default_for: [{', '.join(ending.features)}]\n")


def rendered(checkout: Path) -> dict[str, Any]:
    artifact: dict[str, Any] = json.loads((checkout / "dist/production/gateway.json").read_bytes())
    assert artifact["offered_models"] == json.loads((checkout / "dist/production/offered_models.json").read_bytes())
    return artifact


def serving(gateway: dict[str, Any], feature: str) -> set[str]:
    return {model["id"] for model in gateway["offered_models"] if feature in model["features"]}


def checked(roster: Run, day: str) -> tuple[int, set[str]]:
    done = roster("check", PRODUCTION, "--at", day)
    return done.returncode, set(re.findall(r"\[([a-z-]+)\]$", done.stdout, re.MULTILINE)) - {"skipped-environment"}


@pytest.mark.parametrize(
    ("day", "warnings"),
    [(BEFORE_NOTICE, set()), (NOTICE, set()), (HALF_TIME, {"default-retiring"}), (LAST_DAY, {"default-retiring"})],
)
def test_model_is_offered_and_may_be_default_until_last_day(
    roster: Run, checkout: Path, ending: Ending, day: str, warnings: set[str]
):
    """With --strict, the check fails if the default moves too late, not from the announcement."""
    assert checked(roster, day) == (0, warnings)
    assert roster("render", "production", "--at", day).returncode == 0
    gateway = rendered(checkout)
    for feature in WHOLE.features:
        assert serving(gateway, feature) == {"claude_3_7_sonnet", "claude_4"}
        assert gateway["defaults"][feature] == "claude_3_7_sonnet"
    assert gateway["retired"] == []


def test_default_on_retired_model_is_error_on_next_day(roster: Run, checkout: Path, ending: Ending):
    assert roster("render", "--at", LAST_DAY).returncode == 0
    before = (checkout / "dist/production/gateway.json").read_bytes()
    assert checked(roster, DAY_AFTER) == (1, {"retired-model-still-default"})
    done = roster("render", "--at", DAY_AFTER)
    assert done.returncode == 1
    lines = [f'the last day for "{feature}" was {LAST_DAY} [' for feature in ending.features]
    assert all(line in done.stdout for line in lines)
    assert f"production is not rendered: {PRODUCTION} has an error" in done.stderr
    assert (checkout / "dist/production/gateway.json").read_bytes() == before


def test_moved_default_is_rendered_with_tombstone_on_next_day(roster: Run, checkout: Path, ending: Ending):
    move_defaults(checkout, ending)
    for day, retired in ((BEFORE_NOTICE, []), (LAST_DAY, []), (DAY_AFTER, [ending.tombstone])):
        assert checked(roster, day) == (0, set())
        assert roster("render", "production", "--at", day).returncode == 0
        gateway = rendered(checkout)
        assert gateway["retired"] == retired
        for feature in WHOLE.features:
            ended = feature in ending.features
            assert gateway["defaults"][feature] == ("claude_4" if ended else "claude_3_7_sonnet")
            assert serving(gateway, feature) == {"claude_4"} | (
                set() if ended and day == DAY_AFTER else {"claude_3_7_sonnet"}
            )


def test_artifact_is_out_of_date_after_last_day(roster: Run, checkout: Path, ending: Ending):
    move_defaults(checkout, ending)
    roster("render", "--at", LAST_DAY)
    assert roster("render", "--check", "--at", LAST_DAY).returncode == 0
    done = roster("render", "--check", "--at", DAY_AFTER)
    assert done.returncode == 1
    assert {line.rpartition("/")[0] for line in done.stderr.splitlines()} == {"dist/production"}


class TestModelThatLeavesFile:
    @pytest.fixture
    def left(self, checkout: Path, ending: Ending, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A repository from which the model was deleted on the day after its last day."""
        move_defaults(checkout, ending)
        git(checkout, "init")
        for day in (BEFORE_NOTICE, DAY_AFTER):
            monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T06:00:00Z")
            git(checkout, "add", "env", "schemas")
            git(checkout, "commit", "--message", day)
            text = (checkout / PRODUCTION).read_text().replace("[duo_chat]", "[code-generation, duo_chat]")
            entries = [entry for entry in text.split("\n- ") if not entry.startswith("name: Claude 3.7")]
            (checkout / PRODUCTION).write_text("\n- ".join(entries))
        git(checkout, "checkout", "--", "env")
        return checkout

    def test_tombstone_remains(self, roster: Run, left: Path, ending: Ending):
        assert roster("render", "production", "--at", "2027-06-01").returncode == 0
        gateway = rendered(left)
        assert "claude_3_7_sonnet" not in gateway["routes"]
        assert gateway["retired"] == [ending.tombstone]
        assert not gateway["revision"].endswith("-dirty")

    def test_same_commit_and_day_give_same_bytes(
        self, roster: Run, left: Path, tmp_path_factory: pytest.TempPathFactory
    ):
        clone = tmp_path_factory.mktemp("clone")
        git(clone, "clone", str(left), ".")
        for root in (left, clone):
            assert roster("render", "production", "--at", "2027-06-01", cwd=root).returncode == 0
        paths = ("dist/production/gateway.json", "dist/production/offered_models.json")
        assert [(left / path).read_bytes() for path in paths] == [(clone / path).read_bytes() for path in paths]

    def test_earlier_commit_has_its_own_history(self, roster: Run, left: Path, ending: Ending):
        git(left, "checkout", "HEAD~1", "--", "env")
        edit(left / PRODUCTION, f"last_day: {LAST_DAY}", "last_day: 2027-12-01")
        git(left, "commit", "--all", "--message", "offered again")
        for options, retired in (((), []), (("--revision", "HEAD~1"), [ending.tombstone])):
            assert roster("render", "production", "--at", "2027-06-01", *options).returncode == 0
            assert rendered(left)["retired"] == retired

    def test_no_tombstone_without_history(self, roster: Run, left: Path):
        (left / ".git").rename(left / "history")
        assert roster("render", "production", "--at", "2027-06-01").returncode == 0
        assert rendered(left)["retired"] == []
        git(left, "init")
        assert roster("render", "production", "--at", "2027-06-01").returncode == 0
        assert rendered(left)["retired"] == []

    def test_shallow_clone_is_rejected(self, roster: Run, left: Path, tmp_path_factory: pytest.TempPathFactory):
        clone = tmp_path_factory.mktemp("clone")
        git(clone, "clone", "--depth", "1", f"file://{left}", ".")
        done = roster("render", "production", cwd=clone)
        assert (done.returncode, done.stdout) == (2, "")
        assert "git fetch --unshallow" in done.stderr
        assert not (clone / "dist").exists()

    def test_missing_version_is_reported_in_one_sentence(self, roster: Run, left: Path):
        name = git(left, "rev-parse", f"HEAD~1:{PRODUCTION}")
        (left / ".git/objects" / name[:2] / name[2:]).unlink()
        done = roster("render", "production")
        assert done.returncode == 2
        commit = git(left, "rev-parse", "HEAD~1")[:12]
        assert re.fullmatch(f"roster: git cannot read {PRODUCTION} of {commit}: .*\n", done.stderr)
