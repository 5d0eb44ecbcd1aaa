"""The format definitions: what a gateway serves at /v1/models/definitions, and its download."""

import json
from datetime import date
from typing import Any

import pytest
import yaml

from roster.findings import ConfigurationError
from roster.importing.definitions.conversion import convert
from roster.importing.definitions.download import VARIABLES, download_with
from roster.importing.interface import Context, Imported
from roster.importing.report import Outcome
from roster.importing.source import Source, SourceError
from roster.roster import Roster
from tests.accept.test_accept_definitions import gitlab, gitlab_feature, gitlab_model
from tests.conftest import ROOT
from tests.download.download_helpers import CANARY, RecordedPauses
from tests.download.scripted_server import ScriptedServer, answer, ok
from tests.importing.test_litellm import DAY, REGISTRIES
from tests.render.test_artifacts import CLAUDE, GEMINI, rendered

MODELS_YML = {
    "models": [
        {"name": "S", "gitlab_identifier": "sonnet", "model_class_provider": "anthropic", "params": {"model": "s-45"}},
        {"name": "S", "gitlab_identifier": "sonnet_vertex", "model_class_provider": "litellm",
         "params": {"model": "s@45", "custom_llm_provider": "vertex_ai"}},
        {"name": "H", "gitlab_identifier": "haiku", "model_class_provider": "litellm",
         "params": {"model": "bedrock/h-45"}},
        {"name": "Template", "gitlab_identifier": "self_hosted", "params": {"model": "x"}},
    ]
}  # fmt: skip
LITELLM = {
    "model_list": [
        {"model_name": id_, "litellm_params": {"model": f"openai/{id_}-1"}}
        for id_ in ("sonnet", "sonnet_vertex", "haiku")
    ]
}


def imported(content: Any, *others: Any, today: date = DAY) -> Imported:
    sources = [Source("definitions.json", json.dumps(content).encode())]
    sources += [Source("second.yml", yaml.safe_dump(each).encode()) for each in others]
    return convert(sources, Context(REGISTRIES, "production", today))


def models_of(content: Any, *others: Any) -> dict[str, dict[str, Any]]:
    return {model["id"]: dict(model) for model in imported(content, *others).models}


def test_definitions_of_gitlab_gateway_become_a_roster():
    models = models_of(gitlab())
    assert models["sonnet"] == {
        "name": "Claude Sonnet 4.5",
        "identifier": "anthropic/<sonnet>",
        "release_state": "GA",
        "release_state_for": {"summarize_mr_review": "EXPERIMENT"},
        "default_for": {"duo_chat": 50},
        "features": ["duo_chat", "summarize_mr_review"],
        "family": "claude",
        "id": "sonnet",
        "display_name": "Claude Sonnet 4.5",
        "description": "For every day",
        "provider": "Anthropic",
        "cost_indicator": "$$",
    }
    assert models["haiku"]["release_state_for"] == {"brand_new": "EXPERIMENT"}
    assert models.keys() == {"sonnet", "sonnet_vertex", "haiku"}


def test_models_without_a_feature_and_pseudo_models_are_not_carried():
    lines = list(imported(gitlab()).report.lines(Outcome.NOT_CARRIED))
    assert ("models", ("self_hosted",)) in [(line.key, line.subjects) for line in lines]
    assert ("models", ("__default__duo_chat",)) in [(line.key, line.subjects) for line in lines]


def test_unknown_feature_is_registered():
    (entry,) = imported(gitlab()).registries["schemas/features.yaml"]
    assert (entry["name"], entry["unit_primitives"]) == ("brand_new", ["ask_build"])


def test_first_default_has_the_largest_share():
    content = gitlab()
    content["unit_primitives"][0]["default_models"] = ["sonnet_vertex", "sonnet"]
    models = models_of(content)
    assert [models[id_]["default_for"]["duo_chat"] for id_ in ("sonnet", "sonnet_vertex")] == [49, 51]


def test_weights_of_defaults_are_shares_of_the_models_that_are_carried():
    for defaults, expected in (
        ({"sonnet": 80, "sonnet_vertex": 20}, [80, 20]),
        ({"sonnet": 1, "sonnet_vertex": 3}, [25, 75]),
        ({"sonnet_vertex": 0.5, "sonnet": 0.5}, [49, 51]),  # the first default of the file remains the first
        ({"sonnet": 30, "sonnet_vertex": 30, "unknown": 40}, [50, 50]),
    ):
        content, own = gitlab(), gitlab()
        weights = [{"identifier": id_, "weight": weight} for id_, weight in defaults.items()]
        content["unit_primitives"][0]["default_models"] = weights
        own["unit_primitives"][0] |= {"default_shares": defaults}
        models = models_of(content)
        assert [models[id_]["default_for"]["duo_chat"] for id_ in ("sonnet", "sonnet_vertex")] == expected
        if all(isinstance(share, int) for share in defaults.values()):
            models = models_of(own)
            assert [models[id_]["default_for"]["duo_chat"] for id_ in ("sonnet", "sonnet_vertex")] == expected


def test_identifiers_come_from_a_second_file():
    for second, expected in (
        (MODELS_YML, ["anthropic/s-45", "vertex_ai/s@45", "bedrock/h-45"]),
        (LITELLM, ["openai/sonnet-1", "openai/sonnet_vertex-1", "openai/haiku-1"]),
    ):
        assert [model["identifier"] for model in models_of(gitlab(), second).values()] == expected


