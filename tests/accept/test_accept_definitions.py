"""Acceptance of definitions: those of this gateway and of GitLab's get the same shape; contradictions are rejected."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from roster.accept.acceptance import accept
from roster.accept.accepted_list import AcceptedList, AcceptedModel, DownloadKind, Tombstone
from roster.accept.child_process import accept_in_child_process
from roster.check.loading import load_schema
from roster.download.rejection import Rejected
from roster.repository import Repository
from tests.accept.example_downloads import CRITERIA, KINDS, as_bytes, rendered
from tests.accept.test_accept_any_bytes import positions, values
from tests.conftest import ROOT
from tests.render.test_artifacts import CLAUDE, GEMINI
from tests.render.test_artifacts import rendered as rendered_artifact

READS: frozenset[DownloadKind] = frozenset({"definitions", "offered_models"})
INSTANCE = CRITERIA._replace(kinds=READS)
DEFINITIONS = rendered("definitions")
SCHEMA = load_schema(Repository(ROOT), "schemas/definitions.schema.json")


def definitions() -> Any:
    return json.loads(DEFINITIONS)


def gitlab_model(identifier: str, name: str, provider: str | None, **more: Any) -> dict[str, Any]:
    texts = {"deprecation": None, "description": "For every day", "cost_indicator": "$$"}
    return {"name": name, "identifier": identifier, "provider": provider} | texts | more


def gitlab_feature(setting: str, **lists: Any) -> dict[str, Any]:
    models: dict[str, Any] = {"default_model": None, "default_models": [], "selectable_models": [], "beta_models": []}
    others: dict[str, Any] = {
        "deprecated_models": [],
        "dev": None,
        "unit_primitives": ["ask_build"],
        "models_for_tags": {},
    }
    return {"feature_setting": setting} | models | others | lists


def gitlab() -> dict[str, Any]:
    """Return definitions of GitLab's gateway: without the additional keys, and with an unknown one."""
    ending = {"deprecation_date": "2025-10-24", "removal_version": "18.8"}
    chosen = ["__default__duo_chat", "sonnet", "sonnet_vertex"]
    return {
        "models": [
            gitlab_model("sonnet", "Claude Sonnet 4.5 - Anthropic", "Anthropic"),
            gitlab_model("sonnet_vertex", "Claude Sonnet 4.5 - Vertex", "Vertex", deprecation=ending),
            gitlab_model("haiku", "Claude Haiku", None, description=None, cost_indicator=None),
            gitlab_model("self_hosted", "Any model", None),
            gitlab_model("__default__duo_chat", "Claude Sonnet 4.5", None),
        ],
        "unit_primitives": [
            gitlab_feature(
                "duo_chat",
                default_model="__default__duo_chat",
                default_models=["sonnet", "sonnet_vertex"],
                selectable_models=chosen,
                deprecated_models=[{"identifier": "sonnet"} | ending | {"deprecation_date": "soon"}],
            ),
            gitlab_feature("summarize_review", beta_models=["haiku"], dev={"selectable_models": ["haiku", "sonnet"]}),
            gitlab_feature("brand_new", dev={"selectable_models": ["haiku"], "group_ids": [9970]}),
        ],
    }


def accepted(body: bytes, current: AcceptedList | None = None, **criteria: Any) -> AcceptedList:
    return accept(body, INSTANCE._replace(**criteria), current)


def rejection(body: bytes, current: AcceptedList | None = None, **criteria: Any) -> Rejected:
    with pytest.raises(Rejected) as rejected:
        accepted(body, current, **criteria)
    return rejected.value


def test_own_definitions_match_artifact():
    served, artifact = accepted(DEFINITIONS), accept(KINDS["gateway"], CRITERIA, None)
    assert served.kind == "definitions"
    assert (served.offered_models, served.list_bytes) == (artifact.offered_models, artifact.list_bytes)
    assert (served.defaults, served.retired) == (artifact.defaults, artifact.retired)
    assert json.loads(served.definitions) == definitions()
    assert (served.deployments, served.environment, served.sequence) == ({}, None, None)


def test_provider_is_removed_from_name():
    content = definitions()
    content["models"][0] |= {"name": "GitLab: Claude - Bedrock", "provider": "Bedrock"}
    assert accepted(as_bytes(content)).offered_models[0].name == "GitLab: Claude"


