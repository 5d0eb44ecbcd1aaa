"""``roster promote``: what it writes, what it refuses, and what it asks for on a terminal."""

import subprocess
import sys
from pathlib import Path

import pytest

from roster.repository import ENVIRONMENTS, FEATURES, roster_path
from tests.cli.test_new import Terminal, rosters
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
def untried(checkout: Path) -> Path:
    """The repository, without a time that a model has to be tried for."""
    edit(checkout / ENVIRONMENTS, "  trial_days: 7\n", "")
    return checkout


class TestWhatItWrites:
    def test_a_new_model_at_the_end(self, roster: Run, untried: Path):
        before = rosters(untried)
        done = roster("promote", *GEMINI, *DEFAULT)
        assert done.returncode == 0
        assert done.stdout.startswith(f"--- a/{PRODUCTION}\n+++ b/{PRODUCTION}\n@@ ")
        assert done.stderr == (
            f"added {PRODUCTION}:52\n"
            "Gateways read its API key from the environment variable AIGW_MODEL_GEMINI_PRO_API_KEY.\n"
        )
        assert rosters(untried) == before | {PRODUCTION: before[PRODUCTION] + ADDED.encode()}

    def test_options_go_before_what_is_usual(self, roster: Run, untried: Path):
        assert roster("promote", *GEMINI, *DEFAULT, "--endpoint", BEDROCK).returncode == 0
        added = ADDED.replace("https://us-central1-aiplatform.googleapis.com/v1", BEDROCK)
        assert (untried / PRODUCTION).read_text().endswith(added)

    def test_a_dry_run_prints_a_patch_and_writes_nothing(self, untried: Path):
        body = (untried / PRODUCTION).read_bytes().replace(b"\n", b"\r\n")
        (untried / PRODUCTION).write_bytes(body)
        command = [sys.executable, "-m", "roster", "promote", *GEMINI, *DEFAULT, "--dry-run"]
        done = subprocess.run(command, cwd=untried, capture_output=True, check=True)
        assert (untried / PRODUCTION).read_bytes() == body
        subprocess.run(["git", "apply", "-"], cwd=untried, input=done.stdout, check=True)
        assert (untried / PRODUCTION).read_bytes() == body + ADDED.replace("\n", "\r\n").encode()

    def test_a_missing_roster_is_started(self, roster: Run, untried: Path):
        (untried / PRODUCTION).unlink()
        edit(untried / FEATURES, "required: true", "required: false")
        codestral = ("codestral_on_fireworks", *GEMINI[1:], "--default-for", "code-completion")
        dry = roster("promote", *codestral, "--dry-run")
        assert (dry.returncode, (untried / PRODUCTION).exists()) == (0, False)
        assert roster("promote", *codestral).returncode == 0
        text = (untried / PRODUCTION).read_text()
        assert text.startswith("# yaml-language-server: $schema=../../schemas/")
        (untried / PRODUCTION).unlink()
        subprocess.run(["git", "apply", "-"], cwd=untried, input=dry.stdout.encode(), check=True)
        assert (untried / PRODUCTION).read_text() == text

    def test_a_default_is_moved(self, roster: Run, untried: Path):
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

    def test_what_changed_in_a_model_comes_along(self, roster: Run, untried: Path):
        edit(untried / STAGING, "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0", "bedrock/anthropic.claude-4-v1:0")
        edit(
            untried / PRODUCTION,
            f"{BEDROCK}\n  release_state: GA",
            "https://example-models.com/v1 # ours\n  release_state: GA",
        )
        before = (untried / PRODUCTION).read_text()
        done = roster("promote", "claude_3_7_sonnet", *GEMINI[1:])
        assert done.returncode == 0
        assert done.stderr == f"changed {PRODUCTION}:40: identifier\nproduction keeps its own endpoint\n"
        assert (untried / PRODUCTION).read_text() == before.replace(
            "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0", "bedrock/anthropic.claude-4-v1:0"
        )
        again = roster("promote", "claude_3_7_sonnet", *GEMINI[1:])
        assert (again.returncode, again.stdout) == (0, "")
        assert again.stderr == (
            'nothing to promote: "claude_3_7_sonnet" is the same in staging and production\n'
            "production keeps its own endpoint\n"
        )

    def test_a_link_to_a_roster_stays_a_link(self, roster: Run, untried: Path):
        (untried / PRODUCTION).rename(untried / "elsewhere.yaml")
        (untried / PRODUCTION).symlink_to(untried / "elsewhere.yaml")
        assert roster("promote", *GEMINI, *DEFAULT).returncode == 0
        assert (untried / PRODUCTION).is_symlink()
        assert (untried / "elsewhere.yaml").read_text().endswith(ADDED)


