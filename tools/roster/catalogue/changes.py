"""What changed between two versions of a roster, in sentences for customers.

These are not the texts of ``roster diff``, which are for maintainers: they name identifiers, endpoints and keys, which
no page may contain.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from roster.catalogue.public_model import Ending, Offer, PublicModel
from roster.display_text import day
from roster.naming import join_names
from roster.registries import Feature

_MAX_TITLES = 5
"""How many features a sentence names."""

_OTHER_SENTENCES = ("Description", "Provider", "Release state")
"""The facts that have their own sentences."""


class Change(NamedTuple):
    """A sentence.

    Attributes:
        models: the ids of the models that it is about.
        name: the name of the only model, with which the sentence starts; empty for other sentences.
    """

    text: str
    models: tuple[str, ...]
    name: str = ""


class Group(NamedTuple):
    """A sentence about one change, or about models that change alike; ``names`` has those that it does not name."""

    text: str
    models: tuple[str, ...]
    names: tuple[str, ...] = ()


class _Pair(NamedTuple):
    """A model in both versions."""

    before: PublicModel
    after: PublicModel

    @property
    def label(self) -> str:
        return self.after.name


def changes(before: Iterable[PublicModel], after: Iterable[PublicModel], features: Iterable[Feature]) -> list[Change]:
    """Return what customers notice: defaults first, then what was removed, added and changed."""
    titles = {feature.name: feature.title for feature in features}
    old, new = {model.id: model for model in before}, {model.id: model for model in after}
    former_ids = {former: id_ for id_, model in new.items() if (former := _former_id(model, old))}
    old, new = _with_labels(old, new, former_ids)
    pairs = [_Pair(old[former], new[id_]) for former, id_ in former_ids.items()]
    remaining, changed = {pair.before.id for pair in pairs}, [pair for pair in pairs if pair.before != pair.after]
    removed = [model for id_, model in old.items() if id_ not in remaining and model.offers]
    added = [model for model in new.values() if not _former_id(model, old)]
    return [
        *_default_changes(old, new, titles, former_ids),
        *(Change(f"{model.name} is no longer offered.", (model.id,), model.name) for model in removed),
        *(_addition(model, titles) for model in added),
        *(Change(text, (pair.after.id,), pair.label) for pair in changed for text in _model_changes(pair, titles, new)),
    ]


def grouped(changes: Iterable[Change]) -> list[Group]:
    """Return changes with one sentence for all models that change alike, at the position of the first."""
    alike = defaultdict[str, list[Change]](list)
    for change in changes:
        alike[change.text.removeprefix(change.name)].append(change)
    return [
        Group(
            f"Each of these {len(group)} models{rest}" if len(group) > 1 else group[0].text,
            tuple(id_ for change in group for id_ in change.models),
            tuple(change.name for change in group) if len(group) > 1 else (),
        )
        for rest, group in alike.items()
    ]


def _with_labels(
    old: Mapping[str, PublicModel], new: Mapping[str, PublicModel], former_ids: Mapping[str, str]
) -> tuple[dict[str, PublicModel], dict[str, PublicModel]]:
    """Return models whose names have their providers, and their ids where several models are called the same."""
    ids = defaultdict[str, set[str]](set)
    for id_, model in [*((former_ids.get(id_, id_), model) for id_, model in old.items()), *new.items()]:
        ids[_label(model)].add(id_)

    def with_label(model: PublicModel) -> PublicModel:
        label = _label(model)
        return model._replace(name=label if len(ids[label]) == 1 else f"{label} {model.id}")

    before, after = ({id_: with_label(model) for id_, model in models.items()} for models in (old, new))
    return before, after


def _former_id(model: PublicModel, old: Mapping[str, PublicModel]) -> str | None:
    """Return the id that a model had before, which may be one of its earlier ids; None for a new model."""
    return next((id_ for id_ in (model.id, *model.aliases) if id_ in old), None)


def _default_changes(
    old: Mapping[str, PublicModel],
    new: Mapping[str, PublicModel],
    titles: Mapping[str, str],
    former_ids: Mapping[str, str],
) -> Iterator[Change]:
    """Yield a sentence for the features whose defaults change alike."""
    groups: defaultdict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    old_defaults, new_defaults = _defaults(old), _defaults(new)
    for feature, title in titles.items():
        before, after = old_defaults[feature], new_defaults[feature]
        shares = {former_ids.get(id_, id_): share for id_, (_, share) in before.items()}
        if shares != {id_: share for id_, (_, share) in after.items()}:
            groups[_names(before), _names(after), (*after, *before)].append(title)
    for (before_text, after_text, ids), features in groups.items():
        subject = f"The default for {join_names(features, limit=_MAX_TITLES)}"
        change = f"changes from {before_text} to {after_text}" if before_text and after_text else ""
        change = change or (f"is {after_text}" if after_text else f"is no longer {before_text}; there is none")
        yield Change(f"{subject} {change}.", tuple(dict.fromkeys(ids)))


def _defaults(models: Mapping[str, PublicModel]) -> defaultdict[str, dict[str, tuple[PublicModel, int]]]:
    """Return the default models of each feature by id, with their shares."""
    defaults = defaultdict[str, dict[str, tuple[PublicModel, int]]](dict)
    for model in models.values():
        for feature, offer in model.offers.items():
            if offer.share:
                defaults[feature][model.id] = model, offer.share
    return defaults


def _names(defaults: Mapping[str, tuple[PublicModel, int]]) -> str:
    labels = (model.name if share == 100 else f"{model.name} {share} %" for model, share in defaults.values())
    return join_names(labels) if defaults else ""


def _addition(model: PublicModel, titles: Mapping[str, str]) -> Change:
    if not model.offers:
        return Change(f"{model.name} is new, and not offered yet.", (model.id,), model.name)
    return Change(f"{model.name} is new, for {_features(model.offers, titles)}.", (model.id,), model.name)


def _model_changes(pair: _Pair, titles: Mapping[str, str], models: Mapping[str, PublicModel]) -> Iterator[str]:
    before, after, label = pair.before, pair.after, pair.label
    if before.name != label:
        yield f"{before.name} is now called {label}."
    yield from _id_changes(pair)
    yield from _offer_changes(pair, titles)
    yield from _retirement_changes(pair, titles, models)
    for fact in dict.fromkeys([*before.facts, *after.facts]):
        values = before.facts.get(fact, "none"), after.facts.get(fact, "none")
        if values[0] != values[1] and fact not in _OTHER_SENTENCES:
            yield f"{label}: {fact}: {' → '.join(values)}."
    if before.facts.get("Description") != after.facts.get("Description"):
        yield f"{label} has another description."
    if before.documentation != after.documentation:
        change = "has another" if before.documentation and after.documentation else "has a"
        yield f"{label} {change if after.documentation else 'no longer has a'} page of documentation."


def _id_changes(pair: _Pair) -> Iterator[str]:
    before, after = ((model.id, *model.aliases) for model in (pair.before, pair.after))
    if pair.before.id != pair.after.id:
        yield f"{pair.label} has a new id, {pair.after.id}; {pair.before.id} still works."
    yield from (f"{pair.label} no longer has the earlier id {id_}." for id_ in before if id_ not in after)
    added = (id_ for id_ in after[1:] if id_ not in before)
    yield from (f"{pair.label} also has the earlier id {id_}." for id_ in added)


def _offer_changes(pair: _Pair, titles: Mapping[str, str]) -> Iterator[str]:
    before, after, label = pair.before.offers, pair.after.offers, pair.label
    if pair.after.stop and pair.after.stop != pair.before.stop:
        begins = "is suspended" if pair.after.stop.has_begun else f"will be suspended from {day(pair.after.stop.since)}"
        yield f"{label} {begins}: {pair.after.stop.reason}."
    elif pair.before.stop and not pair.after.stop:
        yield f"{label} is no longer suspended."
    elif lost := before.keys() - after.keys():
        yield f"{label} no longer serves {_features(lost, titles)}."
    if before and (gained := after.keys() - before.keys()):
        yield f"{label} also serves {_features(gained, titles)}."
    states: defaultdict[str, list[str]] = defaultdict(list)
    for feature in before.keys() & after.keys():
        if (old := before[feature]).state != (new := after[feature]).state:
            states[f"{_state(old)} to {_state(new)}"].append(feature)
    for states_text, features in sorted(states.items()):
        yield f"{label} moves from {states_text} for {_features(features, titles)}."


def _retirement_changes(pair: _Pair, titles: Mapping[str, str], models: Mapping[str, PublicModel]) -> Iterator[str]:
    before, after = pair.before.endings, pair.after.endings
    for ending in after:
        if notice := next((each.notice for each in before if each._replace(notice=ending.notice) == ending), None):
            if notice != ending.notice:
                yield f"{pair.label}: Notice of the retirement: {day(notice)} → {day(ending.notice)}."
        else:
            replacement = models.get(ending.replacement)
            name = replacement.name if replacement else ending.replacement
            yield f"{pair.label} retires {_ending(ending._replace(replacement=name), titles)}."
    if before and not after:
        yield f"{pair.label} no longer retires."
        return
    for ending in before:
        if not any(_overlap(ending, other) for other in after):
            yield f"{pair.label} no longer retires {_ending(ending._replace(replacement=''), titles)}."


def _overlap(ending: Ending, other: Ending) -> bool:
    """Return whether two retirements end a common feature; one without features ends all of them."""
    return not ending.features or not other.features or not set(ending.features).isdisjoint(other.features)


def _ending(ending: Ending, titles: Mapping[str, str]) -> str:
    scope = f" for {_features(ending.features, titles)}" if ending.features else ""
    replacement = f"; {ending.replacement} replaces it" if ending.replacement else ""
    return f"after {day(ending.last_day)}{scope}{replacement}"


def _features(names: Iterable[str], titles: Mapping[str, str]) -> str:
    """Return features by title, in the registry's order."""
    named = set(names)
    return join_names([title for name, title in titles.items() if name in named] or sorted(named), limit=_MAX_TITLES)


def _state(offer: Offer) -> str:
    return offer._replace(share=0).words


def _label(model: PublicModel) -> str:
    return f"{model.name} ({model.provider})" if model.provider else model.name
