"""The words of a change: sentences with placeholders, which changes with the same cause share."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from roster.naming import counted, join_names

MAX_NAMED = 8
"""How many models or features a sentence names; it counts more of them."""
_MODEL_NUMBER = {
    "is": ("is", "are"),
    "serves": ("serves", "serve"),
    "It": ("It", "They"),
    "it": ("it", "them"),
    "Each": ("It", "Each"),
    "Its": ("Its", "Their"),
    "its": ("its", "their"),
    "this_model": ("this model", "these models"),
}
_FEATURE_NUMBER = {"has": ("has", "have"), "stops": ("stops", "stop"), "starts": ("starts", "start")}
SINGULAR = {word: forms[0] for word, forms in (_MODEL_NUMBER | _FEATURE_NUMBER).items()}
"""The words that depend on the number of models or features, for a single one."""


class Wording(NamedTuple):
    """The words of a change.

    Attributes:
        summary, effect: sentences with placeholders in braces.
        name: the model's name; empty for a change of a feature or environment.
        features: the features of the change, sorted.
        words: the values of the other placeholders.
        fallbacks: who serves the users of each feature instead.
        scope, detail: what changed, without and with its values, in a row whose models have different values.
    """

    summary: str
    effect: str
    name: str
    features: tuple[str, ...]
    words: Mapping[str, str]
    fallbacks: Mapping[str, str]
    scope: str = ""
    detail: str = ""

    def texts(self, names: Sequence[str] = (), features: Sequence[str] | None = None) -> tuple[str, str]:
        """Return the summary and the effect, for several models or other features if given."""
        names, features = names or [self.name], self.features if features is None else features
        values = {
            **{word: forms[len(names) > 1] for word, forms in _MODEL_NUMBER.items()},
            **{word: forms[len(features) > 1] for word, forms in _FEATURE_NUMBER.items()},
            "name": short_list(names, "model"),
            "fallbacks": describe_fallbacks(self.fallbacks),
            "values": self.detail,
            **self.words,
        }
        listed = short_list(features, "feature") if features else "no feature"
        named = these(features, "feature") if features else listed
        summary = self.summary.format_map({**values, "feature": listed, "features": listed})
        effect = self.effect.format_map({**values, "feature": named, "features": named})
        return summary, f"T{effect[1:]}" if effect.startswith("these ") else effect


def short_list(names: Collection[str], noun: str) -> str:
    """Return names for a sentence, or their number if there are many."""
    return join_names(names) if len(names) <= MAX_NAMED else counted(len(names), noun)


def these(names: Collection[str], noun: str) -> str:
    """Return names for a sentence that follows one with their number."""
    listed = short_list(names, noun)
    return listed if len(names) <= MAX_NAMED else f"these {listed}"


def describe_fallbacks(fallbacks: Mapping[str, str]) -> str:
    """Return which model serves which features instead."""
    features: dict[str, list[str]] = {}
    for feature, model in sorted(fallbacks.items()):
        features.setdefault(model, []).append(feature)
    parts = [f"{model} for {short_list(names, 'feature')}" for model, names in features.items()]
    return join_names(parts) if parts else "nothing"
