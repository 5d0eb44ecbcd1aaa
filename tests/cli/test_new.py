"""``roster new``: output, rejected input and prompts."""

import re
import shlex
import subprocess
from datetime import date
from pathlib import Path

import pytest

from roster.check import trial_period
from roster.roster import roster_path
from tests.cli.prompt_session import PromptSession, rosters
from tests.conftest import Run, edit, git

STAGING_REF, STAGING, PRODUCTION = map(roster_path, ("staging-ref", "staging", "production"))
ANSWERS = {
    "--environment": "staging-ref",
    "--name": "Claude 4 Sonnet",
    "--identifier": "bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0",
    "--endpoint": "https://bedrock-runtime.us-east-1.amazonaws.com",
    "--release-state": "BETA",
    "--family": "claude",
    "--feature": "duo_chat",
}
POLICIES = "env/environments.yaml"
STAGING_WITHOUT_EXPERIMENTS = (
    "- name: staging\n  release_states: [EXPERIMENT, BETA, GA]",
    "- name: staging\n  release_states: [BETA, GA]",
)
ADDED = """\
- name: Claude 4 Sonnet
  identifier: bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0
  api-key: AIGW_MODEL_CLAUDE_4_SONNET_API_KEY
  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
  release_state: BETA
  family: claude
  features: [duo_chat]
"""


def options(**changed: str | None) -> list[str]:
    """Return the options that leave no prompt, with some of them changed or left out."""
    values = ANSWERS | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    return [word for name, value in values.items() if value is not None for word in (name, value)]


