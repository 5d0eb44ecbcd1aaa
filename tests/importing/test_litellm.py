"""The format litellm: a configuration of LiteLLM's proxy."""

from datetime import date
from typing import Any

import pytest
import yaml

from roster.check.loading import load_registries
from roster.importing.interface import Context, Imported
from roster.importing.litellm.conversion import convert
from roster.importing.report import Outcome
from roster.importing.source import Source, SourceError
from roster.publishing.sequence import Publication
from roster.render import litellm_config
from roster.repository import Repository
from roster.roster import Roster
from tests.conftest import ROOT

DAY = date(2026, 6, 15)
REGISTRIES = load_registries(Repository(ROOT))
CONFIGURATION = """\
model_list:
  - model_name: sonnet
    litellm_params:
      model: vertex_ai/claude-sonnet-4-6
      vertex_project: os.environ/VERTEX_PROJECT
      vertex_location: us-east5
      vertex_credentials: os.environ/VERTEX_CREDENTIALS
      weight: 3
    model_info: {max_input_tokens: 200000, max_output_tokens: 64000, supports_function_calling: true, mode: chat}
  - model_name: sonnet
    litellm_params:
      model: bedrock/us.anthropic.claude-sonnet-4-6-v1:0
      aws_region_name: us-west-2
      aws_access_key_id: os.environ/AWS_ACCESS_KEY_ID
      weight: 1
  - model_name: gpt
    litellm_params: {model: gpt-5, api_key: os.environ/OPENAI_API_KEY, rpm: 600, temperature: 0.0}
    model_info: {deprecation_date: "2027-03-01", base_model: gpt-5}
  - model_name: deployment
    litellm_params:
      model: azure/my-gpt-5
      api_base: os.environ/AZURE_API_BASE
      api_key: os.environ/AZURE_API_KEY
  - model_name: codestral
    litellm_params:
      {model: codestral-2508, custom_llm_provider: fireworks_ai, api_key: os.environ/AIGW_PROVIDER_FIREWORKS_API_KEY}
  - {model_name: "openai/*", litellm_params: {model: "openai/*"}}
router_settings:
  routing_strategy: simple-shuffle
  model_group_alias:
    {duo_chat: sonnet, code_completions: {model: codestral, hidden: true}, old_sonnet: sonnet, gpt: sonnet, ghost: x}
general_settings: {master_key: os.environ/LITELLM_MASTER_KEY}
"""


def imported(text: str, *features: str) -> Imported:
    return convert([Source("config.yaml", text.encode())], Context(REGISTRIES, "production", DAY, features))


def models_of(text: str, *features: str) -> dict[str, dict[str, Any]]:
    return {model["id"]: dict(model) for model in imported(text, *features).models}


def test_deployments_of_one_name_are_models_with_shares_of_its_feature():
    models = models_of(CONFIGURATION)
    assert {id_: model.get("default_for") for id_, model in models.items()} == {
        "sonnet": {"duo_chat": 75},
        "sonnet_bedrock": {"duo_chat": 25},
        "gpt": None,
        "deployment": None,
        "codestral": ["code-completion"],
    }
    assert models["sonnet"]["features"] == ["duo_chat"]
    assert [models["sonnet"].get("aliases"), models["sonnet_bedrock"].get("aliases")] == [["old_sonnet"], None]


NAMES = """\
model_list:
- {model_name: gpt-4.1, litellm_params: {model: openai/gpt-4.1-2025-04-14}}
- {model_name: gpt-4.1, litellm_params: {model: azure/b, api_base: "https://b.openai.azure.com"}}
- {model_name: meta/Llama 3, litellm_params: {model: groq/llama-3-70b}}
- {model_name: duo_chat, litellm_params: {model: groq/llama-3-8b}}
router_settings: {model_group_alias: {gpt-4.1-latest: gpt-4.1, old: gpt-4.1, code_completions: meta/Llama 3}}
"""


def test_names_that_are_no_ids_still_lead_to_the_model():
    models = imported(NAMES, "duo_chat").models
    assert {each["id"]: (each["display_name"], each.get("aliases"), each.get("gateway")) for each in models} == {
        "gpt_4_1": ("gpt-4.1", ["old"], {"model_group_alias": ["gpt-4.1", "gpt-4.1-latest"]}),
        "gpt_4_1_azure": ("gpt_4_1_azure", None, {"model_name": "gpt-4.1"}),
        "meta_llama_3": ("meta/Llama 3", None, {"model_group_alias": ["meta/Llama 3"]}),
        "llama-3-8b": ("llama-3-8b", None, None),
    }
    content = yaml.safe_load(
        litellm_config.render(Roster.of("", "production", [*models]), DAY, Publication("", 1), REGISTRIES)
    )
    names = {"gpt-4.1", "gpt-4.1-latest", "old", "meta/Llama 3", "duo_chat"}
    assert names <= content["router_settings"]["model_group_alias"].keys()


