"""Suspensions, aliases, shares and tombstones without a replacement in downloads."""

import json
from datetime import date
from typing import Any

import pytest

from roster.accept.acceptance import accept
from roster.accept.accepted_list import AcceptedList, DownloadKind, SuspendedModel, Tombstone
from roster.accept.child_process import accept_in_child_process
from roster.check.pipeline import check
from roster.download.rejection import Rejected
from tests.accept.example_downloads import CRITERIA, DAY, ROSTER, as_bytes, envelope, model, rendered
from tests.single_roster import repository

ALL_KINDS = CRITERIA._replace(kinds=frozenset[DownloadKind]({"roster", "gateway", "offered_models", "definitions"}))
SUSPENDED = "  suspended: {since: 2026-06-10, reason: provider incident}\n"
SHARED = ROSTER.replace("default_for: [duo_chat]", "default_for: {duo_chat: 80}")
NEW = (
    SHARED
    + model("llama", "  default_for: {duo_chat: 20}\n  aliases: [llama_old]\n  context_window: 200000\n"
    "  max_output_tokens: 64000\n  capabilities: [tools]\n  gateway: {temperature: 0.5}\n")
    + model("qwen", SUSPENDED + "  aliases: [qwen_old]\n")
    + model("gpt", "  retirement: {notice: 2026-01-01, last_day: 2026-06-01}\n")
    .replace("Gpt", "Mixtral").replace("GPT", "MIXTRAL").replace("gpt", "mixtral")
)  # fmt: skip
"""A roster with a second default, a suspended model, earlier ids, and a retirement without a replacement."""
SUSPENSION = {"id": "qwen", "since": "2026-06-10", "reason": "provider incident"}


def download(kind: str) -> bytes:
    return NEW.encode() if kind == "roster" else rendered(kind, NEW)


@pytest.mark.parametrize("kind", ["roster", "gateway", "definitions"])
@pytest.mark.parametrize("in_child_process", [False, True])
def test_every_kind_has_ids_that_are_not_offered(kind: str, in_child_process: bool):
    served = (accept_in_child_process if in_child_process else accept)(download(kind), ALL_KINDS, None)
    assert served.suspended == (SuspendedModel("qwen", date(2026, 6, 10), "provider incident"),)
    assert served.aliases == {"llama_old": "llama", "qwen_old": "qwen"}
    assert served.retired == (
        Tombstone("gpt", date(2026, 6, 14), "gemini"),
        Tombstone("mixtral", date(2026, 6, 1), None),
    )
    assert served.default_shares == {"duo_chat": {"gemini": 80, "llama": 20}}
    assert served.defaults["duo_chat"] == "gemini"


def test_deployment_has_limits_and_settings_of_the_gateway():
    for kind in ("roster", "gateway"):
        llama = accept(download(kind), CRITERIA, None).deployments["llama"]
        assert (llama.context_window, llama.max_output_tokens, llama.capabilities) == (200_000, 64_000, ("tools",))
        assert llama.settings == {"temperature": 0.5}


def test_settings_of_the_gateway_are_in_nothing_that_is_served():
    served = accept(download("gateway"), CRITERIA, None)
    assert b"temperature" in served.body
    assert b"temperature" not in served.list_bytes + served.definitions


def test_null_is_no_replacement():
    served = accept(
        as_bytes(envelope(retired=[{"id": "x", "last_day": "2026-06-01", "replacement": None}])), CRITERIA, None
    )
    assert served.retired == (Tombstone("x", date(2026, 6, 1), None),)


def rejection(**changes: Any) -> str:
    with pytest.raises(Rejected) as rejected:
        accept(as_bytes(envelope(**changes)), CRITERIA, None)
    assert rejected.value.reason in ("rule-broken", "wrong-shape")
    return rejected.value.message


