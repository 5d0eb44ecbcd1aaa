"""The retirements of a model as parts with different terms, which are split and joined by feature."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from roster.model import Model, Retirement, comparable


class Part(NamedTuple):
    """The terms of a retirement, and the features that it ends."""

    terms: Mapping[str, Any]
    features: list[str]
    is_new: bool = True

    def entry(self, *, names_features: bool, model: Model) -> Mapping[str, Any]:
        """Return the retirement as the file has it; an old one whose features are the same remains as it is."""
        named = self.terms.get("features")
        if not self.is_new and self.features == list(named or model.features) and (named or not names_features):
            return self.terms
        features = {"features": self.features} if names_features else {}
        values = {**self.terms, "features": None, **features}
        return {key: value for key in _in_order(values) if (value := values[key]) is not None}


def joined(parts: Iterable[Part]) -> list[Part]:
    """Join the parts that an edit gives the same terms."""
    merged: list[Part] = []
    for part in parts:
        same = next((each for each in merged if (each.is_new or part.is_new) and is_same(each.terms, part.terms)), None)
        if same is None:
            merged.append(part)
        else:
            merged[merged.index(same)] = Part(same.terms, [*same.features, *part.features])
    return merged


def is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether the terms of two retirements are the same; the features do not matter."""
    return comparable({**one, "features": None}) == comparable({**other, "features": None})


def _in_order(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys of a retirement in the schema's order, then others."""
    yield from (key for key in Retirement._fields if key in values)
    yield from (key for key in values if key not in Retirement._fields)
