"""Examples as complete repositories: missing keys are added, and the text is unchanged."""

import pytest

from roster.docs import examples
from roster.docs.examples import complete, files
from roster.registries import ENVIRONMENTS, FEATURES
from roster.roster import ROSTER_SCHEMA, roster_path
from roster.rules.all_rules import RULES

RULE = RULES["unknown-key"]
SCHEMA_LINE = f"# yaml-language-server: $schema=../../{ROSTER_SCHEMA}\n"


def test_missing_keys_are_added_below_each_model():
    text = complete(RULE, "production", "- name: Claude\n  family: gemini\n- name: Gemini\n")
    assert text == (
        "- name: Claude\n"
        "  family: gemini\n"
        "  identifier: bedrock/claude-1\n"
        "  api-key: AIGW_MODEL_CLAUDE_API_KEY\n"
        "  endpoint: https://example-models.com/v1\n"
        "  release_state: GA\n"
        "  features: [summarize_mr_review]\n"
        "  default_for: [summarize_mr_review]\n"
        "- name: Gemini\n"
        "  identifier: bedrock/gemini-1\n"
        "  api-key: AIGW_MODEL_GEMINI_API_KEY\n"
        "  endpoint: https://example-models.com/v1\n"
        "  release_state: GA\n"
        "  family: claude\n"
        "  features: [summarize_mr_review]\n" + SCHEMA_LINE
    )


@pytest.mark.parametrize(
    ("model", "key"),
    [
        ("- name: Claude 3.7\n", "AIGW_MODEL_CLAUDE_3_7_API_KEY"),
        ("- name: Claude\n  id: other\n", "AIGW_MODEL_OTHER_API_KEY"),
        ("\ufeff- name: Claude\n", "AIGW_MODEL_CLAUDE_API_KEY"),
        ("- name: 通义千问\n", "AIGW_MODEL_EXAMPLE_API_KEY"),
        ("- id: claude\n", "AIGW_MODEL_CLAUDE_API_KEY"),
    ],
)
def test_api_key_is_derived_from_id(model: str, key: str):
    assert f"  api-key: {key}\n" in complete(RULE, "production", model)


def test_other_content_is_unchanged():
    assert complete(RULE, "production", "[]\n") == f"[]\n{SCHEMA_LINE}"
    assert complete(RULE, "schemas/families.yaml", "- claude\n") == "- claude\n"
    assert complete(RULES["missing-key"], "production", "- name: Claude\n") == f"- name: Claude\n{SCHEMA_LINE}"
    assert complete(RULES["missing-schema-line"], "production", "[]\n") == "[]\n"


def test_promotion_path_has_the_environments_of_the_example():
    assert b"staging" not in files(RULE, RULE.bad)[ENVIRONMENTS]
    rule = RULES["missing-roster"]
    contents = files(rule, rule.bad)
    assert contents[ENVIRONMENTS].startswith(b"- name: staging")
    assert b"- name: production" in contents[ENVIRONMENTS]
    assert roster_path("staging") in contents
    assert roster_path("production") not in contents


def test_only_rule_on_required_features_has_required_features():
    with_required = {rule.name for rule in RULES.values() if b"required: true" in files(rule, rule.bad)[FEATURES]}
    assert with_required == {"feature-without-model"}


def test_command_repository_has_schema_of_its_registries():
    repository = examples.repository()
    assert b'"duo_chat_fix_code"' in repository[ROSTER_SCHEMA]
    assert b'"duo_agent_platform"' not in repository[ROSTER_SCHEMA]
    assert len(repository) == len(set(repository)) > 8