class TestWhatItRefuses:
    @pytest.mark.parametrize(
        ("arguments", "said"),
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
            ((*GEMINI, "--default-for", "chat"), 'there is no feature "chat": did you mean "duo_chat"?'),
        ],
    )
    def test_wrong_usage(self, roster: Run, untried: Path, arguments: tuple[str, ...], said: str):
        before = rosters(untried)
        done = roster("promote", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert rosters(untried) == before

    def test_an_error_that_it_would_bring(self, roster: Run, untried: Path):
        before = rosters(untried)
        done, dry = (roster("promote", *GEMINI, *more) for more in ((), ("--dry-run",)))
        assert (done.returncode, dry.returncode) == (1, 1)
        assert f'{PRODUCTION}:58:14: error: no model is the default for "summarize_mr_review"' in done.stdout
        assert {line[:1] for line in dry.stdout.splitlines()} == {"-", "+", "@", " "}
        assert "[missing-default]" in dry.stderr
        assert done.stderr == (
            "nothing was written: the promotion would introduce the errors above; "
            "add --default-for summarize_mr_review to make it a default in production, as in staging\n"
        )
        assert rosters(untried) == before

    def test_what_was_wrong_before_is_not_told_of_it(self, roster: Run, untried: Path):
        edit(untried / PRODUCTION, "family: qwen", "family: qwne")
        done = roster("promote", *GEMINI, *DEFAULT)
        assert done.returncode == 0
        assert "qwne" not in done.stdout

    def test_a_release_state_that_the_policy_refuses(self, roster: Run, untried: Path):
        edit(untried / STAGING, "BETA\n  family: gemini", "EXPERIMENT\n  family: gemini")
        done = roster("promote", *GEMINI)
        assert (done.returncode, done.stdout) == (1, "")
        assert "add --release-state BETA or --release-state GA" in done.stderr

    @pytest.mark.parametrize("path", [STAGING, PRODUCTION])
    def test_a_roster_that_cannot_be_read(self, roster: Run, untried: Path, path: str):
        (untried / path).write_text("- name: A\n name: B\n")
        done = roster("promote", *GEMINI)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"roster: cannot read {path}: roster check shows what is wrong\n"

    def test_a_secret_is_not_echoed(self, roster: Run, untried: Path):
        edit(untried / STAGING, "Long-context model", "glpat-x9Kq2LmN7pRt4VwY8zBc")
        before = rosters(untried)
        done = roster("promote", *GEMINI, *DEFAULT)
        assert done.returncode == 1
        assert "[secret-in-roster]" in done.stdout
        assert "glpat-x9Kq2LmN7pRt4VwY8zBc" not in done.stdout + done.stderr
        assert rosters(untried) == before


class TestTheTrial:
    """Seven days in staging, since a commit."""

    @pytest.fixture
    def repository(self, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A repository whose staging offers the model since 2 June, under its name since 20 June."""
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

    def test_it_is_long_enough_whatever_the_name_was(self, roster: Run, repository: Path):
        assert self.promote(roster, 9).returncode == 0
        done = self.promote(roster, 8)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            'roster: cannot promote "gemini_pro" to production before 2026-06-09: '
            "its trial period of 7 days in staging started on 2026-06-02\n"
        )

    def test_whoever_is_withdrawn_starts_anew(self, roster: Run, repository: Path, monkeypatch: pytest.MonkeyPatch):
        current = (repository / STAGING).read_text()
        self.commit(repository, monkeypatch, 21, current.partition("- name: Gemini Pro\n")[0])
        self.commit(repository, monkeypatch, 22, current)
        done = self.promote(roster, 28)
        assert "before 2026-06-29: its trial period of 7 days in staging started on 2026-06-22" in done.stderr
        assert self.promote(roster, 29).returncode == 0

    def test_only_what_is_committed_counts(self, roster: Run, repository: Path, monkeypatch: pytest.MonkeyPatch):
        current = (repository / STAGING).read_text()
        self.commit(repository, monkeypatch, 21, current.partition("- name: Gemini Pro\n")[0])
        (repository / STAGING).write_text(current)
        done = self.promote(roster, 30)
        assert done.returncode == 1
        assert done.stderr == (
            'roster: cannot promote "gemini_pro" to production: it is in no commit of staging\'s roster, '
            "and its trial period of 7 days in staging starts with its first commit\n"
        )

    def test_a_shallow_clone_that_goes_back_far_enough(
        self, roster: Run, repository: Path, tmp_path_factory: pytest.TempPathFactory
    ):
        clone = tmp_path_factory.mktemp("clone")
        git(clone, "clone", "--depth", "1", f"file://{repository}", ".")
        assert self.promote(roster, 27, cwd=clone).returncode == 0
        done = self.promote(roster, 26, cwd=clone)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"roster: this clone is too shallow for the history of {STAGING}: run git fetch")

    def test_outside_git_nothing_is_known(self, roster: Run, checkout: Path):
        done = self.promote(roster, 9)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            f"roster: nothing is known of the history of {STAGING}: there is no commit; clone it with git\n"
        )

    def test_nothing_to_promote_needs_no_trial(self, roster: Run, checkout: Path):
        assert roster("promote", "claude_3_7_sonnet", *GEMINI[1:]).returncode == 0


class TestWhatItAsks:
    ENDPOINT = "Endpoint [https://us-central1-aiplatform.googleapis.com/v1]"
    API_KEY = "API key reference [AIGW_MODEL_GEMINI_PRO_API_KEY]"

    def test_what_belongs_to_the_environment(self, untried: Path):
        terminal = Terminal(untried, *GEMINI, *DEFAULT, "--dry-run", command="promote")
        done = terminal.answer((self.ENDPOINT, f"{BEDROCK}\n"), (self.API_KEY, "\n")).end()
        assert done.returncode == 0
        assert f"+  endpoint: {BEDROCK}\n" in done.stdout
        assert {line[:1] for line in done.stdout.splitlines()} == {"-", "+", "@", " "}

    def test_a_wrong_answer_is_told_and_the_question_asked_again(self, untried: Path):
        before = rosters(untried)
        terminal = Terminal(untried, *GEMINI, *DEFAULT, command="promote")
        done = terminal.answer(
            (self.ENDPOINT, "http://example.com\n"),
            (self.ENDPOINT, "\n"),
            (self.API_KEY, "AIGW_MODEL_OTHER_API_KEY\n"),
            (self.API_KEY, "\n"),
        ).end()
        assert done.returncode == 0
        assert "Error: " in done.stderr
        assert "https" in done.stderr.partition("Error: ")[2].partition("\n")[0]
        assert rosters(untried) == before | {PRODUCTION: before[PRODUCTION] + ADDED.encode()}

    def test_nothing_that_an_option_says(self, untried: Path):
        options = ("--endpoint", BEDROCK, "--api-key", "AIGW_MODEL_GEMINI_PRO_API_KEY")
        assert Terminal(untried, *GEMINI, *DEFAULT, *options, command="promote").end().returncode == 0

    def test_leaving_writes_nothing(self, untried: Path):
        before = rosters(untried)
        assert (
            Terminal(untried, *GEMINI, *DEFAULT, command="promote").answer((self.ENDPOINT, "\x03")).end().returncode
            == 130
        )
        assert rosters(untried) == before
