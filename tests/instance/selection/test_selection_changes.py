"""Changing selections: validation messages, stored rows and audit events, and constraints of the database."""

import time
from operator import attrgetter
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.database.tables import audit_events, selected_features, selected_models
from roster.instance.selection.offered_list import EMPTY_LIST, OfferedList
from roster.instance.selection.requested_selection import RequestedSelection, follow_roster
from roster.instance.selection.resolution import allowed_models
from roster.instance.selection.selection_changes import change_selections
from roster.instance.selection.selections import (
    Selection,
    SelectionMode,
    load_versioned_selections,
)
from tests.instance.database.statements import count_statements
from tests.instance.selection.changes import change
from tests.instance.selection.offered_lists import SMALL_LIST, large_list, list_of_features, offered_feature

REQUESTED = RequestedSelection("chat", ("haiku", "opus"), "opus")


def upsert(
    database: Database,
    requested: RequestedSelection = REQUESTED,
    offered: OfferedList = SMALL_LIST,
    actor: str = "somebody",
) -> list[str]:
    with database.write_transaction() as connection:
        return change(connection, offered, requested, actor=actor)


def delete(database: Database, name: str = "chat", namespace_id: int | None = None) -> list[str]:
    with database.write_transaction() as connection:
        return change(connection, SMALL_LIST, follow_roster(name, namespace_id))


def stored_selections(database: Database) -> list[Selection]:
    with database.read_transaction() as connection:
        stored = [each.selection for each in load_versioned_selections(connection, 7, 8) if each.selection]
    return sorted(stored, key=attrgetter("id"))


def stored_values(selection: Selection) -> tuple[int | None, str, str, tuple[str, ...], str]:
    """Return a selection without its id and timestamps."""
    return selection.namespace_id, selection.feature, selection.category, selection.models, selection.default_model


def versions(database: Database) -> dict[tuple[int | None, str], int]:
    with database.read_transaction() as connection:
        stored = load_versioned_selections(connection)
    return {(each.namespace_id, each.feature): each.version.number for each in stored}


def audit_log(database: Database) -> list[tuple[Any, ...]]:
    named = (audit_events.c[name] for name in ("actor", "action", "namespace_id", "feature", "old_value", "new_value"))
    with database.read_transaction() as connection:
        return [tuple(row) for row in connection.execute(select(*named).order_by(audit_events.c.id))]


def value(default: str, *models: str) -> dict[str, Any]:
    return {"mode": "chosen_models", "models": list(models), "default_model": default}


def test_new_selection(database: Database):
    assert upsert(database) == []
    (selection,) = stored_selections(database)
    assert stored_values(selection) == (None, "chat", "chat_category", ("haiku", "opus"), "opus")
    assert selection.created_at == selection.updated_at
    assert audit_log(database) == [("somebody", "upsert", None, "chat", None, value("opus", "haiku", "opus"))]


def test_update_keeps_id_and_creation_time(database: Database):
    upsert(database)
    (before,) = stored_selections(database)
    assert upsert(database, RequestedSelection("chat", ("sonnet", "opus"), "sonnet"), actor="another") == []
    (after,) = stored_selections(database)
    assert (after.models, after.default_model) == (("sonnet", "opus"), "sonnet")
    assert (after.id, after.created_at) == (before.id, before.created_at)
    assert after.updated_at > before.updated_at
    old, new = value("opus", "haiku", "opus"), value("sonnet", "sonnet", "opus")
    assert audit_log(database)[1:] == [("another", "upsert", None, "chat", old, new)]


@pytest.mark.parametrize("models", [("haiku", "opus"), ("opus", "haiku")])
def test_unchanged_selection_writes_nothing(database: Database, models: tuple[str, ...]):
    upsert(database)
    before = stored_selections(database)
    with count_statements(database) as statements:
        assert upsert(database, REQUESTED._replace(models=models)) == []
    assert not [each for each in statements if not each.startswith(("SELECT", "SET"))]
    assert stored_selections(database) == before
    assert len(audit_log(database)) == 1


def test_number_of_statements_is_constant(database: Database):
    offered = list_of_features(offered_feature("many", *(f"model-{number}" for number in range(200))))
    taken = []
    for number in (2, 200):
        with count_statements(database) as statements:
            models = tuple(f"model-{each}" for each in range(number))
            assert upsert(database, RequestedSelection("many", models, "model-1"), offered) == []
        taken.append(len(statements))
    assert max(taken) <= 8, taken


