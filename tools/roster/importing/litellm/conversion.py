"""Format ``litellm``: a configuration of LiteLLM's proxy (https://docs.litellm.ai/docs/proxy/configs).

The mapping is that of ``render/litellm_config.py``, in the other direction:

- A deployment is a model, and its ``model_name`` the id. Several deployments of one name become several models, and the
  first has that id; their weights are shares of the features whose default the name is. The others have the name in
  ``gateway.model_name``, so that rendering gives it the same deployments again.
- A name or an alias that is the name of a feature makes a model its default. Other aliases are ``aliases``. Those that
  are no valid ids, and such names of models, go to ``gateway.model_group_alias``, which rendering writes again.
- Limits and capabilities in ``model_info`` have keys of their own; all others go to ``gateway.litellm_params`` and
  ``gateway.model_info``, which rendering writes again.
- The file has no release states, families and other features: see ``litellm/models.py``.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count
from typing import NamedTuple

from roster.findings import Pointer
from roster.importing.ids import Ids, public_id
from roster.importing.interface import Context, Imported
from roster.importing.litellm.deployments import Deployment, model_group_aliases, read_deployments
from roster.importing.litellm.models import ModelRole, model_entry
from roster.importing.model_values import new_families
from roster.importing.report import Report
from roster.importing.source import Source
from roster.registries import FAMILIES, Registries
from roster.render.default_weights import rounded_shares

_SEVERAL = "each deployment of a name is a model of its own"


class _Group(NamedTuple):
    """The deployments of one ``model_name``, with their ids."""

    deployments: list[Deployment]
    ids: list[str]

    def shares(self) -> dict[str, int]:
        """Return the share of each model, by id; 0 for a weight of 0."""
        weights = [each.weight for each in self.deployments]
        if any(weight is None for weight in weights) or not any(weights):
            weights = [1] * len(weights)
        shares = iter(rounded_shares([weight for weight in weights if weight]))
        return {id_: next(shares) if weight else 0 for id_, weight in zip(self.ids, weights, strict=True)}


def convert(sources: Sequence[Source], context: Context) -> Imported:
    """Return the roster and the report of an import.

    Raises:
        SourceError: the file is no such file, or contains a credential or a model that a roster cannot have.
    """
    (source,) = sources
    report = Report()
    settings = _features_by_name(context.registries)
    by_name: dict[str, list[Deployment]] = {}
    for deployment in read_deployments(source, report):
        by_name.setdefault(deployment.name, []).append(deployment)
    of_models = {name: group for name, group in by_name.items() if name not in settings}
    of_features = {settings[name]: group for name, group in by_name.items() if name in settings}
    repeated = _repeated(of_models)
    models = [each for group in of_models.values() for each in group if each.pointer not in repeated]
    models += [each for group in of_features.values() for each in _without_equals(group, models)]
    groups = _groups(models, settings, Ids("model_name", report), context.registries, report)
    for deployment in repeated.values():
        id_ = _id_of(deployment, groups)
        groups[deployment.name].deployments.append(deployment)
        groups[deployment.name].ids.append(id_)
    aliases, defaults = _resolved_aliases(source, groups, settings, report)
    shared = {id_: name for name, group in groups.items() if name in of_models for id_ in group.ids[1:]}
    for feature, deployments in of_features.items():
        ids = [_id_of(deployment, groups) for deployment in deployments]
        defaults[feature] = _Group(deployments, ids).shares()
    entries = []
    for group in groups.values():
        for deployment, id_ in zip(group.deployments, group.ids, strict=True):
            if deployment.pointer in repeated:
                continue
            shares = {feature: each[id_] for feature, each in defaults.items() if id_ in each}
            is_balanced = deployment.name in of_models and (len(group.ids) > 1 or id_ in shared)
            role = ModelRole(id_, shares, aliases.get(id_, ()), shared.get(id_, ""), is_balanced)
            entries.append(model_entry(source, deployment, role, context, report))
    return Imported(entries, report, {FAMILIES: new_families(entries, context.registries, report)})


def _features_by_name(registries: Registries) -> dict[str, str]:
    """Return the feature for each name that a group or an alias may have."""
    return {feature.setting: name for name, feature in registries.features.items()} | {
        name: name for name in registries.features
    }


def _repeated(by_name: Mapping[str, list[Deployment]]) -> dict[Pointer, Deployment]:
    """Return the further deployments of a name that are the first one of another name, too, by their pointers."""
    first = [group[0] for group in by_name.values()]
    others = [each for group in by_name.values() for each in group[1:]]
    return {
        each.pointer: each for each in others if any(each.is_same_model(one) for one in first if one.name != each.name)
    }


def _without_equals(group: list[Deployment], models: Sequence[Deployment]) -> list[Deployment]:
    return [each for each in group if not any(each.is_same_model(model) for model in models)]


def _id_of(deployment: Deployment, groups: Mapping[str, _Group]) -> str:
    """Return the id of the model that a deployment reaches."""
    return next(
        id_
        for group in groups.values()
        for model, id_ in zip(group.deployments, group.ids, strict=True)
        if model.is_same_model(deployment)
    )


def _groups(
    models: Sequence[Deployment], settings: Mapping[str, str], ids: Ids, registries: Registries, report: Report
) -> dict[str, _Group]:
    groups: dict[str, _Group] = {}
    reserved = {public_id(model.name) for model in models if model.name not in settings}
    for model in models:
        group = groups.setdefault(model.name, _Group([], []))
        start = model.name if model.name not in settings else model.model.rpartition("/")[2]
        names = [start] if model.name in settings else []
        candidates = chain(names, _names_with_provider(start, model, registries))
        name = next(name for name in candidates if ids.is_free(name) and public_id(name) not in reserved)
        is_first = model.name not in settings and not group.ids
        group.deployments.append(model)
        group.ids.append(ids.assign(start if is_first else name))
        if len(group.ids) > 1:
            report.changed("model_name", "id", _SEVERAL, group.ids[-1])
    return groups


def _names_with_provider(start: str, model: Deployment, registries: Registries) -> Iterator[str]:
    """Yield names for a model whose own name another one has: with its provider, or else with a number."""
    provider = registries.provider_of(model.model)
    separator = "-" if "-" in start else "_"
    if provider:
        yield f"{start}{separator}{provider.name.replace('_', separator)}"
    yield from (f"{start}{separator}{number}" for number in count(2))


def _resolved_aliases(
    source: Source, groups: Mapping[str, _Group], settings: Mapping[str, str], report: Report
) -> tuple[dict[str, list[str]], dict[str, dict[str, int]]]:
    """Return the aliases of models by id, and the shares of the defaults by feature.

    A name that is no valid id is an alias, too.
    """
    names = {name: group.ids[0] for name, group in groups.items() if name not in settings}
    aliases = {id_: [name] for name, id_ in names.items() if name != id_}
    defaults: dict[str, dict[str, int]] = {}
    for alias, target in model_group_aliases(source, report):
        key = "router_settings.model_group_alias"
        if target not in groups:
            report.not_carried(key, "there is no such model in model_list", alias)
        elif alias in groups:
            report.not_carried(key, "a model has this name, so LiteLLM ignores the alias", alias)
        elif alias in settings:
            defaults[settings[alias]] = groups[target].shares()
            report.carried(key, "default_for", alias)
        else:
            aliases.setdefault(groups[target].ids[0], []).append(alias)
    return aliases, defaults