def test_ids_of_deployments_are_unique():
    models = [("duo_chat", "openai/m-1"), ("duo_chat", "groq/m-1"), ("a b", "openai/x"), ("a b", "groq/x")]
    models += [("a_b_groq", "openai/y")]
    items = (f"- {{model_name: {name}, litellm_params: {{model: {model}}}}}\n" for name, model in models)
    assert list(models_of("model_list:\n" + "".join(items))) == ["a_b", "a_b_2", "a_b_groq", "m-1", "m-1-groq"]


def test_deployment_with_weight_zero_is_no_default():
    models = models_of(CONFIGURATION.replace("weight: 1", "weight: 0"))
    assert models["sonnet"]["default_for"] == ["duo_chat"]
    assert (models["sonnet_bedrock"]["features"], models["sonnet_bedrock"].get("default_for")) == (["duo_chat"], None)


def test_family_is_in_the_name_of_the_model_or_of_what_it_is_based_on():
    for model, more, family in (
        ("vertex_ai/gpt-oss-120b", "", "gpt"),
        ("openrouter/qwen/qwen3-coder", "", "qwen"),
        ("azure/chat", ", model_info: {base_model: azure/gpt-5}", "gpt_5"),
        ("azure/chat", "", "base"),
    ):
        params = f"{{model: {model}, api_base: https://models.example.com}}"
        text = f"model_list:\n- {{model_name: a, litellm_params: {params}{more}}}\n"
        assert models_of(text)["a"]["family"] == family, model


BALANCED = """\
model_list:
- {model_name: gpt-4o, litellm_params: {model: azure/eu, api_base: "https://eu.openai.azure.com", weight: 2}}
- {model_name: gpt-4o, litellm_params: {model: azure/ca, api_base: "https://ca.openai.azure.com", weight: 1}}
- {model_name: gpt-4.1, litellm_params: {model: groq/gpt-1}}
- {model_name: gpt-4.1, litellm_params: {model: cerebras/gpt-1}}
"""


def test_name_keeps_its_deployments_and_weights():
    def deployments(text: str) -> list[tuple[str, str, Any]]:
        items = [(each["model_name"], each["litellm_params"]) for each in yaml.safe_load(text)["model_list"]]
        return [(name, params["model"], params.get("weight")) for name, params in items]

    text, results = BALANCED, []
    for _ in range(2):  # the rendered configuration is the same after an import
        models = imported(text, "duo_chat").models
        text = litellm_config.render(
            Roster.of("", "production", [*models]), DAY, Publication("", 1), REGISTRIES
        ).decode()
        results.append(deployments(text))
    assert results[0] == results[1]
    assert results[0] == [
        ("gpt-4o", "azure/eu", 2),
        ("gpt-4o-azure", "azure/ca", 1),
        ("gpt_4_1", "groq/gpt-1", None),
        ("gpt_4_1_cerebras", "cerebras/gpt-1", None),
        ("gpt-4o", "azure/ca", 1),
        ("gpt_4_1", "cerebras/gpt-1", None),
    ]


def test_included_files_are_reported():
    lines = imported(CONFIGURATION + "include: [more.yaml]\n").report.lines(Outcome.NOT_CARRIED)
    assert ("include",) in [line.subjects for line in lines if line.reason.startswith("included files are not read")]


def test_model_has_identifier_endpoint_and_key_of_its_provider():
    models = models_of(CONFIGURATION)
    assert {
        id_: tuple(model.get(key) for key in ("identifier", "endpoint", "api-key")) for id_, model in models.items()
    } == {
        "sonnet": ("vertex_ai/claude-sonnet-4-6", "https://us-east5-aiplatform.googleapis.com/v1", None),
        "sonnet_bedrock": (
            "bedrock/us.anthropic.claude-sonnet-4-6-v1:0", "https://bedrock-runtime.us-west-2.amazonaws.com", None
        ),
        "gpt": ("openai/gpt-5", None, None),
        "deployment": ("azure/my-gpt-5", "https://<AZURE_API_BASE>", "AIGW_MODEL_DEPLOYMENT_API_KEY"),
        "codestral": ("fireworks_ai/codestral-2508", None, None),
    }  # fmt: skip