@pytest.mark.parametrize(
    ("requested", "errors"),
    [
        (
            RequestedSelection("caht", ("haiku",), "haiku"),
            ['there is no feature "caht": did you mean "chat"?'],
        ),
        (
            RequestedSelection("chat", (), ""),
            ["at least one model must be allowed"],
        ),
        (
            RequestedSelection("chat", ("haiku", "opus", "haiku"), "opus"),
            ['"haiku" is listed more than once'],
        ),
        (
            RequestedSelection("chat", ("haiku", "sonnet"), "sonet"),
            ['the default "sonet" is not one of the allowed models: did you mean "sonnet"?'],
        ),
        (
            RequestedSelection("chat", ("haiku", "sonet"), "haiku"),
            ['there is no model "sonet": did you mean "sonnet"?'],
        ),
        (
            RequestedSelection("chat", ("codestral",), "codestral"),
            ['"codestral" does not serve "chat": select "haiku", "sonnet" or "opus"'],
        ),
        (
            RequestedSelection("chat", ("old", "older"), "old"),
            [
                '"old" no longer serves "chat": it was replaced by "sonnet"',
                '"older" does not serve "chat": select "haiku", "sonnet" or "opus"',
            ],
        ),
        (
            RequestedSelection("summary", ("haiku",), "haiku"),
            ['"haiku" does not serve "summary": no model can be selected for it now'],
        ),
        (
            RequestedSelection("chat", ("x\0y", "codestral", "codestral"), "\ud800"),
            [
                '"codestral" is listed more than once',
                'the default "\\ud800" is not one of the allowed models',
                'there is no model "x\\x00y": select "haiku", "sonnet" or "opus"',
                '"codestral" does not serve "chat": select "haiku", "sonnet" or "opus"',
            ],
        ),
        (
            RequestedSelection("c\0\ud800", ("haiku",), "haiku"),
            ['there is no feature "c\\x00\\ud800"'],
        ),
    ],
)
def test_all_errors_are_reported_and_nothing_is_written(
    database: Database, requested: RequestedSelection, errors: list[str]
):
    assert upsert(database, requested) == errors
    assert stored_selections(database) == []
    assert audit_log(database) == []


def test_number_of_model_errors_is_limited(database: Database):
    errors = upsert(database, RequestedSelection("chat", tuple(f"m{number}" for number in range(5000)), "m1"))
    assert len(errors) == 11
    assert errors[-1] == "4990 more models cannot be selected"


def test_number_of_offered_choices_is_limited(database: Database):
    (error,) = upsert(database, RequestedSelection("feature_000", ("ghost",), "ghost"), large_list(1, 300))
    assert error.startswith('there is no model "ghost": select "model_000", "model_001"')
    assert error.endswith('"model_004" or 295 others')


def test_validation_of_many_models_is_quick(database: Database):
    models = tuple(f"m{number % 15_000}" for number in range(16_000))
    started = time.process_time()
    errors = upsert(database, RequestedSelection("chat", models, "none of them"))
    assert time.process_time() - started < 1
    assert len(errors) == 22


def test_no_selection_before_first_sync(database: Database):
    errors = ["there is no list of models yet: models can be selected after the first sync"]
    assert upsert(database, offered=EMPTY_LIST) == errors


AFTERWARDS = list_of_features(offered_feature("chat", "haiku", "sonnet"), gone=("opus",))
"""A list in which the selected default, opus, is no longer offered."""


def test_unavailable_models_may_be_kept(database: Database):
    upsert(database)
    assert upsert(database, RequestedSelection("chat", ("haiku", "opus", "sonnet"), "opus"), AFTERWARDS) == []
    assert upsert(database, RequestedSelection("chat", ("opus", "sonnet"), "sonnet"), AFTERWARDS) == []
    assert [each.models for each in stored_selections(database)] == [("opus", "sonnet")]


def test_unavailable_models_cannot_be_added(database: Database):
    refused = ['"opus" does not serve "chat": select "haiku" or "sonnet"']
    assert upsert(database, REQUESTED, AFTERWARDS) == refused
    upsert(database, RequestedSelection("chat", ("haiku", "opus"), "haiku"))
    assert upsert(database, RequestedSelection("chat", ("haiku", "opus"), "opus"), AFTERWARDS) == refused
    upsert(database, RequestedSelection("chat", ("haiku",), "haiku"), AFTERWARDS)
    assert upsert(database, RequestedSelection("chat", ("haiku", "opus"), "haiku"), AFTERWARDS) == refused


