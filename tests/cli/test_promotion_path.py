"""The promotion path in ``roster check --changed-since`` and ``roster diff``: skipped environments and trial periods.

Staging-ref requires nothing, production requires seven days in staging. The history starts on 1 June 2026, and the
change is made on a branch.
"""

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from roster.check import trial_period
from roster.registries import ENVIRONMENTS
from roster.roster import roster_path
from tests.conftest import Run, edit, git

STAGING_REF, STAGING, PRODUCTION = map(roster_path, ("staging-ref", "staging", "production"))
MODEL = """
- name: Claude 4
  identifier: bedrock/claude-4-20260101-v1:0
  api-key: AIGW_MODEL_CLAUDE_4_API_KEY
  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
  release_state: GA
  family: claude
  features: [duo_chat]
"""
OTHER = MODEL.replace("claude-4-20260101", "claude-5-20260601")
SKIPS = "model-skips-environment"
TOO_SHORT = "trial-period-too-short"

Commit = Callable[..., None]
Findings = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Commit:
    """Returns a function that commits all files on a day of June."""

    def commit(day: int) -> None:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2026-06-{day:02d}T12:00:00Z")
        git(checkout, "add", "--all")
        git(checkout, "commit", "--allow-empty", "--message", f"day {day}")

    return commit


