"""Changes grouped into rows by cause.

Changes of one kind share a row if their texts differ only in models or features. A consequence of another change joins
the row of that change: the models that lose a feature which no model serves any longer, those that gain a newly served
one, the retirement of a feature that a model gains or no longer serves, and a feature that no model serves because its
models were withdrawn. A change of a registry, which all environments share, is one row in the first of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from roster.diff.change import Change
from roster.diff.kinds import Impact
from roster.diff.wording import MAX_NAMED, short_list
from roster.findings import Place
from roster.model import comparable
from roster.naming import counted

_WHOLE_FEATURE = {"feature-lost": "feature-unserved", "feature-gained": "feature-served"}
"""Changes of a model's features, and the change of the feature that explains them."""
_RETIREMENTS = {
    "retirement-cancelled": "feature-lost",
    "retirement-moved": "feature-lost",
    "retirement-announced": "feature-gained",
}
"""Changes of retirements, and the change of the model's features that explains them."""
_WITHDRAWN, _UNSERVED = "model-withdrawn", "feature-unserved"
_SHARED = frozenset({"feature-renamed", "feature-setting-changed", "feature-gateway-changed", "features-reordered"})
"""Changes of a registry: each environment with the feature has them."""
_IN_DETAILS = {"old": "the old ids", "new": "the new ones", "alias": "the aliases", "before": "", "after": ""}
"""Words that the details of a row have, and what effects say instead."""
_WITH_OWN_EFFECT = frozenset({_UNSERVED, "retirement-announced"})
"""Consequences whose effect the row adds to that of the cause."""


class Row(NamedTuple):
    """Changes with one cause.

    Attributes:
        kind: that of the cause.
        impact: the worst one of the changes.
        models: the ids of all models concerned, in the order of the changes.
        features: all features concerned, sorted.
        summary, effect: as for a change, about all models and features.
        environment: the first one of the changes.
        lists: the names of the models and features that the summary does not name, and of several environments, by
            title.
        details: the models and what changed of each, if that differs.
        place, side, line: those of the first change.
        changes: the changes, in their order; the cause first.
    """

    kind: str
    impact: Impact
    environment: str
    models: tuple[str, ...]
    features: tuple[str, ...]
    summary: str
    effect: str
    lists: Mapping[str, tuple[str, ...]]
    details: tuple[str, ...]
    place: Place
    side: str
    line: int
    changes: tuple[Change, ...]

    @property
    def environments(self) -> list[str]:
        """The environments concerned, in the order of the changes."""
        return list(dict.fromkeys(change.environment for change in self.changes))


def group_changes(changes: Iterable[Change]) -> list[Row]:
    """Return the rows of changes that are sorted by environment: in the same order, and within one worst first."""
    rows: list[Row] = []
    remaining, repeats = _without_repeats(changes)
    for _, group in groupby(remaining, key=lambda change: change.environment):
        rows += sorted(_rows(list(group), repeats), key=lambda row: row.impact.rank)
    return rows


def _without_repeats(changes: Iterable[Change]) -> tuple[list[Change], dict[int, list[Change]]]:
    """Return the changes without those of a registry that an earlier environment has, and these by its identity."""
    firsts = dict[object, Change]()
    remaining, repeats = list[Change](), defaultdict[int, list[Change]](list)
    for change in changes:
        first = firsts.setdefault(_signature(change), change) if change.kind in _SHARED else change
        (remaining if first is change else repeats[id(first)]).append(change)
    return remaining, repeats


def _rows(changes: Sequence[Change], repeats: Mapping[int, Sequence[Change]]) -> Iterator[Row]:
    causes = dict(_causes(changes))
    consequences = defaultdict[int, list[Change]](list)
    for first, others in repeats.items():
        consequences[first] += others
    for change in changes:
        root = change
        while cause := causes.get(id(root)):
            root = cause
        if root is not change:
            consequences[id(root)].append(change)
    for group in _groups([change for change in changes if id(change) not in causes]):
        yield _row(group, [each for change in group for each in consequences[id(change)]])


def _causes(changes: Sequence[Change]) -> Iterator[tuple[int, Change]]:
    """Yield the identity of each change that follows from another one, with that change."""
    by_feature = {(each.kind, each.feature): each for each in changes if not each.model}
    by_model = {(each.kind, each.model, each.feature): each for each in changes if each.feature}
    withdrawn = defaultdict[str, list[Change]](list)
    for each in changes:
        for feature in each.wording.features if each.kind == _WITHDRAWN and each.wording else ():
            withdrawn[feature].append(each)
    lost = {each.feature for each in changes if each.kind == "feature-lost"}
    for each in changes:
        cause = None
        if each.kind in _WHOLE_FEATURE:
            cause = by_feature.get((_WHOLE_FEATURE[each.kind], each.feature))
        elif each.kind in _RETIREMENTS and each.wording:
            kind = _RETIREMENTS[each.kind]
            found = [by_model.get((kind, each.model, feature)) for feature in each.wording.features]
            cause = found[0] if found and all(found) else None
        elif each.kind == _UNSERVED and each.feature not in lost:
            models = withdrawn[each.feature]
            cause = models[0] if models and len({_signature(model) for model in models}) == 1 else None
        if cause:
            yield id(each), cause