def test_selection_for_unoffered_feature_can_be_reduced(database: Database):
    upsert(database)
    nothing = list_of_features(offered_feature("chat"), offered_feature("code", "sonnet"), gone=("haiku", "opus"))
    assert upsert(database, RequestedSelection("chat", ("opus",), "opus"), nothing) == []
    assert [each.models for each in stored_selections(database)] == [("opus",)]


def test_namespace_selects_from_allowed_models(database: Database):
    one = RequestedSelection("chat", ("sonnet",), "sonnet", 7)
    assert upsert(database, one) == []
    upsert(database)
    assert upsert(database, one._replace(namespace_id=8)) == [
        'the instance does not allow "sonnet" for "chat": select "haiku" or "opus"'
    ]
    assert upsert(database, RequestedSelection("chat", ("haiku",), "haiku", 8)) == []
    assert upsert(database, RequestedSelection("chat", ("opus",), "opus", 8)) == []
    assert [stored_values(selection) for selection in stored_selections(database)] == [
        (7, "chat", "chat_category", ("sonnet",), "sonnet"),
        (None, "chat", "chat_category", ("haiku", "opus"), "opus"),
        (8, "chat", "chat_category", ("opus",), "opus"),
    ]
    assert audit_log(database)[-1] == (
        "somebody", "upsert", 8, "chat", value("haiku", "haiku"), value("opus", "opus"),
    )  # fmt: skip


def test_delete_selection(database: Database):
    upsert(database)
    upsert(database, RequestedSelection("chat", ("opus",), "opus", 7))
    assert delete(database) == []
    assert [each.namespace_id for each in stored_selections(database)] == [7]
    assert delete(database, namespace_id=7) == []
    assert stored_selections(database) == []
    assert audit_log(database)[2:] == [
        ("somebody", "delete", None, "chat", value("opus", "haiku", "opus"), None),
        ("somebody", "delete", 7, "chat", value("opus", "opus"), None),
    ]
    with database.read_transaction() as connection:
        assert connection.execute(select(selected_models)).all() == []


def test_delete_without_selection_does_nothing(database: Database):
    upsert(database, RequestedSelection("chat", ("opus",), "opus", 7))
    assert delete(database) == delete(database, namespace_id=8) == []
    assert delete(database, "caht") == ['there is no feature "caht": did you mean "chat"?']
    assert len(stored_selections(database)) == len(audit_log(database)) == 1


def test_delete_selection_for_unknown_feature(database: Database):
    upsert(database)
    with database.write_transaction() as connection:
        assert change(connection, EMPTY_LIST, follow_roster("chat")) == []
    assert stored_selections(database) == []


def own_default(model: str, **more: Any) -> RequestedSelection:
    return RequestedSelection("chat", (), model, mode=SelectionMode.OWN_DEFAULT, **more)


def test_own_default_allows_models_offered_later(database: Database):
    assert upsert(database, own_default("opus")) == []
    (selection,) = stored_selections(database)
    assert (selection.mode, selection.models, selection.allowed) == (SelectionMode.OWN_DEFAULT, ("opus",), None)
    later = list_of_features(offered_feature("chat", "haiku", "opus", "new"))
    assert allowed_models(later, "chat", selection) == ("haiku", "opus", "new")
    assert upsert(database, RequestedSelection("chat", ("new",), "new", 7), later) == []
    assert audit_log(database)[0][-1] == {"mode": "own_default", "models": [], "default_model": "opus"}


def test_mode_without_chosen_models_accepts_none(database: Database):
    assert upsert(database, own_default("opus")._replace(models=("opus",))) == [
        "models must be empty with this mode, which allows all"
    ]
    assert upsert(database, own_default("")) == ["a default must be selected"]
    assert upsert(database, follow_roster("chat")._replace(models=("opus",))) == [
        "models and a default cannot be selected with this mode, which follows the roster"
    ]
    (error,) = upsert(database, own_default("codestral"))
    assert error.startswith('"codestral" does not serve "chat": select')
    assert stored_selections(database) == []


def test_each_change_increases_the_version(database: Database):
    for number, requested in enumerate((REQUESTED, own_default("opus"), follow_roster("chat"), REQUESTED)):
        assert upsert(database, requested._replace(version=number)) == []
        assert versions(database) == {(None, "chat"): number + 1}
    assert upsert(database, REQUESTED) == []
    assert versions(database) == {(None, "chat"): 4}, "nothing was changed"