def test_removal_version_becomes_the_day_of_the_release():
    content = gitlab()
    ending = {"deprecation_date": "2026-06-01", "removal_version": "19.7"}  # of December 2026
    content["models"][1]["deprecation"] = ending
    content["unit_primitives"][1]["deprecated_models"] = [{"identifier": "haiku"} | ending]
    models = models_of(content)
    assert models["sonnet_vertex"]["retirement"] == {"notice": "2026-06-01", "last_day": "2026-12-17"}
    assert models["haiku"]["retirement"]["features"] == ["summarize_mr_review"]


def test_own_definitions_are_the_same_after_an_import():
    over = {"notice": "2026-06-01", "last_day": "2026-12-01", "replacement": "gemini_pro"}
    claude = CLAUDE | {"provider": "Bedrock", "description": "Balanced", "cost_indicator": "$$", "retirement": over}
    for entries in (
        [claude, GEMINI],
        [claude | {"retirement": over | {"features": ["duo_chat"]}}, GEMINI | {"release_state": "EXPERIMENT"}],
        [claude | {"release_state": "BETA"}, GEMINI | {"default_for": ["summarize_mr_review"]}],
        [
            claude
            | {
                "release_state_for": {"duo_chat": "BETA"},
                "default_for": {"duo_chat": 70},
                "aliases": ["sonnet"],
                "context_window": 200000,
                "capabilities": ["tools"],
                "processed_in": ["us"],
                "data_retention_days": 0,
                "documentation": "https://docs.example.com/claude",
            },
            GEMINI | {"features": ["duo_chat"], "default_for": {"duo_chat": 30}},
        ],
    ):
        content = rendered("definitions", *entries)
        assert rendered("definitions", *map(dict, imported(content).models)) == content


def test_placeholders_are_the_only_invalid_values():
    models = [dict(model) for model in imported(gitlab()).models]
    assert all(model.identifier and "<" in model.identifier for model in Roster.of("", "production", models))


def test_invalid_definitions_are_rejected_in_one_sentence():
    model, feature = gitlab_model("a", "A", None), gitlab_feature("duo_chat", selectable_models=["a"])
    for models, features, message in (
        ([model, model], [feature], 'two models have the identifier "a"'),
        ([{"name": "A"}], [feature], "a model needs an identifier, as text"),
        ([model | {"name": ""}], [feature], 'the model "a" needs a name, as text'),
        ([model], [{}], "a feature needs a feature_setting, as text"),
    ):
        with pytest.raises(SourceError) as raised:
            imported({"models": models, "unit_primitives": features})
        assert str(raised.value).startswith("definitions.json:1:")
        assert str(raised.value).partition(": ")[2] == message


def test_files_of_other_formats_are_rejected():
    for files, message in (
        ([MODELS_YML], "definitions.json is not an answer of /v1/models/definitions: "),
        ([gitlab(), {"models": []}], 'the model "sonnet" has no identifier: second.yml does not have it'),
        ([gitlab(), {"x": []}], "second.yml has no identifiers: it must be the AI gateway's models.yml or a LiteLLM"),
    ):
        with pytest.raises(SourceError) as raised:
            imported(*files)
        assert str(raised.value).startswith(message)


def download(origin: str, **variables: str) -> bytes:
    environ = {f"ROSTER_IMPORT_{name}": value for name, value in variables.items()}
    return download_with(origin, environ, RecordedPauses().timing())


def test_definitions_are_downloaded_with_the_token():
    with ScriptedServer(ok(b"{}"), ok(b"{}")) as server:
        assert download(server.origin, TOKEN=CANARY) == b"{}"
        assert download(f"{server.origin}/other") == b"{}"
    first, second = server.requests
    assert [first.path, second.path] == ["/v1/models/definitions", "/other"]
    assert first.headers["authorization"] == f"Bearer {CANARY}"
    assert "authorization" not in second.headers


def test_failed_download_is_one_sentence_without_the_token():
    for status, token, message in (
        ("404 Not Found", CANARY, "the source answered 404"),
        ("401 Unauthorized", CANARY, "; check the token in ROSTER_IMPORT_TOKEN"),
        ("401 Unauthorized", "", "; set ROSTER_IMPORT_TOKEN to a token for the gateway"),
    ):
        with ScriptedServer(answer(status)) as server, pytest.raises(SourceError) as raised:
            download(server.origin, **({"TOKEN": token} if token else {}))
        assert message in str(raised.value), status
        assert str(raised.value).startswith(f"{server.origin}/v1/models/definitions cannot be downloaded: ")
        assert CANARY not in str(raised.value)


def test_invalid_url_and_token_are_rejected_without_a_request():
    for url, token in (
        ("http://gateway.example.com", "x"),
        ("https://me:secret@a.example", "x"),
        ("https://a.b", "a b"),
    ):
        with pytest.raises(ConfigurationError) as raised:
            download(url, TOKEN=token)
        assert "secret" not in str(raised.value)


def test_variables_are_documented():
    documentation = (ROOT / "docs/importing.md").read_text()
    for name, variable in VARIABLES.items():
        default = f"`{variable.default}`" if variable.default else ""
        assert f"| `{name}` | {default} | {variable.description} |\n" in documentation