def _groups(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Yield the changes that share a row: those of a model with several features, or of several with the same ones."""
    similar = defaultdict[object, list[Change]](list)
    for change in changes:
        similar[_key(change)].append(change)
    for group in similar.values():
        by_model = _merged(group, by_feature=False)
        by_feature = _merged(group, by_feature=True) if all(change.feature for change in group) else by_model
        yield from min(by_model, by_feature, key=len)


def _merged(changes: Iterable[Change], *, by_feature: bool) -> list[list[Change]]:
    """Group changes by their models, and those with the same features; or by features, and those of the same models."""
    axes: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        axes[change.feature if by_feature else change.model].append(change)
    merged = defaultdict[frozenset[str], list[Change]](list)
    for group in axes.values():
        others = ((each.model,) if by_feature else _features(each) for each in group)
        merged[frozenset(name for names in others for name in names)] += group
    return list(merged.values())


def _features(change: Change) -> tuple[str, ...]:
    return change.wording.features if change.wording else (change.feature,) if change.feature else ()


def _key(change: Change) -> object:
    """Return what changes that share a row have in common."""
    wording = change.wording
    if wording is None:
        return id(change)
    words = {name: word for name, word in wording.words.items() if not (wording.detail and name in _IN_DETAILS)}
    texts = wording.summary, wording.effect, wording.scope, comparable(words)
    return change.kind, change.impact, change.side, texts


def _signature(change: Change) -> object:
    return _key(change), _features(change)


def _row(causes: Sequence[Change], consequences: Sequence[Change]) -> Row:
    first, changes = causes[0], (*causes, *consequences)
    summary, effect = _texts(causes)
    extra = [each for each in consequences if each.kind in _WITH_OWN_EFFECT]
    effects = [effect, *(_own_effect(group, changes) for group in _groups(extra))]
    return Row(
        first.kind,
        min((change.impact for change in changes), key=lambda impact: impact.rank),
        first.environment,
        tuple(dict.fromkeys(change.model for change in changes if change.model)),
        tuple(sorted({feature for change in changes for feature in _features(change)})),
        summary,
        " ".join(dict.fromkeys(effects)),
        _lists(causes, consequences),
        _details(causes),
        first.place,
        first.side,
        first.line,
        changes,
    )


def _own_effect(group: Sequence[Change], changes: Sequence[Change]) -> str:
    """Return the effect of some consequences, with the names of their models if the row has others."""
    effect, models = _texts(group)[1], {change.model for change in group} - {""}
    others = {change.model for change in changes} - {""}
    return f"{short_list(_names(group), 'model')}: {effect}" if models and models != others else effect


def _texts(changes: Sequence[Change]) -> tuple[str, str]:
    """Return the summary and effect of changes that share a row."""
    first = changes[0]
    if first.wording is None:
        return first.summary, first.effect
    wordings = [change.wording for change in changes if change.wording]
    fallbacks = {feature: name for wording in wordings for feature, name in wording.fallbacks.items()}
    features = sorted({feature for wording in wordings for feature in wording.features})
    wording, names = first.wording._replace(fallbacks=fallbacks), _names(changes)
    if _details(changes):  # which have the names
        summary = wording.summary if wording.scope else wording.summary.rpartition(": ")[0]
        name = {"name": counted(len(names), "model")} if len(names) > 1 else {}
        words = {**wording.words, **_IN_DETAILS, **name}
        wording = wording._replace(summary=summary, detail=wording.scope, words=words)
    return wording.texts(names, features)


def _details(changes: Iterable[Change]) -> tuple[str, ...]:
    """Return the names of models with what changed of each; nothing if that is the same."""
    details = [(wording.name, wording.detail) for change in changes if (wording := change.wording)]
    return tuple(f"{name}: {detail}" for name, detail in details) if len({detail for _, detail in details}) > 1 else ()


def _lists(causes: Sequence[Change], consequences: Sequence[Change]) -> dict[str, tuple[str, ...]]:
    names, others = _names(causes), _names([each for each in consequences if each.model])
    features = sorted({feature for change in causes for feature in _features(change)})
    environments = list(dict.fromkeys(change.environment for change in (*causes, *consequences)))
    lists = {
        "models": () if _details(causes) else names if len(names) > MAX_NAMED else () if causes[0].model else others,
        "features": features if len(features) > MAX_NAMED else (),
        "environments": environments if len(environments) > 1 else (),
    }
    return {title: tuple(items) for title, items in lists.items() if items}


def _names(changes: Iterable[Change]) -> list[str]:
    return list(dict.fromkeys(change.wording.name for change in changes if change.wording))
