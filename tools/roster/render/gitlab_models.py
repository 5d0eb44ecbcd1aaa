"""``models.yml`` of GitLab's AI gateway (ai_gateway/model_selection/): how a roster's models are written there.

Mapping of a roster's keys:

- the public id is ``gitlab_identifier``, and the name in the API is ``name``: GitLab's API adds the provider to it;
- ``provider``, ``description`` and ``cost_indicator`` keep their names;
- ``context_window`` is ``max_context_tokens``, and ``max_output_tokens`` is ``params.max_tokens``, unless that is in
  ``gateway``: the limit of a request may be lower than that of the model;
- ``family`` is the only item of ``family``, unless ``gateway.family`` has more; the family ``base`` stands for none;
- ``identifier`` is ``params.model``; its prefix is ``params.custom_llm_provider``, or it follows from the
  ``model_class_provider`` (anthropic, openai, …);
- ``retirement`` without ``features`` is ``deprecation``; with ``features``, ``deprecated_models`` of these features
  (``gitlab_unit_primitives``). The last day is given as the version of GitLab that is released then;
- a key that is null or empty in ``gateway`` is so in ``models.yml``, unless the roster has a value; for
  ``model_class_provider``, null leaves the key out, as older copies do;
- ``gateway`` has everything else in the structure of ``models.yml``. Settings such as ``temperature`` are in
  ``gateway.params``, or directly in ``gateway``.

Models that no roster offers, such as templates for self-hosted models, are in ``schemas/gateway_models.yaml``.

The roster wins over ``gateway``: a value there that differs from what the roster says is not used.
"""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any

from roster.gitlab_versions import next_release
from roster.model import Model, Retirement
from roster.registries import Registries
from roster.render.gitlab_yaml import gitlab_yaml
from roster.roster import Roster

BASE_FAMILY = "base"
"""The family of models that name none: the gateway takes the prompts in the folders ``base``."""
CLASS_PREFIXES = {"anthropic": "anthropic", "openai": "openai", "google_genai": "vertex_ai", "amazon_q": "amazon_q"}
"""The prefix of identifiers for each ``model_class_provider`` that is no LiteLLM class."""
_LITELLM = "litellm"
_CLASS = "model_class_provider"
_NEVER_EXTRA = frozenset({"name", "provider", "gitlab_identifier", "description", "cost_indicator", "family"})
"""Keys that only the roster decides."""
EMPTY: Mapping[str, Any] = {
    "provider": "",
    "description": "",
    "cost_indicator": "",
    "family": [],
    "deprecation": {},
    "max_context_tokens": None,
}
"""Keys that ``gateway`` may have as null or empty, so that ``models.yml`` has them, too; with the empty value."""
_PARAMETERS = frozenset(
    {
        *("temperature", "top_p", "top_k", "max_tokens", "max_retries", "thinking_level", "reasoning", "verbosity"),
        *("streaming", "completion_type", "fim_format", "identifier", "custom_llm_provider"),
        *("default_headers", "extra_headers"),
    }
)
"""Settings that models.yml has in ``params``; a roster may have them directly in ``gateway``."""


def render(roster: Roster, on: date, _publication: object, registries: Registries) -> bytes:
    """Render the models offered on a date, in roster order, then those that no roster offers."""
    models = [gitlab_model(model) for model in roster if model.offered_features(on)]
    ids = {model["gitlab_identifier"] for model in models}
    others = [_unlisted_model(*item) for item in registries.gateway_models.items() if item[0] not in ids]
    return gitlab_yaml(roster, {"models": models + others})