def test_contradictions_are_rejected():
    claude = SUSPENSION | {"id": "claude"}
    for changes, message in (
        ({"suspended": [claude]}, '"claude" is suspended, but still offered'),
        ({"aliases": {"claude": "gemini"}}, '"claude" is an earlier id of "gemini", and also the id of a model'),
        ({"aliases": {"old": "unknown"}}, '"old" is an earlier id of "unknown", which is not in this list'),
        (
            {"default_shares": {"duo_chat": {"gemini": 50, "claude": 50}}},
            '"claude" has a share of "duo_chat", which it does not serve',
        ),
        (
            {"default_shares": {"duo_chat": {"gemini": 40, "mistral": 60}}},
            'the default of "duo_chat" does not have the largest share',
        ),
        (
            {"retired_without_replacement": [{"id": "claude", "last_day": "2026-06-01"}]},
            '"claude" is retired, but still offered',
        ),
        (
            {"suspended": [SUSPENSION | {"reason": ""}]},
            '"reason" is invalid; expected: a reason of at most 200 characters',
        ),
        (
            {"suspended": [SUSPENSION | {"reason": "inci\u200bdent"}]},
            "invisible character: U+200B zero width space [invisible-character]",
        ),
    ):
        assert rejection(**changes) == message


def test_definitions_with_other_suspensions_are_rejected():
    content = envelope()
    content["suspended"] = [SUSPENSION]
    with pytest.raises(Rejected, match="its suspended models differ from those of its definitions"):
        accept(as_bytes(content), CRITERIA, None)


def test_alias_may_lead_to_suspended_or_retired_model():
    content = envelope(suspended=[SUSPENSION], aliases={"a": "qwen", "b": "gpt", "c": "claude"})
    assert accept(as_bytes(content), CRITERIA, None).aliases == {"a": "qwen", "b": "gpt", "c": "claude"}


def test_suspended_and_renamed_models_did_not_disappear():
    before = accept(rendered("gateway"), CRITERIA, None)
    after = ROSTER.replace("name: Claude", "name: Opus\n  aliases: [claude]").replace("MODEL_CLAUDE", "MODEL_OPUS")
    after = after.replace("family: mistral\n", "family: mistral\n" + SUSPENDED)
    served = accept(rendered("gateway", after), CRITERIA._replace(max_shrink=0.0), before)
    assert [each.id for each in served.offered_models] == ["opus", "gemini"]


def test_left_out_model_takes_its_share_and_its_aliases_along():
    content = json.loads(rendered("definitions", NEW))
    gemini = next(each for each in content["models"] if each["identifier"] == "gemini")
    gemini["name"] = "Gem\u200bini"
    served = accept(as_bytes(content), ALL_KINDS, None)
    assert (served.defaults["duo_chat"], served.default_shares) == ("llama", {})
    content = json.loads(rendered("definitions", NEW))
    next(each for each in content["models"] if each["identifier"] == "llama")["context_window"] = -1
    served = accept(as_bytes(content), ALL_KINDS, None)
    assert (served.defaults["duo_chat"], served.default_shares) == ("gemini", {})
    assert served.aliases == {"qwen_old": "qwen"}


def served_by_earlier_version(kind: str, roster: str) -> AcceptedList:
    """Return what a consumer of an earlier version accepts, which ignores keys that it does not know."""
    new = {"retired_without_replacement", "suspended", "aliases", "default_shares", "release_state_for", "gateway"}
    new |= {"context_window", "max_output_tokens", "capabilities"}

    def known(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: known(item) for key, item in value.items() if key not in new}
        return [known(item) for item in value] if isinstance(value, list) else value

    return accept(as_bytes(known(json.loads(rendered(kind, roster)))), ALL_KINDS, None)


def test_earlier_version_reads_what_it_knows():
    """Also if the replacement of a retired model is suspended, which it does not know."""
    suspended = NEW.replace("family: gemini\n", "family: gemini\n" + SUSPENDED)
    for kind in ("gateway", "definitions"):
        served = served_by_earlier_version(kind, NEW)
        assert served.retired == (Tombstone("gpt", date(2026, 6, 14), "gemini"),)
        assert served.defaults["duo_chat"] == "gemini"
        served = served_by_earlier_version(kind, suspended)
        assert (served.retired, served.defaults["duo_chat"]) == ((), "llama")


def test_settings_of_the_gateway_that_pass_check_are_accepted():
    """Consumers accept texts of up to 10,000 characters anywhere in an artifact."""
    for length, rules in ((10_000, []), (10_001, ["invalid-value"])):
        text = ROSTER + model("qwen", f"  gateway: {{prompts: [{{system: {'x' * length}}}]}}\n")
        result = check(repository(text), DAY)
        assert [each.rule for each in result.diagnostics if each.rule == "invalid-value"] == rules
    content = envelope()
    content["routes"]["claude"]["gateway"] = {"prompts": [{"system": "x" * 10_000}]}
    assert accept(as_bytes(content), CRITERIA, None).deployments["claude"].settings["prompts"]
