"""Models of GitLab's models.yml as entries of a roster."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any

from roster.gitlab_versions import release_day
from roster.importing.gitlab_offers import SNAKE_CASE, Offers
from roster.importing.interface import Context
from roster.importing.providers import fill_deployment, prefix_of_title, require_known_provider
from roster.importing.report import Report
from roster.importing.source import Source, SourceError
from roster.naming import quote
from roster.registries import Registries
from roster.render.gitlab_models import BASE_FAMILY, foreign_prefix, full_identifier, gitlab_model
from roster.roster import Roster

_RENAMED = {"description": "description", "cost_indicator": "cost_indicator", "provider": "provider"}
_KEYED = ("name", "gitlab_identifier", *_RENAMED, "max_context_tokens", "family", "model_class_provider", "params")


def model_entry(
    source: Source, position: int, id_: str, offers: Offers, context: Context, report: Report
) -> dict[str, Any]:
    """Return the roster's entry for a model.

    Raises:
        SourceError: it has no name or no identifier, or a value that should be text is not.
    """
    model = source.value["models"][position]
    identifier = identifier_of(source, position, context.registries)
    entry: dict[str, Any] = {
        "name": model["name"],
        "identifier": identifier,
        **offers.of_model(model["gitlab_identifier"], report, id_),
        "family": _family(model, report, id_),
        "id": id_,
        "display_name": model["name"],
        **{target: model[key] for key, target in _RENAMED.items() if model.get(key)},
    }
    report.carried("name", "name, display_name", id_)
    report.carried("params.model", "identifier", id_)
    for key, target in _RENAMED.items():
        if model.get(key):
            report.carried(key, target, id_)
    if isinstance(window := model.get("max_context_tokens"), int) and not isinstance(window, bool) and window > 0:
        entry["context_window"] = window
        report.carried("max_context_tokens", "context_window", id_)
    entry |= _retirement(model, offers, context, report, id_)
    fill_deployment(entry, context.registries, _region(model, identifier), report)
    if gateway := _gateway(model, entry):
        entry["gateway"] = gateway
        _report_gateway(gateway, report, id_)
    return entry


def require_types(source: Source, position: int) -> None:
    """Reject a model without a name, or with a value of another type than the gateway requires."""
    model = source.value["models"][position]
    if not model.get("name"):
        raise source.error("a model needs a name", "models", position)
    for key in ("params", "prompt_params"):
        if not isinstance(model.get(key) or {}, dict):
            raise source.error(f"{key} must be a mapping", "models", position, key)
    params = ("params", "model"), ("params", "custom_llm_provider"), ("params", "model_class_provider")
    for keys in (("name",), *((key,) for key in _RENAMED), ("model_class_provider",), *params):
        value = (model.get("params") or {}).get(keys[1]) if keys[1:] else model.get(keys[0])
        if value is not None and not isinstance(value, str):
            raise source.error(f"{'.'.join(keys)} must be text: put it in quotes", "models", position, *keys)
    families = model.get("family") or []
    if not isinstance(families, list) or not all(map(_is_snake_case, families)):
        message = "family must be a list of names in snake case, such as [claude]"
        raise source.error(message, "models", position, "family")


def _is_snake_case(value: object) -> bool:
    return isinstance(value, str) and bool(SNAKE_CASE.fullmatch(value))


def identifier_of(source: Source, position: int, registries: Registries) -> str:
    """Return the identifier of a model in models.yml, with the prefix of its provider.

    Raises:
        SourceError: the model has none, or its provider is unknown.
    """
    model = source.value["models"][position]
    params = model.get("params") or {}
    name, id_ = params.get("model"), model["gitlab_identifier"]
    if not isinstance(name, str) or not name:
        message = f"the model {quote(id_)} has no identifier: a model that is offered needs params.model"
        raise source.error(message, "models", position)
    class_provider = model.get("model_class_provider") or params.get("model_class_provider")
    prefix = foreign_prefix(params, class_provider)
    if not prefix and registries.provider_of(name) is None:
        prefix = prefix_of_title(model.get("provider"), registries)
        if not prefix:
            message = f"the provider of the model {quote(id_)} is unknown: add params.custom_llm_provider"
            raise source.error(message, "models", position)
    identifier = full_identifier(prefix, name)
    try:
        require_known_provider(identifier, registries)
    except SourceError as error:
        raise source.error(str(error), "models", position, "params") from None
    return identifier


def _family(model: Mapping[str, Any], report: Report, id_: str) -> str:
    families: list[str] = model.get("family") or []
    if not families:
        reason = f"models without a family use the prompts in the folders {BASE_FAMILY}"
        report.changed("family", f"family: {BASE_FAMILY}", reason, id_)
        return BASE_FAMILY
    if families[1:]:
        report.changed("family", "family, gateway.family", "a roster's model has one family, the first", id_)
    else:
        report.carried("family", "family", id_)
    return families[0]


def _region(model: Mapping[str, Any], identifier: str) -> str | None:
    region = (model.get("prompt_params") or {}).get("vertex_location")
    return region if isinstance(region, str) and identifier.startswith("vertex_ai") else None


def _retirement(model: Mapping[str, Any], offers: Offers, context: Context, report: Report, id_: str) -> dict[str, Any]:
    """Return the model's retirement as a whole, or else those for some of its features."""
    by_feature = offers.deprecations.get(model["gitlab_identifier"], {})
    deprecation = model.get("deprecation")
    if isinstance(deprecation, dict) and (dates := _dates(deprecation, context.today, report, id_)):
        return {"retirement": dates}
    retirements: dict[tuple[str, ...], dict[str, Any]] = {}
    for feature, announcement in by_feature.items():
        if dates := _dates(announcement, context.today, report, id_):
            retirements.setdefault(tuple(dates.values()), dates | {"features": []})["features"].append(feature)
    entries = list(retirements.values())
    return {"retirement": entries[0] if len(entries) == 1 else entries} if entries else {}


