"""``roster retire``: output, the order of announcement and default, rejected input, due models and prompts."""

import json
import re
from pathlib import Path

import pytest

from roster.registries import PROVIDER_FACTS
from roster.roster import roster_path
from tests.cli.prompt_session import PromptSession, rosters
from tests.conftest import Run, edit

STAGING_REF, STAGING, PRODUCTION = map(roster_path, ("staging-ref", "staging", "production"))
AT = ("--at", "2026-11-30")
VERTEX, FIREWORKS = "codestral_on_vertex", "codestral_on_fireworks"
ANNOUNCED = "  retirement:\n    notice: 2026-11-30\n    last_day: 2027-02-28\n"
IN_PRODUCTION = ("--environment", "production", *AT)


def facts(checkout: Path, **ends: str) -> None:
    """Write the day on which providers end models; the keys are words of their identifiers."""
    text = (checkout / PRODUCTION).read_text()
    identifiers = {key: re.findall(rf"identifier: (\S*{key}\S*)", text)[-1] for key in ends}
    sources = [{"name": "litellm", "read": "2026-11-30"}]
    entries = [{"identifier": identifiers[key], "ends": end, "sources": sources} for key, end in ends.items()]
    entries.sort(key=lambda entry: str(entry["identifier"]))
    (checkout / PROVIDER_FACTS).write_text(json.dumps(entries, indent=2) + "\n")


def changed_lines(output: str) -> list[str]:
    lines = (line for line in output.splitlines() if line.startswith(("+", "-")))
    return [line for line in lines if not line.startswith(("+++", "---"))]


MISSING_REPLACEMENT = (
    'missing --replacement for "codestral_on_fireworks" in staging-ref: after 2027-02-28, code-completion needs '
    "another default; choose from codestral_on_vertex, qwen_2_5_7b_on_fireworks (roster retire "
    "prompts for missing values only in a terminal)"
)


class TestOutput:
    def test_retirement_is_announced_in_every_environment(self, roster: Run, checkout: Path):
        before = rosters(checkout)
        done = roster("retire", VERTEX, *AT)
        assert done.returncode == 0
        places = (f"{STAGING_REF}:15", f"{STAGING}:15", f"{PRODUCTION}:18")
        assert done.stderr == "".join(f"changed {place}: retirement\n" for place in places)
        assert changed_lines(done.stdout) == 3 * [f"+{line}" for line in ANNOUNCED.splitlines()]
        assert (
            "\nproduction\n  safe      Codestral on Vertex: retirement announced, last day 2027-02-28 " in done.stdout
        )
        cost = b"  provider: Vertex\n  cost_indicator: $\n"
        for path in (STAGING_REF, STAGING, PRODUCTION):
            head, _, tail = before[path].partition(cost)
            assert (checkout / path).read_bytes() == head + cost + ANNOUNCED.encode() + tail
        assert roster("check", "--strict", *AT).returncode == 0

    def test_identical_retirement_is_nothing_to_do(self, roster: Run, checkout: Path):
        roster("retire", VERTEX, *IN_PRODUCTION)
        before = rosters(checkout)
        done = roster("retire", VERTEX, "--environment", "production", "--at", "2026-12-15")
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr == "nothing to do in production: codestral_on_vertex retires after 2027-02-28\n"
        assert rosters(checkout) == before

    def test_dry_run_prints_the_change_and_writes_nothing(self, roster: Run, checkout: Path):
        before = rosters(checkout)
        done = roster("retire", VERTEX, "--dry-run", *IN_PRODUCTION)
        assert changed_lines(done.stdout) == [f"+{line}" for line in ANNOUNCED.splitlines()]
        assert "retirement announced" in done.stderr
        assert rosters(checkout) == before

    def test_default_moves_after_the_announcement(self, roster: Run, checkout: Path):
        announced = roster("retire", FIREWORKS, "--replacement", VERTEX, *IN_PRODUCTION)
        assert announced.stderr == (
            f"changed {PRODUCTION}:6: retirement\n"
            "codestral_on_fireworks is still the default for code-completion in production: to move it before the last "
            "day, run roster retire codestral_on_fireworks --move-default\n"
        )
        moved = roster("retire", FIREWORKS, "--move-default", "--environment", "production", "--at", "2027-01-15")
        assert changed_lines(moved.stdout) == [
            "-  default_for: [code-completion]",
            "+  default_for: [code-completion]",
        ]
        assert "  safe      code-completion: default changed" in moved.stdout
        assert roster("check", "--strict", "--at", "2027-03-01").returncode == 0

    def test_comment_that_becomes_useless_is_removed(self, roster: Run, checkout: Path):
        days = "notice: 2026-08-01, last_day: 2026-12-31"
        retirement = f"  retirement: {{{days}, replacement: {VERTEX}}}\n"
        ignore = "# roster: ignore[default-retiring] the default moves next week\n"
        edit(checkout / PRODUCTION, "- name: Codestral on Fireworks\n", f"{ignore}- name: Codestral on Fireworks\n")
        edit(
            checkout / PRODUCTION,
            "  default_for: [code-completion]\n",
            f"  default_for: [code-completion]\n{retirement}",
        )
        assert roster("check", "--strict", *AT).returncode == 0
        done = roster("retire", FIREWORKS, "--move-default", *IN_PRODUCTION)
        assert changed_lines(done.stdout)[:2] == [f"-{ignore}".rstrip(), "-  default_for: [code-completion]"]
        assert roster("check", "--strict", *AT).returncode == 0

    def test_alias_leads_to_the_model(self, roster: Run, checkout: Path):
        edit(
            checkout / PRODUCTION,
            "- name: Codestral on Vertex\n",
            "- name: Codestral on Vertex\n  aliases: [codestral]\n",
        )
        assert roster("retire", "codestral", *IN_PRODUCTION).stderr == f"changed {PRODUCTION}:18: retirement\n"

    def test_options_decide_days_and_features(self, roster: Run, checkout: Path):
        small = "\n  description: Small"
        edit(checkout / PRODUCTION, f"[code-completion]{small}", f"[code-completion, code-generation]{small}")
        done = roster(
            "retire", "qwen_2_5_7b_on_fireworks", "--features", "code-completion", "--notice", "2026-12-01",
            "--last-day", "2027-06-30", *IN_PRODUCTION,
        )  # fmt: skip
        assert changed_lines(done.stdout) == [
            "+  retirement:",
            "+    notice: 2026-12-01",
            "+    last_day: 2027-06-30",
            "+    features: [code-completion]",
        ]


