"""Acceptance of artifacts: a download replaces the served list only if it is valid; every rejection has a reason."""

import json
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

import pytest

from roster.accept.acceptance import accept
from roster.accept.accepted_list import AcceptedList, AcceptedModel, Deployment, Tombstone
from roster.download.rejection import REASONS, Rejected
from tests.accept.example_downloads import (
    CRITERIA,
    DAY,
    KINDS,
    REVISION,
    ROSTER,
    as_bytes,
    envelope,
    model,
    rendered,
    retiring,
)

LIST = KINDS["offered_models"]


def rejection(body: bytes, current: AcceptedList | None = None, **criteria: Any) -> Rejected:
    """Return the rejection of a download."""
    with pytest.raises(Rejected) as rejected:
        accept(body, CRITERIA._replace(**criteria), current)
    assert rejected.value.reason in REASONS
    assert "\n" not in rejected.value.message
    return rejected.value


def accepted(body: bytes, current: AcceptedList | None = None, **criteria: Any) -> AcceptedList:
    return accept(body, CRITERIA._replace(**criteria), current)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_yields_identical_list_bytes(kind: str):
    served = accepted(KINDS[kind])
    assert served.kind == kind
    assert served.list_bytes == LIST
    assert served.offered_models[0] == AcceptedModel(
        "GitLab: Claude", "claude", "GA", ("code-completion", "code-generation")
    )
    assert [model.id for model in served.offered_models] == ["claude", "gemini", "mistral"]
    assert (served.body, served.digest) == (KINDS[kind], sha256(KINDS[kind]).hexdigest())


@pytest.mark.parametrize("kind", ["roster", "gateway"])
def test_roster_and_its_gateway_artifact_are_equivalent(kind: str):
    served = accepted(KINDS[kind])
    assert served.deployments["claude"] == Deployment(
        "bedrock/claude-1", "https://claude.example-models.com/v1", "AIGW_MODEL_CLAUDE_API_KEY", "claude"
    )
    assert served.deployments.keys() == {"claude", "gemini", "mistral"}
    assert served.defaults == {"code-completion": "claude", "code-generation": "claude", "duo_chat": "gemini"}
    assert served.retired == (Tombstone("gpt", date(2026, 6, 14), "gemini"),)


def test_only_gateway_artifact_has_revision_and_sequence():
    served = {kind: accepted(body) for kind, body in KINDS.items()}
    metadata = {kind: (each.environment, each.revision, each.sequence) for kind, each in served.items()}
    assert metadata == {
        "roster": (None, None, None),
        "gateway": ("production", REVISION, 42),
        "offered_models": (None, None, None),
    }


