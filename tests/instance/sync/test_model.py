"""Stateful test of an instance against the reference model, on both databases, with real syncs over HTTP.

Set ``MODEL_EXAMPLES`` to run more examples.
"""

import os
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, delete, select

from roster.instance.database import tables
from roster.instance.database.connections import Database
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.requested_selection import RequestedSelection, follow_roster
from roster.instance.selection.resolution import SelectionLevel, resolve
from roster.instance.selection.restoring import restore_selection, undo_batch
from roster.instance.selection.selection_changes import ChangeOutcome, change_selections
from roster.instance.selection.selections import SelectionMode
from roster.instance.selection.state import StateReader
from roster.settings.secret import Secret
from tests.instance.database.databases import Databases
from tests.instance.database.statements import count_statements
from tests.instance.sync.published_lists import (
    ALL,
    FAULTS,
    FEATURES,
    MODELS,
    FakeGateway,
    PublishedList,
    PublishedModel,
    features,
    ids,
    offers,
    whole_lists,
)
from tests.instance.sync.reference_instance import (
    ReferenceInstance,
    ReferenceModel,
    ReferenceRequest,
    ReferenceSelection,
)
from tests.instance.sync.sync_helpers import dump_database, set_flag, sync_from

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "6"))
STEPS = 50
NAMESPACES = (7, 8)
levels = some.sampled_from((None, *NAMESPACES))
maybe = some.booleans()
mostly = some.sampled_from((True, True, True, False))


