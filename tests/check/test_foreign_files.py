"""Files that are no rosters: one finding, which says what the file seems to be."""

import json

import pytest

from tests.conftest import ROOT
from tests.single_roster import CLEAN, checked, reported

LIST, MAPPING = "the file must be a list of models", "the file must be a list, not a mapping"
TEXT = "the file must be a list, not text"
INDENTED = "".join(f"  {line}\n" for line in CLEAN.splitlines())
LITELLM = "model_name: a\n  litellm_params: {model: azure/a, api_key: os.environ/AZURE_API_KEY, max_tokens: 1_000}\n"
GITLAB = "name: Claude\n    gitlab_identifier: claude\n    max_context_tokens: 200_000\n    family: [claude_3]\n"

FOREIGN: dict[str, tuple[str, str]] = {  # the file, the message
    "LiteLLM configuration": (
        f"model_list:\n- {LITELLM}",
        f"{MAPPING}; it seems to be a LiteLLM proxy configuration",
    ),
    "LiteLLM settings": (
        "litellm_settings: {drop_params: true}\n",
        f"{MAPPING}; it seems to be a LiteLLM proxy configuration",
    ),
    "LiteLLM's list of models": (f"- {LITELLM}", f"{LIST}; it seems to be a LiteLLM proxy configuration"),
    "Git LFS pointer": (
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d7a' * 16}\nsize 12345\n",
        f"{TEXT}; it seems to be a Git LFS pointer",
    ),
    "models.yml": (f"models:\n  - {GITLAB}", f"{MAPPING}; it seems to be the AI gateway's models.yml"),
    "unit_primitives.yml": (
        "configurable_unit_primitives:\n- feature_setting: duo_chat\n  unit_primitives: [ask_build]\n",
        f"{MAPPING}; it seems to be the AI gateway's unit_primitives.yml",
    ),
    "definitions": (
        json.dumps({"models": [{"name": "Claude", "identifier": "claude"}], "unit_primitives": []}),
        f"{MAPPING}; it seems to be an answer of /v1/models/definitions",
    ),
    "models of definitions": (
        "- {name: Claude, identifier: claude, provider: Bedrock, deprecation: null}\n",
        f"{LIST}; it seems to be an answer of /v1/models/definitions",
    ),
    "LiteLLM's prices": (
        "bedrock/claude: {litellm_provider: bedrock, mode: chat, max_input_tokens: 200000}\n",
        f"{MAPPING}; it seems to be LiteLLM's model_prices_and_context_window.json",
    ),
    "models.dev": (
        "anthropic: {id: anthropic, npm: x, models: {claude: {id: claude, limit: {context: 200000}}}}\n",
        f"{MAPPING}; it seems to be the api.json of models.dev",
    ),
    "roster below a key": (f"models:\n{INDENTED}", f'{MAPPING}; it seems to be a roster below the key "models"'),
    "roster below its environment": (
        f"production:\n{INDENTED}",
        f'{MAPPING}; it seems to be a roster below the key "production"',
    ),
    "models by id": (
        f"claude:\n{INDENTED.replace('- ', '  ')}",
        f"{MAPPING}; it seems to be a mapping of models",
    ),
    "one model": (CLEAN.replace("- name", "name").replace("\n  ", "\n"), f"{MAPPING}; it seems to be a single model"),
    "list in a list": (f"-\n{INDENTED}", f"{LIST}; it seems to be a roster within another list"),
    "list of lists": ("- [Claude]\n- [Gemini]\n", f"{LIST}; it seems to be a list of lists"),
    "list of names": ("- Claude\n- Gemini\n", f"{LIST}; it seems to be a list of names"),
    "list of numbers": ("- 1\n- 2\n", f"{LIST}; it seems to be a list of values"),
    "list of nothing": ("-\n-\n", f"{LIST}; it seems to be a list of empty items"),
    "features": ((ROOT / "schemas/features.yaml").read_text(), f"{LIST}; it seems to be schemas/features.yaml"),
    "environments": ((ROOT / "env/environments.yaml").read_text(), f"{LIST}; it seems to be env/environments.yaml"),
    "artifact in JSON": (
        json.dumps([{"name": "GitLab: Claude", "id": "claude", "release_state": "GA", "features": ["duo_chat"]}]),
        f"{LIST}; it seems to be the artifact offered_models.json",
    ),
    "answer of an API": (
        json.dumps({"object": "list", "data": [{"id": "gpt"}]}),
        f"{MAPPING}; it seems to be an answer of an API that lists models",
    ),
    "HTML": (
        "<!DOCTYPE html>\n<html><body class='x'>Sign in: a: b</body></html>\n",
        f"{TEXT}; it seems to be an HTML page, perhaps a sign-in page",
    ),
    "unknown mapping": ("colors: {red: 1}\nsize: 2\n", f'{MAPPING} with the keys "colors", "size"'),
    "empty mapping": ("{}\n", MAPPING),
    "text": ("Claude\n", TEXT),
    "number": ("42\n", "the file must be a list, not a number"),
    "true": ("true\n", "the file must be a list, not true"),
    "nothing": ("", "the file is empty"),
    "comment": ("# later\n", "the file is empty"),
    "null": ("null\n", "the file is empty"),
    "empty list": ("[]\n", "the roster has no models"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_file_that_is_no_roster_is_one_finding(case: str):
    text, message = FOREIGN[case]
    assert [finding.message for finding in checked(text).diagnostics] == [message]


def test_file_of_an_importable_format_has_the_command_as_hint():
    for case, format_name in (
        ("LiteLLM configuration", "litellm"), ("models.yml", "gitlab-gateway"), ("definitions", "definitions"),
        ("unit_primitives.yml", "gitlab-gateway"),
    ):  # fmt: skip
        (finding,) = checked(FOREIGN[case][0]).diagnostics
        assert finding.hint.startswith(f"run roster import {format_name} "), case


def test_secret_in_foreign_file_is_reported():
    token = "gl" + "pat-x9Kq2LmN7pRt4VwY8zBc"
    assert [finding.rule for finding in reported(f"model_list:\n- api_key: {token}\n")] == [
        "wrong-type",
        "secret-in-roster",
    ]


def test_models_with_other_mistakes_are_a_roster():
    for text in (f"{CLEAN}- Gemini\n", f"{CLEAN}- []\n", f"{CLEAN}-\n", "- nmae: Claude\n  identifer: a/b-1\n"):
        assert all(finding.span.line > 1 or finding.rule != "wrong-type" for finding in checked(text).diagnostics), text
