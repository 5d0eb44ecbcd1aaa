"""Models of GitLab's models.yml as entries of a roster."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from roster.importing.gitlab.lists import is_snake_case
from roster.importing.gitlab.offers import Offers
from roster.importing.gitlab.source import identifier_of
from roster.importing.interface import Context
from roster.importing.model_values import retirement_of
from roster.importing.providers import fill_deployment
from roster.importing.report import CONTRADICTS, Report
from roster.importing.source import Source
from roster.naming import quote
from roster.render.gitlab_models import BASE_FAMILY, EMPTY, empty_values, gitlab_model
from roster.roster import Roster

_SAME = ("description", "provider", "cost_indicator")
"""Keys that are the same in a roster."""
_KEYED = ("name", "gitlab_identifier", *_SAME, "max_context_tokens", "family", "model_class_provider", "params")
"""Keys that ``gateway`` has only if rendering would not give them back."""


def model_entry(
    source: Source, position: int, id_: str, offers: Offers, context: Context, report: Report
) -> dict[str, Any]:
    """Return the roster's entry for a model.

    Raises:
        SourceError: it has no identifier, or its provider is unknown.
    """
    model = source.value["models"][position]
    identifier = identifier_of(source, position, context.registries)
    report.carried("params.model", "identifier", id_)
    entry: dict[str, Any] = {
        "name": model["name"],
        "identifier": identifier,
        **offers.of_model(model["gitlab_identifier"], id_),
        "family": _family(model, report, id_),
        "id": id_,
        **_texts_and_window(model, report, id_),
        **_retirement(model, offers, context, report, id_),
    }
    fill_deployment(entry, context.registries, _region(model, identifier), report)
    if gateway := _gateway(model, entry):
        entry["gateway"] = gateway
        _report_gateway(gateway, report, id_)
    rendered = _rendered(entry, gateway)
    for key in [key for key in model if model[key] is not None and model[key] != rendered.get(key)]:
        report.not_carried(key, CONTRADICTS, id_)
    return entry


def _texts_and_window(model: Mapping[str, Any], report: Report, id_: str) -> dict[str, Any]:
    report.carried("name", "name, display_name", id_)
    texts = {key: model[key] for key in _SAME if model.get(key)}
    for key in texts:
        report.carried(key, key, id_)
    window = model.get("max_context_tokens")
    if isinstance(window, bool) or not isinstance(window, int) or window < 1:
        return {"display_name": model["name"]} | texts
    report.carried("max_context_tokens", "context_window", id_)
    return {"display_name": model["name"]} | texts | {"context_window": window}


def _family(model: Mapping[str, Any], report: Report, id_: str) -> str:
    families: list[str] = model.get("family") or []
    if families and not is_snake_case(families[0]):  # as in GitLab's copies until March 2026
        reason = f"{quote(families[0])} is not in snake case, as the families of a roster are"
        report.changed("family", f"family: {BASE_FAMILY}, gateway.family", reason, id_)
        return BASE_FAMILY
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

    def dates(announcement: Mapping[str, Any], key: str) -> dict[str, str] | None:
        return retirement_of(announcement, key, context.today, report, id_, otherwise="gateway")

    deprecation = model.get("deprecation")
    if isinstance(deprecation, dict) and (whole := dates(deprecation, "deprecation")):
        return {"retirement": whole}
    retirements: dict[tuple[str, ...], dict[str, Any]] = {}
    for feature, announcement in offers.deprecations.get(model["gitlab_identifier"], {}).items():
        if each := dates(announcement, "deprecated_models"):
            retirements.setdefault(tuple(each.values()), each | {"features": []})["features"].append(feature)
    entries = list(retirements.values())
    return {"retirement": entries[0] if len(entries) == 1 else entries} if entries else {}


def _gateway(model: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that rendering the entry needs to give the model back: as few as possible."""
    gateway = {key: deepcopy(value) for key, value in model.items() if key not in _KEYED and key != "deprecation"}
    params = {key: deepcopy(value) for key, value in (model.get("params") or {}).items() if key != "model"}
    provider = {key: params.pop(key) for key in ("custom_llm_provider",) if key in params}
    gateway |= {"params": params} if params else {}
    families = model.get("family") or []
    if others := families[1:] if families[:1] == [entry["family"]] else families:
        gateway["family"] = others
    if entry["id"] != model["gitlab_identifier"]:
        gateway["gitlab_identifier"] = model["gitlab_identifier"]
    rendered = _rendered(entry, gateway)
    if model.get("model_class_provider") != rendered.get("model_class_provider"):  # null leaves it out
        gateway["model_class_provider"] = model.get("model_class_provider")
        rendered = _rendered(entry, gateway)
    own = {"model": model["params"]["model"]} | provider
    if any(rendered["params"].get(key) != own.get(key) for key in ("model", "custom_llm_provider")):
        gateway["params"] = own | params
        rendered = _rendered(entry, gateway)
    for key in ("deprecation", "max_context_tokens"):
        if key in model and model[key] != rendered.get(key):
            gateway[key] = deepcopy(model[key])
    empty = empty_values(model, EMPTY)
    return {key: value for key, value in empty.items() if key not in rendered} | gateway


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
