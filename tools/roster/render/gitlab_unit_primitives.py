"""``unit_primitives.yml`` of GitLab's AI gateway: which models serve a feature there.

The lists are those of ``feature_lists``. Of a feature with several defaults, each is written with its share as weight,
or without weights if the shares are equal, which older gateways understand, too. The mapping ``gateway`` of the feature
in ``schemas/features.yaml`` has everything else in the structure of ``unit_primitives.yml``: ``models_for_tags``, the
order of lists, and keys that rosters do not have. It names models by their public ids.

The roster wins over ``gateway``: models that are not offered are left out, and weights there are used only if they give
the shares that the roster has.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import date
from typing import Any

from roster.registries import Registries
from roster.render.default_weights import has_shares, shares_of
from roster.render.feature_lists import FeatureLists, feature_lists
from roster.render.gitlab_models import deprecation_of, empty_values, gitlab_identifier, text_or, texts_in, with_dates
from roster.render.gitlab_yaml import gitlab_yaml
from roster.roster import Roster

LISTS = ("default_models", "selectable_models", "beta_models", "dev", "deprecated_models")
"""The keys whose models come from the roster."""
_EMPTY: Mapping[str, Any] = {"beta_models": [], "dev": {}, "deprecated_models": [], "models_for_tags": {}}
"""Keys that ``gateway`` may have as null or empty, so that ``unit_primitives.yml`` has them, too."""


def render(roster: Roster, on: date, _publication: object, registries: Registries) -> bytes:
    """Render the features that a model serves on a date, in the registry's order."""
    lists = filter(None, (feature_lists(roster, feature, on) for feature in registries.features.values()))
    others = {identifier: identifier for identifier in registries.gateway_models}
    content = [unit_primitive(each, others | _offered(roster, on)) for each in lists]
    return gitlab_yaml(roster, {"configurable_unit_primitives": content})


def unit_primitive(lists: FeatureLists, identifiers: Mapping[str, str]) -> dict[str, Any]:
    """Return the entry of a feature.

    ``identifiers``: the id in the gateway's files of each offered model, by its public id.
    """
    feature, extra = lists.feature, deepcopy(dict(lists.feature.gateway))
    own = {key: extra.pop(key, None) for key in LISTS}
    tags = _tags(extra.pop("models_for_tags", None), identifiers)
    entry = {
        "feature_setting": feature.setting,
        "unit_primitives": list(feature.unit_primitives),
        "default_models": _default_models(lists, own["default_models"], identifiers),
        "selectable_models": _selectable_models(lists, own["selectable_models"], identifiers),
        **({"models_for_tags": tags} if tags else {}),
        **({"beta_models": [identifiers[id_] for id_ in lists.beta]} if lists.beta else {}),
        **_dev(lists, own["dev"], identifiers),
        **_deprecated_models(lists, own["deprecated_models"], identifiers),
    }
    if extra.get("default_model") and len(entry["default_models"]) == 1:  # as in older copies of unit_primitives.yml
        extra["default_model"] = entry.pop("default_models")[0]
    extra |= empty_values(feature.gateway, _EMPTY)
    return entry | {key: value for key, value in extra.items() if key not in entry}


def _offered(roster: Roster, on: date) -> dict[str, str]:
    return {model.id: gitlab_identifier(model) for model in roster if model.offered_features(on)}


def _default_models(lists: FeatureLists, own: Any, identifiers: Mapping[str, str]) -> list[Any]:
    """Return the defaults as the gateway's file had them, if these are the roster's, else as the roster has them."""
    if has_shares(own, lists.shares):
        return [_renamed(entry, identifiers) for entry in own]
    ids = lists.defaults
    if len(ids) < 2 or shares_of(ids) == lists.shares:
        return [identifiers[id_] for id_ in ids]
    return [{"identifier": identifiers[id_], "weight": lists.shares[id_]} for id_ in ids]


def _selectable_models(lists: FeatureLists, own: Any, identifiers: Mapping[str, str]) -> list[str]:
    """Return the selectable models; none if only defaults are, and the gateway's file lets nobody select them."""
    is_fixed = own == [] and set(lists.selectable) <= lists.shares.keys()
    return [] if is_fixed else [identifiers[id_] for id_ in lists.selectable]


def _renamed(entry: Any, identifiers: Mapping[str, str]) -> Any:
    if isinstance(entry, str):
        return identifiers[entry]
    return entry | {"identifier": identifiers[entry["identifier"]]}


def _tags(tags: Any, identifiers: Mapping[str, str]) -> dict[str, Any]:
    """Return ``models_for_tags`` with the models that are offered; a tag is an id, a list, or a mapping with a list."""
    result: dict[str, Any] = {}
    for tag, value in tags.items() if isinstance(tags, dict) else ():
        if isinstance(value, dict) and isinstance(value.get("models"), list):
            models = [identifiers[id_] for id_ in texts_in(value["models"]) if id_ in identifiers]
            result |= {tag: value | {"models": models}} if models else {}
        elif isinstance(value, list):
            models = [identifiers[id_] for id_ in texts_in(value) if id_ in identifiers]
            result |= {tag: models} if models else {}
        elif text_or(value, "") in identifiers:
            result[tag] = identifiers[value]
    return result


def _dev(lists: FeatureLists, own: Any, identifiers: Mapping[str, str]) -> dict[str, Any]:
    more = own if isinstance(own, dict) else {}
    models = [identifiers[id_] for id_ in lists.dev]
    if not models and (not more.keys() - {"selectable_models"} or "selectable_models" not in more):
        return {"dev": more} if more and more.get("selectable_models", []) == [] else {}
    return {"dev": more | {"selectable_models": models}}


def _deprecated_models(lists: FeatureLists, own: Any, identifiers: Mapping[str, str]) -> dict[str, Any]:
    """Return the models that retire for this feature; what only the gateway's file says follows from its own list."""
    own_by_id = {id_: entry for entry in _mappings(own) if (id_ := text_or(entry.get("identifier"), "")) in identifiers}
    serving = {model.id: model for model in lists.serving}
    retiring = {
        id_: announced for id_, model in serving.items() if (announced := _announced(model, lists.feature.name))
    }
    ids = [*(id_ for id_ in own_by_id if id_ in serving), *(id_ for id_ in retiring if id_ not in own_by_id)]
    entries = [
        {"identifier": identifiers[id_]} | with_dates(_without_id(own_by_id.get(id_)), retiring.get(id_)) for id_ in ids
    ]
    entries = [entry for entry in entries if len(entry) > 1]
    return {"deprecated_models": entries} if entries else {}


def _announced(model: Any, feature: str) -> dict[str, str] | None:
    retirement = next((each for each in model.retirements if feature in each.features), None)
    return deprecation_of(retirement) if retirement else None


def _without_id(entry: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (entry or {}).items() if key != "identifier"}


def _mappings(value: Any) -> Sequence[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