class TestOutput:
    def test_model_is_added_at_the_end_of_each_roster(self, roster: Run, checkout: Path):
        before = rosters(checkout)
        done = roster("new", *options(), "--environment", "staging")
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr == (
            f"added {STAGING_REF}:63\nadded {STAGING}:63\n"
            "Gateways read its API key from the environment variable AIGW_MODEL_CLAUDE_4_SONNET_API_KEY.\n"
        )
        added = {path: before[path] + b"\n" + ADDED.encode() for path in (STAGING_REF, STAGING)}
        assert rosters(checkout) == before | added
        assert roster("check", "--strict").returncode == 0

    def test_values_that_the_provider_supplies_are_left_out(self, roster: Run, checkout: Path):
        done = roster("new", *options(identifier="mistral/codestral-2508", endpoint=None))
        assert done.stderr.endswith("from the environment variable AIGW_PROVIDER_MISTRAL_API_KEY.\n"), done.stderr
        added = (checkout / STAGING_REF).read_text().partition("- name: Claude 4 Sonnet\n")[2]
        assert added.startswith("  identifier: mistral/codestral-2508\n  release_state: BETA\n")
        assert roster("check", "--strict").returncode == 0

    def test_provider_supplies_nothing_at_a_host_of_somebody_else(self, roster: Run):
        done = roster("new", *options(identifier="openai/llama-3", endpoint="https://llm.example.com/v1"), "--dry-run")
        assert "+  api-key: AIGW_MODEL_CLAUDE_4_SONNET_API_KEY\n" in done.stdout

    def test_model_without_key_is_named(self, roster: Run, checkout: Path):
        for path in rosters(checkout):
            text = (checkout / path).read_text()
            (checkout / path).write_text(text.replace("  api-key: AIGW_MODEL_CLAUDE_3_7_SONNET_API_KEY\n", ""))
        done = roster("new", *options())
        assert done.stderr.endswith("Gateways use ambient credentials for it: it needs no API key.\n"), done.stderr

    def test_options_without_a_prompt(self, roster: Run, checkout: Path):
        values = "--context-window 200000 --max-output-tokens 64000 --capability tools --capability vision"
        values += " --processed-in us --data-retention-days 0 --owner @group/team"
        done = roster("new", *options(), *values.split(), "--documentation", "https://docs.example.com/claude")
        assert done.returncode == 0, done.stderr
        assert (
            (checkout / STAGING_REF)
            .read_text()
            .endswith(
                """\
  features: [duo_chat]
  context_window: 200000
  max_output_tokens: 64000
  capabilities: [tools, vision]
  processed_in: [us]
  data_retention_days: 0
  owner: "@group/team"
  documentation: https://docs.example.com/claude
"""
            )
        )
        assert roster("check", "--strict").returncode == 0

    def test_invalid_number_is_rejected(self, roster: Run, checkout: Path):
        before = rosters(checkout)
        done = roster("new", *options(), "--max-output-tokens", "many")
        assert done.returncode == 2
        assert "'many' is not a valid integer" in done.stderr
        done = roster("new", *options(), "--context-window", "-5")
        assert done.returncode == 1
        assert "--context-window -5" in done.stderr
        assert rosters(checkout) == before
        done = roster("new", *options(), "--capability", "tool")
        assert 'there is no capability "tool": did you mean "tools"?' in done.stderr

    def test_keys_are_in_schema_order(self, roster: Run, checkout: Path):
        done = roster(
            "new",
            *options(cost_indicator="$$$", provider="Bedrock", description="Chat: quick # and good", id="claude_next"),
            *("--display-name", "Claude Next", "--feature", "duo_chat_fix_code", "--default-for", "duo_chat_fix_code"),
        )
        assert done.returncode == 0, done.stderr
        assert (
            (checkout / STAGING_REF)
            .read_text()
            .endswith(
                """
- name: Claude 4 Sonnet
  identifier: bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0
  api-key: AIGW_MODEL_CLAUDE_NEXT_API_KEY
  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com
  release_state: BETA
  family: claude
  features: [duo_chat, duo_chat_fix_code]
  default_for: [duo_chat_fix_code]
  id: claude_next
  display_name: Claude Next
  description: "Chat: quick # and good"
  provider: Bedrock
  cost_indicator: $$$
"""
            )
        )

    @pytest.mark.parametrize("end", ["\r\n", "\r\n\r\n# the end\r\n", ""])
    def test_line_breaks_and_end_of_file_are_kept(self, roster: Run, checkout: Path, end: str):
        body = (checkout / STAGING_REF).read_text().rstrip("\n").replace("\n", "\r\n")
        (checkout / STAGING_REF).write_bytes((body + end).encode())
        assert roster("new", *options()).returncode == 0
        added = "\r\n\r\n" + ADDED.rstrip("\n").replace("\n", "\r\n")
        assert (checkout / STAGING_REF).read_bytes() == (body + added + end).encode()

    def test_style_of_roster_is_kept(self, roster: Run, checkout: Path):
        text = (checkout / STAGING_REF).read_text()
        text = re.sub(
            r"\[(.*)\]$", lambda match: "".join(f"\n  - '{name}'" for name in match[1].split(", ")), text, flags=re.M
        )
        (checkout / STAGING_REF).write_text(text)
        assert roster("new", *options(), "--feature", "code-generation").returncode == 0
        added = ADDED.replace(" [duo_chat]", "\n  - 'duo_chat'\n  - 'code-generation'")
        assert (checkout / STAGING_REF).read_text() == f"{text}\n{added}"

    @pytest.mark.parametrize("empty", ["", "[]\n", "# nothing yet\n"])
    def test_empty_roster_gets_its_first_model(self, roster: Run, checkout: Path, empty: str):
        (checkout / STAGING_REF).write_text(empty)
        done = roster("new", *options(), "--default-for", "duo_chat")
        assert done.returncode == 0, done.stdout
        assert done.stderr.endswith("The rosters have other findings: roster check lists them.\n")
        start = f"{empty}\n" if "#" in empty else ""
        assert (checkout / STAGING_REF).read_text() == f"{start}{ADDED}  default_for: [duo_chat]\n"

    def test_missing_roster_is_created(self, roster: Run, checkout: Path):
        first_line, *_ = (checkout / STAGING_REF).read_text().splitlines(keepends=True)
        (checkout / STAGING_REF).unlink()
        assert roster("new", *options(), "--default-for", "duo_chat").returncode == 0
        assert (checkout / STAGING_REF).read_text() == f"{first_line}\n{ADDED}  default_for: [duo_chat]\n"

    def test_symbolic_link_to_a_roster_is_kept(self, roster: Run, checkout: Path):
        (checkout / STAGING_REF).rename(checkout / "elsewhere.yaml")
        (checkout / STAGING_REF).symlink_to(checkout / "elsewhere.yaml")
        assert roster("new", *options()).returncode == 0
        assert (checkout / STAGING_REF).is_symlink()
        assert (checkout / "elsewhere.yaml").read_text().endswith(ADDED)

    def test_dry_run_prints_an_applicable_diff_and_writes_nothing(self, roster: Run, checkout: Path):
        before = rosters(checkout)
        (checkout / STAGING).write_bytes(before[STAGING].rstrip(b"\n"))
        done = roster("new", *options(), "--environment", "staging", "--dry-run")
        assert done.returncode == 0
        assert rosters(checkout) == before | {STAGING: before[STAGING].rstrip(b"\n")}
        subprocess.run(["git", "apply", "-"], cwd=checkout, input=done.stdout.encode(), check=True)
        assert rosters(checkout) == before | {
            STAGING_REF: before[STAGING_REF] + b"\n" + ADDED.encode(),
            STAGING: before[STAGING] + b"\n" + ADDED.rstrip("\n").encode(),
        }

    def test_dry_run_prints_findings_on_standard_error(self, roster: Run):
        warned, rejected = (
            roster("new", *options(identifier=name), "--dry-run") for name in ("bedrock/claude-latest", "claude-4")
        )
        assert (warned.returncode, rejected.returncode) == (0, 1)
        assert "[unpinned-identifier]" in warned.stderr
        assert "[malformed-identifier]" in rejected.stderr
        for done in (warned, rejected):
            assert {line[:1] for line in done.stdout.splitlines()} == {"-", "+", "@", " "}

    def test_dry_run_masks_secrets_of_the_file(self, roster: Run, checkout: Path):
        with (checkout / STAGING_REF).open("a") as file:
            file.write("  # glpat-x9Kq2LmN7pRt4VwY8zBc\n")
        done = roster("new", *options(), "--dry-run")
        assert "+- name: Claude 4 Sonnet\n" in done.stdout
        assert "glpat-x9Kq2LmN7pRt4VwY8zBc" not in done.stdout + done.stderr


