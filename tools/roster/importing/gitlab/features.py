"""Registry entries for the features of GitLab's unit_primitives.yml."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from roster.importing.gitlab.offers import Offers
from roster.importing.interface import Context
from roster.importing.report import CONTRADICTS, FEATURE, Report
from roster.registries import Feature, Registries
from roster.render.feature_lists import feature_lists
from roster.render.gitlab_unit_primitives import LISTS, unit_primitive
from roster.roster import Roster

_GATEWAY, _PRIMITIVES = "gateway, in schemas/features.yaml", "unit_primitives, in schemas/features.yaml"


def feature_entries(
    offers: Offers,
    entries: Sequence[Mapping[str, Any]],
    public_ids: Mapping[str, str],
    context: Context,
    report: Report,
) -> Iterator[dict[str, Any]]:
    """Yield the registry entries: of new features, and of those for which the file says more than the roster.

    Args:
        entries: those of the roster.
        public_ids: the id of each of its models, by ``gitlab_identifier``.
    """
    roster = Roster.of("", context.environment, list(entries))
    identifiers = {id_: identifier for identifier, id_ in public_ids.items()}
    for name, source in offers.sources.items():
        new = offers.new_features.get(name)
        known = None if new else context.registries.features[name]
        changes = _changed_primitives(source, known, report)
        feature = (known or _feature(new or {}))._replace(gateway={})
        lists = feature_lists(roster, feature, context.today)
        rendered = unit_primitive(lists, identifiers) if lists else {}
        gateway = _difference(source, rendered | changes, public_ids)
        for key in gateway:
            report.carried(key, _GATEWAY, name, FEATURE)
        if lists := feature_lists(roster, feature._replace(gateway=gateway), context.today):
            rendered = unit_primitive(lists, identifiers) | changes
            for key in [key for key in LISTS if source.get(key) and source[key] != rendered.get(key)]:
                report.not_carried(key, CONTRADICTS, name, FEATURE)
        if gateway != (known.gateway if known else {}):
            changes["gateway"] = gateway or None
        if new or changes:
            yield (new or {"name": name}) | changes


def _feature(entry: dict[str, Any]) -> Feature:
    (feature,) = Registries.of([entry], [], []).features.values()
    return feature


def _changed_primitives(source: Mapping[str, Any], known: Feature | None, report: Report) -> dict[str, Any]:
    """Return ``unit_primitives`` of a registered feature if those of the file differ."""
    own = source.get("unit_primitives")
    if known is None or own is None or own == list(known.unit_primitives):
        return {}
    reason = "the registry had others; it is for the rosters of all environments"
    report.changed("unit_primitives", _PRIMITIVES, reason, known.name, FEATURE)
    return {"unit_primitives": own}


def _difference(
    source: Mapping[str, Any], rendered: Mapping[str, Any], public_ids: Mapping[str, str]
) -> dict[str, Any]:
    """Return the values that rendering does not give, with the models' public ids."""
    known = {"feature_setting", *(("default_model",) if "default_models" in source else ())}
    keys = [key for key in source if key not in known and source[key] != rendered.get(key)]
    keys += [key for key in source if key not in (*known, *keys, "unit_primitives") and source[key] is None]
    values = {key: _with_public_ids(deepcopy(source[key]), public_ids) for key in keys}
    return values if source.get("selectable_models") else values | {"selectable_models": []}


def _with_public_ids(value: Any, public_ids: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _with_public_ids(item, public_ids) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_public_ids(item, public_ids) for item in value]
    return public_ids.get(value, value) if isinstance(value, str) else value
