"""Suspended models, earlier ids, shares of defaults and retirements without a replacement, as an instance has them."""

from datetime import date

from roster.accept.acceptance import accept
from roster.accept.accepted_list import DownloadKind
from roster.instance.database.connections import Database
from roster.instance.selection.explanation import explain_feature
from roster.instance.selection.list_difference import diff_lists
from roster.instance.selection.offered_list import EMPTY_LIST, ListedModel, OfferedList, build_offered_list
from roster.instance.selection.offered_list_storage import load_offered_list, store_offered_list
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.resolution import SelectionLevel, StepOutcome, allowed_models, resolve
from roster.instance.selection.state import StateReader
from tests.accept.example_downloads import CRITERIA, as_bytes, model, rendered
from tests.instance.selection.changes import change
from tests.instance.selection.offered_lists import store_list, store_selection
from tests.instance.selection.test_selection_changes import audit_log, stored_selections

SUSPENDED = "  suspended: {since: 2026-06-10, reason: provider incident}\n"
GEMINI = model("gemini").replace(
    "[duo_chat]\n  default", "[duo_chat]\n  release_state_for: {duo_chat: BETA}\n  default"
)
MODELS = (
    model("claude")
    + GEMINI.replace("default_for: [duo_chat]", "default_for: {duo_chat: 70}")
    + model("mistral", "  default_for: {duo_chat: 30}\n  aliases: [mistral_old]\n  context_window: 200000\n"
    "  capabilities: [tools]\n  processed_in: [eu]\n  data_retention_days: 0\n")
)  # fmt: skip
ENDED = "  retirement: {notice: 2026-01-01, last_day: 2026-06-01}\n"
KINDS = frozenset[DownloadKind]({"definitions", "offered_models"})


def built(text: str, before: OfferedList = EMPTY_LIST, artifact: str = "definitions") -> OfferedList:
    """Return the list that an instance builds from the definitions of a roster."""
    return build_offered_list(accept(rendered(artifact, text), CRITERIA._replace(kinds=KINDS), None), before)


OFFERED = built(MODELS + model("gpt"))
WHILE_SUSPENDED = built(MODELS + model("gpt", SUSPENDED), OFFERED)


def test_list_has_facts_shares_and_states_from_definitions():
    mistral = OFFERED.models["mistral"]
    assert mistral == ListedModel(
        "mistral", "GitLab: Mistral", "GA", None, None, None, True, 200_000, None, ("tools",), ("eu",), 0, None
    )
    chat = OFFERED.features["duo_chat"]
    assert (chat.default, list(chat.shares.items())) == ("gemini", [("gemini", 70), ("mistral", 30)])
    assert [OFFERED.release_state(id_, "duo_chat") for id_ in ("gemini", "mistral", "x")] == ["BETA", "GA", None]
    assert OFFERED.aliases == {"mistral_old": "mistral"}


def test_list_is_read_back_from_the_database(database: Database):
    for before, after in ((EMPTY_LIST, OFFERED), (OFFERED, WHILE_SUSPENDED), (WHILE_SUSPENDED, OFFERED)):
        with database.write_transaction() as connection:
            store_offered_list(connection, before, after)
        with database.read_transaction() as connection:
            stored = load_offered_list(connection)
        assert stored == after
        assert list(stored.features["duo_chat"].shares) == ["gemini", "mistral"]


def test_plain_list_keeps_what_it_lacks():
    plain = built(MODELS, WHILE_SUSPENDED, "offered_models")
    assert plain.suspended == WHILE_SUSPENDED.suspended
    assert plain.aliases == {"mistral_old": "mistral"}
    assert plain.models["mistral"] == OFFERED.models["mistral"]
    assert plain.features["duo_chat"].shares == {"gemini": 70, "mistral": 30}
    returned = built(MODELS + model("gpt"), WHILE_SUSPENDED, "offered_models")
    assert returned.suspended == {}, "the model is offered again"


def test_difference_names_what_happened_to_models():
    renamed = model("gpt_5", "  aliases: [gpt]\n")
    cases = {
        "suspended": (MODELS + model("gpt"), MODELS + model("gpt", SUSPENDED)),
        "resumed": (MODELS + model("gpt", SUSPENDED), MODELS + model("gpt")),
        "retired": (MODELS + model("gpt"), MODELS + model("gpt", ENDED)),
        "renamed": (MODELS + model("gpt"), MODELS + renamed),
        "removed": (MODELS + model("gpt"), MODELS),
        "added": (MODELS, MODELS + model("gpt")),
    }
    for kind, (before, after) in cases.items():
        difference = diff_lists(old := built(before), built(after, old))
        models = {kind: models for kind, models in difference.by_kind.items() if models}
        assert models == {kind: ("gpt to gpt_5" if kind == "renamed" else "gpt",)}


def test_difference_counts_reasons_after_the_usual_changes():
    renamed = model("mistral_3", "  default_for: {duo_chat: 30}\n  aliases: [mistral]\n")
    before = built(MODELS + model("gpt"))
    after = built(MODELS.partition("- name: Mistral")[0] + renamed + model("gpt", SUSPENDED), before)
    assert str(diff_lists(before, after)) == "0 added, 0 changed, 0 removed, 1 renamed, 1 suspended"


def test_renamed_model_that_is_suspended_is_suspended():
    before = built(MODELS + model("gpt"))
    after = built(MODELS + model("gpt_5", "  aliases: [gpt]\n" + SUSPENDED), before)
    assert str(diff_lists(before, after)) == "0 added, 0 changed, 0 removed, 1 suspended"