@pytest.mark.parametrize("allow_older", [False, True])
def test_sequence_from_the_future_is_rejected(allow_older: bool):
    """It would shut out all later ones. A gateway's clock may be a week behind that of the pipeline."""
    sequences = [2**63 - 1, 2**53, 2**60 // 10**8 * 10**8 + 20260615, 1e300, 4200_2026_06_23, 4200_9999_12_31]
    for sequence in sequences:
        rejected = rejection(as_bytes(envelope(sequence=sequence)), allow_older=allow_older)
        assert rejected.reason == "future-sequence"
        assert rejected.message.endswith("check this machine's clock, and render the file again")
    for sequence in [0, 42, 4200_2025_12_31, 4200_2026_06_22, 90071991_2026_06_15]:
        assert accepted(as_bytes(envelope(sequence=sequence)), allow_older=allow_older).sequence == sequence


def texts(value: Any) -> Iterator[tuple[Any, Any, str]]:
    """Yield every text in a value: where it is, its key there, and itself."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(item, str):
            yield value, key, item
        elif isinstance(item, dict | list):
            yield from texts(item)


@pytest.mark.parametrize("kind", ["gateway", "offered_models"])
def test_long_text_is_rejected(kind: str):
    """Every text has a limit of its own, and unknown texts have a common one."""
    content = json.loads(KINDS[kind])
    definitions = content.pop("definitions") if kind == "gateway" else {}
    for parent, key, text in texts(content):
        parent[key] = text + text[-1] * 3000
        assert rejection(as_bytes(content)).reason == "wrong-shape", (key, text)
        parent[key] = text
    for parent, key, text in texts(definitions):
        parent[key] = text + text[-1] * 10_000
        assert rejection(as_bytes(envelope(definitions=definitions))).reason == "too-large", (key, text)
        parent[key] = text
    content = envelope()
    content["routes"]["claude"]["family"] = "a" * 101
    assert rejection(as_bytes(content)).message == '"family" is too long: it has more than 100 characters'


@pytest.mark.parametrize("kind", KINDS)
def test_acceptance_works_in_child_process(kind: str):
    with ProcessPoolExecutor(1) as pool:
        served = pool.submit(accept, KINDS[kind], CRITERIA, None).result()
        assert served == accepted(KINDS[kind])
        with pytest.raises(Rejected, match="no-models"):
            pool.submit(accept, b"[]", CRITERIA, served).result()


@pytest.mark.parametrize("name", REASONS)
def test_rejection_survives_pickling(name: str):
    back = pickle.loads(pickle.dumps(Rejected(name, "why")))
    assert (back.reason, back.message, back.explanation, str(back)) == (name, "why", REASONS[name], f"{name}: why")


WRONG: dict[str, tuple[bytes, str]] = {
    "no bytes": (b"", "empty"),
    "white space": (b" \n\t\r\n", "empty"),
    "comments": (b"# soon\n", "empty"),
    "null": (b"null", "empty"),
    "an empty list in YAML": (b"# none\n[]\n", "no-models"),
    "an empty list": (b"[]\n", "no-models"),
    "an envelope without models": (as_bytes(envelope(offered_models=[])), "no-models"),
    "a sign-in page": (b"<!DOCTYPE html>\n<html><title>Sign in</title></html>", "wrong-shape"),
    "a sign-in page, indented": (b"\n  <html></html>", "wrong-shape"),
    "an error in JSON": (b'{"message": "401 Unauthorized"}', "wrong-shape"),
    "text": (b"404 page not found", "wrong-shape"),
    "a mapping in YAML": (b"models: 3\n", "wrong-shape"),
    "numbers": (b"[1, 2]", "wrong-shape"),
    "a byte order mark": (b"\xef\xbb\xbf" + LIST, "not-text"),
    "a byte order mark in YAML": (b"\xef\xbb\xbf" + KINDS["roster"], "not-text"),
    "UTF-16": (LIST.decode().encode("utf-16"), "not-text"),
    "UTF-16 without its mark": (LIST.decode().encode("utf-16-le"), "not-text"),
    "invalid UTF-8": (LIST.replace(b"Claude", b"Cl\xe4ude"), "not-text"),
    "invalid UTF-8 in YAML": (KINDS["roster"].replace(b"Claude", b"Cl\xe4ude"), "not-text"),
    "half of a character": (LIST.replace(b"Claude", rb"Cl\ud800ude"), "not-text"),
    "a control character": (LIST.replace(b"Claude", rb"Cl\u0007ude"), "not-text"),
    "a raw control character": (LIST.replace(b"Claude", b"Cl\x7fude"), "not-text"),
    "truncated": (LIST[:-20], "not-parsed"),
    "a truncated envelope": (KINDS["gateway"][:-20], "not-parsed"),
    "two lists": (LIST + LIST, "not-parsed"),
    "repeated keys": (LIST.replace(b'"id": "claude"', b'"id": "x", "id": "claude"'), "not-parsed"),
    "repeated keys in the envelope": (KINDS["gateway"].replace(b'"format"', b'"sequence": 1, "format"'), "not-parsed"),
    "repeated keys in YAML": (ROSTER.replace("family: claude", "family: gpt\n  family: claude").encode(), "not-parsed"),
    "NaN": (KINDS["gateway"].replace(b"42", b"NaN"), "not-parsed"),
    "Infinity": (KINDS["gateway"].replace(b"42", b"-Infinity"), "not-parsed"),
    "a number like infinity": (KINDS["gateway"].replace(b"42", b"1e400"), "not-parsed"),
    "a huge number": (KINDS["gateway"].replace(b"42", b"9" * 5000), "not-parsed"),
    "a number of 20 digits": (KINDS["gateway"].replace(b"42", b"9" * 20), "not-parsed"),
    "an object with very many keys": (as_bytes(dict.fromkeys(map(str, range(100_001)))), "too-large"),
    "deep nesting": (b"[" * 100_000, "not-parsed"),
    "deep nesting in objects": (b'{"a":' * 100_000, "not-parsed"),
    "settings in 200 levels": (
        KINDS["gateway"].replace(b'"family"', b'"gateway": {"a": ' + b"[" * 200 + b"]" * 200 + b'}, "family"', 1),
        "not-parsed",
    ),
    "an unknown key in 200 levels": (as_bytes(envelope(new=json.loads("[" * 200 + "]" * 200))), "not-parsed"),
    "a tag": (ROSTER.replace("name: Claude", "name: !!str Claude").encode(), "not-parsed"),
    "an ambiguous scalar": (ROSTER.replace("name: Claude", "name: no").encode(), "not-parsed"),
    "two documents": (f"{ROSTER}---\n{ROSTER}".encode(), "not-parsed"),
    "another format": (as_bytes(envelope(format=2)), "unknown-format"),
    "format 0": (as_bytes({"format": 0}), "unknown-format"),
    "a format in words": (as_bytes(envelope(format="1")), "wrong-shape"),
    "a negative sequence": (as_bytes(envelope(sequence=-1)), "wrong-shape"),
    "half a sequence": (as_bytes(envelope(sequence=1.5)), "wrong-shape"),
    "a day that no calendar has": (
        as_bytes(envelope(retired=[{"id": "a", "last_day": "2026-02-30", "replacement": "claude"}])),
        "wrong-shape",
    ),
    "a release state in lower case": (LIST.replace(b"GA", b"ga"), "wrong-shape"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_invalid_download_is_rejected_with_reason(case: str):
    body, name = WRONG[case]
    assert rejection(body).reason == name


def test_truncated_list_is_reported_as_json():
    assert rejection(LIST[:-20]).message.startswith("it is not JSON: ")


@pytest.mark.parametrize("key", [key for key in envelope() if key != "definitions"])
def test_every_key_of_envelope_is_required(key: str):
    content = envelope()
    del content[key]
    assert rejection(as_bytes(content)).message == f'it has no "{key}"'


def test_definitions_match_list():
    complete = json.loads(accepted(as_bytes(envelope())).definitions)
    assert [model["identifier"] for model in complete["models"]] == ["claude", "gemini", "mistral"]
    assert json.loads(accepted(KINDS["roster"]).definitions) == complete
    without = envelope()
    del without["definitions"]
    for body in (as_bytes(without), KINDS["offered_models"]):
        definitions = json.loads(accepted(body).definitions)
        assert [model["name"] for model in definitions["models"]] == [model["name"] for model in complete["models"]]
        assert [each["feature_setting"] for each in definitions["unit_primitives"]] == [
            each["feature_setting"] for each in complete["unit_primitives"]
        ]
    assert (
        json.loads(accepted(as_bytes(without)).definitions)["retired"] == complete["retired"] == envelope()["retired"]
    )
    derived = json.loads(accepted(as_bytes(without)).definitions)
    defaults = [each["default_model"] for each in complete["unit_primitives"]]
    assert [each["default_model"] for each in derived["unit_primitives"]] == defaults
    more = envelope()
    more["definitions"]["models"].append({"name": "X", "identifier": "x"})
    assert rejection(as_bytes(more)).message == '"x" is not in both the list and the definitions'


@pytest.mark.parametrize("kind", KINDS)
def test_oversized_download_is_rejected(kind: str):
    body = KINDS[kind]
    assert accepted(body, max_bytes=len(body))
    assert rejection(body, max_bytes=len(body) - 1).reason == "too-large"


def test_roster_over_loader_limit_is_rejected():
    body = ROSTER.encode() + b"# more\n" * 1_300_000
    assert rejection(body, max_bytes=len(body)).reason == "too-large"


def test_values_are_counted_before_parsing():
    assert rejection(b"[" + b"1," * 600_000 + b"1]").reason == "too-large"


@dataclass(frozen=True)
class Change:
    """A contradiction in an envelope, and its message."""

    change: Callable[[dict[str, Any]], object]
    message: str


def at(*keys: Any, value: Any) -> Callable[[dict[str, Any]], object]:
    *parents, last = keys

    def change(content: Any) -> None:
        for key in parents:
            content = content[key]
        content[last] = value

    return change


TOMBSTONE = {"id": "gpt", "last_day": "2026-06-14", "replacement": "gemini"}
CONTRADICTIONS: dict[str, Change] = {
    "no route": Change(lambda content: content["routes"].pop("gemini"), '"gemini" is offered, but has no route'),
    "no model": Change(
        at("routes", "gpt", value=envelope()["routes"]["claude"]), '"gpt" has a route, but is not offered'
    ),
    "a default that is not offered": Change(
        at("defaults", "duo_chat", value="gpt"), 'the default of "duo_chat" is "gpt", which is not offered'
    ),
    "default for a feature that the model does not serve": Change(
        at("defaults", "duo_chat", value="claude"),
        '"duo_chat" is not among this model\'s features [default-not-offered]'
    ),
    "duplicate id": Change(
        lambda content: content["offered_models"].append(content["offered_models"][0]),
        'another model is already named "claude" [duplicate-name]',
    ),
    "replacement that does not exist": Change(
        at("retired", value=[TOMBSTONE | {"replacement": "llama"}]),
        '"gpt" is retired, but its replacement "llama" is not another model of this list',
    ),
    "its own replacement": Change(
        at("retired", value=[TOMBSTONE | {"replacement": "gpt"}]),
        '"gpt" is retired, but its replacement "gpt" is not another model of this list',
    ),
    "retired and offered": Change(
        at("retired", value=[TOMBSTONE | {"id": "mistral"}]), '"mistral" is retired, but still offered'
    ),
    "retired and offered for one feature": Change(
        at("retired", value=[TOMBSTONE | {"id": "mistral", "features": ["duo_chat"]}]),
        '"mistral" is retired, but still offered',
    ),
    "definitions without the retired model": Change(
        at("definitions", "retired", value=[]), "its retired models differ from those of its definitions"
    ),
    "a private endpoint": Change(
        at("routes", "claude", "endpoint", value="https://169.254.169.254/v1"),
        'the host "169.254.169.254" is not public [private-endpoint]',
    ),
    "invalid endpoint": Change(
        at("routes", "claude", "endpoint", value="https://example_models.com/v1"),
        '"example_models.com" is not a valid public host name [malformed-endpoint]',
    ),
    "another model's key": Change(
        at("routes", "claude", "api_key", value="AIGW_MODEL_GPT_API_KEY"),
        '"AIGW_MODEL_GPT_API_KEY" is not named after this model\'s id, "claude" [api-key-mismatch]',
    ),
    "invalid identifier": Change(
        at("routes", "claude", "identifier", value="bedrock/a//b"),
        '"bedrock/a//b" is not of the form provider/model [malformed-identifier]',
    ),
    "two spaces": Change(
        at("offered_models", 0, "name", value="GitLab:  Claude"),
        '"display_name" has two spaces in a row [stray-whitespace]'
    ),
    "an invisible character": Change(
        at("offered_models", 0, "name", value="Clau\u200bde"),
        "invisible character: U+200B zero width space [invisible-character]",
    ),
    "a letter of another script": Change(
        at("offered_models", 0, "name", value="Сlaude"),
        '"Сlaude" contains look-alike letters [confusable-character]'
    ),
    "secret": Change(
        at("offered_models", 0, "name", value="glpat-x9Kq2LmN7pRt4VwY8zBc"),
        "this looks like a GitLab token, which must not be in a file [secret-in-roster]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CONTRADICTIONS)
@pytest.mark.parametrize("ascii_only", [True, False], ids=["escaped", "raw"])
def test_contradictory_envelope_is_rejected(case: str, ascii_only: bool):
    content = envelope()
    CONTRADICTIONS[case].change(content)
    rejected = rejection(json.dumps(content, ensure_ascii=ascii_only).encode())
    assert (rejected.reason, rejected.message) == ("rule-broken", CONTRADICTIONS[case].message)


def test_tombstone_of_one_feature_allows_other_features():
    content = envelope(retired=[TOMBSTONE | {"id": "mistral", "features": ["code-generation"]}])
    assert accepted(as_bytes(content)).retired == (
        Tombstone("mistral", date(2026, 6, 14), "gemini", ("code-generation",)),
    )


def test_replacement_may_be_retired():
    content = envelope(
        retired=[TOMBSTONE | {"replacement": "llama"}, TOMBSTONE | {"id": "llama", "last_day": "2026-06-15"}]
    )
    assert [tombstone.id for tombstone in accepted(as_bytes(content)).retired] == ["gpt", "llama"]


def test_display_names_need_not_be_unique():
    content = envelope()
    content["offered_models"][1]["name"] = content["offered_models"][0]["name"]
    assert accepted(as_bytes(content))


def test_private_endpoints_are_accepted_if_allowed():
    content = envelope()
    content["routes"]["claude"]["endpoint"] = "https://models.internal/v1"
    private = ROSTER.replace("https://claude.example-models.com/v1", "https://models.internal/v1").encode()
    for body in (as_bytes(content), private):
        assert "[private-endpoint]" in rejection(body).message
        assert accepted(body, private_endpoints=True).deployments["claude"].endpoint == "https://models.internal/v1"


@pytest.mark.parametrize(
    "value", [{"key": 1}, ["AKIA"], "sk-live-1", 17, "glpat-x9Kq2LmN7pRt4VwY8zBc", "hunter2hunter2"], ids=str
)
def test_message_does_not_quote_value_of_api_key(value: Any):
    content = envelope()
    content["routes"]["claude"]["api_key"] = value
    rejected = rejection(as_bytes(content))
    assert rejected.reason == "wrong-shape"
    assert json.dumps(value) not in str(rejected)
    assert str(value) not in str(rejected)


def test_unknown_keys_are_not_served():
    content = envelope(notes="new")
    content["offered_models"][0]["endpoint"] = "https://example-models.com"
    content["routes"]["claude"]["weight"] = 3
    assert accepted(as_bytes(content)) == accepted(KINDS["gateway"])._replace(
        body=as_bytes(content), digest=sha256(as_bytes(content)).hexdigest()
    )
    listed = as_bytes(content["offered_models"])
    assert accepted(listed).list_bytes == LIST


def test_reformatted_list_is_served_unchanged():
    body = json.dumps(json.loads(LIST), indent=3).encode()
    assert accepted(body).list_bytes == body


def test_unknown_feature_names_are_accepted():
    content = envelope()
    content["offered_models"][0]["features"].append("brand_new")
    content["routes"]["claude"]["family"] = "brand_new"
    content["defaults"]["brand_new"] = "claude"
    assert accepted(as_bytes(content)).defaults["brand_new"] == "claude"


def test_other_environment_is_rejected():
    assert accepted(KINDS["gateway"], environment="production")
    rejected = rejection(KINDS["gateway"], environment="staging")
    assert rejected.reason == "wrong-environment"
    assert rejected.message == 'it is for environment "production", not "staging"'


@pytest.mark.parametrize("kind", ["roster", "offered_models"])
def test_download_without_environment_is_rejected_if_required(kind: str):
    assert rejection(KINDS[kind], environment="production").reason == "wrong-environment"


def test_environment_of_served_list_is_required():
    served = accepted(KINDS["gateway"])
    assert rejection(as_bytes(envelope(environment="staging", sequence=43)), served).reason == "wrong-environment"
    assert accepted(as_bytes(envelope(environment="staging")), None).environment == "staging"
    assert accepted(KINDS["gateway"], accepted(KINDS["roster"])).environment == "production"


def test_older_list_is_rejected_unless_allowed():
    served, older = accepted(KINDS["gateway"]), as_bytes(envelope(sequence=41))
    assert rejection(older, served).message == "its sequence 41 is lower than 42, that of the served list"
    assert accepted(older, served, allow_older=True).sequence == 41
    assert accepted(as_bytes(envelope(sequence=43)), served).sequence == 43
    assert accepted(as_bytes(envelope(defaults={})), served).defaults == {}, "the same sequence, rendered another day"


@pytest.mark.parametrize("kind", ["roster", "offered_models"])
def test_list_without_sequence_is_rejected_as_older(kind: str):
    served = accepted(KINDS["gateway"])
    assert rejection(KINDS[kind], served).reason == "older"
    assert accepted(KINDS[kind], served, allow_older=True).kind == kind


FOUR = "".join(map(model, ("claude", "gemini", "mistral", "gpt")))
TWO = "".join(map(model, ("claude", "gemini")))


@pytest.mark.parametrize("kind", KINDS)
def test_shrunk_list_is_rejected(kind: str):
    four, two, one = (
        roster.encode() if kind == "roster" else rendered(kind, roster) for roster in (FOUR, TWO, model("claude"))
    )
    served = accepted(four)
    assert len(accepted(two, served).offered_models) == 2, "half of them may disappear"
    assert rejection(two, served, max_shrink=0.49).reason == "shrunk"
    rejected = rejection(one, served)
    assert rejected.message == "3 of 4 models are missing without being retired, but at most 50% may disappear at once"
    assert len(accepted(one, served, max_shrink=1.0).offered_models) == 1


def test_new_models_do_not_offset_missing_ones():
    new = "".join(map(model, ("qwen", "llama3", "codestral", "mixtral")))
    assert rejection(rendered("offered_models", new), accepted(rendered("offered_models", FOUR))).reason == "shrunk"


@pytest.mark.parametrize("kind", ["roster", "gateway"])
def test_retired_models_do_not_count_as_missing(kind: str):
    end = retiring(last_day="2026-06-20", replacement="gemini")
    roster = model("claude") + model("gemini") + "".join(model(name, end) for name in ("mistral", "gpt", "qwen"))
    before, after = date(2026, 6, 20), date(2026, 6, 21)
    bodies = {day: roster.encode() if kind == "roster" else rendered(kind, roster, on=day) for day in (before, after)}
    served = accepted(bodies[before], on=before)
    assert len(served.offered_models) == 5
    later = accepted(bodies[after], served, on=after, max_shrink=0.1)
    assert [model.id for model in later.offered_models] == ["claude", "gemini"]
    assert [tombstone.id for tombstone in later.retired] == ["mistral", "gpt", "qwen"]


def test_rejection_leaves_served_list_unchanged():
    served = accepted(KINDS["gateway"])
    before = pickle.dumps(served)
    for body, _ in WRONG.values():
        rejection(body, served)
    assert pickle.dumps(served) == before
    assert served.list_bytes == rendered("offered_models", on=DAY)
