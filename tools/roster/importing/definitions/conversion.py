"""Format ``definitions``: what a gateway serves at ``/v1/models/definitions``, this toolkit's or GitLab's own.

The mapping is that of ``render/definitions_json.py``, in the other direction:

- ``identifier`` is the model's id. The lists of features give ``features``, ``release_state`` and ``default_for``.
- The provider's identifier is not published. It comes from a second file, models.yml or a configuration of LiteLLM;
  without one, it is a placeholder that ``roster check`` reports, such as ``vertex_ai/<claude_sonnet_4_6>``.
- The pseudo-models ``__default__<feature>`` of GitLab's gateway stand for several defaults and are no models.
- ``removal_version`` is a version of GitLab, or the last day if this toolkit has rendered the file.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from roster.accept.older_definitions import with_missing_keys
from roster.importing.definitions.features import FeatureOffers
from roster.importing.features import FeatureNames
from roster.importing.identifiers import Identifiers
from roster.importing.ids import Ids
from roster.importing.interface import Context, Imported
from roster.importing.model_values import family_of, new_families, retirement_of
from roster.importing.providers import fill_deployment
from roster.importing.report import SETTING, Report
from roster.importing.source import Source
from roster.model import API_NAME_PREFIX
from roster.naming import quote
from roster.registries import FAMILIES, FEATURES
from roster.render.definitions_json import MODEL_FACTS
from roster.schema.foreign_keys import DEFINITIONS

_PSEUDO_MODEL = "__default__"
_NOT_LISTED = "no feature lists them, so they are not offered"
_NOT_OFFERED = "definitions have only the ids of models that are not offered"
_TEXTS = ("description", "provider", "cost_indicator")


def convert(sources: Sequence[Source], context: Context) -> Imported:
    """Return the roster, the registry entries and the report of an import.

    Raises:
        SourceError: a file is no such file, or contradicts itself.
    """
    source, *others = sources
    report = Report()
    identifiers = Identifiers.of(others, context.registries)
    source.require_mapping("unit_primitives", DEFINITIONS.title)
    definitions = with_missing_keys(source.require_mapping("models", DEFINITIONS.title))
    models = _models(source, definitions, report)
    names = FeatureNames("feature_setting", context.registries, report)
    offers = FeatureOffers.of(source, definitions["unit_primitives"], list(models), names)
    ids = Ids("identifier", report)
    public_ids = {foreign: ids.assign(foreign) for foreign in models if foreign in offers.states}
    for foreign in models:
        if foreign not in offers.states:
            report.not_carried("models", _NOT_LISTED, foreign)
    entries = [
        _entry(models[foreign], id_, offers, identifiers, context, report) for foreign, id_ in public_ids.items()
    ]
    _add_aliases(entries, definitions.get("aliases"), report)
    for key in ("retired", "retired_without_replacement", "suspended"):
        if definitions.get(key):
            report.not_carried("", _NOT_OFFERED, key, SETTING)
    return Imported(
        entries, report, {FEATURES: offers.new_features(), FAMILIES: new_families(entries, context.registries, report)}
    )


def _models(source: Source, definitions: Mapping[str, Any], report: Report) -> dict[str, Mapping[str, Any]]:
    """Return the models by id, without pseudo-models."""
    models: dict[str, Mapping[str, Any]] = {}
    for position, model in enumerate(definitions["models"]):
        foreign = model.get("identifier") if isinstance(model, dict) else None
        if not isinstance(foreign, str) or not foreign:
            raise source.error("a model needs an identifier, as text", "models", position)
        if not isinstance(model.get("name"), str) or not model["name"]:
            raise source.error(f"the model {quote(foreign)} needs a name, as text", "models", position)
        for key in _TEXTS:
            if not isinstance(model[key] or "", str):
                raise source.error(f"{key} must be text", "models", position, key)
        if not isinstance(model["deprecation"] or {}, dict):
            raise source.error("deprecation must be a mapping, or null", "models", position, "deprecation")
        if foreign in models:
            raise source.error(f"two models have the identifier {quote(foreign)}", "models", position, "identifier")
        if foreign.startswith(_PSEUDO_MODEL):
            report.not_carried("models", "it stands for several defaults, which the roster has", foreign)
        else:
            models[foreign] = model
    return models


def _entry(
    model: Mapping[str, Any],
    id_: str,
    offers: FeatureOffers,
    identifiers: Identifiers,
    context: Context,
    report: Report,
) -> dict[str, Any]:
    api_name = model["name"].removesuffix(f" - {model['provider']}")
    name = api_name.removeprefix(API_NAME_PREFIX)
    identifier = identifiers.get(model["identifier"], model["provider"], id_, report)
    entry: dict[str, Any] = {
        "name": name,
        "identifier": identifier,
        **offers.of_model(model, report, id_),
        "family": family_of(identifier, (name,), context.registries, id_, report),
        "id": id_,
        **({"display_name": name} if name == api_name else {}),
        **{key: model[key] for key in _TEXTS if model[key]},
    }
    for key in MODEL_FACTS:
        if _is_fact(model.get(key)):
            entry[key] = model[key]
    for key in ("name", *_TEXTS, *MODEL_FACTS):
        if key in entry:
            report.carried(key, "name, display_name" if key == "name" else key, id_)
    if retirement := _retirements(model, offers, context, report, id_):
        entry["retirement"] = retirement[0] if len(retirement) == 1 else retirement
    if identifiers.has_provider(identifier):
        fill_deployment(entry, context.registries, None, report)
    return entry


def _is_fact(value: Any) -> bool:
    return isinstance(value, int | str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _add_aliases(entries: Sequence[dict[str, Any]], aliases: Any, report: Report) -> None:
    """Add to each entry the earlier ids that stand for it."""
    for alias, id_ in aliases.items() if isinstance(aliases, dict) else ():
        if entry := next((entry for entry in entries if entry["id"] == id_), None):
            entry.setdefault("aliases", []).append(alias)
            report.carried("aliases", "aliases", entry["id"])


def _retirements(
    model: Mapping[str, Any], offers: FeatureOffers, context: Context, report: Report, id_: str
) -> list[dict[str, Any]]:
    """Return the retirement of the whole model, or else those for some of its features."""
    if model["deprecation"]:
        whole = retirement_of(model["deprecation"], "deprecation", context.today, report, id_)
        return [whole] if whole else []
    retirements: dict[str, dict[str, Any]] = {}
    for feature, announcement in offers.deprecations.get(model["identifier"], {}).items():
        if each := retirement_of(announcement, "deprecated_models", context.today, report, id_):
            retirements.setdefault(str(each), each | {"features": []})["features"].append(feature)
    return list(retirements.values())