class TestRejectedInput:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((), "missing ID or --due (roster retire prompts"),
            (("codestral_on_vertx",), 'has the id "codestral_on_vertx": did you mean "codestral_on_vertex"?'),
            (("gemini_pro", "--environment", "production"), 'no model of production has the id "gemini_pro": '),
            ((VERTEX, "--environment", "prodution"), 'there is no environment "prodution": did you mean "production"?'),
            ((VERTEX, "--features", "code-generation,code_completion"), 'did you mean "code-completion"?'),
            ((VERTEX, "--features", ""), "--features names no feature: leave it out to retire all"),
            ((VERTEX, "--features", " ,"), "--features names no feature: leave it out to retire all"),
            ((VERTEX, "--features", "duo_chat"), "does not serve duo_chat in staging-ref: it serves code-completion"),
            ((VERTEX, "--replacement", "codestral_on_firework"), 'with the id "codestral_on_firework": did you mean '),
            ((VERTEX, "--replacement", VERTEX), '"codestral_on_vertex" cannot replace itself: choose from '),
            ((VERTEX, "--last-day", "soon"), "'soon' is not a date such as 2026-12-01"),
            ((FIREWORKS,), MISSING_REPLACEMENT),
            (("claude_3_7_sonnet",), "no other model of staging-ref serves code-generation and duo_chat, so add or "),
            (("--due", "soon"), "'soon' is not a number of days such as 90"),
            ((VERTEX, "--due", "9"), "--due cannot be combined with ID: it takes the days of the providers"),
        ],
        ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
    )  # fmt: skip
    def test_wrong_usage_is_explained(self, arguments: tuple[str, ...], message: str, roster: Run, checkout: Path):
        before = rosters(checkout)
        done = roster("retire", *arguments, *AT)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
        assert rosters(checkout) == before

    def test_change_that_introduces_a_finding_is_refused(self, roster: Run, checkout: Path):
        before = rosters(checkout)
        done = roster("retire", VERTEX, "--last-day", "2026-12-24", *AT)
        assert done.returncode == 1
        assert "error: the notice is 24 days before the last day; production requires 90" in done.stdout
        assert done.stderr == "nothing was written, because the change would introduce the findings above\n"
        assert rosters(checkout) == before

    def test_last_day_that_has_passed_is_refused(self, roster: Run, checkout: Path):
        before = rosters(checkout)
        done = roster("retire", VERTEX, "--notice", "2026-01-01", "--last-day", "2026-11-29", *IN_PRODUCTION)
        assert done.returncode == 1
        assert 'error: "Codestral on Vertex" ends with this change: its last day was 2026-11-29' in done.stdout
        assert rosters(checkout) == before

    def test_warning_is_refused_as_well(self, roster: Run, checkout: Path):
        done = roster(
            "retire",
            FIREWORKS,
            "--replacement",
            VERTEX,
            "--last-day",
            "2026-11-30",
            "--environment",
            "staging-ref",
            *AT,
        )
        assert done.returncode == 1
        assert 'warning: the default for "code-completion" retires after 2026-11-30' in done.stdout
        assert done.stderr.endswith("findings above; to move the default at once, add --move-default\n")

    def test_default_with_a_release_state_that_is_not_allowed_is_refused(self, roster: Run, checkout: Path):
        done = roster(
            "retire", FIREWORKS, "--replacement", "qwen_2_5_7b_on_fireworks", "--move-default", *IN_PRODUCTION
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            'roster: cannot make "qwen_2_5_7b_on_fireworks" the default for code-completion in production, because it '
            "is BETA there and a default must be GA: change its release state first, name another --replacement, or "
            "keep the default for now with --keep-default\n"
        )

    def test_unreadable_roster_is_not_left_out(self, roster: Run, checkout: Path):
        (checkout / PRODUCTION).write_text("{")
        done = roster("retire", VERTEX, *AT)
        assert (done.returncode, done.stderr) == (
            2, f"roster: cannot read {PRODUCTION}: roster check shows what is wrong\n",
        )  # fmt: skip
        assert roster("retire", VERTEX, "--environment", "staging", *AT).returncode == 0

    def test_values_that_cannot_be_read_are_left_to_check(self, roster: Run, checkout: Path):
        facts(checkout, codestral="2026-12-15")
        days = "notice: 2026-08-01, last_day: 2027-12-01"
        text, failures = (checkout / PRODUCTION).read_text(), []
        for value in (
            "retirement: soon", "retirement: [soon]", "retirement: {notice: 2026-13-01, last_day: 2026-12-01}",
            f"retirement: {{{days}, replacement: 3}}", f"retirement: {{{days}, features: [code-completion, 3]}}",
            "default_for: {code-completion: x}", "default_for: [code-completion, 3]",
        ):  # fmt: skip
            (checkout / PRODUCTION).write_text(text.replace("  provider: Vertex\n", f"  provider: Vertex\n  {value}\n"))
            move = (FIREWORKS, "--replacement", VERTEX, "--move-default")
            for arguments in ((VERTEX,), ("--due",), *([move] if "default_for" in value else ())):
                done = roster("retire", *arguments, *IN_PRODUCTION)
                if done.returncode not in (1, 2) or "cannot " not in done.stderr:
                    failures.append((value, arguments, done.stderr))
        assert not failures


