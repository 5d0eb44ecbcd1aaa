"""Models of a LiteLLM proxy configuration as entries of a roster."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from roster.importing.ids import is_valid_id
from roster.importing.interface import Context
from roster.importing.litellm.deployments import CREDENTIAL_KEYS, KEY_KEYS, Deployment, is_no_key
from roster.importing.model_values import family_of
from roster.importing.providers import fill_api_key, fill_endpoint, prefix_of_name, require_known_provider
from roster.importing.report import Report
from roster.importing.source import Source, SourceError
from roster.naming import derive_id
from roster.providers import AMBIENT
from roster.registries import Registries
from roster.render.gitlab_models import full_identifier
from roster.render.litellm_config import CAPABILITY_KEYS, MODEL_GROUP_ALIAS, MODEL_NAME, REFERENCE_PREFIX
from roster.rules.credentials import reference
from roster.schema.compilation import is_date

_REGIONS = ("vertex_location", "vertex_ai_location", "aws_region_name")
_ENDPOINTS = ("api_base", "base_url", "aws_bedrock_runtime_endpoint", "sagemaker_base_url")
"""The first that a deployment has counts."""
_LIMITS = {"max_input_tokens": "context_window", "max_output_tokens": "max_output_tokens"}
_VERTEX = "vertex_ai/"
_NO_STATES = "the file has no release states"
_NO_FEATURES = "the file has no features: add them, or use --feature"


class ModelRole(NamedTuple):
    """What a configuration says about a model apart from its deployment.

    Attributes:
        shares: its share of the features that it serves, 0 where it is no default.
        shared_name: the name that it shares with the model that has it; empty without one.
        is_balanced: whether several deployments have its name, so that its weight counts.
    """

    id: str
    shares: Mapping[str, int]
    aliases: Iterable[str]
    shared_name: str
    is_balanced: bool


def model_entry(
    source: Source, deployment: Deployment, role: ModelRole, context: Context, report: Report
) -> dict[str, Any]:
    """Return the roster's entry for a deployment.

    Raises:
        SourceError: its provider or its endpoint is unknown.
    """
    id_, info = role.id, dict(deployment.info)
    decided = ("model",) if role.is_balanced else ("model", "weight")
    params = {key: value for key, value in deployment.params.items() if key not in decided}
    names = _aliases(role, report)
    name = deployment.name if derive_id(deployment.name) == derive_id(id_) else id_
    identifier = _identifier(source, deployment, params, context.registries, id_, report)
    entry: dict[str, Any] = {
        "name": name,
        "identifier": identifier,
        "release_state": "GA",
        **_offer(role, context, report),
        "family": family_of(identifier, (info.get("base_model"), name), context.registries, id_, report),
        "id": id_,
        "display_name": name,
        **({"aliases": names["aliases"]} if "aliases" in names else {}),
        **_limits(info, id_, report),
        **_capabilities(info, id_, report),
        **_retirement(info, context, id_, report),
    }
    report.changed("", "release_state: GA", _NO_STATES, id_)
    _set_endpoint(entry, params, id_, report)
    region = next((params.pop(key) for key in _REGIONS if isinstance(params.get(key), str)), None)
    if region and region.startswith(REFERENCE_PREFIX):
        region = f"<{region.removeprefix(REFERENCE_PREFIX)}>"
    credentials = {key: params.pop(key) for key in CREDENTIAL_KEYS.intersection(params)}
    region_key = "litellm_params.vertex_location or aws_region_name"
    fill_endpoint(entry, context.registries, region, report, region_key)
    _set_api_key(entry, credentials, context.registries, id_, report)
    fill_api_key(entry, context.registries, report)
    passed_through = {"litellm_params": params, "model_info": info}
    for key, values in passed_through.items():
        for name in values:
            report.carried(f"{key}.{name}", f"gateway.{key}.{name}", id_)
    own = {MODEL_NAME: role.shared_name, MODEL_GROUP_ALIAS: names.get(f"gateway.{MODEL_GROUP_ALIAS}")}
    if role.shared_name:
        report.carried(MODEL_NAME, f"gateway.{MODEL_NAME}", id_)
    gateway = {**own, **passed_through}
    if gateway := {key: value for key, value in gateway.items() if value}:
        entry["gateway"] = gateway
    return entry


def prefixed_identifier(source: Source, deployment: Deployment, registries: Registries) -> str:
    """Return the identifier with the prefix of its provider, which LiteLLM does not always need.

    Raises:
        SourceError: its provider is unknown.
    """
    identifier, provider = deployment.model, deployment.params.get("custom_llm_provider")
    if isinstance(provider, str):
        identifier = full_identifier(provider, identifier)
    elif registries.provider_of(identifier) is None and "/" not in identifier:
        identifier = full_identifier(prefix_of_name(identifier), identifier)
    try:
        require_known_provider(identifier, registries)
    except SourceError as error:
        raise source.error(str(error), *deployment.pointer, "litellm_params", "model") from None
    return identifier


def _identifier(
    source: Source,
    deployment: Deployment,
    params: dict[str, Any],
    registries: Registries,
    id_: str,
    report: Report,
) -> str:
    params.pop("custom_llm_provider", None)
    identifier = prefixed_identifier(source, deployment, registries)
    if identifier == deployment.model:
        report.carried("litellm_params.model", "identifier", id_)
    else:
        report.changed("litellm_params.model", "identifier", "an identifier starts with its provider", id_)
    return identifier


def _offer(role: ModelRole, context: Context, report: Report) -> dict[str, Any]:
    """Return ``features`` and ``default_for``; a model that is no default has the features of the option."""
    features = list(dict.fromkeys([*role.shares, *context.features]))
    if not features:
        report.not_carried("", _NO_FEATURES, role.id)
        return {}
    shares = {feature: share for feature, share in role.shares.items() if share}
    if not shares:
        return {"features": features}
    is_alone = set(shares.values()) == {100}
    return {"features": features, "default_for": list(shares) if is_alone else shares}


def _aliases(role: ModelRole, report: Report) -> dict[str, list[str]]:
    """Return the valid ids of the names that lead to the model, and the other names, by their keys."""
    names: dict[str, list[str]] = {}
    for alias in role.aliases:
        key = "aliases" if is_valid_id(alias) else f"gateway.{MODEL_GROUP_ALIAS}"
        names.setdefault(key, []).append(alias)
        report.carried("router_settings.model_group_alias", key, role.id)
    return names


def _limits(info: dict[str, Any], id_: str, report: Report) -> dict[str, int]:
    limits = {}
    for key, target in _LIMITS.items():
        if isinstance(value := info.get(key), int) and not isinstance(value, bool) and value > 0:
            limits[target] = info.pop(key)
            report.carried(f"model_info.{key}", target, id_)
    return limits


def _capabilities(info: dict[str, Any], id_: str, report: Report) -> dict[str, Any]:
    capabilities = []
    for key, capability in CAPABILITY_KEYS.items():
        if info.get(key) is True:
            capabilities.append(capability)
            del info[key]
            report.carried(f"model_info.{key}", "capabilities", id_)
    return {"capabilities": capabilities} if capabilities else {}


def _retirement(info: dict[str, Any], context: Context, id_: str, report: Report) -> dict[str, Any]:
    day = info.get("deprecation_date")
    if not isinstance(day, str) or not is_date(day) or day < str(context.today):
        return {}
    del info["deprecation_date"]
    report.carried("model_info.deprecation_date", "retirement.last_day", id_)
    report.changed("", "retirement.notice", "the file has no day of notice, so it is the day of the import", id_)
    return {"retirement": {"notice": str(context.today), "last_day": day}}


def _set_endpoint(entry: dict[str, Any], params: dict[str, Any], id_: str, report: Report) -> None:
    for empty in [name for name in _ENDPOINTS if name in params and not params[name]]:
        del params[empty]
    name = next((name for name in _ENDPOINTS if isinstance(params.get(name), str)), None)
    if name is None:
        return
    endpoint, key = params.pop(name), f"litellm_params.{name}"
    if endpoint.startswith(REFERENCE_PREFIX):
        variable = endpoint.removeprefix(REFERENCE_PREFIX)
        endpoint = f"https://<{variable}>"
        report.changed(key, "endpoint", f"a roster has no variables: write the address that {variable} has", id_)
    elif entry["identifier"].startswith(_VERTEX) and not endpoint.rstrip("/").endswith("/v1"):
        endpoint = f"{endpoint.rstrip('/')}/v1"
        report.changed(key, "endpoint", "LiteLLM appends /v1 itself", id_)
    else:
        report.carried(key, "endpoint", id_)
    entry["endpoint"] = endpoint


def _set_api_key(
    entry: dict[str, Any], credentials: Mapping[str, Any], registries: Registries, id_: str, report: Report
) -> None:
    """Add the variable of the key, unless the provider supplies it: its name follows from the id or the provider."""
    supplied = registries.supplied_values(entry).get("api-key")
    for key, value in sorted(credentials.items()):
        variable, source_key = str(value or "").removeprefix(REFERENCE_PREFIX), f"litellm_params.{key}"
        if is_no_key(value):
            report.not_carried(source_key, "it stands for no key", id_)
        elif key not in KEY_KEYS or not str(value).startswith(REFERENCE_PREFIX):
            report.not_carried(source_key, "the gateway reads credentials from its environment", id_)
        elif variable in (reference(id_), supplied):
            entry |= {} if variable == supplied else {"api-key": variable}
            report.carried(source_key, "api-key", id_)
        elif supplied == AMBIENT:
            report.not_carried(source_key, f"the gateway uses its own cloud identity instead of {variable}", id_)
        else:
            entry |= {} if supplied else {"api-key": reference(id_)}
            reason = f"the gateway reads the key from {supplied or reference(id_)} instead of {variable}"
            report.changed(source_key, "api-key", reason, id_)