class InstanceStateMachine(RuleBasedStateMachine):
    """An instance, its gateway, and the reference model."""

    url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.database, self.reader = Database(Secret(self.url)), StateReader()
        delete_all_rows(self.database)
        self.expected = ReferenceInstance()

    @initialize(published=whole_lists, then=mostly, data=some.data())
    def start(self, published: PublishedList, then: bool, data: some.DataObject) -> None:
        self.gateway = FakeGateway(published)
        self.gateway.server.__enter__()
        self.set_flag_to(on=True)
        self.publish(published, then)
        for namespace in data.draw(some.lists(levels, max_size=3)):
            self.select_valid_models(namespace, data.draw(features), data)

    def teardown(self) -> None:
        self.database.close()
        if hasattr(self, "gateway"):
            self.gateway.server.__exit__()

    @rule(published=whole_lists, then=mostly)
    def publishes_new_list(self, published: PublishedList, then: bool) -> None:
        self.publish(published, then)

    @rule(id_=ids, offer=offers, then=mostly)
    def offers_a_model(self, id_: str, offer: PublishedModel, then: bool) -> None:
        """Add a model, or change its name, features or release state."""
        now = self.gateway.published
        self.publish(now._replace(models={**now.models, id_: offer}), then)

    @precondition(lambda self: len(self.gateway.published.models) > 1)
    @rule(data=some.data(), then=mostly)
    def retires_a_model(self, data: some.DataObject, then: bool) -> None:
        now, gone = self.gateway.published, self.draw_offered_model(data)
        models = {id_: offer for id_, offer in now.models.items() if id_ != gone}
        self.publish(
            now._replace(models=models, replacements=now.replacements | self.draw_tombstone(data, gone, ALL)), then
        )

    @rule(data=some.data(), then=mostly)
    def retires_a_model_for_a_feature(self, data: some.DataObject, then: bool) -> None:
        now, id_ = self.gateway.published, self.draw_offered_model(data)
        offer = now.models[id_]
        gone = data.draw(some.sampled_from(offer.features))
        if left := tuple(feature for feature in offer.features if feature != gone):
            models = {**now.models, id_: offer._replace(features=left)}
            self.publish(
                now._replace(models=models, replacements=now.replacements | self.draw_tombstone(data, id_, gone)), then
            )

    def draw_offered_model(self, data: some.DataObject) -> str:
        """Draw an offered model; often one that is selected."""
        offered = self.gateway.published.models
        selected = [
            selection.default for selection in self.expected.selections.values() if selection.default in offered
        ]
        return data.draw(some.sampled_from([*selected, *offered]))

    def draw_tombstone(self, data: some.DataObject, id_: str, feature: str) -> dict[tuple[str, str], str]:
        """Draw a tombstone; its replacement is often an offered model. Sometimes there is none."""
        replacement = data.draw(some.sampled_from([*self.gateway.published.models, *MODELS, None]))
        return {(id_, feature): replacement} if replacement else {}

    @rule(feature=features, id_=some.none() | ids, then=mostly)
    def changes_default(self, feature: str, id_: str | None, then: bool) -> None:
        now = self.gateway.published
        self.publish(now._replace(defaults={**now.defaults, feature: id_}), then)

    def publish(self, published: PublishedList, then: bool) -> None:
        self.gateway.published = published.without_contradictions()
        if then:
            self.syncs(repeated=False)

    @rule(fault=some.sampled_from(sorted(FAULTS)), then=mostly)
    def gateway_fails(self, fault: str, then: bool) -> None:
        self.gateway.fault = fault
        self.publish(self.gateway.published, then)

    @rule(plain=maybe, tags=maybe, then=mostly)
    def gateway_recovers(self, plain: bool, tags: bool, then: bool) -> None:
        self.gateway.fault, self.gateway.plain, self.gateway.tags = None, plain, tags
        self.publish(self.gateway.published, then)

    @rule(repeated=maybe)
    def syncs(self, repeated: bool) -> None:
        published = None if self.gateway.fault else self.gateway.published
        outcome = self.expected.sync(published, plain=self.gateway.plain)
        before, requests_before = (
            dump_database(self.database, without=(tables.sync_runs,)),
            len(self.gateway.server.requests),
        )
        result = sync_from(self.database, self.gateway.server.origin)
        assert result.outcome == outcome, result
        assert (len(self.gateway.server.requests) == requests_before) == (outcome == "off")
        if outcome != "replaced":
            assert dump_database(self.database, without=(tables.sync_runs,)) == before
        if repeated or outcome == "off":
            self.sync_again()

    def sync_again(self) -> None:
        """Sync again from an unchanged gateway."""
        before, published = dump_database(self.database), None if self.gateway.fault else self.gateway.published
        outcome = self.expected.sync(published, plain=self.gateway.plain)
        assert outcome in ("off", "failed", "unchanged")
        with count_statements(self.database) as statements:
            assert sync_from(self.database, self.gateway.server.origin).outcome == outcome
        assert not [each for each in statements if each.startswith(("INSERT", "UPDATE", "DELETE"))]
        assert dump_database(self.database) == before

    @rule(feature=features, data=some.data())
    def instance_selects(self, feature: str, data: some.DataObject) -> None:
        self.select_valid_models(None, feature, data)

    @rule(namespace=some.sampled_from(NAMESPACES), feature=features, data=some.data())
    def namespace_selects(self, namespace: int, feature: str, data: some.DataObject) -> None:
        self.select_valid_models(namespace, feature, data)

    def select_valid_models(self, namespace: int | None, feature: str, data: some.DataObject) -> None:
        if selection := self.draw_valid_selection(namespace, feature, data):
            self.change(ReferenceRequest(namespace, feature, selection))

    def draw_valid_selection(
        self, namespace: int | None, feature: str, data: some.DataObject
    ) -> ReferenceSelection | None:
        """Draw from the models that can be or are selected; None if there are none."""
        before = self.expected.selections.get((namespace, feature))
        among = [*self.expected.selectable(feature, namespace), *(before.stored_models if before else ())]
        if not among:
            return None
        if namespace is None and data.draw(maybe):
            return ReferenceSelection((), data.draw(some.sampled_from(among)), allows_all=True)
        wanted = some.lists(some.sampled_from(among), min_size=1, max_size=1 if namespace else 4, unique=True)
        models = tuple(data.draw(wanted))
        return ReferenceSelection(models, data.draw(some.sampled_from(models)))

    @rule(
        namespace=levels,
        feature=features | some.just("not a feature"),
        models=some.lists(ids | some.just("not a model \0"), max_size=4),
        data=some.data(),
    )
    def selects_anything(self, namespace: int | None, feature: str, models: list[str], data: some.DataObject) -> None:
        default = data.draw(some.sampled_from([*models, *MODELS]))
        selection = ReferenceSelection((default,) if namespace else tuple(models), default)
        self.change(ReferenceRequest(namespace, feature, selection))

    @rule(data=some.data())
    def deletes_selection(self, data: some.DataObject) -> None:
        """Delete a selection; often an existing one."""
        anything = some.tuples(levels, features | some.just("not a feature"))
        selected = list(self.expected.selections)
        namespace, feature = data.draw(some.sampled_from(selected) | anything if selected else anything)
        self.change(ReferenceRequest(namespace, feature, None))

    @rule(keys=some.lists(some.tuples(levels, features), min_size=1, max_size=4), data=some.data())
    def changes_many(self, keys: list[tuple[int | None, str]], data: some.DataObject) -> None:
        """Change several selections at once, based on versions of which few are wrong."""
        requests = []
        for namespace, feature in keys if data.draw(maybe) else dict.fromkeys(keys):
            selection = self.draw_valid_selection(namespace, feature, data) if data.draw(mostly) else None
            current = self.expected.versions.get((namespace, feature), 0)
            version = data.draw(some.sampled_from((None, current, current, current, current + 1, 0)))
            requests.append(ReferenceRequest(namespace, feature, selection, version))
        self.change(*requests)

    def change(self, *requests: ReferenceRequest) -> None:
        expected, requests_before = self.expected.change(*requests), len(self.gateway.server.requests)
        wanted = [requested(each) for each in requests]
        self.apply(partial(change_selections, requested=wanted, actor="somebody"), expected)
        assert len(self.gateway.server.requests) == requests_before

    @precondition(lambda self: self.expected.events)
    @rule(data=some.data())
    def restores_a_selection(self, data: some.DataObject) -> None:
        event = data.draw(some.integers(0, len(self.expected.events) - 1))
        current = self.expected.versions[self.expected.events[event][1:3]]
        version = data.draw(some.sampled_from((None, current, current - 1)))
        with self.database.read_transaction() as connection:
            (id_,) = rows(connection, tables.audit_events.c.id, order=tables.audit_events.c.id)[event]
        expected = self.expected.restore(event, version)
        self.apply(partial(restore_selection, event_id=str(id_), version=version, actor="somebody"), expected)

    @precondition(lambda self: self.expected.batches)
    @rule(data=some.data(), recent=mostly)
    def undoes_a_batch(self, data: some.DataObject, recent: bool) -> None:
        last = len(self.expected.batches) - 1
        batch = last if recent else data.draw(some.integers(0, last))
        event = self.expected.batches[batch][0]
        with self.database.read_transaction() as connection:
            (name,) = rows(connection, tables.audit_events.c.batch, order=tables.audit_events.c.id)[event]
        expected = self.expected.undo(batch)
        self.apply(partial(undo_batch, batch=name, actor="somebody"), expected)

    def apply(self, change: Callable[[Connection, OfferedList], ChangeOutcome], expected: bool) -> None:
        """Make a change; it has errors or not, as expected."""
        with self.database.write_transaction() as connection:
            outcome = change(connection, self.reader.state(connection).offered)
        assert (outcome.errors == ()) == expected, outcome

    @rule(on=maybe)
    def set_flag_to(self, on: bool) -> None:
        self.expected.on = on
        set_flag(self.database, on)

    @rule()
    def restarts(self) -> None:
        self.database.close()
        self.database, self.reader = Database(Secret(self.url)), StateReader()

    @invariant()
    def matches_reference(self) -> None:
        with self.database.read_transaction() as connection:
            self.check_list(connection)
            self.check_selections(connection)
            self.check_resolutions(connection)

    def check_list(self, connection: Connection) -> None:
        models, offered = tables.offered_models.c, tables.offered_features.c
        serving, tombstones = tables.offered_model_features.c, tables.retired_models.c
        found = rows(connection, models.model, models.name, models.release_state, models.offered)
        assert {id_: ReferenceModel(*about) for id_, *about in found} == self.expected.models
        found = rows(connection, serving.feature, serving.model)
        in_order = [id_ for (id_,) in rows(connection, models.model, order=models.position)]
        served = {name: tuple(id_ for id_ in in_order if (name, id_) in found) for name, _ in found}
        stored_features = rows(connection, offered.feature, offered.default_model, offered.offered)
        assert {name: (default, served.pop(name, ()), offered) for name, default, offered in stored_features} == {
            name: (each.default, each.serving, bool(each.serving)) for name, each in self.expected.features.items()
        }
        assert not served, "unknown features are served"
        found = rows(connection, tombstones.model, tombstones.feature, tombstones.replacement)
        assert {(id_, name): replacement for id_, name, replacement in found} == self.expected.replacements

    def check_selections(self, connection: Connection) -> None:
        own, allowed, audit = tables.selected_features.c, tables.selected_models.c, tables.audit_events.c
        models: dict[int, list[str]] = {}
        for id_, model in rows(connection, allowed.instance_ai_feature_id, allowed.model, order=allowed.id):
            models.setdefault(id_, []).append(model)
        selected = rows(connection, own.namespace_id, own.feature, own.id, own.default_model, own.mode)
        found = [
            ((*key,), ReferenceSelection(() if mode == "own_default" else stored, default, mode == "own_default"))
            for *key, id_, default, mode in selected
            for stored in [tuple(models.pop(id_))]
            if mode != "own_default" or stored == (default,)
        ]
        assert dict(found) == self.expected.selections
        assert len(found) == len(self.expected.selections)
        assert not models, "models without a selection remain"
        assert {each[0] for each in selected} <= {None, *connection.scalars(select(tables.namespaces.c.id))}
        events = (audit.action, audit.namespace_id, audit.feature, audit.old_value, audit.new_value)
        assert rows(connection, *events, order=audit.id) == self.expected.events
        batches: dict[str, list[int]] = {}
        for position, (batch,) in enumerate(rows(connection, audit.batch, order=audit.id)):
            batches.setdefault(batch, []).append(position)
        assert list(batches.values()) == self.expected.batches
        versions = tables.selection_versions.c
        found_versions = rows(connection, versions.namespace_id, versions.feature, versions.version)
        assert {(namespace, feature): number for namespace, feature, number in found_versions} == self.expected.versions

    def check_resolutions(self, connection: Connection) -> None:
        assert self.reader.state(connection) == StateReader().state(connection)
        for namespace in (None, *NAMESPACES):
            state = self.reader.state(connection, namespace)
            assert state.status.enabled == self.expected.on
            start = SelectionLevel.INSTANCE if namespace is None else SelectionLevel.NAMESPACE
            for name in FEATURES:
                found = resolve(state.offered, name, state.instance.get(name), state.namespace.get(name), start)
                assert (found.level, found.model) == (self.expected.serves(name, namespace) or (None, None)), (
                    found.steps
                )
                assert found.model is None or found.model in self.expected.serving(name)


def requested(request: ReferenceRequest) -> RequestedSelection:
    """Return a request as the instance gets it."""
    namespace, feature, selection, version, _ = request
    if selection is None:
        return follow_roster(feature, namespace, version)
    mode = SelectionMode.OWN_DEFAULT if selection.allows_all else SelectionMode.CHOSEN_MODELS
    return RequestedSelection(feature, selection.models, selection.default, namespace, mode, version)


def rows(connection: Connection, *columns: Any, order: Any = None) -> list[tuple[Any, ...]]:
    """Return columns of all rows."""
    return [tuple(row) for row in connection.execute(select(*columns).order_by(order))]


def delete_all_rows(database: Database) -> None:
    """Delete all rows, which is faster than a new database for each example."""
    with database.write_transaction() as connection:
        for table in reversed(tables.metadata.sorted_tables):
            connection.execute(delete(table))


def test_instance_matches_reference(databases: Databases):
    class OnOneDatabase(InstanceStateMachine):
        url = databases.migrated()

    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    long = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(OnOneDatabase, settings=long)