def test_environment_option_has_shell_completion(roster: Run):
    words = "roster new --environment staging --environment s"
    done = roster(_ROSTER_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD="5")
    assert done.stdout == "plain,staging-ref\n"


class TestRejection:
    def test_introduced_error_is_shown_and_nothing_is_written(self, roster: Run, checkout: Path):
        edit(checkout / STAGING_REF, "provider: Bedrock", "provider: Bedrock  # glpat-x9Kq2LmN7pRt4VwY8zBc")
        before = rosters(checkout)
        done = roster("new", *options(), "--default-for", "duo_chat")
        assert done.returncode == 1
        assert done.stdout == (
            f"""{STAGING_REF}:70:17: error: "duo_chat" already has a default: "Claude 3.7 Sonnet" \
(first defined on line 44) [duplicate-default]
   |
70 |   default_for: [duo_chat]
   |                 ^^^^^^^^ keep only one of the two, or give both a share
   = (roster explain duplicate-default)

"""
        )
        assert done.stderr == (
            "nothing was written: the model would introduce the errors above\n"
            "to change an answer, edit this command: roster new --environment staging-ref --name 'Claude 4 Sonnet' "
            "--identifier bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0 "
            "--endpoint https://bedrock-runtime.us-east-1.amazonaws.com --release-state BETA --family claude "
            "--feature duo_chat --default-for duo_chat\n"
        )
        assert rosters(checkout) == before

    def test_error_in_one_environment_keeps_all_rosters_unchanged(self, roster: Run, checkout: Path):
        before = rosters(checkout)
        done = roster(
            "new", *options(release_state="EXPERIMENT"), *("--environment", "staging", "--environment", "production")
        )
        assert done.returncode == 1
        assert set(re.findall(r"^(\S+?):.*\[(.+)\]$", done.stdout, re.MULTILINE)) == {
            (PRODUCTION, "release-state-not-allowed"),
            (PRODUCTION, "trial-period-too-short"),
        }
        assert rosters(checkout) == before

    @pytest.mark.parametrize("environments", [["production"], ["staging-ref", "production"]])
    def test_model_cannot_skip_an_environment(self, roster: Run, checkout: Path, environments: list[str]):
        before = rosters(checkout)
        options_ = [word for name in environments for word in ("--environment", name)]
        done = roster("new", *options(environment=None), *options_)
        assert done.returncode == 1
        assert '"Claude 4 Sonnet" is new in production, but staging does not offer it' in done.stdout
        assert rosters(checkout) == before

    def test_trial_period_is_over(self, roster: Run, checkout: Path, monkeypatch: pytest.MonkeyPatch):
        """Staging has offered the model for seven days; a later date of --at counts no days that have not passed."""
        monkeypatch.setattr(trial_period, "current_date", lambda: date(2026, 6, 9))
        monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-06-02T12:00:00Z")
        with (checkout / STAGING).open("a") as file:
            file.write(f"\n{ADDED}")
        git(checkout, "init")
        git(checkout, "add", "--all")
        git(checkout, "commit", "--message", "offer it in staging")
        for day, status in ("2026-06-08", 1), ("2026-06-09", 0), ("2027-01-01", 0):
            done = roster("new", *options(environment="production"), "--dry-run", "--at", day)
            assert done.returncode == status, done.stderr
        monkeypatch.setattr(trial_period, "current_date", lambda: date(2026, 6, 8))
        assert roster("new", *options(environment="production"), "--at", "2027-01-01").returncode == 1

    def test_introduced_warning_is_shown_and_model_is_written(self, roster: Run, checkout: Path):
        done = roster("new", *options(identifier="bedrock/claude-latest"))
        assert done.returncode == 0
        assert re.findall(r"^(\S+?):.*\[(.+)\]$", done.stdout, re.MULTILINE) == [(STAGING_REF, "unpinned-identifier")]
        assert "identifier: bedrock/claude-latest\n" in (checkout / STAGING_REF).read_text()

    def test_earlier_findings_are_not_shown(self, roster: Run, checkout: Path):
        edit(checkout / STAGING, "family: qwen", "family: qwne")
        done = roster("new", *options())
        assert (done.returncode, done.stdout) == (0, "")
        assert "The rosters have other findings: roster check lists them." in done.stderr

    @pytest.mark.parametrize(
        "changed",
        [{"name": "Claude 3.7 Sonnet"}, {"name": "Claude 3-7: Sonnet!"}, {"id": "claude_3_7_sonnet"}],
        ids=lambda changed: next(iter(changed)),
    )
    def test_existing_id_is_rejected(self, roster: Run, checkout: Path, changed: dict[str, str]):
        before = rosters(checkout)
        done = roster("new", *options(**changed), "--environment", "staging")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            f'roster: staging-ref already has a model with the id "claude_3_7_sonnet", at {STAGING_REF}:37: '
            "choose another name, or another --id\n"
        )
        assert rosters(checkout) == before

    def test_name_without_derived_id_requires_id(self, roster: Run):
        done = roster("new", *options(name="通义千问"))
        assert (done.returncode, done.stdout) == (2, "")
        assert "Error: missing --id (" in done.stderr
        assert roster("new", *options(name="通义千问", id="qwen")).returncode == 0

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"environment": "stagin"}, 'there is no environment "stagin": did you mean "staging"?'),
            ({"environment": "moon"}, 'there is no environment "moon": choose from staging-ref, staging, production'),
            ({"release_state": "beta"}, 'there is no release state "beta": did you mean "BETA"?'),
            ({"family": "cluade"}, 'there is no family "cluade": did you mean "claude"?'),
            ({"feature": "code-generatoin"}, 'there is no feature "code-generatoin": did you mean "code-generation"?'),
            ({"feature": "chat"}, 'there is no feature "chat": did you mean "duo_chat"?'),
            ({"default_for": "duo-chat"}, 'there is no feature "duo-chat": did you mean "duo_chat"?'),
            ({"cost_indicator": "cheap"}, 'there is no cost indicator "cheap": choose from $, $$, $$$, $$$$'),
            ({"name": b"\xff".decode(errors="surrogateescape")}, "is not UTF-8 text"),
        ],
    )
    def test_unknown_option_value_is_rejected(self, roster: Run, checkout: Path, changed: dict[str, str], message: str):
        before = rosters(checkout)
        done = roster("new", *options(**changed))
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
        assert rosters(checkout) == before

    def test_missing_options_are_listed_without_a_terminal(self, roster: Run):
        done = roster("new", "--name", "Claude 4", "--feature", "duo_chat")
        assert (done.returncode, done.stdout) == (2, "")
        assert "Error: missing --environment, --identifier, --endpoint, --release-state, --family (" in done.stderr

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"- name: A\n name: B\n", "it cannot be read as YAML"),
            (b"models: []\n", "it is not a list of models"),
            (b"- name: \xff\n", "it is not UTF-8 text"),
        ],
    )
    def test_unsuitable_roster_is_rejected(self, roster: Run, checkout: Path, data: bytes, reason: str):
        (checkout / STAGING_REF).write_bytes(data)
        done = roster("new", *options())
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            f"roster: cannot add a model to {STAGING_REF}: {reason}; roster check shows what is wrong\n"
        )
        assert (checkout / STAGING_REF).read_bytes() == data

    def test_secret_is_not_echoed(self, roster: Run, checkout: Path):
        before = rosters(checkout)
        done = roster("new", *options(description="glpat-x9Kq2LmN7pRt4VwY8zBc"))
        assert done.returncode == 1
        assert "[secret-in-roster]" in done.stdout
        assert "glpat-x9Kq2LmN7pRt4VwY8zBc" not in done.stdout + done.stderr
        assert rosters(checkout) == before