def test_lists_of_gitlab_tell_the_state_for_a_feature():
    """Its gateway has no other release states than these lists."""
    definitions = {
        "models": [{"name": "M", "identifier": "m"}],
        "unit_primitives": [
            {"feature_setting": "duo_chat", "default_model": "m", "selectable_models": ["m"]},
            {"feature_setting": "code_generations", "beta_models": ["m"]},
        ],
    }
    offered = build_offered_list(accept(as_bytes(definitions), CRITERIA._replace(kinds=KINDS), None), EMPTY_LIST)
    assert offered.release_state("m", "duo_chat") == "GA"
    assert offered.release_state("m", "code-generation") == "BETA"


def explained(database: Database, feature: str = "duo_chat", namespace_id: int | None = None) -> str:
    with database.read_transaction() as connection:
        state = StateReader().state(connection, namespace_id)
    start = SelectionLevel.INSTANCE if namespace_id is None else SelectionLevel.NAMESPACE
    return "\n".join(explain_feature(state, feature, start))


def test_selection_of_suspended_model_comes_back(database: Database):
    with database.write_transaction() as connection:
        store_list(connection, WHILE_SUSPENDED, version=1)
        store_selection(connection, "duo_chat", "gpt", "mistral")
        store_selection(connection, "duo_chat", "gpt", namespace_id=7)
    text = explained(database, namespace_id=7)
    reason = "which has been suspended since 2026-06-10: provider incident"
    assert "Served by: gemini (by default)" in text
    assert f'1. the namespace selected "gpt", {reason}' in text
    assert f'2. the instance selected "gpt", {reason}' in text
    assert "  gpt (default, instance): suspended since 2026-06-10, provider incident" in text
    assert "It has the largest of these shares: gemini 70 and mistral 30" in text
    with database.write_transaction() as connection:
        store_list(connection, OFFERED, version=2)
    assert "Served by: gpt (selected by the namespace)" in explained(database, namespace_id=7)


def test_suspended_model_cannot_be_selected_but_is_kept(database: Database):
    with database.write_transaction() as connection:
        errors = change(connection, WHILE_SUSPENDED, RequestedSelection("duo_chat", ("gpt",), "gpt"))
    assert errors == ['"gpt" has been suspended since 2026-06-10 (provider incident): select "gemini" or "mistral"']
    with database.write_transaction() as connection:
        store_selection(connection, "duo_chat", "gpt")
        requested = RequestedSelection("duo_chat", ("gpt", "mistral"), "gpt")
        assert change(connection, WHILE_SUSPENDED, requested) == []


def test_selection_with_earlier_id_resolves_to_the_model(database: Database):
    with database.write_transaction() as connection:
        store_list(connection, OFFERED)
        store_selection(connection, "duo_chat", "mistral_old", "gpt")
        store_selection(connection, "duo_chat", "mistral_old", namespace_id=7)
    with database.read_transaction() as connection:
        state = StateReader().state(connection, 7)
    selection = state.instance["duo_chat"]
    assert (selection.models, selection.default_model) == (("mistral", "gpt"), "mistral")
    resolution = resolve(state.offered, "duo_chat", selection, state.namespace["duo_chat"], SelectionLevel.NAMESPACE)
    assert (resolution.model, resolution.steps[0].outcome) == ("mistral", StepOutcome.SERVES)
    assert resolution.steps[0].describe() == 'the namespace selected "mistral_old", an earlier id of "mistral"'
    assert allowed_models(state.offered, "duo_chat", selection) == ("mistral", "gpt")


def test_request_with_earlier_id_stores_the_current_one(database: Database):
    requested = RequestedSelection("duo_chat", ("mistral_old", "gpt"), "mistral_old")
    with database.write_transaction() as connection:
        store_selection(connection, "duo_chat", "mistral_old", "gpt")
        assert change(connection, OFFERED, requested) == []
        both = requested._replace(models=("mistral_old", "mistral", "gpt"))
        assert change(connection, OFFERED, both) == []
    assert stored_selections(database)[0].models == ("mistral", "gpt")
    assert [event[4] for event in audit_log(database)] == [
        {"mode": "chosen_models", "models": ["mistral_old", "gpt"], "default_model": "mistral_old"}
    ], "the second request changes nothing"


def test_model_retired_without_replacement_leads_to_the_default(database: Database):
    offered = built(MODELS + model("gpt", ENDED + "  aliases: [gpt_old]\n"), OFFERED)
    assert offered.retired["gpt", ""].replacement is None
    with database.write_transaction() as connection:
        store_list(connection, offered)
        store_selection(connection, "duo_chat", "gpt_old")
    text = explained(database)
    assert "Served by: gemini (by default)" in text
    assert 'selected "gpt_old", an earlier id of "gpt", which was retired, and nothing replaces it now' in text
    assert "gpt (default, instance, selected as gpt_old): retired after 2026-06-01, without a replacement" in text


def test_retirements_of_features_have_their_own_replacements():
    both = (
        "  retirement:\n    - {notice: 2026-01-01, last_day: 2026-06-01, replacement: gemini, features: [duo_chat]}\n"
    )
    both += "    - {notice: 2026-01-01, last_day: 2026-06-02, features: [code-generation]}\n"
    gpt = model("gpt", both).replace("[duo_chat]\n", "[duo_chat, code-generation]\n", 1)
    offered = built(MODELS + gpt)
    assert offered.replacement_for("gpt", "duo_chat") == "gemini"
    assert offered.replacement_for("gpt", "code-generation") is None
    assert offered.tombstone("gpt", "code-generation") is not None
    assert offered.retired["gpt", "code-generation"].last_day == date(2026, 6, 2)