def test_change_based_on_another_version_is_refused(database: Database):
    upsert(database, REQUESTED, actor="alice")
    for requested in (own_default("opus"), follow_roster("chat"), REQUESTED._replace(default_model="haiku")):
        for version in (0, 2):
            with database.write_transaction() as connection:
                outcome = change_selections(connection, SMALL_LIST, [requested._replace(version=version)], "bob")
            (error,) = outcome.errors
            assert error.message.startswith('alice changed the selection for "chat" on 2')
            assert error.message.endswith(f" UTC: it is at version 1, not {version}")
            assert error.conflict
            assert (error.conflict.number, error.conflict.changed_by) == (1, "alice")
    assert upsert(database, REQUESTED._replace(version=0)) == [], "it is already as requested"
    assert upsert(database, own_default("opus", version=3)._replace(feature="code")) == [
        'the selection for "code" has no version 3: load it again'
    ]
    assert len(audit_log(database)) == 1


def test_changes_of_one_call_are_made_together_or_not_at_all(database: Database):
    many = [RequestedSelection(name, ("sonnet",), "sonnet") for name in ("chat", "code")]
    with database.write_transaction() as connection:
        assert change(connection, SMALL_LIST, *many, RequestedSelection("summary", ("haiku",), "haiku")) != []
        assert change(connection, SMALL_LIST, *many, many[0]) == ['"chat" is changed more than once']
    assert stored_selections(database) == []
    with database.write_transaction() as connection:
        assert change(connection, SMALL_LIST, *many) == []
    with database.read_transaction() as connection:
        assert len(set(connection.scalars(select(audit_events.c.batch)))) == 1
    assert [selection.feature for selection in stored_selections(database)] == ["chat", "code"]


def test_number_of_statements_does_not_grow_with_the_changes(database: Database):
    offered, counts = large_list(40, 20), []
    for number in (1, 40):
        models = ("model_000", "model_001")
        requested = [RequestedSelection(f"feature_{each:03}", models, models[0]) for each in range(number)]
        with database.write_transaction() as connection, count_statements(database) as statements:
            assert change(connection, offered, *requested) == []
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] <= 6


def test_later_error_rolls_back_the_change(database: Database):
    def interrupted() -> None:
        with database.write_transaction() as connection:
            change(connection, SMALL_LIST, REQUESTED)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert stored_selections(database) == []
    assert audit_log(database) == []


COPY = """INSERT INTO instance_ai_features
    (namespace_id, created_at, updated_at, feature_category, feature, default_model)
    SELECT {}, created_at, updated_at, feature_category, '{}', default_model FROM instance_ai_features WHERE id = 1"""
ALLOW = "INSERT INTO instance_ai_feature_models (instance_ai_feature_id, model) VALUES ({}, '{}')"
REFUSED = {
    "a default that is not allowed": ["UPDATE instance_ai_features SET default_model = 'sonnet'"],
    "no default": ["UPDATE instance_ai_features SET default_model = ''"],
    "a deleted default": ["DELETE FROM instance_ai_feature_models WHERE model = 'opus'"],
    "a selection without models": [COPY.format("NULL", "code")],
    "a model twice": [ALLOW.format(1, "opus")],
    "a model without a name": [ALLOW.format(1, "")],
    "a model without a selection": [ALLOW.format(4711, "opus")],
    "a second selection of the instance": [COPY.format("NULL", "chat"), ALLOW.format(3, "opus")],
    "a second selection of a namespace": [COPY.format(7, "chat"), ALLOW.format(3, "opus")],
    "a selection of an unknown namespace": [COPY.format(9, "code"), ALLOW.format(3, "opus")],
    "an invalid namespace": ["INSERT INTO namespaces (id) VALUES (0)"],
    "an unknown mode": ["UPDATE instance_ai_features SET mode = 'roster'"],
    "an unknown action": ["UPDATE instance_ai_audit_events SET action = 'something'"],
}


@pytest.mark.parametrize("about", REFUSED)
def test_database_rejects_invalid_rows(database: Database, about: str):
    upsert(database)
    upsert(database, RequestedSelection("chat", ("opus",), "opus", 7))
    before = stored_selections(database)

    def write(statements: list[str]) -> None:
        with database.write_transaction() as connection:
            for statement in statements:
                connection.execute(text(statement))

    with pytest.raises((IntegrityError, ConfigurationError)):
        write(REFUSED[about])
    assert stored_selections(database) == before


def test_database_accepts_valid_rows(database: Database):
    upsert(database)
    with database.write_transaction() as connection:
        connection.execute(text("INSERT INTO namespaces (id) VALUES (7)"))
        connection.execute(text(COPY.format(7, "chat")))
        connection.execute(text(ALLOW.format(2, "opus")))
    with database.read_transaction() as connection:
        assert set(connection.scalars(select(selected_features.c.namespace_id))) == {None, 7}