ENVIRONMENTS = "Environments, separated by commas [staging-ref]"
NAME = "Name (such as Claude 3.7 Sonnet)"
ID = "Id (such as claude_3_7_sonnet)"
IDENTIFIER = "Identifier (such as bedrock/us.anthropic.claude-3-7-sonnet-20250219-v1:0)"
ENDPOINT = "Endpoint (such as https://example-models.com/v1)"
RELEASE_STATE = "Release state (1 GA  2 BETA  3 EXPERIMENT)"
FEATURES = "Features, separated by commas"
DISPLAY_NAME = "Display name, optional (such as GitLab: Claude 3.7 Sonnet)"
DESCRIPTION = "Description, optional (such as Balanced coding model)"
PROVIDER = "Provider, optional (such as Bedrock)"
COST = "Cost indicator, optional (1 $  2 $$  3 $$$  4 $$$$)"
REQUIRED = (
    (NAME, "Claude 4 Sonnet\n"),
    (IDENTIFIER, f"{ANSWERS['--identifier']}\n"),
    (ENDPOINT, f"{ANSWERS['--endpoint']}\n"),
    (RELEASE_STATE, "BETA\n"),
    ("gpt_5)", "claude\n"),
    (FEATURES, "duo_chat\n"),
)
NO_OPTIONAL_VALUES = tuple((question, "\n") for question in (DISPLAY_NAME, DESCRIPTION, PROVIDER, COST))
COLUMNS = 80
ACCEPTED = ("Write this to 1 file? [Y/n]", "\n")
DECLINED = (ACCEPTED[0], "n\n")