@pytest.fixture
def root(checkout: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(trial_period, "current_date", lambda: date(2026, 12, 1))
    git(checkout, "init")
    commit(1)
    return checkout


@pytest.fixture
def findings(roster: Run, root: Path) -> Findings:
    """Returns a function that compares with main; it returns message and rule of each error, and no warning's."""

    def findings(*options: str, day: int = 8, cwd: Path = root) -> list[tuple[str, str]]:
        done = roster("check", "--changed-since", "main", "--at", f"2026-06-{day:02d}", *options, cwd=cwd)
        errors = re.findall(r": error: (.*) \[(.*)\]$", done.stdout, re.MULTILINE)
        assert done.returncode == bool(errors), done.stdout + done.stderr
        assert "[skipped-environment]" not in done.stdout, "the stricter rule reports it"
        return errors

    return findings


def add(root: Path, *paths: str, model: str = MODEL) -> None:
    for path in paths:
        with (root / path).open("a") as file:
            file.write(model)


def remove(root: Path, path: str) -> None:
    edit(root / path, MODEL, "")


class TestSkippedEnvironment:
    MESSAGE = '"Claude 4" is new in production, but staging does not offer it'

    def test_new_model_needs_previous_environment(self, findings: Findings, root: Path):
        add(root, PRODUCTION)
        assert findings() == [(self.MESSAGE, SKIPS)]
        add(root, STAGING_REF)
        assert findings() == [(self.MESSAGE, SKIPS)]

    def test_environment_without_trial_period_cannot_be_skipped_either(self, findings: Findings, root: Path):
        add(root, STAGING)
        assert findings() == [('"Claude 4" is new in staging, but staging-ref does not offer it', SKIPS)]
        add(root, STAGING_REF)
        assert findings() == []

    def test_model_cannot_leave_previous_environment_in_same_change(
        self, findings: Findings, root: Path, commit: Commit
    ):
        add(root, STAGING_REF, STAGING)
        commit(1)
        git(root, "checkout", "-b", "change")
        remove(root, STAGING)
        add(root, PRODUCTION)
        assert {rule for _, rule in findings()} == {SKIPS, "model-left-unannounced"}

    def test_retired_model_is_not_offered(self, findings: Findings, root: Path, commit: Commit):
        retirement = "  retirement: {notice: 2026-01-01, last_day: 2026-06-07, replacement: claude_3_7_sonnet}\n"
        add(root, STAGING_REF)
        add(root, STAGING, model=MODEL + retirement)
        commit(1)
        git(root, "checkout", "-b", "change")
        add(root, PRODUCTION)
        assert [rule for _, rule in findings(day=7)] == [TOO_SHORT]
        assert findings(day=8) == [(self.MESSAGE, SKIPS)]
        edit(root / PRODUCTION, MODEL, MODEL + retirement)
        assert findings(day=8) == []

    def test_model_that_was_there_before_is_not_reported(self, roster: Run, root: Path, commit: Commit):
        add(root, PRODUCTION)
        commit(1)
        git(root, "checkout", "-b", "change")
        edit(root / PRODUCTION, MODEL, MODEL.replace("[duo_chat]", "[duo_chat, code-completion]"))
        done = roster("check", "--changed-since", "main")
        assert (done.returncode, re.findall(r"\[([a-z-]+)\]$", done.stdout, re.M)) == (0, ["skipped-environment"])

    def test_different_model_with_an_old_id_is_new(self, findings: Findings, root: Path, commit: Commit):
        add(root, PRODUCTION)
        commit(1)
        git(root, "checkout", "-b", "change")
        edit(root / PRODUCTION, MODEL, OTHER)
        message = '"Claude 4" has a new identifier in production, but staging does not offer it'
        assert findings() == [(message, SKIPS)]

    def test_model_that_comes_back_is_new(self, findings: Findings, root: Path, commit: Commit):
        add(root, PRODUCTION)
        commit(1)
        remove(root, PRODUCTION)
        commit(2)
        git(root, "checkout", "-b", "change")
        add(root, PRODUCTION)
        assert findings() == [(self.MESSAGE, SKIPS)]

    def test_suppression_needs_a_reason_and_stays_valid(
        self, findings: Findings, root: Path, commit: Commit, roster: Run
    ):
        git(root, "checkout", "-b", "change")
        add(root, PRODUCTION, model=f"\n# roster: ignore[{SKIPS}, skipped-environment]{MODEL}")
        assert [rule for _, rule in findings()] == ["ignore-without-reason"]
        edit(root / PRODUCTION, "skipped-environment]", "skipped-environment] incident 123")
        assert findings("--strict") == []
        commit(8)
        git(root, "checkout", "-B", "main")
        assert findings("--strict") == []
        assert roster("check", "--strict").returncode == 0


class TestTrialPeriod:
    @pytest.fixture
    def trial(self, root: Path, commit: Commit) -> Path:
        """A repository whose staging offers the model since 2 June; the change adds it to production."""
        add(root, STAGING_REF, STAGING)
        commit(2)
        git(root, "checkout", "-b", "change")
        add(root, PRODUCTION)
        return root

    def test_model_cannot_enter_both_environments_in_one_change(self, findings: Findings, root: Path, commit: Commit):
        git(root, "checkout", "-b", "change")
        add(root, STAGING_REF, STAGING, PRODUCTION)
        expected = [('"Claude 4" is new in staging; production requires 7 days there', TOO_SHORT)]
        assert findings(day=30) == expected
        commit(2)
        assert findings(day=30) == expected
        commit(20)
        assert findings(day=30) == expected

    def test_model_may_enter_after_trial_period(self, findings: Findings, roster: Run, trial: Path):
        assert findings(day=8) == [
            ('"Claude 4" entered staging on 2026-06-02; production requires 7 days there', TOO_SHORT)
        ]
        done = roster("check", "--changed-since", "main", "--at", "2026-06-08")
        assert "^ allowed from 2026-06-09\n" in done.stdout
        assert findings(day=9) == []

    def test_later_date_does_not_shorten_trial_period(
        self, findings: Findings, trial: Path, roster: Run, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(trial_period, "current_date", lambda: date(2026, 6, 8))
        assert [rule for _, rule in findings(day=30)] == [TOO_SHORT]
        assert "[trial-shortened]" in roster("diff", "main", "--at", "2026-06-30").stdout
        git(trial, "checkout", "--", PRODUCTION)
        promote = ("promote", "claude_4", "--from", "staging", "--to", "production")
        for options in ((), ("--dry-run",)):
            done = roster(*promote, "--at", "2026-06-30", *options)
            assert done.returncode == 1
            assert "before 2026-06-09" in done.stderr
        monkeypatch.setattr(trial_period, "current_date", lambda: date(2026, 6, 9))
        assert roster(*promote).returncode == 0
        assert findings(day=9) == []

    def test_trial_period_starts_with_merge(self, findings: Findings, root: Path, commit: Commit):
        git(root, "checkout", "-b", "earlier")
        add(root, STAGING_REF, STAGING)
        commit(2)
        git(root, "checkout", "main")
        commit(5)
        git(root, "merge", "--no-ff", "--message", "merge", "earlier")
        git(root, "checkout", "-b", "change")
        add(root, PRODUCTION)
        assert findings(day=11) == [
            ('"Claude 4" entered staging on 2026-06-05; production requires 7 days there', TOO_SHORT)
        ]
        assert findings(day=12) == []

    def test_author_date_does_not_count(self, findings: Findings, root: Path, monkeypatch: pytest.MonkeyPatch):
        add(root, STAGING_REF, STAGING)
        monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-06-05T12:00:00Z")
        git(root, "commit", "--all", "--message", "backdated", "--date", "2026-01-01T12:00:00Z")
        add(root, PRODUCTION)
        assert [rule for _, rule in findings(day=11)] == [TOO_SHORT]

    def test_interruption_restarts_trial_period(self, findings: Findings, trial: Path, commit: Commit):
        git(trial, "stash")
        git(trial, "checkout", "main")
        remove(trial, STAGING)
        commit(3)
        add(trial, STAGING)
        commit(4)
        git(trial, "checkout", "-B", "change")
        git(trial, "stash", "pop")
        assert findings(day=10) == [
            ('"Claude 4" entered staging on 2026-06-04; production requires 7 days there', TOO_SHORT)
        ]

    @pytest.mark.parametrize(
        ("old", "new", "restarts"),
        [
            ("bedrock/claude-4-20260101", "bedrock/claude-5-20260601", True),
            ("family: claude\n", "family: codestral\n", True),
            ("bedrock-runtime.us-east-1", "bedrock-runtime.us-west-2", False),
            ("[duo_chat]", "[duo_chat, code-completion]", False),
            ("release_state: GA", "release_state: BETA", False),
            ("- name: Claude 4", "- name: Claude Four\n  id: claude_4", False),
        ],
    )
    def test_different_model_restarts_trial_period(
        self, old: str, new: str, restarts: bool, findings: Findings, root: Path, commit: Commit, roster: Run
    ):
        add(root, STAGING_REF, STAGING, PRODUCTION)
        commit(2)
        changed = MODEL.replace(old, new)
        edit(root / STAGING, MODEL, changed)
        commit(6)
        promote = ("promote", "claude_4", "--from", "staging", "--to", "production", "--dry-run")
        promoted = roster(*promote, "--at", "2026-06-12").returncode
        git(root, "checkout", "-b", "change")
        edit(root / PRODUCTION, MODEL, changed)
        key = "family" if "family" in old else "identifier"
        expected = [
            (f'this {key} of "Claude 4" entered staging on 2026-06-06; production requires 7 days there', TOO_SHORT)
        ]
        assert findings(day=12) == (expected if restarts else [])
        assert promoted == restarts, "roster promote decides the same"
        assert findings(day=13) == []

    def test_model_must_be_the_same_in_previous_environment(self, findings: Findings, trial: Path):
        edit(trial / PRODUCTION, MODEL, OTHER)
        expected = [('this identifier of "Claude 4" is not in staging; production requires 7 days there', TOO_SHORT)]
        assert findings(day=20) == expected

    def test_key_that_may_differ_is_not_compared(self, findings: Findings, trial: Path, commit: Commit):
        git(trial, "stash")
        edit(trial / ENVIRONMENTS, "may_differ_in: [endpoint,", "may_differ_in: [identifier, endpoint,")
        git(trial, "checkout", "main")
        commit(3)
        git(trial, "checkout", "-B", "change")
        git(trial, "stash", "pop")
        edit(trial / PRODUCTION, MODEL, OTHER)
        assert findings(day=9) == []

    @pytest.mark.parametrize(
        ("old", "new"),
        [("trial_days: 7", "trial_days: 0"), ("[endpoint, api-key", "[identifier, endpoint, api-key")],
    )
    def test_change_cannot_relax_its_own_policy(self, old: str, new: str, findings: Findings, trial: Path):
        edit(trial / ENVIRONMENTS, old, new)
        edit(trial / PRODUCTION, MODEL, OTHER)
        edit(trial / STAGING, MODEL, OTHER)
        assert [rule for _, rule in findings(day=8)] == [TOO_SHORT]

    def test_change_cannot_reorder_the_path(self, roster: Run, trial: Path):
        edit(trial / ENVIRONMENTS, "- name: production\n", "- name: first\n")
        edit(trial / ENVIRONMENTS, "- name: staging-ref\n", "- name: production\n")
        edit(trial / ENVIRONMENTS, "- name: first\n", "- name: staging-ref\n")
        done = roster("check", "--changed-since", "main", "--at", "2026-06-08")
        assert f"[{TOO_SHORT}]" in done.stdout

    def test_change_cannot_remove_the_previous_environment(self, findings: Findings, trial: Path):
        shutil.rmtree(trial / "env/staging")
        edit(trial / ENVIRONMENTS, "- name: staging\n", "- name: canary\n")
        (trial / "env/canary").mkdir()
        (trial / roster_path("canary")).write_text((trial / STAGING_REF).read_text())
        assert {rule for _, rule in findings(day=8)} == {TOO_SHORT, "model-left-unannounced"}
        assert {rule for _, rule in findings(day=9)} == {"model-left-unannounced"}

    def test_longer_trial_period_of_change_applies(self, findings: Findings, trial: Path):
        edit(trial / ENVIRONMENTS, "trial_days: 7", "trial_days: 8")
        assert [rule for _, rule in findings(day=9)] == [TOO_SHORT]

    def test_shallow_clone_is_rejected(
        self, trial: Path, roster: Run, commit: Commit, tmp_path_factory: pytest.TempPathFactory
    ):
        commit(3)
        clone = tmp_path_factory.mktemp("clone")
        git(clone, "clone", "--depth", "2", "--branch", "change", f"file://{trial}", ".")
        done = roster("check", "--changed-since", "HEAD~1", "--at", "2026-06-08", cwd=clone)
        assert (done.returncode, done.stdout) == (2, "")
        assert "this clone is too shallow for the history of env/" in done.stderr

    def test_unreadable_roster_does_not_hide_new_models(self, findings: Findings, trial: Path, commit: Commit):
        text = (trial / PRODUCTION).read_text()
        git(trial, "checkout", "main", "--force")
        (trial / PRODUCTION).write_text("- [")
        commit(3)
        git(trial, "checkout", "-B", "change")
        (trial / PRODUCTION).write_text(text)
        assert findings(day=8)[-1] == (
            '"Claude 4" entered staging on 2026-06-02; production requires 7 days there',
            TOO_SHORT,
        )
        assert findings(day=9) == []


class TestNewEnvironment:
    CANARY = "- {name: canary, release_states: [GA, BETA], default_release_states: [GA], retirement_notice_days: 0}\n"

    def test_environment_on_the_path_may_offer_any_models(self, findings: Findings, root: Path):
        git(root, "checkout", "-b", "change")
        edit(root / ENVIRONMENTS, "- name: production\n", f"{self.CANARY}- name: production\n")
        shutil.copytree(root / "env/production", root / "env/canary")
        assert findings() == []

    def test_roster_of_declared_environment_may_offer_any_models(self, findings: Findings, root: Path, commit: Commit):
        policies = (root / ENVIRONMENTS).read_text()
        policy = policies[policies.index("- name: production\n") :].replace("production", "customers")
        (root / ENVIRONMENTS).write_text(policies + policy)
        commit(2)
        git(root, "checkout", "-b", "change")
        shutil.copytree(root / "env/production", root / "env/customers")
        assert findings() == []

    def test_restored_roster_is_compared_with_its_last_version(self, findings: Findings, root: Path, commit: Commit):
        """Consumers have the models that it had before it was removed."""
        (root / PRODUCTION).rename(root / "production.yaml")
        commit(2)
        git(root, "checkout", "-b", "change")
        (root / "production.yaml").rename(root / PRODUCTION)
        assert findings() == []
        add(root, PRODUCTION, STAGING, STAGING_REF)
        assert [rule for _, rule in findings()] == [TOO_SHORT]

    def test_renamed_environment_is_not_reported_model_by_model(self, findings: Findings, root: Path):
        git(root, "checkout", "-b", "change")
        git(root, "mv", "env/production", "env/customers")
        edit(root / ENVIRONMENTS, "- name: production\n", "- name: customers\n")
        assert {rule for _, rule in findings()} == {"model-left-unannounced"}

    def test_changed_id_is_one_error(self, findings: Findings, root: Path, commit: Commit):
        add(root, STAGING_REF, STAGING, PRODUCTION)
        commit(2)
        git(root, "checkout", "-b", "change")
        for path in (STAGING_REF, STAGING, PRODUCTION):
            edit(root / path, "AIGW_MODEL_CLAUDE_4_API_KEY", "AIGW_MODEL_CLAUDE_FOUR_API_KEY")
            edit(root / path, "name: Claude 4\n", "name: Claude Four\n")
        assert {rule for _, rule in findings()} == {"model-left-unannounced"}


class TestDiff:
    def test_skipped_environment_is_risky(self, roster: Run, root: Path):
        add(root, PRODUCTION)
        done = roster("diff", "main", "--fail-on", "risky")
        assert done.returncode == 1
        assert done.stdout.startswith(
            "production\n"
            "  risky     Claude 4 is not offered in staging [environment-skipped]\n"
            "            Customers get a model that was not tested in staging.\n"
        )

    def test_shortened_trial_has_days_and_dates(self, roster: Run, root: Path, commit: Commit):
        add(root, STAGING_REF, STAGING)
        commit(2)
        add(root, PRODUCTION)
        done = roster("diff", "main", "--at", "2026-06-08")
        assert "Claude 4 is offered before the end of its trial period in staging [trial-shortened]" in done.stdout
        assert (
            "It entered staging on 2026-06-02; production requires 7 days there: allowed from 2026-06-09."
            in done.stdout
        )
        change = json.loads(roster("diff", "main", "--at", "2026-06-08", "--format", "json").stdout)["changes"][0]
        assert change["new"] == {
            "previous": "staging",
            "trial_days": 7,
            "entered": "2026-06-02",
            "allowed_from": "2026-06-09",
        }
        assert "[trial-shortened]" not in roster("diff", "main", "--at", "2026-06-09").stdout

    def test_policy_can_make_it_breaking(self, roster: Run, root: Path, commit: Commit):
        edit(root / ENVIRONMENTS, "  trial_days: 7\n", "  trial_days: 7\n  impact: {environment-skipped: breaking}\n")
        commit(2)
        add(root, PRODUCTION)
        assert "breaking  Claude 4 is not offered in staging" in roster("diff", "main").stdout

    def test_only_selected_environments_are_reported(self, roster: Run, root: Path):
        add(root, PRODUCTION)
        assert roster("diff", "main", "--environment", "staging").stdout == ""
        assert "[environment-skipped]" in roster("diff", "main", "--environment", "production").stdout

    def test_folder_without_history_has_unknown_trial_periods(
        self, roster: Run, root: Path, tmp_path_factory: pytest.TempPathFactory
    ):
        add(root, STAGING_REF, STAGING)
        before = tmp_path_factory.mktemp("before")
        shutil.copytree(root / "env", before / "env")
        add(root, PRODUCTION)
        done = roster("diff", str(before))
        assert "risky" not in done.stdout
        assert f"trial periods in production are not checked: {before} is not a commit\n" in done.stderr
        edit(before / STAGING, MODEL, "")
        assert "[trial-shortened]" in roster("diff", str(before)).stdout