def _unlisted_model(identifier: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model of ``schemas/gateway_models.yaml``, with its id next to its name."""
    name = {"name": values["name"]} if "name" in values else {}
    return name | {"gitlab_identifier": identifier} | dict(values)


def gitlab_identifier(model: Model) -> str:
    """Return a model's id in the gateway's own files."""
    return text_or(model.gateway.get("gitlab_identifier"), model.id)


def text_or(value: Any, default: str) -> str:
    """Return a value of ``gateway``, which may contain anything, if it is a text."""
    return value if isinstance(value, str) and value else default


def gitlab_model(model: Model) -> dict[str, Any]:
    """Return a model's entry in models.yml."""
    extra = deepcopy(dict(model.gateway))
    families = [model.family or "", *texts_in(extra.pop("family", None))]
    deprecation = _deprecation(model, extra.pop("deprecation", None))
    is_left_out = _CLASS in extra and extra[_CLASS] is None
    params, class_provider = _params(model, extra)
    if model.max_output_tokens and "max_tokens" not in params:
        params["max_tokens"] = model.max_output_tokens
    if is_left_out or _CLASS in params:  # as in older copies of models.yml
        class_provider = ""
    entry = {
        "name": model.api_name,
        "provider": model.provider,
        "gitlab_identifier": gitlab_identifier(model),
        "description": model.description,
        "cost_indicator": model.cost_indicator,
        "max_context_tokens": model.context_window,
        "family": [family for family in families if family not in ("", BASE_FAMILY)],
        "model_class_provider": class_provider,
        "params": params,
        "deprecation": deprecation,
    }
    entry = {key: value for key, value in entry.items() if value not in (None, "", [], {})}
    others = {key: value for key, value in extra.items() if key not in _NEVER_EXTRA}
    others = {key: value for key, value in others.items() if value is not None or key != _CLASS}
    others |= empty_values(model.gateway, EMPTY)
    return entry | {key: value for key, value in others.items() if key not in entry}


def empty_values(gateway: Mapping[str, Any], empty: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of ``gateway`` that are null, or the empty value of their key in the gateway's files."""
    return {key: gateway[key] for key in empty if key in gateway and gateway[key] in (None, empty[key])}


def missing_values(roster: Roster, on: date) -> dict[str, list[str]]:
    """Return the ids of the models without a key that the gateway requires, by that key.

    ``description`` and ``cost_indicator`` are required of models that can be selected.
    """
    required = ("context_window", "description", "cost_indicator")
    offered = [model for model in roster if model.offered_features(on)]
    ids = {key: [model.id for model in offered if getattr(model, key) is None] for key in required}
    return {key: models for key, models in ids.items() if models}


def foreign_prefix(params: Mapping[str, Any], class_provider: object) -> str:
    """Return the prefix of the identifier that ``params.model`` belongs to; empty if the file does not say it."""
    prefix = params.get("custom_llm_provider") or CLASS_PREFIXES.get(str(class_provider))
    return str(prefix) if prefix else ""


def full_identifier(prefix: str, model: str) -> str:
    """Return a model's name with its provider's prefix, which it may have already."""
    return model if not prefix or model.startswith(f"{prefix}/") else f"{prefix}/{model}"


def deprecation_of(retirement: Retirement) -> dict[str, str] | None:
    """Return a retirement as the gateway announces it; None without its dates."""
    if retirement.notice is None or retirement.last_day is None:
        return None
    return {
        "deprecation_date": retirement.notice.isoformat(),
        "removal_version": next_release(retirement.last_day),
    }


def _params(model: Model, extra: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return ``params`` and ``model_class_provider``, and remove them from the other values."""
    settings = {key: extra.pop(key) for key in list(extra) if key in _PARAMETERS}
    more = extra.pop("params", None)
    params = settings | (more if isinstance(more, dict) else {})
    class_provider = text_or(extra.pop("model_class_provider", None) or params.get("model_class_provider"), "")
    identifier = model.identifier or ""
    prefix, _, name = identifier.partition("/")
    own = params.pop("model", None)
    is_same = (
        isinstance(own, str) and full_identifier(foreign_prefix(params, class_provider) or prefix, own) == identifier
    )
    if is_same:
        return {"model": own} | params, class_provider or _LITELLM
    if CLASS_PREFIXES.get(class_provider) != prefix and (not class_provider or class_provider in CLASS_PREFIXES):
        class_provider = next((each for each in ("anthropic", "openai", "amazon_q") if each == prefix), _LITELLM)
    params.pop("custom_llm_provider", None)
    provider = {} if class_provider in CLASS_PREFIXES else {"custom_llm_provider": prefix}
    return {"model": name} | provider | params, class_provider


def _deprecation(model: Model, own: Any) -> Any:
    """Return the deprecation of a model that retires as a whole, else what ``gateway`` has."""
    whole = next((each for each in model.retirements if not each.features), None)
    if whole is None:
        return own
    return with_dates(own if isinstance(own, dict) else {}, deprecation_of(whole))


def with_dates(own: Mapping[str, Any], dates: Mapping[str, str] | None) -> dict[str, Any]:
    """Return an announcement with the dates of the roster; one that is the same, such as the number 18.4, stays."""
    return dict(own) | {key: value for key, value in (dates or {}).items() if str(own.get(key)) != value}


def texts_in(value: Any) -> list[str]:
    """Return the texts in a list of ``gateway``, which may contain anything."""
    return [item for item in value if isinstance(item, str) and item] if isinstance(value, list) else []