def test_definitions_of_gitlab_gateway_are_accepted():
    served = accepted(as_bytes(gitlab()))
    assert served.offered_models == (
        AcceptedModel("Claude Sonnet 4.5", "sonnet", "GA", ("duo_chat", "summarize_mr_review")),
        AcceptedModel("Claude Sonnet 4.5", "sonnet_vertex", "GA", ("duo_chat",)),
        AcceptedModel("Claude Haiku", "haiku", "BETA", ("summarize_mr_review", "brand_new")),
        AcceptedModel("Claude Sonnet 4.5", "__default__duo_chat", "GA", ("duo_chat",)),
    )
    assert served.defaults == {"duo_chat": "__default__duo_chat"}
    assert served.retired == ()


def test_missing_keys_of_gitlab_gateway_are_derived():
    completed = json.loads(accepted(as_bytes(gitlab())).definitions)
    features = [{key: each[key] for key in ("feature", "title", "category")} for each in completed["unit_primitives"]]
    assert features == [
        {"feature": "duo_chat", "title": "General Chat", "category": "duo_chat"},
        {"feature": "summarize_mr_review", "title": "Code Review Summary", "category": "duo_code_review"},
        {"feature": "brand_new", "title": "brand_new", "category": ""},
    ]
    no_version = {"removal_version": None, "replacement": None}
    assert completed["models"][1]["deprecation"] == {"deprecation_date": "2025-10-24"} | no_version
    assert completed["unit_primitives"][0]["deprecated_models"] == [
        {"identifier": "sonnet", "deprecation_date": None} | no_version
    ]
    assert completed["unit_primitives"][2]["dev"] == {"selectable_models": ["haiku"]}


@pytest.mark.parametrize(
    "body", [as_bytes(gitlab()), DEFINITIONS, KINDS["offered_models"]], ids=["GitLab", "toolkit", "list"]
)
def test_completed_definitions_are_accepted_again(body: bytes):
    first = accepted(body)
    SCHEMA.require_valid(first.definitions, "definitions.json")
    completed, second = json.loads(first.definitions), accepted(first.definitions)
    for key in ("models", "unit_primitives"):
        assert all(each.keys() == definitions()[key][0].keys() for each in completed[key])
    assert second.definitions == first.definitions
    assert (second.offered_models, second.defaults) == (first.offered_models, first.defaults)


@pytest.mark.parametrize("day", ["2025-10-24", "20251024"])
def test_dates_are_normalized(day: str):
    content = gitlab()
    content["models"][1]["deprecation"] = {"deprecation_date": day, "removal_version": day}
    (message,) = [each["deprecation"] for each in json.loads(accepted(as_bytes(content)).definitions)["models"][1:2]]
    assert message == {"deprecation_date": "2025-10-24", "removal_version": "2025-10-24", "replacement": None}


def test_first_of_several_defaults_is_used():
    content = gitlab()
    content["unit_primitives"][0]["default_model"] = None
    assert accepted(as_bytes(content)).defaults == {"duo_chat": "sonnet"}


@pytest.mark.parametrize("body", [as_bytes(gitlab()), DEFINITIONS], ids=["GitLab", "toolkit"])
def test_acceptance_works_in_child_process(body: bytes):
    expected = accepted(body)
    assert accept_in_child_process(body, INSTANCE, expected) == expected


def test_unknown_keys_are_removed():
    content = definitions()
    content |= {"notes": "new"}
    content["models"][0]["weight"] = content["unit_primitives"][0]["weight"] = content["retired"][0]["weight"] = 3
    assert json.loads(accepted(as_bytes(content)).definitions) == definitions()


