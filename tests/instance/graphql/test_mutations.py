"""Mutations: payloads, permissions, audit events, and concurrency."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from roster.instance.auth.token_events import IS_OF_TOKEN
from roster.instance.auth.tokens import Access, add_token, hash_token
from roster.instance.database.feature_flag import set_enabled
from roster.instance.database.tables import audit_events
from roster.instance.graphql import request_context
from roster.instance.graphql.request_context import FLAG_OFF
from roster.instance.selection import state
from tests.instance.auth.test_token_authentication import READ, WRITE, open_session_for
from tests.instance.graphql.api_client import ApiClient
from tests.instance.selection.offered_lists import SMALL_LIST, list_of_features, offered_feature


def audited(api: ApiClient) -> list[tuple[str, ...]]:
    table = audit_events.c
    with api.database.read_transaction() as connection:
        rows = connection.execute(
            select(table.actor, table.action, table.feature).where(~IS_OF_TOKEN).order_by(table.id)
        )
        return [tuple(row) for row in rows]


def test_update_returns_the_changed_feature(api: ApiClient):
    payload = api.select("chat", "sonnet", "opus", clientMutationId="42")
    assert (payload["errors"], payload["clientMutationId"]) == ([], "42")
    assert payload["aiFeatureSetting"] == api.settings()["chat"]
    assert payload["aiFeatureSetting"]["resolution"]["model"]["ref"] == "sonnet"
    assert audited(api) == [(f"token:{hash_token(WRITE)[:8]}", "upsert", "chat")]


def test_caller_is_shown_by_the_name_of_the_token(api: ApiClient):
    changed_by = "{ aiFeatureSettings { nodes { changedBy } } }"
    api.select("chat", "sonnet")
    actor = f"token:{hash_token(WRITE)[:8]}"
    shown = [actor]
    for name in ("alice", "bob"):
        api.execute(changed_by)  # caches the response
        with api.database.write_transaction() as connection:
            add_token(connection, name, hash_token(WRITE), Access.WRITE)
        shown.append(name)
        assert shown[-1] in str(api.execute(changed_by))
        assert shown[-2] not in str(api.execute(changed_by))
    conflict = api.select("chat", "haiku", version=0)
    assert conflict["errors"][0].startswith('bob changed the selection for "chat"')
    assert [each for each, *_ in audited(api)] == [actor]


def test_rejected_update_returns_the_unchanged_feature(api: ApiClient):
    api.select("chat", "sonnet")
    payload = api.select("chat", "codestral", "codestral")
    assert payload["errors"] == [
        '"codestral" is listed more than once',
        '"codestral" does not serve "chat": select "haiku", "sonnet" or "opus"',
    ]
    assert payload["aiFeatureSetting"] == api.settings()["chat"]
    unknown = api.select("caht", "sonnet", clientMutationId="\ud800")
    assert unknown["errors"] == ['there is no feature "caht": did you mean "chat"?']
    assert unknown["aiFeatureSetting"] is None
    assert unknown["clientMutationId"] == "\ud800"
    assert len(audited(api)) == 1


def test_delete_is_idempotent(api: ApiClient):
    before = api.settings()["chat"]
    api.select("chat", "sonnet")
    for _ in range(2):
        payload = api.mutate("aiFeatureSettingDelete", feature="chat")
        assert payload["errors"] == []
        assert payload["aiFeatureSetting"] == before
    assert [action for _, action, _ in audited(api)] == ["upsert", "delete"]
    (error,) = api.mutate("aiFeatureSettingDelete", feature="caht")["errors"]
    assert error == 'there is no feature "caht": did you mean "chat"?'


def test_namespace_selection_requires_allowed_model_and_falls_back(api: ApiClient):
    api.select("chat", "haiku", "opus")
    choose = {"namespaceId": "gid://gitlab/Group/7", "feature": "chat"}
    rejected = api.mutate("aiModelSelectionNamespaceUpdate", **choose, model="sonnet")
    assert rejected["errors"] == ['the instance does not allow "sonnet" for "chat": select "haiku" or "opus"']
    updated = api.mutate("aiModelSelectionNamespaceUpdate", **choose, model="opus")
    assert updated["aiFeatureSetting"] == api.settings(namespaceId=7)["chat"]
    assert updated["aiFeatureSetting"]["resolution"]["source"] == "NAMESPACE"
    api.select("chat", "haiku")
    resolution = api.settings(namespaceId=7)["chat"]["resolution"]
    assert (resolution["model"]["ref"], resolution["source"]) == ("haiku", "INSTANCE")
    assert resolution["steps"][0]["outcome"] == "NOT_ALLOWED"
    gone = api.mutate("aiModelSelectionNamespaceDelete", **choose)
    assert gone["aiFeatureSetting"]["selection"] is None
    assert api.settings()["chat"]["selection"] is not None


def test_unavailable_selection_survives_an_update(api: ApiClient):
    api.select("chat", "opus", "haiku")
    api.store_list(list_of_features(offered_feature("chat", "haiku", "sonnet"), gone=("opus",)))
    assert api.select("chat", "opus", "haiku", "sonnet")["errors"] == []
    api.store_list(SMALL_LIST)
    assert api.settings()["chat"]["resolution"]["model"]["ref"] == "opus"


def test_mutations_of_one_request_run_in_order(api: ApiClient):
    data = api.execute(
        """mutation {
          a: aiFeatureSettingUpdate(input: {feature: "chat", models: ["opus"], defaultModel: "opus"}) { errors }
          b: aiModelSelectionNamespaceUpdate(input: {namespaceId: 7, feature: "chat", model: "haiku"}) { errors }
          c: aiFeatureSettingDelete(input: {feature: "chat"}) { errors aiFeatureSetting { selection { id } } }
        }""",
        WRITE,
    )
    assert [data[name]["errors"] for name in "abc"] == [
        [],
        ['the instance does not allow "haiku" for "chat": select "opus"'],
        [],
    ]
    assert data["c"]["aiFeatureSetting"] == {"selection": None}


def test_read_only_token_cannot_mutate(api: ApiClient):
    query = 'mutation { aiFeatureSettingDelete(input: {feature: "chat"}) { errors } }'
    api.select("chat", "opus")
    response = api.post(query, READ)
    assert response.status_code == 403
    (error,) = response.json()["errors"]
    assert error["message"].startswith("you don't have permission to perform this action")
    assert api.settings()["chat"]["selection"]


def test_csrf_check_does_not_apply_to_bearer_tokens(api: ApiClient):
    query = 'mutation { aiFeatureSettingDelete(input: {feature: "chat"}) { errors } }'
    assert api.post(query, WRITE, {"origin": "https://evil.example.com"}).status_code == 200


def test_session_mutation_requires_csrf_token_and_same_origin(api: ApiClient):
    query = 'mutation { aiFeatureSettingDelete(input: {feature: "chat"}) { errors } }'
    session, reading = open_session_for(api.database, WRITE), open_session_for(api.database, READ)
    cookie = {"cookie": f"roster_session={session.cookie}"}
    right = cookie | {"x-csrf-token": session.csrf_token, "origin": "http://testserver"}
    assert api.post(query, None, right).json() == {"data": {"aiFeatureSettingDelete": {"errors": []}}}
    assert api.post("{ rosterVersion }", None, cookie).status_code == 200
    for wrong in (
        cookie,
        right | {"x-csrf-token": reading.csrf_token},
        right | {"origin": "https://evil.example.com"},
        right | {"sec-fetch-site": "cross-site"},
        right | {"cookie": f"roster_session={reading.cookie}", "x-csrf-token": reading.csrf_token},
    ):
        assert api.post(query, None, wrong).status_code == 403


def test_flag_turned_off_during_a_mutation_stops_it(api: ApiClient, monkeypatch: pytest.MonkeyPatch):
    def off_meanwhile(connection):
        status = real(connection)
        set_enabled(connection, False)
        return status._replace(enabled=False)

    query = 'mutation { aiFeatureSettingUpdate(input: {feature: "chat", models: ["opus"], defaultModel: "opus"}) '
    query += "{ errors } }"
    real, responses = state.load_status, iter([state.load_status, off_meanwhile])
    monkeypatch.setattr(request_context, "load_status", lambda connection: next(responses)(connection))
    (error,) = api.post(query).json()["errors"]
    assert error["message"] == FLAG_OFF
    assert audited(api) == []


def test_concurrent_updates_are_serialized(api: ApiClient):
    models = ("haiku", "sonnet", "opus")
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda number: api.select("chat", models[number % 3], models[number % 2]), range(24)))
    assert [response["errors"] for response in responses if response["errors"]] == [
        [f'"{models[number % 3]}" is listed more than once'] for number in range(24) if number % 3 == number % 2
    ]
    with api.database.read_transaction() as connection:
        events = connection.execute(select(audit_events).order_by(audit_events.c.id)).all()
    for before, after in itertools.pairwise(events):
        assert after.old_value == before.new_value
    selection = api.settings()["chat"]["selection"]
    last = {
        "mode": "chosen_models",
        "models": [model["ref"] for model in selection["models"]],
        "default_model": selection["defaultModel"]["ref"],
    }
    assert events[-1].new_value == last
