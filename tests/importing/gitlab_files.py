"""Strategies for the files of GitLab's AI gateway: small, but with everything that such files contain."""

from typing import Any

from hypothesis import strategies as some

PROVIDERS: list[tuple[str, dict[str, Any], str]] = [  # class, further parameters, the model's name
    ("anthropic", {}, "claude-{}"),
    ("openai", {}, "gpt-{}"),
    ("google_genai", {}, "gemini-{}"),
    ("litellm", {"custom_llm_provider": "fireworks_ai"}, "accounts/fireworks/models/m{}"),
    ("litellm", {"custom_llm_provider": "bedrock"}, "bedrock/anthropic.claude-{}"),
    ("litellm", {"custom_llm_provider": "vertex_ai"}, "claude-{}@20260101"),
    ("litellm_completion", {"custom_llm_provider": "vertex_ai"}, "codestral-{}"),
    ("litellm_embedding", {}, "vertex_ai/text-embedding-{}"),
]
SETTINGS = ["duo_chat", "code_generations", "summarize_review", "workflow", "a_new_setting"]
VERSIONS: list[str | float] = ["18.0", 18.0, "19.4", 19.4, "90.1", 90.1, "90.11", "91.8", "next", "20.12", "90.1.2"]
"""Versions of GitLab: released, not yet released, and without a known date; without quotes, they are numbers."""

texts = some.text("aZ09 .:#-'\"é→{}[]\\", min_size=1, max_size=12).map(lambda text: f"x{text}x")
keys = some.text("abcdefgh_", min_size=1, max_size=8).map(lambda key: f"z_{key}")
values = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(10**9), 10**9)
    | some.floats(-100, 100).map(lambda x: round(x, 3))
    | texts,
    lambda inner: some.lists(inner, max_size=2) | some.dictionaries(keys, inner, max_size=2),
    max_leaves=4,
)
extras = some.dictionaries(keys, values.filter(lambda value: value is not None), max_size=2)


def optional(**strategies: some.SearchStrategy[Any]) -> some.SearchStrategy[dict[str, Any]]:
    return some.fixed_dictionaries({}, optional=strategies)


deprecations = some.builds(
    lambda day, version, more: {"deprecation_date": day, "removal_version": version} | more,
    some.dates().map(str),
    some.sampled_from(VERSIONS),
    extras,
)


@some.composite
def gitlab_model(draw: some.DrawFn, id_: str) -> dict[str, Any]:
    class_provider, params, name = draw(some.sampled_from(PROVIDERS))
    more = optional(
        temperature=some.sampled_from([0.0, 0.7, 1]),
        max_tokens=some.integers(1, 10**6),
        fim_format=some.just("</s>[SUFFIX]{suffix}[PREFIX]{prefix}[MIDDLE]"),
    )
    required = {
        "name": draw(texts),
        "gitlab_identifier": id_,
        "max_context_tokens": draw(some.integers(1, 10**7)),
        "model_class_provider": class_provider,
        "params": params | {"model": name.format(id_[-1])} | draw(more) | draw(extras),
    }
    others = optional(
        description=texts,
        provider=texts,
        cost_indicator=some.sampled_from(["$", "$$$$"]),
        family=some.lists(some.sampled_from(["claude", "gpt_5", "qwen2p5-coder-7b"]), min_size=1, unique=True)
        | some.just([]),
        proxy_provider=some.just("anthropic"),
        supports_vision=some.booleans(),
        prompt_params=some.just({"vertex_location": "europe-west1"}),
        deprecation=deprecations,
    )
    if class_provider != "google_genai" and draw(some.integers(0, 4)) == 0:  # as in copies until December 2025
        del required["model_class_provider"]
    empty = optional(description=some.none(), cost_indicator=some.just(""), provider=some.just(""))
    return draw(empty) | required | draw(others) | draw(extras)


@some.composite
def unit_primitive(draw: some.DrawFn, setting: str, ids: list[str]) -> dict[str, Any]:
    order = draw(some.permutations(ids))
    defaults = order[: draw(some.integers(1, len(ids)))]
    beta, internal, selectable = list[str](), list[str](), list(defaults)
    for id_ in order[len(defaults) :]:
        draw(some.sampled_from([beta, internal, selectable, []])).append(id_)
    weights = draw(some.none() | some.lists(some.integers(0, 9), min_size=len(defaults), max_size=len(defaults)))
    tags = some.dictionaries(some.sampled_from(["small", "large"]), some.sampled_from(selectable), max_size=2)
    deprecated = [{"identifier": id_} | draw(deprecations) for id_ in selectable if draw(some.integers(0, 4)) == 0]
    is_old = weights is None and len(defaults) == 1 and draw(some.booleans())
    entry: dict[str, Any] = {
        "feature_setting": setting,
        "unit_primitives": draw(some.lists(some.sampled_from(["ask_build", "ask_commit"]), unique=True)),
        "default_models": defaults
        if weights is None or not sum(weights)
        else [{"identifier": id_, "weight": weight} for id_, weight in zip(defaults, weights, strict=True)],
        "selectable_models": draw(some.sampled_from([selectable, []])) if selectable == defaults else selectable,
        **({"beta_models": beta} if beta else {}),
        **({"dev": {"selectable_models": internal}} if internal else {}),
        **({"deprecated_models": deprecated} if deprecated else {}),
        **({"models_for_tags": chosen} if (chosen := draw(tags)) else {}),
        **draw(extras),
    }
    empty: dict[str, Any] = {"beta_models": [], "dev": None, "deprecated_models": [], "models_for_tags": {}}
    entry = {key: empty[key] for key in draw(some.sets(some.sampled_from(list(empty))))} | entry
    return entry | {"default_model": entry.pop("default_models")[0]} if is_old else entry


@some.composite
def gitlab_files(draw: some.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draw the content of models.yml and unit_primitives.yml; the last model may be offered nowhere."""
    ids = ["model_c", "Model.a", "model_b"][: draw(some.integers(1, 3))]  # one of them is no valid public id
    settings = draw(some.lists(some.sampled_from(SETTINGS), min_size=1, max_size=3, unique=True))
    template = draw(gitlab_model("template"))
    template = {key: value for key, value in template.items() if value is not None}
    template["params"] = draw(extras)  # a template for self-hosted models needs no model
    return (
        {"models": [*(draw(gitlab_model(id_)) for id_ in ids), template]},
        {"configurable_unit_primitives": [draw(unit_primitive(setting, ids)) for setting in settings]},
    )
