"""``roster explain`` of ids that models have or had."""

import json
from pathlib import Path
from typing import Any

import pytest

from roster.registries import PROVIDER_FACTS
from roster.roster import roster_path
from tests.conftest import Run, edit, git

PRODUCTION = roster_path("production")
OTHERS = "\nstaging-ref:\n  no model has or had this id\n\nstaging:\n  no model has or had this id\n\nproduction:\n  "


@pytest.fixture
def history(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in which production's Old Codestral retired and was removed, and Claude Sonnet was renamed."""
    git(checkout, "init")
    (checkout / PROVIDER_FACTS).unlink(missing_ok=True)
    text = (checkout / PRODUCTION).read_text()
    first, _, rest = text.partition("- name: Codestral on Vertex")
    model = f"- name: Codestral on Vertex{rest.partition('- name: Qwen')[0]}".replace("on Vertex", "Old")
    model = model.replace("ON_VERTEX", "OLD")
    ending = "  retirement: {notice: 2026-01-01, last_day: 2026-06-30, replacement: codestral_on_vertex}\n"
    for day, content in (
        ("2026-02-01", f"{first}{model.rstrip()}\n{ending}\n- name: Codestral on Vertex{rest}"),
        ("2026-07-02", text),
        (
            "2026-08-03",
            text.replace("- name: Claude 3.7 Sonnet", "- name: Claude Sonnet\n  aliases: [claude_3_7_sonnet]"),
        ),
    ):
        (checkout / PRODUCTION).write_text(content)
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T12:00:00Z")
        git(checkout, "add", "--all")
        git(checkout, "commit", "--message", day)
    return checkout


def commit(history: Path, steps_back: int) -> str:
    return git(history, "rev-parse", f"HEAD~{steps_back}")[:12]


def test_id_of_removed_model_leads_to_replacement(roster: Run, history: Path):
    done = roster("explain", "codestral_old", cwd=history)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"codestral_old (id)\n{OTHERS}"
        f"id of a model since 2026-02-01 (commit {commit(history, 2)}), "
        f"removed 2026-07-02 (commit {commit(history, 1)})\n"
        "  retired after 2026-06-30: leads to codestral_on_vertex\n"
    )


def test_retirement_that_the_provider_forces(roster: Run, checkout: Path):
    ending = "notice: 2026-11-30, last_day: 2026-12-14, replacement: codestral_on_fireworks, forced_by: provider"
    edit(checkout / PRODUCTION, "  provider: Vertex\n", f"  provider: Vertex\n  retirement: {{{ending}}}\n")
    done = roster("explain", "codestral_on_vertex", "--at", "2026-12-01")
    assert "  retires after 2026-12-14, as the provider forces: leads to codestral_on_fireworks\n" in done.stdout


def test_earlier_id_leads_to_renamed_model(roster: Run, history: Path):
    done = roster("explain", "claude_3_7_sonnet", cwd=history)
    production = done.stdout.partition("production:\n")[2]
    assert production.startswith(
        f"  alias of claude_sonnet since 2026-08-03 (commit {commit(history, 0)}): {PRODUCTION}:"
    )


def test_uncommitted_alias_has_no_commit(roster: Run, history: Path):
    edit(history / PRODUCTION, "aliases: [claude_3_7_sonnet]", "aliases: [claude_3_7_sonnet, sonnet]")
    done = roster("explain", "sonnet", cwd=history)
    assert f"  alias of claude_sonnet: {PRODUCTION}:" in done.stdout


def test_uncommitted_removal_has_no_commit(roster: Run, history: Path):
    text = (
        (history / PRODUCTION)
        .read_text()
        .replace("- name: Codestral on Vertex", "- name: Codestral on Vertex\n  id: c")
    )
    (history / PRODUCTION).write_text(text)
    done = roster("explain", "codestral_on_vertex", cwd=history)
    since = f"id of a model since 2026-02-01 (commit {commit(history, 2)}), removed in an uncommitted change\n"
    assert since in done.stdout


