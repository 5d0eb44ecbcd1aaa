"""The rosters of this repository offer the models of the seed files."""

from datetime import date

import pytest

from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.repository import Repository
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def result() -> CheckResult:
    return check(Repository(ROOT), date(2026, 11, 21))


def test_rosters_have_no_findings(result: CheckResult):
    assert result.diagnostics == ()


@pytest.mark.parametrize("environment", ["staging-ref", "staging", "production"])
def test_models_of_the_seeds_are_offered(result: CheckResult, environment: str):
    roster = result.rosters[environment]
    states = {model.name: model.release_state for model in roster.serving["code-completion"]}
    assert states == {
        "Codestral on Fireworks": "GA",
        "Codestral on Vertex": "GA",
        "Qwen 2.5 7B on Fireworks": "BETA",
    }
    assert [model.name for model in roster.defaults["code-completion"]] == ["Codestral on Fireworks"]
    assert [model.name for model in roster.serving["code-generation"]] == ["Claude 3.7 Sonnet"]


def test_beta_default_is_not_in_production(result: CheckResult):
    offering = {name for name, roster in result.rosters.items() if "gemini_pro" in roster.by_id}
    assert offering == {"staging-ref", "staging"}


def test_every_gitlab_setting_has_a_feature(result: CheckResult):
    settings = {feature.setting for feature in result.registries.features.values()}
    assert settings == {
        "code_generations", "code_completions", "duo_chat", "duo_chat_explain_code", "duo_chat_write_tests",
        "duo_chat_refactor_code", "duo_chat_fix_code", "duo_chat_troubleshoot_job", "generate_commit_message",
        "summarize_new_merge_request", "duo_chat_explain_vulnerability", "resolve_vulnerability", "summarize_review",
        "glab_ask_git_command", "duo_chat_summarize_comments", "review_merge_request", "duo_agent_platform",
        "code_suggestions", "duo_generate_issue_description", "duo_agent_platform_agentic_chat", "categorize_question",
        "generate_description", "measure_comment_temperature", "workflow", "model_configuration", "embeddings_code",
        "feature_discovery_search", "recommend_reviewers_post", "recommend_reviewers_assign",
        "review_merge_request_dap", "sast_vulnerability_fp_detection", "secret_vulnerability_fp_detection",
        "sast_vulnerability_resolution", "security_review", "resolve_dependency_bump",
    }  # fmt: skip
    assert {
        "code-completion",
        "code-generation",
        "duo_chat",
        "summarize_mr_review",
    } <= result.registries.features.keys()


def test_every_family_of_the_gateway_is_registered(result: CheckResult):
    assert {
        "amazon_q", "claude", "codegemma", "codellama", "codestral", "completion_fim", "completion_text",
        "deepseekcoder", "embedding", "gemini", "google_genai", "gpt", "gpt_5", "llama3", "mistral", "mixtral", "qwen",
        "vertex",
    } == {*result.registries.families}  # fmt: skip
