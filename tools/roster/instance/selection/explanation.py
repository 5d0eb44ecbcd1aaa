"""Why a model serves a feature, in lines for people."""

from collections.abc import Iterator

from roster.instance.selection.offered_list import DefaultSource, OfferedFeature, OfferedList, OfferedRetirement
from roster.instance.selection.resolution import SelectionLevel, allowed_models, resolve
from roster.instance.selection.selections import Selection
from roster.instance.selection.state import InstanceState

_SOURCES: dict[DefaultSource, str] = {
    "list": "the gateway's list names it",
    "kept": "kept from an earlier list: the newest one is plain and names no defaults",
    "first": "the first generally available model, or else the first: the newest list is plain and names no defaults",
}


def explainable_features(state: InstanceState) -> set[str]:
    """Return the names of the features that are offered, were once, or have a choice."""
    return {*state.offered.features, *state.instance, *state.namespace}


def explain_feature(state: InstanceState, feature: str, start: SelectionLevel) -> Iterator[str]:
    """Yield what serves a known feature for who asks, each step that led there, and what there is to choose from."""
    offered, chosen = state.offered, state.instance.get(feature)
    found = resolve(offered, feature, chosen, state.namespace.get(feature), start)
    told = offered.features.get(feature)
    yield f"{feature} (feature)"
    if told:
        yield from ("", told.title, "", f"Category: {told.category}")
    by = (
        f"by the choice of the {found.level}"
        if found.level in (SelectionLevel.NAMESPACE, SelectionLevel.INSTANCE)
        else "by default"
    )
    yield from ("", f"Served by: {found.model} ({by})" if found.model else "Served by: nothing")
    yield from (f"  {number}. {step.describe()}" for number, step in enumerate(found.steps, 1))
    if told and told.default:
        yield from ("", f"The roster's default: {told.default} ({_SOURCES[told.default_source]})")
    yield from ("", "Offered:")
    yield from _offered(offered, told, set(allowed_models(offered, feature, chosen)))
    gone = [*_unavailable(offered, chosen), *_unavailable(offered, state.namespace.get(feature))]
    if gone:
        yield from ("", "Chosen, and not available:", *gone)


def _offered(offered: OfferedList, feature: OfferedFeature | None, may_choose: set[str]) -> Iterator[str]:
    models = feature.models if feature else {}
    if not models:
        yield "  nothing"
    width = max(map(len, models), default=0)
    for id_, end in models.items():
        facts = [offered.models[id_].release_state, *_announced(end)]
        if id_ not in may_choose:
            facts.append("namespaces may not choose it")
        yield f"  {id_:<{width}}  {', '.join(facts)}"


def _announced(end: OfferedRetirement | None) -> Iterator[str]:
    if end is None:
        return
    if end.last_day:
        yield f"until {end.last_day}"
    if end.notice:
        yield f"told from {end.notice}"
    if end.replacement:
        yield f"then {end.replacement}"


def _unavailable(offered: OfferedList, selection: Selection | None) -> Iterator[str]:
    if selection is None:
        return
    whose = "instance" if selection.namespace_id is None else "namespace"
    for model in selection.models:
        if not offered.serves(model, selection.feature):
            heir = offered.replacement_for(model, selection.feature)
            role = "default" if model == selection.default_model else "allowed"
            yield f"  {model} ({role}, {whose}){f': {heir} takes over' if heir else ''}"
