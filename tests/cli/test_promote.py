"""``roster promote``: output, rejected input, trial periods and prompts."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from roster.check import trial_period
from roster.registries import ENVIRONMENTS, FEATURES
from roster.roster import roster_path
from tests.cli.prompt_session import PromptSession, rosters
from tests.conftest import Run, edit, git

STAGING, PRODUCTION = roster_path("staging"), roster_path("production")
GEMINI = ("gemini_pro", "--from", "staging", "--to", "production")
DEFAULT = ("--release-state", "GA", "--default-for", "summarize_mr_review")
ADDED = """\

- name: Gemini Pro
  identifier: vertex_ai/gemini-2.5-pro
  api-key: AIGW_MODEL_GEMINI_PRO_API_KEY
  endpoint: https://us-central1-aiplatform.googleapis.com/v1
  release_state: GA
  family: gemini
  features: [summarize_mr_review]
  default_for: [summarize_mr_review]
  display_name: Gemini Pro
  description: Long-context model for merge request reviews
  provider: Vertex
  cost_indicator: $$
"""
BEDROCK = "https://bedrock-runtime.us-east-1.amazonaws.com"


@pytest.fixture
def no_trial(checkout: Path) -> Path:
    """A repository without a trial period."""
    edit(checkout / ENVIRONMENTS, "  trial_days: 7\n", "")
    return checkout


class TestOutput:
    def test_new_model_is_added_at_the_end(self, roster: Run, no_trial: Path):
        before = rosters(no_trial)
        done = roster("promote", *GEMINI, *DEFAULT)
        assert done.returncode == 0
        assert done.stdout.startswith(f"--- a/{PRODUCTION}\n+++ b/{PRODUCTION}\n@@ ")
        assert done.stderr == (
            f"added {PRODUCTION}:52\n"
            "Gateways read its API key from the environment variable AIGW_MODEL_GEMINI_PRO_API_KEY.\n"
        )
        assert rosters(no_trial) == before | {PRODUCTION: before[PRODUCTION] + ADDED.encode()}

    def test_value_that_the_provider_supplies_is_left_out_as_in_the_source(self, roster: Run, no_trial: Path):
        key = "  api-key: AIGW_MODEL_GEMINI_PRO_API_KEY\n"
        edit(no_trial / STAGING, key, "")
        done = roster("promote", *GEMINI, *DEFAULT)
        assert done.stderr.endswith("Gateways use ambient credentials for it: it needs no API key.\n")
        assert (no_trial / PRODUCTION).read_text().endswith(ADDED.replace(key, ""))

    def test_variable_of_the_provider_is_kept(self, roster: Run, no_trial: Path):
        registry = no_trial / "schemas/providers.yaml"
        vertex, credential = "prefixes: [vertex_ai, vertex_ai_beta]\n  credential: ", "per-provider"
        edit(registry, f"{vertex}ambient", f"{vertex}{credential}")
        edit(no_trial / STAGING, "AIGW_MODEL_GEMINI_PRO_API_KEY", "AIGW_PROVIDER_VERTEX_API_KEY")
        assert "from the environment variable AIGW_PROVIDER_VERTEX_" in roster("promote", *GEMINI, *DEFAULT).stderr

    def test_options_override_defaults(self, roster: Run, no_trial: Path):
        assert roster("promote", *GEMINI, *DEFAULT, "--endpoint", BEDROCK).returncode == 0
        added = ADDED.replace("https://us-central1-aiplatform.googleapis.com/v1", BEDROCK)
        assert (no_trial / PRODUCTION).read_text().endswith(added)

    def test_dry_run_prints_an_applicable_diff_and_writes_nothing(self, no_trial: Path):
        body = (no_trial / PRODUCTION).read_bytes().replace(b"\n", b"\r\n")
        (no_trial / PRODUCTION).write_bytes(body)
        command = [sys.executable, "-m", "roster", "promote", *GEMINI, *DEFAULT, "--dry-run"]
        done = subprocess.run(command, cwd=no_trial, capture_output=True, check=True)
        assert (no_trial / PRODUCTION).read_bytes() == body
        subprocess.run(["git", "apply", "-"], cwd=no_trial, input=done.stdout, check=True)
        assert (no_trial / PRODUCTION).read_bytes() == body + ADDED.replace("\n", "\r\n").encode()

    def test_missing_roster_is_created(self, roster: Run, no_trial: Path):
        (no_trial / PRODUCTION).unlink()
        edit(no_trial / FEATURES, "required: true", "required: false")
        codestral = ("codestral_on_fireworks", *GEMINI[1:], "--default-for", "code-completion")
        dry = roster("promote", *codestral, "--dry-run")
        assert (dry.returncode, (no_trial / PRODUCTION).exists()) == (0, False)
        assert roster("promote", *codestral).returncode == 0
        text = (no_trial / PRODUCTION).read_text()
        assert text.startswith("# yaml-language-server: $schema=../../schemas/")
        (no_trial / PRODUCTION).unlink()
        subprocess.run(["git", "apply", "-"], cwd=no_trial, input=dry.stdout.encode(), check=True)
        assert (no_trial / PRODUCTION).read_text() == text

    def test_default_moves_from_another_model(self, roster: Run, no_trial: Path):
        done = roster(
            "promote", "codestral_on_vertex", "--from", "staging", "--to", "production", "--default-for",
            "code-completion",
        )  # fmt: skip
        assert done.returncode == 0
        assert [line for line in done.stdout.splitlines() if line[0] in "+-"][2:] == [
            "-  default_for: [code-completion]",
            "+  default_for: [code-completion]",
        ]
        assert done.stderr == f"changed {PRODUCTION}:17: default_for\n"

    def test_changes_to_existing_model_are_promoted_once(self, roster: Run, no_trial: Path):
        edit(no_trial / STAGING, "us.anthropic.claude-3-7-sonnet-20250219-v1:0", "anthropic.claude-4-v1:0")
        edit(
            no_trial / PRODUCTION,
            f"{BEDROCK}\n  release_state: GA",
            "https://example-models.com/v1 # ours\n  release_state: GA",
        )
        before = (no_trial / PRODUCTION).read_text()
        done = roster("promote", "claude_3_7_sonnet", *GEMINI[1:])
        assert done.returncode == 0
        assert done.stderr == f"changed {PRODUCTION}:40: identifier\nproduction keeps its own endpoint\n"
        assert (no_trial / PRODUCTION).read_text() == before.replace(
            "us.anthropic.claude-3-7-sonnet-20250219-v1:0", "anthropic.claude-4-v1:0"
        )
        repeated = roster("promote", "claude_3_7_sonnet", *GEMINI[1:])
        assert (repeated.returncode, repeated.stdout) == (0, "")
        assert repeated.stderr == (
            'nothing to promote: "claude_3_7_sonnet" is the same in staging and production\n'
            "production keeps its own endpoint\n"
        )

    def test_symbolic_link_to_a_roster_is_kept(self, roster: Run, no_trial: Path):
        (no_trial / PRODUCTION).rename(no_trial / "elsewhere.yaml")
        (no_trial / PRODUCTION).symlink_to(no_trial / "elsewhere.yaml")
        assert roster("promote", *GEMINI, *DEFAULT).returncode == 0
        assert (no_trial / PRODUCTION).is_symlink()
        assert (no_trial / "elsewhere.yaml").read_text().endswith(ADDED)


class TestRejection:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (
                ("gemini_pro", "--from", "staging-ref", "--to", "production"),
                "cannot promote from staging-ref to production: the next environment is staging",
            ),
            (
                ("gemini_pro", "--from", "production", "--to", "staging"),
                "cannot promote from production to staging: production is the last environment",
            ),
            (
                ("gemini_pro", "--from", "staging", "--to", "staging"),
                "cannot promote from staging to staging: the next environment is production",
            ),
            (
                ("gemini_pro", "--from", "stagin", "--to", "production"),
                'there is no environment "stagin": did you mean "staging"?',
            ),
            (("gemini_prp", *GEMINI[1:]), 'staging has no model with the id "gemini_prp": did you mean "gemini_pro"?'),
            ((*GEMINI, "--release-state", "ga"), 'there is no release state "ga": did you mean "GA"?'),
            ((*GEMINI, "--api-key", ""), "no value for --api-key: leave it out; is its variable empty?"),
            ((*GEMINI, "--default-for", "chat"), 'there is no feature "chat": did you mean "duo_chat"?'),
        ],
    )
    def test_wrong_usage_is_rejected(self, roster: Run, no_trial: Path, arguments: tuple[str, ...], message: str):
        before = rosters(no_trial)
        done = roster("promote", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
        assert rosters(no_trial) == before

    def test_earlier_id_is_rejected_with_the_current_one(self, roster: Run, no_trial: Path):
        edit(no_trial / STAGING, "- name: Gemini Pro\n", "- name: Gemini Pro\n  aliases: [bard]\n")
        done = roster("promote", "bard", *GEMINI[1:])
        assert done.returncode == 2
        assert 'staging has no model with the id "bard": it is an earlier id of "gemini_pro"' in done.stderr

    def test_introduced_error_is_shown_and_nothing_is_written(self, roster: Run, no_trial: Path):
        before = rosters(no_trial)
        done, dry = (roster("promote", *GEMINI, *more) for more in ((), ("--dry-run",)))
        assert (done.returncode, dry.returncode) == (1, 1)
        assert f'{PRODUCTION}:58:14: error: no model is the default for "summarize_mr_review"' in done.stdout
        assert {line[:1] for line in dry.stdout.splitlines()} == {"-", "+", "@", " "}
        assert "[missing-default]" in dry.stderr
        assert done.stderr == (
            "nothing was written: the promotion would introduce the errors above; "
            "add --default-for summarize_mr_review to make it a default in production, as in staging\n"
        )
        assert rosters(no_trial) == before

    def test_earlier_findings_are_not_shown(self, roster: Run, no_trial: Path):
        edit(no_trial / PRODUCTION, "family: qwen", "family: qwne")
        done = roster("promote", *GEMINI, *DEFAULT)
        assert done.returncode == 0
        assert "qwne" not in done.stdout

    def test_disallowed_release_state_is_rejected(self, roster: Run, no_trial: Path):
        edit(no_trial / STAGING, "BETA\n  family: gemini", "EXPERIMENT\n  family: gemini")
        done = roster("promote", *GEMINI)
        assert (done.returncode, done.stdout) == (1, "")
        assert "add --release-state BETA or --release-state GA" in done.stderr

    @pytest.mark.parametrize("path", [STAGING, PRODUCTION])
    def test_unreadable_roster_is_rejected(self, roster: Run, no_trial: Path, path: str):
        (no_trial / path).write_text("- name: A\n name: B\n")
        done = roster("promote", *GEMINI)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"roster: cannot read {path}: roster check shows what is wrong\n"

    @pytest.mark.parametrize("text", ["[]\n", "", "- 5\n"])
    def test_empty_source_is_not_reported_as_lacking_the_model(self, roster: Run, no_trial: Path, text: str):
        (no_trial / STAGING).write_text(text)
        done = roster("promote", *GEMINI)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"roster: cannot read {STAGING}: roster check shows what is wrong\n"

    def test_secret_is_not_echoed(self, roster: Run, no_trial: Path):
        edit(no_trial / STAGING, "Long-context model", "glpat-x9Kq2LmN7pRt4VwY8zBc")
        before = rosters(no_trial)
        done = roster("promote", *GEMINI, *DEFAULT)
        assert done.returncode == 1
        assert "[secret-in-roster]" in done.stdout
        assert "glpat-x9Kq2LmN7pRt4VwY8zBc" not in done.stdout + done.stderr
        assert rosters(no_trial) == before


class TestTrialPeriod:
    """A trial period of seven days in staging, according to commits."""

    @pytest.fixture
    def repository(self, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A repository whose staging offers the model since 2 June, and with its current name since 20 June."""
        monkeypatch.setattr(trial_period, "current_date", lambda: date(2026, 12, 1))
        current = (checkout / STAGING).read_text()
        without, _, model = current.partition("- name: Gemini Pro\n")
        git(checkout, "init")
        for day, text in (
            (1, without),
            (2, f"{without}- name: Gemini\n  id: gemini_pro\n{model}"),
            (20, current),
        ):
            self.commit(checkout, monkeypatch, day, text)
        return checkout

    @staticmethod
    def commit(root: Path, monkeypatch: pytest.MonkeyPatch, day: int, text: str) -> None:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2026-06-{day:02d}T12:00:00Z")
        (root / STAGING).write_text(text)
        git(root, "add", "--all")
        git(root, "commit", "--message", f"day {day}")

    def promote(self, roster: Run, day: int, **more: Path) -> "subprocess.CompletedProcess[str]":
        return roster("promote", *GEMINI, *DEFAULT, "--dry-run", "--at", f"2026-06-{day:02d}", **more)

    def test_trial_continues_after_renaming(self, roster: Run, repository: Path):
        assert self.promote(roster, 9).returncode == 0
        done = self.promote(roster, 8)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            'roster: cannot promote "gemini_pro" to production before 2026-06-09: '
            "its trial period of 7 days in staging started on 2026-06-02\n"
        )

    def test_trial_restarts_after_interruption(self, roster: Run, repository: Path, monkeypatch: pytest.MonkeyPatch):
        current = (repository / STAGING).read_text()
        self.commit(repository, monkeypatch, 21, current.partition("- name: Gemini Pro\n")[0])
        self.commit(repository, monkeypatch, 22, current)
        done = self.promote(roster, 28)
        assert "before 2026-06-29: its trial period of 7 days in staging started on 2026-06-22" in done.stderr
        assert self.promote(roster, 29).returncode == 0

    def test_uncommitted_model_has_no_trial(self, roster: Run, repository: Path, monkeypatch: pytest.MonkeyPatch):
        current = (repository / STAGING).read_text()
        self.commit(repository, monkeypatch, 21, current.partition("- name: Gemini Pro\n")[0])
        (repository / STAGING).write_text(current)
        done = self.promote(roster, 30)
        assert done.returncode == 1
        assert done.stderr == (
            'roster: cannot promote "gemini_pro" to production: it is in no commit of staging\'s roster, '
            "and its trial period of 7 days in staging starts with its first commit\n"
        )

    def test_shallow_clone_needs_history_of_trial(
        self, roster: Run, repository: Path, tmp_path_factory: pytest.TempPathFactory
    ):
        clone = tmp_path_factory.mktemp("clone")
        git(clone, "clone", "--depth", "1", f"file://{repository}", ".")
        assert self.promote(roster, 27, cwd=clone).returncode == 0
        done = self.promote(roster, 26, cwd=clone)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"roster: this clone is too shallow for the history of {STAGING}: run git fetch")

    def test_trial_requires_git_history(self, roster: Run, checkout: Path):
        done = self.promote(roster, 9)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "roster: cannot read the history of rosters: there is no commit: "
            "commit the rosters, or clone the repository with git\n"
        )

    def test_nothing_to_promote_requires_no_trial(self, roster: Run, checkout: Path):
        assert roster("promote", "claude_3_7_sonnet", *GEMINI[1:]).returncode == 0


