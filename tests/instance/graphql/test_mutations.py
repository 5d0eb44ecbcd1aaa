"""Choosing and taking back over the API: what is answered, who is written down, and many at once."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from roster.instance.auth.token_authentication import hash_token
from roster.instance.database.feature_flag import set_enabled
from roster.instance.database.tables import audit_events
from roster.instance.graphql import request_context
from roster.instance.graphql.request_context import FLAG_OFF
from roster.instance.selection import state
from tests.instance.auth.test_token_authentication import READ, WRITE
from tests.instance.graphql.api import Api
from tests.instance.selection.listed import SMALL, feature, offered


def audited(api: Api) -> list[tuple[str, ...]]:
    table = audit_events.c
    with api.database.read_transaction() as connection:
        rows = connection.execute(select(table.actor, table.action, table.feature).order_by(table.id))
        return [tuple(row) for row in rows]


def test_a_choice_is_answered_with_the_feature_as_it_is_now(api: Api):
    answer = api.choose("chat", "sonnet", "opus", clientMutationId="42")
    assert (answer["errors"], answer["clientMutationId"]) == ([], "42")
    assert answer["aiFeatureSetting"] == api.index()["chat"]
    assert answer["aiFeatureSetting"]["resolution"]["model"]["ref"] == "sonnet"
    assert audited(api) == [(f"token:{hash_token(WRITE)[:8]}", "upsert", "chat")]


def test_what_is_refused_is_answered_with_the_feature_as_it_was(api: Api):
    api.choose("chat", "sonnet")
    answer = api.choose("chat", "codestral", "codestral")
    assert answer["errors"] == [
        '"codestral" is listed more than once',
        '"codestral" does not serve "chat": select "haiku", "sonnet" or "opus"',
    ]
    assert answer["aiFeatureSetting"] == api.index()["chat"]
    unknown = api.choose("caht", "sonnet", clientMutationId="\ud800")
    assert unknown["errors"] == ['there is no feature "caht": did you mean "chat"?']
    assert unknown["aiFeatureSetting"] is None
    assert unknown["clientMutationId"] == "\ud800"
    assert len(audited(api)) == 1


def test_a_choice_is_taken_back_as_often_as_one_likes(api: Api):
    before = api.index()["chat"]
    api.choose("chat", "sonnet")
    for _ in range(2):
        answer = api.mutate("aiFeatureSettingDelete", feature="chat")
        assert answer["errors"] == []
        assert answer["aiFeatureSetting"] == before
    assert [action for _, action, _ in audited(api)] == ["upsert", "delete"]
    (error,) = api.mutate("aiFeatureSettingDelete", feature="caht")["errors"]
    assert error == 'there is no feature "caht": did you mean "chat"?'


def test_a_namespaces_choice_is_refused_outside_what_the_instance_allows_and_falls_back_later(api: Api):
    api.choose("chat", "haiku", "opus")
    choose = {"namespaceId": "gid://gitlab/Group/7", "feature": "chat"}
    refused = api.mutate("aiModelSelectionNamespaceUpdate", **choose, model="sonnet")
    assert refused["errors"] == ['the instance does not allow "sonnet" for "chat": select "haiku" or "opus"']
    made = api.mutate("aiModelSelectionNamespaceUpdate", **choose, model="opus")
    assert made["aiFeatureSetting"] == api.index(namespaceId=7)["chat"]
    assert made["aiFeatureSetting"]["resolution"]["source"] == "NAMESPACE"
    api.choose("chat", "haiku")
    resolution = api.index(namespaceId=7)["chat"]["resolution"]
    assert (resolution["model"]["ref"], resolution["source"]) == ("haiku", "INSTANCE")
    assert resolution["steps"][0]["outcome"] == "NOT_ALLOWED"
    gone = api.mutate("aiModelSelectionNamespaceDelete", **choose)
    assert gone["aiFeatureSetting"]["selection"] is None
    assert api.index()["chat"]["selection"] is not None


def test_an_unavailable_choice_survives_an_edit_of_the_rest(api: Api):
    api.choose("chat", "opus", "haiku")
    api.store(offered(feature("chat", "haiku", "sonnet"), gone=("opus",)))
    assert api.choose("chat", "opus", "haiku", "sonnet")["errors"] == []
    api.store(SMALL)
    assert api.index()["chat"]["resolution"]["model"]["ref"] == "opus"


def test_several_mutations_of_one_request_are_done_in_turn(api: Api):
    told = api.ask(
        """mutation {
          a: aiFeatureSettingUpdate(input: {feature: "chat", models: ["opus"], defaultModel: "opus"}) { errors }
          b: aiModelSelectionNamespaceUpdate(input: {namespaceId: 7, feature: "chat", model: "haiku"}) { errors }
          c: aiFeatureSettingDelete(input: {feature: "chat"}) { errors aiFeatureSetting { selection { id } } }
        }""",
        WRITE,
    )
    assert [told[name]["errors"] for name in "abc"] == [
        [],
        ['the instance does not allow "haiku" for "chat": select "opus"'],
        [],
    ]
    assert told["c"]["aiFeatureSetting"] == {"selection": None}


def test_who_may_only_read_changes_nothing(api: Api):
    query = 'mutation { aiFeatureSettingDelete(input: {feature: "chat"}) { errors } }'
    api.choose("chat", "opus")
    answer = api.post(query, READ)
    assert answer.status_code == 403
    (error,) = answer.json()["errors"]
    assert error["message"].startswith("you don't have permission to perform this action")
    assert api.index()["chat"]["selection"]


def test_a_session_changes_something_only_from_our_own_page(api: Api):
    query = 'mutation { aiFeatureSettingDelete(input: {feature: "chat"}) { errors } }'
    session, reading = api.sign_in(WRITE), api.sign_in(READ)
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


def test_a_switch_in_the_middle_stops_a_change(api: Api, monkeypatch: pytest.MonkeyPatch):
    def off_meanwhile(connection):
        found = real(connection)
        set_enabled(connection, False)
        return found._replace(enabled=False)

    query = 'mutation { aiFeatureSettingUpdate(input: {feature: "chat", models: ["opus"], defaultModel: "opus"}) '
    query += "{ errors } }"
    real, answers = state.load_status, iter([state.load_status, off_meanwhile])
    monkeypatch.setattr(request_context, "load_status", lambda connection: next(answers)(connection))
    (error,) = api.post(query).json()["errors"]
    assert error["message"] == FLAG_OFF
    assert audited(api) == []


def test_many_save_at_once_and_the_last_one_wins(api: Api):
    models = ("haiku", "sonnet", "opus")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: api.choose("chat", models[number % 3], models[number % 2]), range(24)))
    assert [answer["errors"] for answer in answers if answer["errors"]] == [
        [f'"{models[number % 3]}" is listed more than once'] for number in range(24) if number % 3 == number % 2
    ]
    with api.database.read_transaction() as connection:
        events = connection.execute(select(audit_events).order_by(audit_events.c.id)).all()
    for before, after in itertools.pairwise(events):
        assert after.old_value == before.new_value
    selection = api.index()["chat"]["selection"]
    last = {
        "models": [model["ref"] for model in selection["models"]],
        "default_model": selection["defaultModel"]["ref"],
    }
    assert events[-1].new_value == last
