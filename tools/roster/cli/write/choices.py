"""The values that options and answers about a model may have, from registries, the roster's schema and the rosters."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import click

from roster.authoring.draft import Draft
from roster.check.loading import load_schema
from roster.check.result import CheckResult
from roster.edit.style import Answer
from roster.naming import closest_name, quote
from roster.registries import Registries
from roster.repository import Repository
from roster.roster import ROSTER_SCHEMA, Roster
from roster.schema.validator import MODEL

_FEATURE_KEYS = ("features", "default_for")
_NOUNS = {**dict.fromkeys(_FEATURE_KEYS, "feature"), "capabilities": "capability"}


class Choices(NamedTuple):
    """The choices for each key of a model.

    Attributes:
        rosters: the current rosters, by environment.
        properties: the JSON Schema of each key of a model, in its order.
    """

    registries: Registries
    rosters: Mapping[str, Roster]
    properties: Mapping[str, Any]

    @classmethod
    def of(cls, repository: Repository, result: CheckResult) -> "Choices":
        """Return the choices in a repository, given the result of its check."""
        properties = load_schema(repository, ROSTER_SCHEMA).at((*MODEL, "properties")) or {}
        return cls(result.registries, result.rosters, properties)

    def names(self, key: str) -> tuple[str, ...]:
        """Return the allowed values of a key, or of the items of its list; empty if it accepts free text."""
        if key == "environments":
            return tuple(self.registries.environments)
        if key in _FEATURE_KEYS:
            return tuple(self.registries.features)
        if key == "capabilities":
            return tuple(self.registries.capabilities)
        return self.registries.families if key == "family" else tuple(self._property(key).get("enum", ()))

    def validate(self, key: str, word: str) -> str:
        """Return a word if it is an allowed value of a key; else raise a UsageError that suggests the nearest one."""
        names = self.names(key)
        if word in names:
            return word
        spellings = self.registries.feature_spellings if key in _FEATURE_KEYS else {name: name for name in names}
        near = spellings.get(word) or spellings.get(closest_name(word, spellings) or "")
        hint = f'did you mean "{near}"?' if near else f"choose from {', '.join(names)}"
        noun = _NOUNS.get(key) or self.title(key).lower().removesuffix("s")
        raise click.UsageError(f"there is no {noun} {quote(word)}: {hint}")

    def validate_options(self, options: Mapping[str, Answer]) -> None:
        """Raise a UsageError if the value of an option is not allowed or is not UTF-8 text."""
        for key, value in options.items():
            for word in words(value):
                if utf8(word) and self.names(key):
                    self.validate(key, word)

    def title(self, key: str) -> str:
        """Return the title of a key."""
        return str(self._property(key).get("title", key.replace("_", " ").capitalize()))

    def example(self, key: str) -> str:
        """Return an example of a key's value; empty if the schema has none."""
        return str(next(iter(self._property(key).get("examples", ())), ""))

    def features_without_default(self, draft: Draft) -> list[str]:
        """Return the features of a model that have no default in any of its environments."""
        rosters = self._rosters_of(draft)
        return [
            name for name in words(draft.model["features"]) if not any(name in roster.defaults for roster in rosters)
        ]

    def supplied_values(self, draft: Draft) -> dict[str, str]:
        """Return the keys that a model needs no value for, because its provider supplies them."""
        return self.registries.supplied_values(draft.model)

    def has_keys_of_models(self, draft: Draft) -> bool:
        """Return whether a model of the same provider has ``api-key`` in any environment, which new models follow."""
        provider = self.registries.provider_of(str(draft.model.get("identifier", "")))
        models = (model for roster in self.rosters.values() for model in roster if "api-key" in model.entry)
        return any(self.registries.provider_of(model.identifier) is provider for model in models)

    def rosters_with_id(self, draft: Draft, id_: str) -> list[Roster]:
        """Return the rosters of a draft's environments that have a model with an id."""
        return [roster for roster in self._rosters_of(draft) if id_ in roster.by_id]

    def _rosters_of(self, draft: Draft) -> list[Roster]:
        return [self.rosters[name] for name in draft.environments if name in self.rosters]

    def _property(self, key: str) -> Mapping[str, Any]:
        schema = self.properties.get(key)
        return schema if isinstance(schema, Mapping) else {}


def words(value: Answer) -> Iterable[str]:
    """Return the value of an option as the words that give it."""
    return value if isinstance(value, tuple) else [str(value)]


def utf8(text: str) -> str:
    """Return a text if it can be written to a file; else raise a UsageError."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise click.UsageError(f"{quote(text)} is not UTF-8 text") from None
    return text