class TestDue:
    def test_nothing_due(self, roster: Run, checkout: Path):
        done = roster("retire", "--due", *AT)
        assert (done.returncode, done.stderr) == (
            0, "nothing to do: schemas/provider_facts.yaml has no facts; roster providers update writes it\n",
        )  # fmt: skip
        facts(checkout, codestral="2027-03-02")
        for arguments in ((), ("60",)):
            assert roster("retire", "--due", *arguments, *AT).stderr.startswith("nothing to do: no model is offered ")
            assert roster("retire", "--due", *arguments, *AT).returncode == 0

    def test_models_are_retired_in_time_and_others_listed(self, roster: Run, checkout: Path):
        facts(checkout, codestral="2027-03-15", claude="2027-01-15")
        done = roster("retire", "--due", "200", *AT)
        assert done.returncode == 1
        due = [*ANNOUNCED.replace("2027-02-28", "2027-03-14").splitlines(), f"    replacement: {FIREWORKS}"]
        assert changed_lines(done.stdout) == 3 * [f"+{line}" for line in due]
        assert done.stderr.endswith(
            "not retired in staging-ref, staging and production: claude_3_7_sonnet needs a replacement, because its "
            "provider ends it on 2027-01-15 and no other model serves code-generation and duo_chat; add or promote "
            "one, then run roster retire claude_3_7_sonnet --replacement ID\n"
        )
        again = roster("retire", "--due", "200", *AT)
        assert (again.returncode, again.stdout) == (1, "")

    def test_short_notice_is_forced_by_the_provider(self, roster: Run, checkout: Path):
        facts(checkout, codestral="2026-12-15")
        assert roster("check", "--strict", *AT).returncode == 1
        done = roster("retire", "--due", *AT)
        assert changed_lines(done.stdout).count("+    last_day: 2026-12-14") == 3
        assert changed_lines(done.stdout).count("+    forced_by: provider") == 2, "staging-ref promises no notice"
        assert "Vertex AI ends this model on 2026-12-15, so the notice is 14 days instead of 90." in done.stdout
        assert roster("check", "--strict", *AT).returncode == 0

    def test_model_that_has_ended_is_retired_today(self, roster: Run, checkout: Path):
        default, hosted = "  default_for: [code-completion]\n", "  description: Mistral's coding model, hosted"
        edit(checkout / PRODUCTION, default, "")
        edit(checkout / PRODUCTION, hosted, default + hosted)
        facts(checkout, codestral="2026-10-15")
        due = roster("retire", "--due", *IN_PRODUCTION)
        command = (
            f"retire {VERTEX} --replacement ID --move-default, where ID is {FIREWORKS} or qwen_2_5_7b_on_fireworks"
        )
        assert (due.returncode, due.stderr.endswith(f"{command}\n")) == (1, True)
        done = roster("retire", VERTEX, "--replacement", FIREWORKS, "--move-default", *IN_PRODUCTION)
        assert "+    last_day: 2026-11-30" in done.stdout
        assert "Vertex AI ended this model on 2026-10-15, so the notice is 0 days instead of 90." in done.stdout
        assert roster("check", "--strict", *AT).returncode == 1, "staging offers it"
        assert "production" not in roster("check", "--strict", *AT).stdout

    def test_model_whose_provider_ends_it_before_is_no_replacement(self, roster: Run, checkout: Path):
        facts(checkout, codestral="2027-01-15", **{"fireworks_ai/codestral": "2027-01-10"})
        due = roster("retire", "--due", *IN_PRODUCTION)
        assert (due.returncode, due.stdout) == (1, "")
        assert f"run roster retire {VERTEX} --replacement qwen_2_5_7b_on_fireworks\n" in due.stderr
        retire = ("retire", VERTEX, "--replacement", FIREWORKS, *IN_PRODUCTION)
        done = roster(*retire)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            'roster: "codestral_on_fireworks" cannot replace "codestral_on_vertex" in production after 2027-01-14: its '
            "provider ends it on 2027-01-10; choose from qwen_2_5_7b_on_fireworks\n"
        )
        ignore = "# roster: ignore[unannounced-provider-end] the provider extends it\n"
        edit(checkout / PRODUCTION, "- name: Codestral on Fireworks", f"{ignore}- name: Codestral on Fireworks")
        assert roster(*retire).returncode == 0

    def test_share_of_an_ended_model_has_to_move(self, roster: Run, checkout: Path):
        shares = "default_for: {code-completion: %d}"
        edit(checkout / PRODUCTION, "default_for: [code-completion]", shares % 60)
        edit(checkout / PRODUCTION, "  provider: Vertex\n", f"  provider: Vertex\n  {shares % 40}\n")
        facts(checkout, codestral="2026-10-15")
        due = roster("retire", "--due", *IN_PRODUCTION)
        assert (due.returncode, due.stderr.endswith("; add --move-default to move the default at once\n")) == (1, True)
        assert roster("retire", "--due", "--move-default", *IN_PRODUCTION).returncode == 0

    def test_model_whose_default_is_in_another_region_needs_another_replacement(self, roster: Run, checkout: Path):
        facts(checkout, codestral="2026-10-15")
        edit(checkout / PRODUCTION, "  provider: Fireworks\n", "  provider: Fireworks\n  processed_in: [us]\n")
        edit(checkout / PRODUCTION, "  provider: Vertex\n", "  provider: Vertex\n  processed_in: [eu]\n")
        due = roster("retire", "--due", *IN_PRODUCTION)
        assert due.returncode == 1
        assert "users move from eu to us (code-completion: codestral_on_vertex → codestral_on_fireworks)" in due.stdout
        assert due.stderr.endswith(
            "not retired in production: codestral_on_vertex, because its retirement would introduce the findings "
            "above; try another replacement: roster retire codestral_on_vertex --replacement ID\n"
        )

    def test_roster_that_must_be_changed_by_hand_does_not_stop_others(self, roster: Run, checkout: Path):
        facts(checkout, codestral="2027-01-15")
        text = (checkout / PRODUCTION).read_text()
        description = "  description: Mistral's coding model, hosted on Google Cloud\n"
        last, kept = "  provider: Vertex\n  cost_indicator: $\n\n", "  description: |+\n    Mistral's coding model\n\n"
        (checkout / PRODUCTION).write_text(text.replace(description, "").replace(last, kept))
        done = roster("retire", "--due", *AT)
        assert done.returncode == 1
        assert f"not retired in production: {VERTEX}, because roster cannot change retirement in " in done.stderr
        assert f"changed {STAGING}:15: retirement\n" in done.stderr

    def test_earliest_possible_end_is_listed(self, roster: Run, checkout: Path):
        facts(checkout, codestral="2026-12-15")
        edit(checkout / PROVIDER_FACTS, '"ends": "2026-12-15"', '"ends": "2026-12-15", "ends_earliest": true')
        done = roster("retire", "--due", *AT)
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr == (
            "not retired in staging-ref, staging and production: codestral_on_vertex, because its provider may end it "
            "from 2026-12-15 on, but names no day; run roster retire codestral_on_vertex\n"
        )

    def test_model_whose_end_is_suppressed_is_skipped(self, roster: Run, checkout: Path):
        facts(checkout, codestral="2026-10-15")
        for path in (STAGING_REF, STAGING, PRODUCTION):
            ignore = "# roster: ignore[offered-after-provider-end] the provider still answers\n"
            edit(checkout / path, "- name: Codestral on Vertex", f"{ignore}- name: Codestral on Vertex")
        done = roster("retire", "--due", *AT)
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr == (
            "not retired in staging-ref, staging and production: codestral_on_vertex, because a comment suppresses "
            "offered-after-provider-end\n"
        )


