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
    """A selection for a feature; ``models`` is empty if it allows all models."""

    models: tuple[str, ...]
    default: str
    allows_all: bool = False

    @property
    def stored_models(self) -> tuple[str, ...]:
        return (self.default,) if self.allows_all else self.models

    def value(self) -> dict[str, Any]:
        """Return the value in audit events."""
        mode = "own_default" if self.allows_all else "chosen_models"
        return {"mode": mode, "models": list(self.models), "default_model": self.default}

    def equals(self, other: "ReferenceSelection | None") -> bool:
        """Return whether two selections are the same; the order of their models does not count."""
        return (
            other is not None
            and other._replace(models=()) == self._replace(models=())
            and (set(other.models) == set(self.models))
        )


class ReferenceRequest(NamedTuple):
    """A requested selection; None deletes the selection.

    Attributes:
        version: the one that it is based on, if any.
        undoes: whether it takes back the latest change.
    """

    namespace: int | None
    feature: str
    selection: ReferenceSelection | None
    version: int | None = None
    undoes: bool = False


class ReferenceInstance:
    """The expected state of an instance.

    Attributes:
        selections: by namespace (None for the instance) and feature.
        versions: how often each selection was changed.
        events: audit events: action, namespace, feature, old and new value.
        batches: for each batch, the positions of its events.
    """

    def __init__(self) -> None:
        self.on = False
        self.models: dict[str, ReferenceModel] = {}
        self.features: dict[str, ReferenceFeature] = {}
        self.replacements: dict[tuple[str, str], str] = {}
        self.selections: dict[tuple[int | None, str], ReferenceSelection] = {}
        self.versions: dict[tuple[int | None, str], int] = {}
        self.batches: list[list[int]] = []
        self._values: list[tuple[ReferenceSelection | None, ReferenceSelection | None]] = []
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
        return tuple(id_ for id_ in self.serving(feature) if above is None or above.allows_all or id_ in above.models)

    def change(self, *requests: ReferenceRequest) -> bool:
        """Make all changes if all of them are valid; return whether they are."""
        keys = [(each.namespace, each.feature) for each in requests]
        if len(set(keys)) < len(keys) or not all(self._is_current(each) and self._is_valid(each) for each in requests):
            return False
        batch = []
        for namespace, feature, selection, *_ in requests:
            before = self.selections.get((namespace, feature))
            if selection.equals(before) if selection else before is None:
                continue
            batch.append(len(self.events))
            self._write(namespace, feature, before, selection)
        if batch:
            self.batches.append(batch)
        return True

    def _write(
        self, namespace: int | None, feature: str, before: ReferenceSelection | None, after: ReferenceSelection | None
    ) -> None:
        self.selections.pop((namespace, feature), None)
        if after:
            self.selections[namespace, feature] = after
        self.versions[namespace, feature] = self.versions.get((namespace, feature), 0) + 1
        values = before and before.value(), after and after.value()
        self.events.append(("upsert" if after else "delete", namespace, feature, *values))
        self._values.append((before, after))

    def _is_current(self, request: ReferenceRequest) -> bool:
        """Return whether nobody changed the selection since; a change that is made already is no conflict."""
        key = request.namespace, request.feature
        before, wanted = self.selections.get(key), request.selection
        is_made = wanted.equals(before) if wanted else before is None
        return is_made or request.version in (None, self.versions.get(key, 0))

    def _is_valid(self, request: ReferenceRequest) -> bool:
        namespace, feature, selection, _, undoes = request
        before = self.selections.get((namespace, feature))
        if selection is None:
            return before is not None or feature in self.features
        if feature not in self.features or selection.default not in selection.stored_models:
            return False
        may = {*self.selectable(feature, namespace)}
        if before:  # selected models may remain selected, except that an allowed one may not become the default
            may |= {before.default, *(set(before.stored_models) - {selection.default})}
        if undoes:  # models that are no longer offered come back
            may |= {id_ for id_ in selection.stored_models if id_ not in self.serving(feature)}
        return len(set(selection.models)) == len(selection.models) and may >= set(selection.stored_models)

    def restore(self, event: int, version: int | None) -> bool:
        """Restore the selection from before an event; return whether it is valid now."""
        return self.change(self._restoring(event)._replace(version=version))

    def _restoring(self, event: int) -> ReferenceRequest:
        _, namespace, feature, *_ = self.events[event]
        is_latest = (namespace, feature) not in [each[1:3] for each in self.events[event + 1 :]]
        return ReferenceRequest(namespace, feature, self._values[event][0], undoes=is_latest)

    def undo(self, batch: int) -> bool:
        """Restore the selections from before a batch, unless one was changed since or is not valid now."""
        events = self.batches[batch]
        keys = {self.events[event][1:3] for event in events}
        if any(event[1:3] in keys for event in self.events[events[-1] + 1 :]):
            return False
        return self.change(*map(self._restoring, events))

    def serves(self, feature: str, namespace: int | None) -> tuple[str, str] | None:
        """Return the deciding level and the serving model, for a namespace or the instance."""
        own = None if namespace is None else self.selections.get((namespace, feature))
        instance = self.selections.get((None, feature))
        among = instance.models if instance and not instance.allows_all else self.models
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
