"""Explanation of a resolution: why a model serves a feature, as lines of text for ``roster instance explain``."""

from collections.abc import Iterator

from roster.instance.selection.offered_list import DefaultSource, OfferedFeature, OfferedList, OfferedRetirement
from roster.instance.selection.resolution import Resolution, SelectionLevel, allowed_models, resolve
from roster.instance.selection.selections import Selection
from roster.instance.selection.state import InstanceState
from roster.naming import join_names

_DEFAULT_SOURCES: dict[DefaultSource, str] = {
    "list": "from the gateway's list",
    "kept": "from an earlier list, because the newest one is plain and has no defaults",
    "first": "the first GA model, or else the first model, because the newest list is plain and has no defaults",
}


def explainable_features(state: InstanceState) -> set[str]:
    """Return the names of the features that are or were offered, or have a selection."""
    return {*state.offered.features, *state.instance, *state.namespace}


def explain_feature(state: InstanceState, name: str, start: SelectionLevel) -> Iterator[str]:
    """Yield which model serves a feature, each step of the resolution, and the models to select from."""
    offered, instance, namespace = state.offered, state.instance.get(name), state.namespace.get(name)
    resolution = resolve(offered, name, instance, namespace, start)
    feature = offered.features.get(name)
    yield f"{name} (feature)"
    if feature:
        yield from ("", feature.title, "", f"Category: {feature.category or 'none'}")
    yield from ("", _served_by(resolution))
    yield from (f"  {number}. {step.describe()}" for number, step in enumerate(resolution.steps, 1))
    if feature and feature.default:
        yield from ("", f"The roster's default: {feature.default} ({_DEFAULT_SOURCES[feature.default_source]})")
        if feature.shares:
            shares = join_names(f"{id_} {share}" for id_, share in feature.shares.items())
            yield f"It has the largest of these shares: {shares}"
    yield from ("", "Offered:")
    yield from _offered_models(offered, name, feature, set(allowed_models(offered, name, instance)))
    unavailable = [*_unavailable_models(offered, instance), *_unavailable_models(offered, namespace)]
    if unavailable:
        yield from ("", "Selected, but not available:", *unavailable)


def _served_by(resolution: Resolution) -> str:
    if not resolution.model:
        return "Served by: nothing"
    is_selected = resolution.level in (SelectionLevel.NAMESPACE, SelectionLevel.INSTANCE)
    reason = f"selected by the {resolution.level}" if is_selected else "by default"
    return f"Served by: {resolution.model} ({reason})"


def _offered_models(
    offered: OfferedList, name: str, feature: OfferedFeature | None, allowed: set[str]
) -> Iterator[str]:
    models = feature.models if feature else {}
    if not models:
        yield "  nothing"
    width = max(map(len, models), default=0)
    for id_, retirement in models.items():
        facts = [offered.release_state(id_, name) or "", *_retirement_facts(retirement)]
        if id_ not in allowed:
            facts.append("not allowed for namespaces")
        yield f"  {id_:<{width}}  {', '.join(facts)}"


def _retirement_facts(retirement: OfferedRetirement | None) -> Iterator[str]:
    if retirement is None:
        return
    if retirement.last_day:
        yield f"last day {retirement.last_day}"
    if retirement.notice:
        yield f"notice {retirement.notice}"
    if retirement.replacement:
        yield f"replaced by {retirement.replacement}"


def _unavailable_models(offered: OfferedList, selection: Selection | None) -> Iterator[str]:
    if selection is None:
        return
    level = "instance" if selection.namespace_id is None else "namespace"
    for model in selection.models:
        if not offered.serves(model, selection.feature):
            role = "default" if model == selection.default_model else "allowed"
            stored = f", selected as {selection.renamed[model]}" if model in selection.renamed else ""
            yield f"  {model} ({role}, {level}{stored}){_reason(offered, model, selection.feature)}"


def _reason(offered: OfferedList, model: str, feature: str) -> str:
    """Return why a selected model is not available, for the end of a line; empty if unknown."""
    if replacement := offered.replacement_for(model, feature):
        return f": replaced by {replacement}"
    if suspension := offered.suspension(model, feature):
        return f": suspended since {suspension.since}, {suspension.reason}"
    tombstone = offered.tombstone(model, feature)
    is_unreplaced = tombstone is not None and tombstone.replacement is None
    return f": retired after {tombstone.last_day}, without a replacement" if tombstone and is_unreplaced else ""
