"""Bulk rules: which models a rule allows for many features, and which default it sets.

``bulk_proposals.py`` makes changes from a rule.
"""

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from roster.instance.selection.offered_list import ListedModel, OfferedFeature, OfferedList
from roster.instance.selection.request_errors import NO_LIST
from roster.naming import did_you_mean, join_names, quote
from roster.providers import covers_region

_MAX_CHOICES = 4
"""How many choices an error message offers before it counts the others; one other is listed, too."""
_MAX_ERRORS = 10
"""How many unknown names of a kind get an error message of their own; finding near misses takes time."""


class AllowRule(StrEnum):
    """Which models a rule allows."""

    KEEP = "keep"
    ALL = "all"
    MATCHING = "matching"


class DefaultRule(StrEnum):
    """Which default a rule sets."""

    KEEP = "keep"
    ROSTER = "roster"
    MODEL = "model"


class ModelConditions(NamedTuple):
    """Conditions on models: a model must meet each that is not empty.

    Attributes:
        providers, release_states, models: the model has one of them.
        regions: prompts are processed in these regions only; a model without stated regions does not match.
        capabilities: the model has all of them.
    """

    providers: tuple[str, ...] = ()
    release_states: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    models: tuple[str, ...] = ()

    def match(self, offered: OfferedList, feature: str, id_: str) -> bool:
        """Return whether a model meets the conditions for a feature."""
        model = offered.models.get(id_)
        if model is None:  # no list contained it, so only its id is known
            return id_ in self.models and self == ModelConditions(models=self.models)
        return (
            _is_one_of(id_, self.models)
            and _is_one_of(model.provider, self.providers)
            and _is_one_of(offered.release_state(id_, feature), self.release_states)
            and set(self.capabilities) <= set(model.capabilities)
            and _is_processed_in(model, self.regions)
        )


def _is_one_of(value: str | None, values: tuple[str, ...]) -> bool:
    return not values or value in values


def _is_processed_in(model: ListedModel, regions: tuple[str, ...]) -> bool:
    if not regions:
        return True
    return bool(model.processed_in) and all(covers_region(regions, region) for region in model.processed_in)


class BulkRule(NamedTuple):
    """A rule for many features.

    Attributes:
        features: the features it applies to; None for all.
        category: the category it applies to; None for all.
        conditions: which models are allowed, if ``allow`` is MATCHING.
        default_model: the default, if ``default`` is MODEL.
    """

    allow: AllowRule
    default: DefaultRule
    features: tuple[str, ...] | None = None
    category: str | None = None
    conditions: ModelConditions = ModelConditions()
    default_model: str | None = None

    def with_current_ids(self, offered: OfferedList) -> "BulkRule":
        """Return the rule with the current id of each model that it names by an earlier one."""
        models = tuple(dict.fromkeys(map(offered.current_id, self.conditions.models)))
        default_model = self.default_model and offered.current_id(self.default_model)
        return self._replace(conditions=self.conditions._replace(models=models), default_model=default_model)

    def applies_to(self, feature: OfferedFeature) -> bool:
        """Return whether a feature is in the rule's scope."""
        is_named = self.features is None or feature.name in self.features
        return feature.offered and is_named and self.category in (None, feature.category)


def validate_rule(offered: OfferedList, rule: BulkRule) -> Iterator[str]:
    """Yield the errors of a rule: names that the list does not have, and parts that are missing or without effect."""
    features = [feature for feature in offered.features.values() if feature.offered]
    models = [model for model in offered.models.values() if model.offered]
    if not features:
        yield NO_LIST
        return
    rule = rule.with_current_ids(offered)
    conditions, category, default = rule.conditions, rule.category, rule.default_model
    yield from _unknown("feature", rule.features or (), [feature.name for feature in features])
    yield from _unknown("category", () if category is None else (category,), {each.category for each in features})
    yield from _unknown("provider", conditions.providers, {each.provider for each in models if each.provider})
    regions = {region for each in models for region in each.processed_in}
    unknown_regions = [name for name in conditions.regions if not any(covers_region((name,), each) for each in regions)]
    yield from _unknown("region", unknown_regions, regions)
    yield from _unknown("capability", conditions.capabilities, {name for each in models for name in each.capabilities})
    yield from _unknown("model", conditions.models, offered.models)
    yield from _unknown("model", () if default is None else (default,), [each.id for each in models])
    yield from _missing_parts(rule)


def _unknown(noun: str, names: Iterable[str], known: Collection[str]) -> Iterator[str]:
    unknown = [name for name in dict.fromkeys(names) if name not in known]
    choices = join_names(map(quote, sorted(known)), word="or", limit=_MAX_CHOICES) if known else ""
    for name in unknown[:_MAX_ERRORS]:
        hint = did_you_mean(name, known) or (f"choose {choices}" if choices else "")
        yield f"there is no {noun} {quote(name)}" + (f": {hint}" if hint else "")
    if len(unknown) > _MAX_ERRORS:
        yield f"{len(unknown) - _MAX_ERRORS:,} more names are unknown, too"


def _missing_parts(rule: BulkRule) -> Iterator[str]:
    if rule.allow is AllowRule.KEEP and rule.default is DefaultRule.KEEP:
        yield "the rule changes nothing: change the allowed models, the default, or both"
    if (rule.allow is AllowRule.MATCHING) != any(rule.conditions):
        if any(rule.conditions):
            yield "the rule has conditions, which apply only if it allows the models that meet them"
        else:
            yield "the rule has no condition that models must meet: add one, or allow all models"
    if (rule.default is DefaultRule.MODEL) != (rule.default_model is not None):
        if rule.default_model is not None:
            yield f"the rule names the model {quote(rule.default_model)}, but does not make it the default"
        else:
            yield "the rule sets a default, but names no model"
