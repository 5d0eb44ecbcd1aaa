"""Reference model of an instance in plain dictionaries, which shares no code with it.

It has no database and no HTTP, only the documented behavior: which lists are accepted, what is kept of earlier lists,
which selections are valid, and which model serves a feature.
"""

from typing import Any, Literal, NamedTuple

from tests.instance.sync.published_lists import ALL, PublishedList

MAX_SHRINK = 0.5
Outcome = Literal["off", "failed", "unchanged", "recovered", "replaced"]


class ReferenceModel(NamedTuple):
    """A model that is or was offered."""

    name: str
    state: str
    offered: bool


class ReferenceFeature(NamedTuple):
    """A feature that is or was offered.

    Attributes:
        is_named: whether the default is from definitions, so that plain lists do not replace it.
        serving: the models that currently serve it, in roster order.
    """

    default: str | None
    is_named: bool
    serving: tuple[str, ...]


class ReferenceSelection(NamedTuple):
    """A selection for a feature."""

    models: tuple[str, ...]
    default: str

    def value(self) -> dict[str, Any]:
        """Return the value in audit events."""
        return {"mode": "chosen_models", "models": list(self.models), "default_model": self.default}


class ReferenceInstance:
    """The expected state of an instance.

    Attributes:
        selections: by namespace (None for the instance) and feature.
        events: audit events: action, namespace, feature, old and new value.
    """

    def __init__(self) -> None:
        self.on = False
        self.models: dict[str, ReferenceModel] = {}
        self.features: dict[str, ReferenceFeature] = {}
        self.replacements: dict[tuple[str, str], str] = {}
        self.selections: dict[tuple[int | None, str], ReferenceSelection] = {}
        self.events: list[tuple[Any, ...]] = []
        self._failing = False
        self._body: bytes | None = None

    def sync(self, published: PublishedList | None, *, plain: bool) -> Outcome:
        """Sync with the list of the gateway, or None if it has no valid list; return the outcome."""
        if not self.on:
            return "off"
        body = published and (published.plain() if plain else published.definitions())
        if published is None or (body != self._body and self._shrinks(published, plain)):
            self._failing = True
            return "failed"
        failed, self._failing = self._failing, False
        if body == self._body:
            return "recovered" if failed else "unchanged"
        self._body = body
        self._replace_list(published, plain)
        return "replaced"

    def _shrinks(self, published: PublishedList, plain: bool) -> bool:
        offered = [id_ for id_, model in self.models.items() if model.offered]
        retired = set() if plain else {id_ for id_, _ in published.replacements}
        lost = [id_ for id_ in offered if id_ not in published.models and id_ not in retired]
        return len(lost) > MAX_SHRINK * len(offered)

    def _replace_list(self, published: PublishedList, plain: bool) -> None:
        """Replace the list; keep earlier models and features, and what a plain list does not contain."""
        offered = {id_: ReferenceModel(offer.name, offer.state, True) for id_, offer in published.models.items()}
        self.models = {id_: model._replace(offered=False) for id_, model in self.models.items()} | offered
        served = {
            feature: published.serving(feature) for offer in published.models.values() for feature in offer.features
        }
        for name in self.features.keys() - served:
            self.features[name] = self.features[name]._replace(serving=())
        for name, serving in served.items():
            default, is_named = (
                self._default(name, published, serving) if plain else (published.defaults.get(name), True)
            )
            self.features[name] = ReferenceFeature(default, is_named, tuple(serving))
        if not plain:
            self.replacements = dict(published.replacements)

    def _default(self, name: str, published: PublishedList, serving: list[str]) -> tuple[str, bool]:
        previous = self.features.get(name)
        if previous and previous.is_named and previous.default in serving:
            return previous.default, True
        return next((id_ for id_ in serving if published.models[id_].state == "GA"), serving[0]), False

    def serving(self, feature: str) -> tuple[str, ...]:
        """Return the models that currently serve a feature."""
        return self.features[feature].serving if feature in self.features else ()

    def selectable(self, feature: str, namespace: int | None) -> tuple[str, ...]:
        """Return the models that can be selected for a feature without a selection so far."""
        above = None if namespace is None else self.selections.get((None, feature))
        return tuple(id_ for id_ in self.serving(feature) if above is None or id_ in above.models)

    def upsert(self, namespace: int | None, feature: str, requested: ReferenceSelection) -> bool:
        """Store a selection if it is valid; return whether it is."""
        before = self.selections.get((namespace, feature))
        if not self._is_valid(namespace, feature, requested, before):
            return False
        if before is None or (set(before.models), before.default) != (set(requested.models), requested.default):
            self.selections[namespace, feature] = requested
            self.events.append(("upsert", namespace, feature, before and before.value(), requested.value()))
        return True

    def _is_valid(
        self, namespace: int | None, feature: str, requested: ReferenceSelection, before: ReferenceSelection | None
    ) -> bool:
        if feature not in self.features or requested.default not in requested.models:
            return False
        may = {*self.selectable(feature, namespace)}
        if before:  # selected models may remain selected, except that an allowed one may not become the default
            may |= {before.default, *(set(before.models) - {requested.default})}
        return len(set(requested.models)) == len(requested.models) and may >= set(requested.models)

    def delete(self, namespace: int | None, feature: str) -> bool:
        """Delete a selection; return whether the feature is known."""
        before = self.selections.pop((namespace, feature), None)
        if before:
            self.events.append(("delete", namespace, feature, before.value(), None))
        return before is not None or feature in self.features

    def serves(self, feature: str, namespace: int | None) -> tuple[str, str] | None:
        """Return the deciding level and the serving model, for a namespace or the instance."""
        own = None if namespace is None else self.selections.get((namespace, feature))
        instance = self.selections.get((None, feature))
        among = instance.models if instance else self.models
        if own and own.default in among and (serving_model := self._follow_replacements(own.default, feature)) in among:
            return "namespace", serving_model
        if instance and (serving_model := self._follow_replacements(instance.default, feature)):
            return "instance", serving_model
        default = self.features[feature].default if feature in self.features else None
        return ("roster", default) if default in self.serving(feature) else None

    def _follow_replacements(self, id_: str, feature: str) -> str:
        """Return the model if it serves the feature, or else the replacement that does; empty without one."""
        passed = {""}
        while id_ not in passed and id_ not in self.serving(feature):
            passed.add(id_)
            id_ = self.replacements.get((id_, feature)) or self.replacements.get((id_, ALL), "")
        return "" if id_ in passed else id_