class TestPrompts:
    def test_prompts_for_all_values(self, checkout: Path):
        before = rosters(checkout)
        done = PromptSession(checkout).answer((ENVIRONMENTS, "\n"), *REQUIRED, *NO_OPTIONAL_VALUES, ACCEPTED).end()
        assert (done.returncode, done.stdout) == (0, "")
        shown = "".join(f"+{line}" for line in ADDED.splitlines(keepends=True))
        assert "@@ -59,3 +59,11 @@\n" in done.stderr
        assert f"+\n{shown}Write this to 1 file?" in done.stderr
        assert f"added {STAGING_REF}:63\n" in done.stderr
        assert rosters(checkout) == before | {STAGING_REF: before[STAGING_REF] + b"\n" + ADDED.encode()}

    def test_no_prompt_for_what_the_provider_supplies(self, checkout: Path):
        answers = [(question, answer) for question, answer in REQUIRED if question not in (IDENTIFIER, ENDPOINT)]
        answers.insert(1, (IDENTIFIER, "mistral/codestral-2508\n"))
        done = PromptSession(checkout).answer((ENVIRONMENTS, "\n"), *answers, *NO_OPTIONAL_VALUES, ACCEPTED).end()
        assert done.returncode == 0, done.stderr

    @pytest.mark.slow
    def test_declined_change_is_not_written(self, checkout: Path):
        before = rosters(checkout)
        done = PromptSession(checkout, *options(name=None)).answer(REQUIRED[0], *NO_OPTIONAL_VALUES, DECLINED).end()
        assert (done.returncode, done.stdout) == (1, "")
        assert "\nnothing was written\nto change an answer, edit this command: roster new --env" in done.stderr
        assert rosters(checkout) == before

    def test_invalid_answer_is_reported_and_prompt_repeated(self, checkout: Path):
        edit(checkout / POLICIES, *STAGING_WITHOUT_EXPERIMENTS)
        edit(checkout / STAGING, "  display_name: Gemini Pro\n", "")
        edit(checkout / STAGING, "  provider: Vertex\n", "")  # which would tell two models with the same name apart
        done = (
            PromptSession(checkout)
            .answer(
                (ENVIRONMENTS, "stagin\n"),
                (ENVIRONMENTS, ",\n"),
                (ENVIRONMENTS, "staging, staging-ref\n"),
                (NAME, "   \n"),
                (NAME, "Gemini Pro\n"),
                (NAME, "Gemini,  Pro\n"),
                (NAME, "Gemini, Pro\n"),
                (ID, "Gemini\n"),
                (ID, "gemini_pro\n"),
                (ID, "gemini_pro_3\n"),
                (IDENTIFIER, "gemini-3\n"),
                (IDENTIFIER, "vertex_ai/gemini-3-pro\n"),
                (ENDPOINT, "http://example-models.com\n"),
                (ENDPOINT, "https://10.0.0.1/v1\n"),
                (ENDPOINT, "https://example-models.com/v1\n"),
                (RELEASE_STATE, "ga\n"),
                (RELEASE_STATE, "EXPERIMENT\n"),
                (RELEASE_STATE, "GA\n"),
                ("gpt_5)", "gemni\n"),
                ("gpt_5)", "gemini\n"),
                (FEATURES, "code-generatoin\n"),
                (FEATURES, "duo_chat code_generations\n"),
                (FEATURES, "duo_chat, code-generation duo_chat_fix_code, duo_chat\n"),
                ("Default for, separated by commas [duo_chat_fix_code]", "\n"),
                (DISPLAY_NAME, "\n"),
                (DESCRIPTION, f"{'good ' * 101}\n"),
                (DESCRIPTION, "key: glpat-x9Kq2LmN7pRt4VwY8zBc\n"),
                (DESCRIPTION, "Fast: # and long\n"),
                (PROVIDER, "Ver\u200btex\n"),
                (PROVIDER, "Vertex\n"),
                (COST, "$$$$$\n"),
                (COST, "$$\n"),
                ("Write this to 2 files? [Y/n]", "y\n"),
            )
            .end()
        )
        assert done.returncode == 0, done.stderr
        assert re.findall("^Error: (.*)$", done.stderr, re.MULTILINE) == [
            'there is no environment "stagin": did you mean "staging"?',
            "enter at least one",
            "name is required",
            'another model is already named "Gemini Pro" (first defined on line 48): rename the newer of the two',
            '"name" has two spaces in a row: use single spaces, between words only',
            '"id" cannot be "Gemini": write gemini',
            'the id "gemini_pro" is already used by "Gemini Pro" (first defined on line 49): pin another id',
            '"gemini-3" is not of the form provider/model: the provider is missing',
            'the endpoint\'s scheme is "http", not https: write https://',
            'the host "10.0.0.1" is not public: use a public host name',
            'there is no release state "ga": did you mean "GA"?',
            "staging does not allow EXPERIMENT models: allowed in staging: BETA and GA",
            'there is no family "gemni": did you mean "gemini"?',
            'there is no feature "code-generatoin": did you mean "code-generation"?',
            'there is no feature "code_generations": did you mean "code-generation"?',
            '"description" is 504 characters long; at most 500 are allowed',
            "this looks like a GitLab token, which must not be in a file: revoke it and treat it as exposed",
            "escape sequence for an invisible character: U+200B zero width space: remove it",
            'there is no cost indicator "$$$$$": did you mean "$$$$"?',
        ]
        for path in (STAGING, STAGING_REF):
            assert (
                (checkout / path)
                .read_text()
                .endswith(
                    """
- name: Gemini, Pro
  identifier: vertex_ai/gemini-3-pro
  api-key: AIGW_MODEL_GEMINI_PRO_3_API_KEY
  endpoint: https://example-models.com/v1
  release_state: GA
  family: gemini
  features: [duo_chat, code-generation, duo_chat_fix_code]
  default_for: [duo_chat_fix_code]
  id: gemini_pro_3
  description: "Fast: # and long"
  provider: Vertex
  cost_indicator: $$
"""
                )
            )

    def test_prompts_only_for_missing_options(self, checkout: Path):
        done = (
            PromptSession(checkout, *options(family=None, name=None))
            .answer(REQUIRED[0], REQUIRED[4], *NO_OPTIONAL_VALUES, ACCEPTED)
            .end()
        )
        assert done.returncode == 0
        assert (checkout / STAGING_REF).read_text().endswith(f"\n\n{ADDED}")
        assert IDENTIFIER not in done.stderr

    def test_answers_can_be_numbers_and_taken_back(self, checkout: Path):
        done = (
            PromptSession(checkout, *options(name=None, identifier=None, release_state=None, feature=None))
            .answer(
                (NAME, "<\n"),  # there is nothing to go back to
                (NAME, "Claude 3.7 Sonnet\n"),
                (ID, "<\n"),  # the id is asked for only if the name's is taken
                REQUIRED[0],
                (IDENTIFIER, "mistral/codestral-2508\n"),
                (RELEASE_STATE, "<\n"),
                REQUIRED[1],
                (RELEASE_STATE, "4\n"),
                (RELEASE_STATE, "2\n"),
                (FEATURES, "3, 99\n"),
                (FEATURES, "3\n"),
                (DISPLAY_NAME, "<\n"),
                (FEATURES, "3\n"),
                *NO_OPTIONAL_VALUES,
                ACCEPTED,
            )
            .end()
        )
        assert done.returncode == 0, done.stderr
        assert re.findall('^Error: (there is no .* ".*"): ', done.stderr, re.MULTILINE) == [
            'there is no release state "4"',
            'there is no feature "99"',
        ]
        assert "Features:\n  1 code-completion  2 code-generation  3 duo_chat" in done.stderr
        assert max(len(line) for line in done.stderr.splitlines() if line.startswith("  1 ")) <= COLUMNS
        assert (checkout / STAGING_REF).read_text().endswith(f"\n\n{ADDED}")

    def test_complete_options_leave_no_prompt(self, checkout: Path):
        done = PromptSession(checkout, *options()).end()
        assert done.returncode == 0
        assert "optional" not in done.stderr
        assert (checkout / STAGING_REF).read_text().endswith(f"\n\n{ADDED}")

    def test_standard_output_has_only_the_diff(self, checkout: Path):
        before = rosters(checkout)
        done = PromptSession(checkout, "--dry-run").answer((ENVIRONMENTS, "\n"), *REQUIRED, *NO_OPTIONAL_VALUES).end()
        assert done.returncode == 0
        assert done.stdout.startswith(f"--- a/{STAGING_REF}\n+++ b/{STAGING_REF}\n@@ ")
        assert rosters(checkout) == before

    def test_error_of_complete_model_prints_command_with_answers(self, checkout: Path, roster: Run):
        edit(checkout / POLICIES, "default_release_states: [BETA, GA]\n", "default_release_states: [GA]\n")
        before = rosters(checkout)
        feature = ((FEATURES, "duo_chat_fix_code\n"), ("Default for, separated by commas [duo_chat_fix_code]", "\n"))
        session = PromptSession(checkout).answer(
            (ENVIRONMENTS, "staging, staging-ref\n"), *REQUIRED[:-1], *feature, *NO_OPTIONAL_VALUES
        )
        done = session.end()
        assert done.returncode == 1
        assert "[default-release-state]" in done.stdout
        assert rosters(checkout) == before
        (command,) = re.findall("^to change an answer, edit this command: roster (.*)$", done.stderr, re.MULTILINE)
        assert roster(*shlex.split(command), "--release-state", "GA").returncode == 0
        assert b"release_state: GA\n  family: claude\n  features: [duo_chat_fix_code]" in rosters(checkout)[STAGING]

    @pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
    @pytest.mark.parametrize(
        "answers_given", [0, *(pytest.param(each, marks=pytest.mark.slow) for each in (3, len(REQUIRED)))]
    )
    def test_interrupted_prompts_write_nothing(self, checkout: Path, key: str, answers_given: int):
        before = rosters(checkout)
        questions = [*REQUIRED, *NO_OPTIONAL_VALUES]
        question, _ = questions[answers_given]
        conversation = [*questions[:answers_given], (question, key)]
        done = PromptSession(checkout, "--environment", "staging-ref").answer(*conversation).end()
        assert (done.returncode, done.stdout) == (130, "")
        assert done.stderr.endswith("roster: interrupted\n")
        assert rosters(checkout) == before

    def test_closed_terminal_writes_nothing(self, checkout: Path):
        before = rosters(checkout)
        session = PromptSession(checkout).answer((ENVIRONMENTS, "\n"), REQUIRED[0])
        assert session.hang_up() != 0
        assert rosters(checkout) == before