CHANGES: dict[str, tuple[Callable[[Any], object], str]] = {
    "duplicate setting": (
        lambda content: content["unit_primitives"].append(content["unit_primitives"][0] | {"feature": "x"}),
        'the setting "code_completions" is duplicated',
    ),
    "duplicate feature": (
        lambda content: content["unit_primitives"].append(content["unit_primitives"][0] | {"feature_setting": "x"}),
        'the feature "code-completion" is duplicated',
    ),
    "feature without the model": (
        lambda content: content["models"][0]["features"].append("duo_chat"),
        '"claude" and the feature lists disagree about "duo_chat"',
    ),
    "selectable model without the feature": (
        lambda content: content["unit_primitives"][2]["selectable_models"].append("claude"),
        '"claude" and the feature lists disagree about "duo_chat"',
    ),
    "replacement that does not exist": (
        lambda content: content["models"][0].update(
            deprecation={"deprecation_date": "", "removal_version": None, "replacement": "llama"}
        ),
        '"claude" is deprecated, but its replacement "llama" is not another model of this list',
    ),
    "its own replacement": (
        lambda content: content["models"][0].update(
            deprecation={"deprecation_date": "", "removal_version": None, "replacement": "claude"}
        ),
        '"claude" is deprecated, but its replacement "claude" is not another model of this list',
    ),
    "retired and offered": (
        lambda content: content["retired"][0].update(id="mistral"), '"mistral" is retired, but still offered'
    ),
    "an invisible character in a title": (
        lambda content: content["unit_primitives"][0].update(title="Clau\u200bde"),
        "invisible character: U+200B zero width space [invisible-character]",
    ),
    "a title in another script": (
        lambda content: content["unit_primitives"][0].update(title="Сode"),
        '"Сode" contains look-alike letters [confusable-character]',
    ),
    "a secret in a title": (
        lambda content: content["unit_primitives"][0].update(title="glpat-x9Kq2LmN7pRt4VwY8zBc"),
        "this looks like a GitLab token, which must not be in a file [secret-in-roster]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
@pytest.mark.parametrize("ascii_only", [True, False], ids=["escaped", "raw"])
def test_contradictory_definitions_are_rejected(case: str, ascii_only: bool):
    change, message = CHANGES[case]
    content = definitions()
    change(content)
    rejected = rejection(json.dumps(content, ensure_ascii=ascii_only).encode())
    assert (rejected.reason, rejected.message) == ("rule-broken", message)


INVALID: dict[str, tuple[dict[str, Any], str]] = {
    "two spaces": ({"name": "GitLab:  Claude"}, '"display_name" has two spaces in a row [stray-whitespace]'),
    "an invisible character": (
        {"description": "Clau\u200bde"},
        "invisible character: U+200B zero width space [invisible-character]",
    ),
    "a letter of another script": (
        {"description": "Like Сlaude"},
        '"Сlaude" contains look-alike letters [confusable-character]',
    ),
    "a secret": (
        {"description": "glpat-x9Kq2LmN7pRt4VwY8zBc"},
        "this looks like a GitLab token, which must not be in a file [secret-in-roster]",
    ),
    "a long provider": ({"provider": "a" * 101}, '"provider" is too long: it has more than 100 characters'),
    "a name that is a number": ({"name": 7}, '"name" is invalid; expected: a name on one line'),
    "an unknown cost": (
        {"cost_indicator": "cheap"},
        '"cost_indicator" is invalid; expected: $',
    ),
}


@pytest.mark.parametrize("case", INVALID)
@pytest.mark.parametrize("ascii_only", [True, False], ids=["escaped", "raw"])
def test_invalid_model_is_left_out_and_named(case: str, ascii_only: bool):
    changes, message = INVALID[case]
    content = definitions()
    content["models"][0] |= changes
    served = accepted(json.dumps(content, ensure_ascii=ascii_only).encode())
    assert [each.id for each in served.offered_models] == ["gemini", "mistral"]
    assert served.defaults == {"duo_chat": "gemini"}
    assert served.left_out[0].startswith(f'the model "claude" is left out: {message}')
    assert "claude" not in served.definitions.decode()


ODD_IDS = ["qwen2.5-coder-7b", "a.b", "x--y", "-x", "A", "é", "", " ", "a/b", "a" * 151, 7, None, ["a"], {}]


def test_unused_model_is_left_out_before_it_is_validated():
    content, expected = gitlab(), accepted(as_bytes(gitlab()))
    for id_ in ODD_IDS:
        content["models"].append({"identifier": id_, "name": "Сlaude", "key": "glpat-x9Kq2LmN7pRt4VwY8zBc"})
    content["models"] += [7, None, "a", [], {"identifier": "x-y", "description": "\u200b" * 2000}]
    content["unit_primitives"][0]["deprecated_models"].append({"identifier": "x-y"})
    content["models"][0]["deprecation"] = {"deprecation_date": None, "removal_version": None, "replacement": "a.b"}
    served = accepted(as_bytes(content))
    assert (served.offered_models, served.defaults, served.left_out) == (expected.offered_models, expected.defaults, ())


@pytest.mark.parametrize("id_", [each for each in ODD_IDS if isinstance(each, str)])
def test_used_model_with_invalid_id_is_left_out_and_named(id_: str):
    content = json.loads(as_bytes(gitlab()).replace(b'"sonnet"', as_bytes(id_)))
    served = accepted(as_bytes(content))
    assert [each.id for each in served.offered_models] == ["sonnet_vertex", "haiku", "__default__duo_chat"]
    shown = id_ if len(id_) < 60 else f"{id_[:59]}…"
    assert [sentence.partition(":")[0] for sentence in served.left_out] == [f'the model "{shown}" is left out']


NEWER_MODEL_KEYS = ("provider", "deprecation", "description", "cost_indicator")
NEWER_FEATURE_KEYS = ("default_models", "beta_models", "deprecated_models", "dev", "models_for_tags")


def test_definitions_of_older_gateways_are_accepted():
    content, expected = gitlab(), accepted(as_bytes(gitlab()))
    for each in content["models"]:
        each["name"] = each["name"].partition(" - ")[0]
    for keys, entries in ((NEWER_MODEL_KEYS, content["models"]), (NEWER_FEATURE_KEYS, content["unit_primitives"])):
        for key in keys:
            for each in entries:
                del each[key]
            served = accepted(as_bytes(content))
            assert served.left_out == (), key
            assert served.defaults == expected.defaults, key
            SCHEMA.require_valid(served.definitions, "definitions.json")
    assert [each.id for each in served.offered_models] == ["sonnet", "sonnet_vertex", "__default__duo_chat"]


def test_weighted_defaults_are_accepted():
    content, expected = gitlab(), accepted(as_bytes(gitlab()))
    weighted = [{"identifier": "sonnet", "weight": 80}, {"identifier": "sonnet_vertex", "weight": 20}]
    content["unit_primitives"][0]["default_models"] = weighted
    assert accepted(as_bytes(content)).definitions == expected.definitions


def weighted(default: str | None, **weights: Any) -> dict[str, Any]:
    """Return definitions of GitLab's gateway with weights of the defaults of the first feature."""
    content = gitlab()
    defaults = [{"identifier": id_, "weight": weight} for id_, weight in weights.items()]
    content["unit_primitives"][0] |= {"default_model": default, "default_models": defaults}
    return content


def test_weights_of_defaults_are_shares():
    cases: list[tuple[str | None, dict[str, Any], dict[str, int]]] = [
        (None, {"sonnet": 80, "sonnet_vertex": 20}, {"sonnet": 80, "sonnet_vertex": 20}),
        ("sonnet", {"sonnet": 1, "sonnet_vertex": 3}, {"sonnet": 25, "sonnet_vertex": 75}),
        (None, {"sonnet": 0.5, "sonnet_vertex": 0.25, "unknown": 0.25}, {"sonnet": 67, "sonnet_vertex": 33}),
    ]
    for default, weights, shares in cases:
        served = accepted(as_bytes(weighted(default, **weights)))
        largest = max(shares, key=lambda id_: shares[id_])
        assert (served.default_shares, served.defaults["duo_chat"]) == ({"duo_chat": shares}, largest)
        SCHEMA.require_valid(served.definitions, "definitions.json")


def test_invalid_weights_and_a_single_weighted_default_have_no_shares():
    for default, weights in (
        (None, {"sonnet": 80, "sonnet_vertex": None}),
        (None, {"sonnet": "80", "sonnet_vertex": 20}),
        (None, {"sonnet": 80, "unknown": 20}),
        ("haiku", {"sonnet": 80, "sonnet_vertex": 20}),
    ):
        served = accepted(as_bytes(weighted(default, **weights)))
        assert (served.default_shares, served.defaults["duo_chat"]) == ({}, default or "sonnet")


ODD_SETTINGS = ["a__b", "duo-chat", "x.y", "A", "", "é", "a" * 101, 7, None, ["a"]]


def test_unused_feature_is_left_out_before_it_is_validated():
    content = gitlab()
    content["unit_primitives"] += [gitlab_feature("") | {"feature_setting": setting} for setting in ODD_SETTINGS]
    content["unit_primitives"] += [7, None, [], {}, gitlab_feature("new") | {"unit_primitives": 7}]
    served, expected = accepted(as_bytes(content)), accepted(as_bytes(gitlab()))
    assert (served.definitions, served.left_out) == (expected.definitions, ())


@pytest.mark.parametrize("setting", ODD_SETTINGS)
def test_unknown_feature_that_is_invalid_is_left_out_and_named(setting: Any):
    content = gitlab()
    content["unit_primitives"][2]["feature_setting"] = setting
    served = accepted(as_bytes(content))
    assert served.offered_models[2] == AcceptedModel("Claude Haiku", "haiku", "BETA", ("summarize_mr_review",))
    assert len(served.left_out) == 1
    assert served.left_out[0].startswith('the feature "')
    assert " is left out: " in served.left_out[0]


def test_known_feature_that_is_invalid_rejects_definitions():
    content = definitions()
    content["unit_primitives"][0]["title"] = ""
    assert rejection(as_bytes(content)).reason == "wrong-shape"
    content = gitlab()
    content["unit_primitives"][0]["dev"] = 7
    assert rejection(as_bytes(content)).reason == "wrong-shape"


def test_id_without_a_model_is_left_out_and_named():
    content, expected = gitlab(), accepted(as_bytes(gitlab()))
    content["unit_primitives"][0]["selectable_models"].append("claude-3-7-sonnet-20250219")
    content["unit_primitives"][1] |= {"default_model": "gpt", "beta_models": ["gpt", "haiku"]}
    content["unit_primitives"][1]["deprecated_models"] = [{"identifier": "llama"}]
    served = accepted(as_bytes(content))
    assert (served.offered_models, served.defaults) == (expected.offered_models, expected.defaults)
    problem = "a feature lists it, but it is not among the models"
    assert served.left_out == (
        f'the model "claude-3-7-sonnet-20250219" is left out: {problem}', f'the model "gpt" is left out: {problem}'
    )  # fmt: skip


def test_second_model_with_an_id_is_left_out_and_named():
    content, expected = gitlab(), accepted(as_bytes(gitlab()))
    content["models"].append(gitlab_model("sonnet", "Claude Sonnet 3", None))
    served = accepted(as_bytes(content))
    assert served.offered_models == expected.offered_models
    assert served.left_out == ('the model "sonnet" is left out: a model before it has the same id',)


def test_default_and_references_of_left_out_model_are_removed():
    content = definitions()
    content["models"][1]["name"] = ""
    content["models"][2]["deprecation"] = {
        "deprecation_date": "2026-06-01", "removal_version": "2026-12-01", "replacement": "gemini"
    }  # fmt: skip
    served = accepted(as_bytes(content))
    assert [each.id for each in served.offered_models] == ["claude", "mistral"]
    assert "duo_chat" not in served.defaults
    assert served.retired == (), "its replacement is left out"
    assert "gemini" not in served.definitions.decode()


def test_earlier_ids_of_what_is_left_out_are_removed():
    ended = {"notice": "2026-01-01", "last_day": "2026-06-14", "replacement": "claude_3_7_sonnet"}
    other = CLAUDE | {"name": "Other", "api-key": "AIGW_MODEL_OTHER_API_KEY", "default_for": [], "retirement": ended}
    content = rendered_artifact("definitions", CLAUDE | {"aliases": ["a"]}, GEMINI | {"aliases": ["b"]},
                                other | {"aliases": ["c"]})  # fmt: skip
    assert accepted(as_bytes(content)).aliases == {"a": "claude_3_7_sonnet", "b": "gemini_pro", "c": "other"}
    content["models"][0]["name"] = ""
    served = accepted(as_bytes(content))
    assert (served.aliases, served.retired) == ({"b": "gemini_pro"}, ())


def test_only_first_left_out_models_are_named():
    content = gitlab()
    content["models"] += [gitlab_model(f"x.{number}", "X", None) for number in range(30)]
    content["unit_primitives"][1]["beta_models"] += [f"x.{number}" for number in range(30)]
    sentences = accepted(as_bytes(content)).left_out
    assert len(sentences) == 11
    assert sentences[-1] == "20 more are left out"


def test_definitions_without_valid_model_are_rejected():
    content = definitions()
    for each in content["models"]:
        each["name"] = ""
    assert str(rejection(as_bytes(content))) == (
        'no-models: none of its models is valid: the model "claude" is left out: '
        '"name" is invalid; expected: a name on one line, with no space before or after it'
    )
    for each in content["models"]:
        each["name"] = "Сlaude"
    assert rejection(as_bytes(content)).reason == "no-models"


def test_definitions_with_many_rule_breaking_models_are_rejected():
    content = gitlab()
    content["models"] += [gitlab_model(f"x{number}", "Сlaude", None) for number in range(200)]
    content["unit_primitives"][1]["beta_models"] += [f"x{number}" for number in range(200)]
    assert rejection(as_bytes(content)).reason == "rule-broken"


def test_left_out_models_are_returned_by_child_process():
    content = definitions()
    content["models"][0]["name"] = ""
    assert accept_in_child_process(as_bytes(content), INSTANCE, None).left_out


def test_replacement_may_be_retired():
    content = definitions()
    content["models"][0]["deprecation"] = {
        "deprecation_date": "2026-06-01", "removal_version": "2026-12-01", "replacement": "gpt"
    }  # fmt: skip
    assert accepted(as_bytes(content)).retired == (Tombstone("gpt", date(2026, 6, 14), "gemini"),)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (KINDS["gateway"], "it is gateway.json, not the definitions or offered_models.json"),
        (as_bytes([{"identifier": "bedrock/x"}]), "it is a roster, not the definitions or offered_models.json"),
        (KINDS["roster"], "it is not JSON"),
    ],
)
def test_instance_rejects_downloads_for_gateways(body: bytes, message: str):
    rejected = rejection(body)
    assert (rejected.reason, rejected.message) == ("wrong-shape", message)


