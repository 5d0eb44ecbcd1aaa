"""Changing selections: validation messages, stored rows and audit events, and constraints of the database."""

import time
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from roster.findings import ConfigurationError
from roster.instance.database.connections import Database
from roster.instance.database.tables import audit_events, selected_features, selected_models
from roster.instance.selection import selection_changes
from roster.instance.selection.offered_list import EMPTY_LIST, OfferedList
from roster.instance.selection.selection_changes import RequestedSelection
from roster.instance.selection.selections import Selection, load_selections
from tests.instance.database.statements import count_statements
from tests.instance.selection.offered_lists import SMALL_LIST, large_list, list_of_features, offered_feature

REQUESTED = RequestedSelection("chat", ("haiku", "opus"), "opus")


def upsert(
    database: Database,
    requested: RequestedSelection = REQUESTED,
    offered: OfferedList = SMALL_LIST,
    actor: str = "somebody",
) -> list[str]:
    with database.write_transaction() as connection:
        return selection_changes.upsert_selection(connection, offered, requested, actor)


def delete(database: Database, name: str = "chat", namespace_id: int | None = None) -> list[str]:
    with database.write_transaction() as connection:
        return selection_changes.delete_selection(connection, SMALL_LIST, name, namespace_id, "somebody")


def stored_selections(database: Database) -> list[Selection]:
    with database.read_transaction() as connection:
        return list(load_selections(connection, selected_features.c.id > 0))


def stored_values(selection: Selection) -> tuple[int | None, str, str, tuple[str, ...], str]:
    """Return a selection without its id and timestamps."""
    return selection.namespace_id, selection.feature, selection.category, selection.models, selection.default_model


def audit_log(database: Database) -> list[tuple[Any, ...]]:
    named = (audit_events.c[name] for name in ("actor", "action", "namespace_id", "feature", "old_value", "new_value"))
    with database.read_transaction() as connection:
        return [tuple(row) for row in connection.execute(select(*named).order_by(audit_events.c.id))]


def value(default: str, *models: str) -> dict[str, Any]:
    return {"models": list(models), "default_model": default}


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
    assert error.endswith('"model_009" or 290 others')


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
        assert selection_changes.delete_selection(connection, EMPTY_LIST, "chat", None, "somebody") == []
    assert stored_selections(database) == []


def test_later_error_rolls_back_the_change(database: Database):
    def interrupted() -> None:
        with database.write_transaction() as connection:
            selection_changes.upsert_selection(connection, SMALL_LIST, REQUESTED, "somebody")
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
    assert [each.namespace_id for each in stored_selections(database)] == [None, 7]