def test_endpoint_is_that_of_the_region_or_address_in_the_file():
    for params, endpoint in {
        "aws_region_name: os.environ/AWS_REGION": "https://bedrock-runtime.<AWS_REGION>.amazonaws.com",
        "aws_region_name: eu-west-1, api_base: ''": "https://bedrock-runtime.eu-west-1.amazonaws.com",
        "aws_region_name: us-east-1, aws_bedrock_runtime_endpoint: https://vpc.example.com": "https://vpc.example.com",
        "api_base: os.environ/BASE, aws_bedrock_runtime_endpoint: https://vpc.example.com": "https://<BASE>",
    }.items():
        text = f"model_list:\n- {{model_name: a, litellm_params: {{model: bedrock/meta.llama-1, {params}}}}}\n"
        assert models_of(text)["a"]["endpoint"] == endpoint, params


def test_limits_have_their_own_keys_and_other_values_are_passed_through():
    models = models_of(CONFIGURATION)
    assert (
        models["sonnet"]
        | {
            "context_window": 200000,
            "max_output_tokens": 64000,
            "capabilities": ["tools"],
            "gateway": {
                "litellm_params": {"vertex_project": "os.environ/VERTEX_PROJECT", "weight": 3},
                "model_info": {"mode": "chat"},
            },
        }
        == models["sonnet"]
    )
    assert models["gpt"]["gateway"] == {
        "litellm_params": {"rpm": 600, "temperature": 0.0}, "model_info": {"base_model": "gpt-5"},
    }  # fmt: skip
    assert models["gpt"]["retirement"] == {"notice": "2026-06-15", "last_day": "2027-03-01"}


READ_AS_LITELLM_DOES = """\
%YAML 1.1
---
model_list:
- model_name: a
  litellm_params:\t# tabs
    model: !!str "openai/a-1"
    api_key:\tos.environ/OPENAI_API_KEY
    input_cost_per_token: 0.000003
    output_cost_per_token: 8.900000000000001e-07
...
"""


def test_file_is_read_as_litellm_reads_it():
    prices = {"input_cost_per_token": 3e-06, "output_cost_per_token": 8.900000000000001e-07}
    assert models_of(READ_AS_LITELLM_DOES)["a"]["gateway"] == {"litellm_params": prices}
    for text, message in {
        "%YAML 2.0\n---\n": "config.yaml:1:1: YAML directives are not allowed; remove this line",
        "x: !ENV HOME\n": "config.yaml:1:4: this looks like a template or a reference, which nothing replaces; write",
        "x: !!binary aGk=\n": "config.yaml:1:4: tags are not allowed; remove the tag",
        "<<: {a: *b}\n": 'config.yaml:1:9: there is no anchor "&b" above this alias; put it in quotes',
        "x: a\n\ty: b\n": "config.yaml:2:1: a tab cannot indent a line; use spaces",
        "x: .inf\n": "config.yaml:1:4: YAML parsers read the number .inf differently; put it in quotes or remove it",
    }.items():
        with pytest.raises(SourceError) as raised:
            imported(text + MODEL)
        assert str(raised.value).startswith(message), text


def test_text_that_stands_for_no_key_is_not_carried():
    result = imported(MODEL + "    api_base: https://vllm.example.com\n    api_key: none\n")
    assert result.models[0]["api-key"] == "AIGW_MODEL_A_API_KEY"
    assert "litellm_params.api_key" in [line.key for line in result.report.lines(Outcome.NOT_CARRIED)]


def test_report_says_what_is_not_carried():
    lines = list(imported(CONFIGURATION).report.lines(Outcome.NOT_CARRIED))
    assert {(line.key or line.noun, line.subjects) for line in lines} == {
        ("setting", ("general_settings", "router_settings.routing_strategy")),
        ("model_name", ("openai/*",)),
        ("router_settings.model_group_alias", ("gpt",)),
        ("router_settings.model_group_alias", ("ghost",)),
        ("litellm_params.vertex_credentials", ("sonnet",)),
        ("litellm_params.aws_access_key_id", ("sonnet_bedrock",)),
        ("model", ("gpt", "deployment")),
    }


def test_option_gives_features_to_all_models():
    models = models_of(CONFIGURATION, "code-generation")
    assert models["sonnet"]["features"] == ["duo_chat", "code-generation"]
    assert models["gpt"]["features"] == ["code-generation"]


def entry(name: str, **keys: Any) -> dict[str, Any]:
    return {
        "name": name,
        "identifier": f"openai/{name}-1",
        "api-key": f"AIGW_MODEL_{name.upper()}_API_KEY",
        "endpoint": "https://models.example.com/v1",
        "release_state": "GA",
        "family": "base",
        "features": ["duo_chat"],
        "id": name,
        "display_name": name,
    } | keys