def _dates(deprecation: Mapping[str, Any], today: date, report: Report, id_: str) -> dict[str, str] | None:
    """Return the dates of a deprecation, if a roster can say the same."""
    version, notice = deprecation.get("removal_version"), str(deprecation.get("deprecation_date"))
    last_day = release_day(version) if isinstance(version, str) else None
    key, target = "deprecation.removal_version", "retirement.last_day"
    if last_day is None:
        report.changed(key, "gateway", "that version has no known release date", id_)
        return None
    if last_day < today:
        reason = "that version was released already, but the models are still offered"
        report.changed(key, "gateway", reason, id_)
        return None
    try:
        starts_in_time = date.fromisoformat(notice) <= last_day
    except ValueError:
        starts_in_time = False
    if not starts_in_time:
        report.changed("deprecation.deprecation_date", "gateway", "it is no date before the removal", id_)
        return None
    report.changed(key, target, "the day on which that version is released", id_)
    report.carried("deprecation.deprecation_date", "retirement.notice", id_)
    return {"notice": notice, "last_day": last_day.isoformat()}


def _gateway(model: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that rendering the entry needs to give the model back: as few as possible."""
    gateway = {key: deepcopy(value) for key, value in model.items() if key not in _KEYED and key != "deprecation"}
    params = {key: deepcopy(value) for key, value in (model.get("params") or {}).items() if key != "model"}
    provider = {key: params.pop(key) for key in ("custom_llm_provider",) if key in params}
    gateway |= {"params": params} if params else {}
    if others := (model.get("family") or [])[1:]:
        gateway["family"] = others
    if entry["id"] != model["gitlab_identifier"]:
        gateway["gitlab_identifier"] = model["gitlab_identifier"]
    rendered = _rendered(entry, gateway)
    if model.get("model_class_provider") not in (None, rendered.get("model_class_provider")):
        gateway["model_class_provider"] = model["model_class_provider"]
        rendered = _rendered(entry, gateway)
    own = {"model": model["params"]["model"]} | provider
    if any(rendered["params"].get(key) != own.get(key) for key in ("model", "custom_llm_provider")):
        gateway["params"] = own | params
        rendered = _rendered(entry, gateway)
    for key in ("deprecation", "max_context_tokens"):
        if key in model and model[key] != rendered.get(key):
            gateway[key] = deepcopy(model[key])
    return gateway


def _rendered(entry: Mapping[str, Any], gateway: Mapping[str, Any]) -> dict[str, Any]:
    (model,) = Roster.of("", "", [dict(entry) | {"gateway": dict(gateway)}])
    return gitlab_model(model)


def _report_gateway(gateway: Mapping[str, Any], report: Report, id_: str) -> None:
    for key, value in gateway.items():
        if key == "params":
            for name in value:
                report.carried(f"params.{name}", "gateway.params", id_)
        elif key not in ("family", "gitlab_identifier", "deprecation"):
            report.carried(key, "gateway", id_)