class TestPrompts:
    ENDPOINT = "Endpoint [https://us-central1-aiplatform.googleapis.com/v1]"
    API_KEY = "API key reference [AIGW_MODEL_GEMINI_PRO_API_KEY]"

    def test_prompts_for_values_of_the_environment(self, no_trial: Path):
        session = PromptSession(no_trial, *GEMINI, *DEFAULT, "--dry-run", command="promote")
        done = session.answer((self.ENDPOINT, f"{BEDROCK}\n"), (self.API_KEY, "\n")).end()
        assert done.returncode == 0
        assert f"+  endpoint: {BEDROCK}\n" in done.stdout
        assert {line[:1] for line in done.stdout.splitlines()} == {"-", "+", "@", " "}

    def test_invalid_answer_is_reported_and_prompt_repeated(self, no_trial: Path):
        before = rosters(no_trial)
        session = PromptSession(no_trial, *GEMINI, *DEFAULT, command="promote")
        done = session.answer(
            (self.ENDPOINT, "http://example.com\n"),
            (self.ENDPOINT, "\n"),
            (self.API_KEY, "AIGW_MODEL_OTHER_API_KEY\n"),
            (self.API_KEY, "\n"),
        ).end()
        assert done.returncode == 0
        assert "Error: " in done.stderr
        assert "https" in done.stderr.partition("Error: ")[2].partition("\n")[0]
        assert rosters(no_trial) == before | {PRODUCTION: before[PRODUCTION] + ADDED.encode()}

    def test_complete_options_leave_no_prompt(self, no_trial: Path):
        options = ("--endpoint", BEDROCK, "--api-key", "AIGW_MODEL_GEMINI_PRO_API_KEY")
        assert PromptSession(no_trial, *GEMINI, *DEFAULT, *options, command="promote").end().returncode == 0

    def test_interrupted_prompts_write_nothing(self, no_trial: Path):
        before = rosters(no_trial)
        done = PromptSession(no_trial, *GEMINI, *DEFAULT, command="promote").answer((self.ENDPOINT, "\x03")).end()
        assert done.returncode == 130
        assert rosters(no_trial) == before
