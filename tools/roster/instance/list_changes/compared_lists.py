"""Two offered lists to compare: which models and features began, ended or changed, and how sentences name them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from roster.instance.selection.list_difference import ListDifference
from roster.instance.selection.offered_list import ListedModel, OfferedFeature, OfferedList
from roster.naming import join_names, printable

_MAX_FEATURES = 3
"""How many features a sentence names before it counts them."""
_MAX_NAME = 80
_Key = TypeVar("_Key")


class ChangedModel(NamedTuple):
    """A model of both lists that differs; ``old`` has another id if the model was renamed.

    Attributes:
        served, serves: the features that it served in the old list, and serves in the new one.
    """

    old: ListedModel
    new: ListedModel
    served: tuple[str, ...]
    serves: tuple[str, ...]

    @property
    def still_serves(self) -> list[str]:
        """The features of both lists."""
        return [name for name in self.serves if name in self.served]


class ComparedLists:
    """Two lists and their difference.

    Attributes:
        renamed: the new id of each model that only the old list offers under its id. An id that became an alias of a
            model that both lists offer, or of one that has another former id, is a model that ended.
        features: the features of both lists, those of the new list first.
    """

    def __init__(self, before: OfferedList, after: OfferedList, difference: ListDifference) -> None:
        self.before, self.after, self.difference = before, after, difference
        former_ids = {new: old for old, new in reversed(difference.renamed) if new in difference.added}
        self.renamed = {old: new for new, old in reversed(former_ids.items())}
        self.features = {**before.features, **after.features}
        self._served, self._serves = _features_by_model(before), _features_by_model(after)

    def changed_models(self) -> Iterator[ChangedModel]:
        """Yield the models of both lists that differ."""
        pairs = [*((id_, id_) for id_ in self.difference.changed), *self.renamed.items()]
        for old, new in pairs:
            models = self.before.models[old], self.after.models[new]
            yield ChangedModel(*models, self.served_by(old), tuple(self._serves.get(new, ())))

    def served_by(self, model: str) -> tuple[str, ...]:
        """Return the features that a model served in the old list."""
        return tuple(self._served.get(model, ()))

    def serves(self, model: str) -> tuple[str, ...]:
        """Return the features that a model serves in the new list."""
        return tuple(self._serves.get(model, ()))

    def started_features(self) -> list[OfferedFeature]:
        """Return the features that only the new list offers."""
        return [
            each for name, each in self.after.features.items() if each.offered and not is_offered(self.before, name)
        ]

    def kept_features(self) -> Iterator[tuple[OfferedFeature, OfferedFeature]]:
        """Yield the features that both lists offer, as they were and are."""
        for name, feature in self.after.features.items():
            if feature.offered and is_offered(self.before, name):
                yield self.before.features[name], feature

    def current_id(self, model: str | None) -> str | None:
        """Return the id of a model in the new list."""
        return model and self.after.current_id(model)

    def model_name(self, id_: str) -> str:
        """Return a model's name for a sentence."""
        model = self.after.models.get(self.after.current_id(id_)) or self.before.models.get(id_)
        return shown(model.name if model else id_)

    def feature_titles(self, names: Iterable[str]) -> str:
        """Return the titles of features for a sentence; of more than a few, the first and a number."""
        titles = [shown(self.features[name].title) for name in names]
        if len(titles) <= _MAX_FEATURES:
            return join_names(titles) if titles else "no feature"
        first = titles[: _MAX_FEATURES - 1]
        return f"{', '.join(first)} and {len(titles) - len(first)} more features"


def is_offered(offered: OfferedList, feature: str) -> bool:
    """Return whether any model serves a feature."""
    return feature in offered.features and offered.features[feature].offered


def grouped(pairs: Iterable[tuple[_Key, str]]) -> Iterator[tuple[_Key, list[str]]]:
    """Yield each key with its names, in the order of the first name of each."""
    groups: dict[_Key, list[str]] = {}
    for key, name in pairs:
        groups.setdefault(key, []).append(name)
    yield from groups.items()


def shown(text: str) -> str:
    """Return a name for a sentence: on one line, without invisible characters, and shortened if it is long."""
    return printable(text if len(text) <= _MAX_NAME else text[: _MAX_NAME - 1] + "…")


def _features_by_model(offered: OfferedList) -> Mapping[str, list[str]]:
    features: dict[str, list[str]] = {}
    for feature in offered.features.values():
        for id_ in feature.models:
            features.setdefault(id_, []).append(feature.name)
    return features