def test_id_without_git_is_explained_from_rosters(roster: Run, checkout: Path):
    edit(checkout / PRODUCTION, "- name: Claude 3.7 Sonnet\n", "- name: Claude 3.7 Sonnet\n  aliases: [sonnet]\n")
    done = roster("explain", "sonnet")
    assert f"  alias of claude_3_7_sonnet: {PRODUCTION}:" in done.stdout
    assert "  history unknown: cannot read the history of rosters" in done.stdout


def test_suspension_is_shown(roster: Run, checkout: Path):
    suspended = "  suspended: {since: 2026-11-20, reason: provider incident}\n"
    edit(checkout / PRODUCTION, "- name: Claude 3.7 Sonnet\n", f"- name: Claude 3.7 Sonnet\n{suspended}")
    done = roster("explain", "claude_3_7_sonnet", "--at", "2026-11-21")
    assert "  suspended since 2026-11-20: provider incident\n" in done.stdout
    assert "suspended" not in roster("explain", "claude_3_7_sonnet", "--at", "2026-11-19").stdout


def test_unknown_id_is_an_error(roster: Run, checkout: Path):
    done = roster("explain", "--kind", "id", "claude_4")
    assert (done.returncode, done.stderr) == (2, 'roster: no model has or had the id "claude_4"\n')


FACTS: dict[str, Any] = {
    "identifier": "bedrock/us.anthropic.claude-3-7-sonnet-20250219-v1:0",
    "ends": "2026-04-28",
    "context_window": 200000,
    "max_output_tokens": 64000,
    "capabilities": ["reasoning", "tools"],
    "input_price": 3,
    "output_price": 0.075,
    "unknown_to": ["models.dev"],
    "similar": "bedrock/us.anthropic.claude-3-7-sonnet-20250219-v1:0",
    "sources": [
        {"name": "litellm", "read": "2026-08-01"},
        {"name": "https://docs.example.com/ends", "read": "2026-08-02", "ends": "2026-04-28"},
    ],
}


def test_facts_of_the_provider_are_shown_once(roster: Run, checkout: Path):
    (checkout / PROVIDER_FACTS).write_text(json.dumps([FACTS]))
    done = roster("explain", "claude_3_7_sonnet", "--at", "2026-04-28")
    assert done.stdout.partition("\n\nbedrock/")[2] == (
        "us.anthropic.claude-3-7-sonnet-20250219-v1:0 at the provider:\n"
        "  ended on 2026-04-28\n"
        "  limits: 200,000 tokens of context, 64,000 tokens of output\n"
        "  capabilities: reasoning, tools\n"
        "  price per million tokens: $3 for input, $0.075 for output\n"
        "  not listed by models.dev; the most similar identifier there is "
        "bedrock/us.anthropic.claude-3-7-sonnet-20250219-v1:0\n"
        "  sources: litellm (read 2026-08-01), https://docs.example.com/ends (read 2026-08-02, end 2026-04-28)\n"
    )


def test_unknknown_facts_are_left_out(roster: Run, checkout: Path):
    few = {key: FACTS[key] for key in ("identifier", "sources")}
    (checkout / PROVIDER_FACTS).write_text(json.dumps([few | {"ends": "2026-04-28", "ends_earliest": True}]))
    lines = roster("explain", "claude_3_7_sonnet").stdout.splitlines()
    assert lines[-2] == "  does not end before 2026-04-28"
    assert lines[-3].endswith(" at the provider:")


def test_provider_lists_ends_of_its_models(roster: Run, checkout: Path):
    (checkout / PROVIDER_FACTS).write_text(json.dumps([FACTS]))
    models = [
        line for line in roster("explain", "bedrock", "--at", "2026-04-27").stdout.splitlines() if "claude" in line
    ]
    assert [", ends on 2026-04-28: env/" in line for line in models] == [True] * 3
