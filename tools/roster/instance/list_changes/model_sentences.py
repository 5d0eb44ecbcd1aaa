"""Sentences about models that two lists offer differently: those that began, ended, retire or changed."""

from collections.abc import Iterable, Iterator

from roster.display_text import day
from roster.instance.list_changes.compared_lists import ComparedLists, grouped, is_offered, shown
from roster.instance.list_changes.fact_sentences import changed_facts, changed_release_state
from roster.instance.selection.offered_list import OfferedRetirement
from roster.naming import join_names


def ended_models(lists: ComparedLists) -> Iterator[str]:
    """Yield sentences about models that no longer serve some or all of their features, with the reason."""
    for id_ in lists.difference.removed:
        suspension = lists.after.suspended.get(lists.after.current_id(id_))
        if suspension:
            yield f"{lists.model_name(id_)} is suspended: {shown(suspension.reason)}"
        elif id_ not in lists.renamed:
            name = shown(lists.before.models[id_].name)
            yield f"{name} is no longer offered{_reason(lists, id_, lists.served_by(id_))}"
    for model in lists.changed_models():
        # Features that no model serves anymore have a sentence of their own.
        lost = [name for name in model.served if name not in model.serves and is_offered(lists.after, name)]
        for reason, names in grouped((_reason(lists, model.new.id, [name]), name) for name in lost):
            yield f"{shown(model.new.name)} is no longer offered for {lists.feature_titles(names)}{reason}"


def _reason(lists: ComparedLists, id_: str, features: Iterable[str]) -> str:
    """Return why a model no longer serves some features, for the end of a sentence."""
    current = lists.after.current_id(id_)
    if current != id_ and current in lists.after.models:
        return f": it was replaced by {lists.model_name(current)}"
    tombstones = [tombstone for name in features if (tombstone := lists.after.tombstone(current, name))]
    replacements = dict.fromkeys(each.replacement for each in tombstones if each.replacement)
    if replacements:
        return f": it was replaced by {join_names(map(lists.model_name, replacements))}"
    return ": it was retired" if tombstones else ""


def announced_retirements(lists: ComparedLists) -> Iterator[str]:
    """Yield sentences about retirements that were announced, changed or withdrawn."""
    for model in lists.changed_models():
        ends = (
            (lists.before.features[name].models[model.old.id], lists.after.features[name].models[model.new.id], name)
            for name in model.still_serves
        )
        changes = (((old, new), name) for old, new, name in ends if old != new)
        for (old, new), names in grouped(changes):
            scope = "" if len(names) == len(model.serves) else f" for {lists.feature_titles(names)}"
            yield _retirement(lists, shown(model.new.name), old, new, scope)


def _retirement(
    lists: ComparedLists, model: str, old: OfferedRetirement | None, new: OfferedRetirement | None, scope: str
) -> str:
    if new is None:
        return f"The retirement of {model}{scope} was withdrawn"
    if old and old.last_day and new.last_day and old.last_day != new.last_day:
        text = f"{model} retires after {day(new.last_day)} instead of {day(old.last_day)}{scope}"
    else:
        text = f"{model} {f'retires after {day(new.last_day)}' if new.last_day else 'is being retired'}{scope}"
    return f"{text}: its replacement is {lists.model_name(new.replacement)}" if new.replacement else text


def started_models(lists: ComparedLists) -> Iterator[str]:
    """Yield sentences about models that began to serve features."""
    for id_ in lists.difference.added:
        if id_ not in lists.renamed.values():
            yield _started(lists, id_)
    started = {feature.name for feature in lists.started_features()}  # they have sentences of their own
    for model in lists.changed_models():
        gained = [name for name in model.serves if name not in model.served and name not in started]
        if gained:
            yield f"{shown(model.new.name)} is offered for {lists.feature_titles(gained)}, too"


def _started(lists: ComparedLists, id_: str) -> str:
    model, features = lists.after.models[id_], lists.feature_titles(lists.serves(id_))
    name = shown(model.name) + (f" ({shown(model.provider)})" if model.provider else "")
    if id_ in lists.difference.resumed:
        return f"{name} is offered again for {features}: its suspension ended"
    return f"{name} is offered {'again ' if id_ in lists.before.models else ''}for {features}"


def changed_models(lists: ComparedLists) -> Iterator[str]:
    """Yield sentences about models with another id, name, release state or other facts."""
    for model in lists.changed_models():
        old, new, name = model.old, model.new, shown(model.new.name)
        if old.id != new.id:
            yield f"The ID of {name} is {shown(new.id)} now; it was {shown(old.id)}"
        if old.name != new.name:
            yield f"{shown(old.name)} is called {name} now"
        states = (
            ((lists.before.release_state(old.id, feature), lists.after.release_state(new.id, feature)), feature)
            for feature in model.still_serves
        )
        for change, features in grouped(states):
            scope = "" if len(features) == len(model.still_serves) else f" for {lists.feature_titles(features)}"
            yield from changed_release_state(name, *change, scope)
        yield from changed_facts(name, old, new)