RENDERED = {
    "one default": [entry("one", default_for=["duo_chat"]), entry("two")],
    "two defaults": [entry("one", default_for={"duo_chat": 70}), entry("two", default_for={"duo_chat": 30})],
    "limits": [entry("one", context_window=1000, max_output_tokens=10, capabilities=["tools"], aliases=["old"])],
    "region": [
        entry("one", identifier="bedrock/a.b-1", endpoint="https://bedrock-runtime.eu-west-1.amazonaws.com"),
    ],
    "imported": [entry("one", gateway={"litellm_params": {"rpm": 6, "x": [0.5]}, "model_info": {"y": {"z": "on"}}})],
    "retiring": [
        entry("one", retirement={"notice": "2026-06-15", "last_day": "2026-12-01", "replacement": "two"}),
        entry("two"),
    ],
}  # fmt: skip


def test_rendered_configuration_is_the_same_after_an_import():
    publication = Publication("", 1)
    for case, entries in RENDERED.items():
        data = litellm_config.render(Roster.of("", "production", entries), DAY, publication)
        models = imported(data.decode(), "duo_chat").models
        again = litellm_config.render(Roster.of("", "production", models), DAY, publication)
        assert yaml.safe_load(again) == yaml.safe_load(data), case


def test_imported_configuration_keeps_aliases_and_weights():
    models = [*imported(CONFIGURATION, "duo_chat").models]
    data = litellm_config.render(Roster.of("", "production", models), DAY, Publication("", 1), REGISTRIES)
    content = yaml.safe_load(data)
    weights = [
        (each["litellm_params"]["model"], each["litellm_params"].get("weight"))
        for each in content["model_list"]
        if each["model_name"] == "duo_chat"
    ]
    assert weights == [("vertex_ai/claude-sonnet-4-6", 75), ("bedrock/us.anthropic.claude-sonnet-4-6-v1:0", 25)]
    assert content["router_settings"]["model_group_alias"] == {"code-completion": "codestral", "old_sonnet": "sonnet"}


REFERENCE_REQUIRED = (
    "must be a reference such as os.environ/NAME, because a roster contains no credentials (the value is not shown); "
    "if the server needs no key, write none"
)
MODEL = "model_list:\n- model_name: a\n  litellm_params:\n    model: openai/a-1\n"
INVALID = {
    "a literal key": (
        MODEL + "    api_key: hunter2hunter2\n",
        f"config.yaml:5:14: api_key {REFERENCE_REQUIRED}",
    ),
    "a key of another kind": (
        MODEL + "    aws_secret_access_key: hunter2hunter2\n",
        f"config.yaml:5:28: aws_secret_access_key {REFERENCE_REQUIRED}",
    ),
    "no name": ("model_list:\n- {}\n", "config.yaml:2:3: a model needs a model_name, as text"),
    "no identifier": (
        "model_list:\n- model_name: a\n",
        'config.yaml:2:3: the model "a" has no identifier: it needs litellm_params.model, as text',
    ),
    "an unknown provider": (
        MODEL.replace("openai/", "opnai/"),
        'config.yaml:4:12: the provider "opnai" of "opnai/a-1" is unknown: did you mean "openai"?',
    ),
    "names that become one id": (
        f"{MODEL}- model_name: A\n  litellm_params: {{model: openai/b-1}}\n",
        'model_name "a" and "A" both become the id "a": rename one of them',
    ),
    "a variable instead of an identifier": (
        MODEL.replace("openai/a-1", "os.environ/NAME"),
        'config.yaml:4:12: "os.environ/NAME" is a variable: write the identifier that it has',
    ),
    "only patterns": (
        MODEL.replace("openai/a-1", "openai/*"),
        "config.yaml:2:1: model_list has only patterns, and a roster has no patterns: list each model",
    ),
    "no models": ("model_list: []\n", "config.yaml:1:13: model_list is empty"),
    "values of a Helm chart": (
        "proxy_config:\n  model_list: []\n",
        (
            'config.yaml is not a LiteLLM proxy configuration: its list "model_list" is below "proxy_config": put what '
            "is there into a file of its own"
        ),
    ),
    "another format": (
        "models:\n- gitlab_identifier: a\n",
        "config.yaml is not a LiteLLM proxy configuration: it seems to be the AI gateway's models.yml",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", INVALID)
def test_invalid_configuration_is_rejected_in_one_sentence(case: str):
    text, message = INVALID[case]
    with pytest.raises(SourceError) as raised:
        imported(text)
    assert str(raised.value) == message
