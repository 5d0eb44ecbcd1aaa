"""What answers and options about a new model are held against: registries, the roster's schema, the rosters."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import click

from roster.authoring.draft import Draft
from roster.check.loading import load_schema
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.naming import nearest, quote
from roster.registries import Registries
from roster.repository import ROSTER_SCHEMA
from roster.roster import Roster
from roster.schema.model_keys import MODEL

_FEATURES = ("features", "default_for")


class Known(NamedTuple):
    """What there is already.

    Attributes:
        rosters: as they are, by environment.
        keys: what the roster's schema says of each key of a model, in its order.
    """

    registries: Registries
    rosters: Mapping[str, Roster]
    keys: Mapping[str, Any]

    @classmethod
    def of(cls, draft: Draft, result: CheckResult | None = None) -> "Known":
        """Read what a draft's repository holds; ``result``: of its check, if there is one already."""
        result = result or check(draft.repository, draft.today)
        keys = load_schema(draft.repository, ROSTER_SCHEMA).at((*MODEL, "properties"))
        return cls(result.registries, result.rosters, keys)

    def choices(self, key: str) -> tuple[str, ...]:
        """Return what a value, or an item of a list, can be; nothing where that is anybody's to say."""
        if key == "environments":
            return tuple(self.registries.environments)
        if key in _FEATURES:
            return tuple(self.registries.features)
        return self.registries.families if key == "family" else tuple(self._about(key).get("enum", ()))

    def choose(self, key: str, word: str) -> str:
        """Return a word that is one of the choices.

        Raises:
            click.UsageError: it is none; says which was probably meant.
        """
        choices = self.choices(key)
        if word in choices:
            return word
        spellings = self.registries.feature_spellings if key in _FEATURES else {name: name for name in choices}
        near = spellings.get(word) or spellings.get(nearest(word, spellings) or "")
        hint = f'did you mean "{near}"?' if near else f"choose from {', '.join(choices)}"
        what = "feature" if key in _FEATURES else self.title(key).lower().removesuffix("s")
        raise click.UsageError(f"there is no {what} {quote(word)}: {hint}")

    def title(self, key: str) -> str:
        """Return what people call a key."""
        return str(self._about(key).get("title", key.replace("_", " ").capitalize()))

    def example(self, key: str) -> str:
        """Return what a value can look like; nothing where the schema has no example."""
        return str(next(iter(self._about(key).get("examples", ())), ""))

    def without_default(self, draft: Draft) -> list[str]:
        """Return the features of a model that have no default yet in any of its environments."""
        rosters = [self.rosters[name] for name in draft.environments if name in self.rosters]
        return [name for name in draft.model["features"] if not any(name in roster.defaults for roster in rosters)]

    def having(self, draft: Draft, id_: str) -> list[Roster]:
        """Return the rosters of a draft's environments that have a model with an id."""
        rosters = [self.rosters[name] for name in draft.environments if name in self.rosters]
        return [roster for roster in rosters if id_ in roster.by_id]

    def _about(self, key: str) -> Mapping[str, Any]:
        about: Mapping[str, Any] = self.keys.get(key, {})
        return about