def test_gateway_rejects_definitions():
    message = "wrong-shape: it is the definitions, not gateway.json, offered_models.json or a roster"
    with pytest.raises(Rejected, match=message):
        accept(DEFINITIONS, CRITERIA, None)


WRONG: dict[str, tuple[bytes, str]] = {
    "no models": (as_bytes(definitions() | {"models": []}), "no-models"),
    "no features": (as_bytes(definitions() | {"unit_primitives": []}), "wrong-shape"),
    "models without features": (
        as_bytes(gitlab() | {"unit_primitives": [gitlab_feature("duo_chat")]}), "no-models"
    ),
    "an error message in JSON": (b'{"message": "401 Unauthorized"}', "wrong-shape"),
    "definitions with a format": (as_bytes(definitions() | {"format": 1}), "wrong-shape"),
    "text": (b"404 page not found", "wrong-shape"),
    "a sign-in page": (b"<html></html>", "wrong-shape"),
    "truncated definitions": (DEFINITIONS[:-20], "not-parsed"),
    "truncated list": (KINDS["offered_models"][:-20], "not-parsed"),
    "a key that is duplicated": (DEFINITIONS.replace(b'"models"', b'"retired": [], "models"', 1), "not-parsed"),
    "a release state in lower case": (DEFINITIONS.replace(b'"GA"', b'"ga"'), "no-models"),
    "a date that is a number": (
        as_bytes(definitions() | {"models": [definitions()["models"][0] | {"deprecation": {"deprecation_date": 1}}]}),
        "no-models",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_invalid_download_is_rejected_with_reason(case: str):
    body, name = WRONG[case]
    assert rejection(body).reason == name


def test_shrunk_definitions_are_rejected():
    served, content = accepted(as_bytes(gitlab())), gitlab()
    content["unit_primitives"][0] |= {"default_models": [], "selectable_models": ["sonnet"], "default_model": "sonnet"}
    assert rejection(as_bytes(content), served, max_shrink=0.25).reason == "shrunk"
    tombstones = [{"id": "sonnet_vertex", "last_day": "2026-01-01", "replacement": "sonnet"}]
    assert (
        accepted(as_bytes(content | {"retired": tombstones}), served, max_shrink=0.25).retired[0].id == "sonnet_vertex"
    )


def accept_or_reject(body: bytes) -> None:
    """Accept or reject a body, and check that an accepted list is consistent."""
    try:
        served = accepted(body)
    except Rejected:
        return
    SCHEMA.require_valid(served.definitions, "definitions.json")
    completed = json.loads(served.definitions)
    assert [model["identifier"] for model in completed["models"]] == [model.id for model in served.offered_models]
    assert set(served.defaults.values()) <= {model.id for model in served.offered_models}


@given(some.data(), values, some.sampled_from([definitions, gitlab]))
def test_arbitrary_value_in_definitions_is_accepted_or_rejected(
    data: some.DataObject, value: Any, make: Callable[[], Any]
):
    content = make()
    parent, key = data.draw(some.sampled_from(positions(content)))
    parent[key] = value
    accept_or_reject(as_bytes(content))


@given(values, values)
def test_arbitrary_json_is_accepted_or_rejected(models: Any, features: Any):
    accept_or_reject(as_bytes({"models": models, "unit_primitives": features}))
    accept_or_reject(as_bytes(models))


@given(some.integers(0, 5000), some.integers(0, 40), some.binary(max_size=12))
def test_mutated_download_is_accepted_or_rejected(at: int, removed: int, added: bytes):
    accept_or_reject(DEFINITIONS[: at % len(DEFINITIONS)] + added + DEFINITIONS[at % len(DEFINITIONS) + removed :])