class TestPrompts:
    def test_what_is_missing_is_prompted_for(self, checkout: Path):
        done = (
            PromptSession(checkout, *IN_PRODUCTION, command="retire")
            .answer(
                ("Id of the model", "codestral_on_firework\n"),
                ("Id of the model", f"{FIREWORKS}\n"),
                ("Last day [2027-02-28]", "2027-06-30\n"),
                ("Id of the replacement", "codestral\n"),
                ("Id of the replacement", f"{VERTEX}\n"),
                ("Move the default for code-completion now? [y/N]", "y\n"),
            )
            .end()
        )
        assert done.returncode == 0
        assert 'did you mean "codestral_on_fireworks"?' in done.stderr
        assert "Models that serve the same features: codestral_on_vertex, qwen_2_5_7b_on_fireworks\n" in done.stderr
        assert f"changed {PRODUCTION}:6: retirement and default_for\n" in done.stderr
        assert f"    last_day: 2027-06-30\n    replacement: {VERTEX}\n" in (checkout / PRODUCTION).read_text()


@pytest.mark.parametrize(
    ("model", "end"),
    [
        pytest.param("codestral-2501", '"2027-01-15"', id="within the notice"),
        pytest.param("codestral-2501", '"2026-10-01"', id="ended"),
        pytest.param("codestral-2501", '"2027-01-15", "ends_earliest": true', id="earliest possible end"),
        pytest.param("gemini", '"2026-12-10"', id="default within the notice"),
        pytest.param("gemini", '"2026-12-01"', id="default ends tomorrow"),
    ],
)
def test_command_that_a_finding_prints_resolves_it(model: str, end: str, roster: Run, checkout: Path):
    path = PRODUCTION if model != "gemini" else STAGING
    identifier = re.findall(rf"identifier: (vertex_ai/{model}\S*)", (checkout / path).read_text())[0]
    sources = '"sources": [{"name": "litellm", "read": "2026-11-30"}]'
    (checkout / PROVIDER_FACTS).write_text(f'[{{"identifier": "{identifier}", "ends": {end}, {sources}}}]')
    if model == "gemini":  # it is the default; another model can take over
        edit(
            checkout / STAGING,
            "features: [code-generation, duo_chat]",
            "features: [code-generation, duo_chat, summarize_mr_review]",
        )

    def commands() -> list[str]:
        findings = json.loads(roster("check", "--strict", "--format", "json", *AT).stdout)["diagnostics"]
        return [each["hint"] for each in findings if each["path"] == path and each["rule"].endswith("provider-end")]

    (hint,) = commands()
    _run, _roster, *arguments = hint.replace(" ID", " claude_3_7_sonnet").split()
    done = roster(*arguments, *AT)
    assert done.returncode == 0, done.stderr
    assert commands() == []
