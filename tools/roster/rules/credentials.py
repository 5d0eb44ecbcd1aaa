"""Rules on credentials: a roster contains names of API key variables, never an API key."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from roster.findings import Finding, Place, Pointer
from roster.model import Model, comparable
from roster.naming import quote
from roster.providers import PROVIDER_KEY
from roster.roster import Roster
from roster.rules.base.placeholders import placeholder_kind, without_references
from roster.rules.base.rule import Context, document_rule, roster_rule
from roster.schema.model_keys import expected_value, model_keys
from roster.secret_redaction import find_secrets, redact_text, secret_ranges
from roster.yaml.document import Document
from roster.yaml.string_ranges import locate_matches

_REFERENCE = "AIGW_MODEL_([A-Z0-9_]+)_API_KEY"
_ID = "[a-z0-9]+(_[a-z0-9]+)*"


@document_rule(
    summary="Possible API key or token in the file.",
    reason="A committed secret remains in the git history and in every clone.",
    remedy="Revoke the secret, set the new one as an environment variable, and write the variable's name in api-key.",
    bad="- name: Claude\n# the old key was glpat-x9Kq2LmN7pRt4VwY8zBc\n",
    good="- name: Claude\n# the key is in the vault\n",
)
def secret_in_roster(document: Document, _: Context) -> Iterator[Finding]:
    return secrets_in(document)


def secrets_in(document: Document) -> Iterator[Finding]:
    """Yield the secrets in a roster or a registry, comments included."""
    for place, text in locate_matches(document, secret_ranges(document.text), secret_ranges):
        kind = find_secrets(text)[0][0]
        message = f"this looks like {kind}, which must not be in a file"
        yield Finding(place, message, "revoke it and treat it as exposed", _what_belongs_there(place))


def _what_belongs_there(place: Place) -> str:
    """Return what the value at a place should be, for a note; empty for a comment or a key."""
    *keys, last = place.pointer[1:] or ("",)
    known = not place.at_key and str(keys[0] if keys else last) in model_keys()
    return f"expected here: {expected_value((*keys, last))}" if known else ""


@roster_rule(
    summary="Possible secret in the gateway settings of a model.",
    reason="A committed secret remains in the git history and in every clone, and artifacts would contain it.",
    remedy="Revoke the secret and remove it. A gateway reads API keys from the variable in api-key.",
    bad="- name: Claude\n  gateway: {temperature: 0.0, password: hunter2}\n",
    good="- name: Claude\n  gateway: {temperature: 0.0, max_tokens: 1000}\n",
    ignorable=False,
)
def secret_in_gateway_settings(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        for pointer, message in secrets_in_settings(model.gateway) if model.gateway else ():
            yield Finding(roster.at(model, "gateway", *pointer), message, "revoke it and treat it as exposed")


def secrets_in_settings(value: Any) -> Iterator[tuple[Pointer, str]]:
    """Yield the pointers of possible secrets in ``gateway``, and what is wrong; ``secrets_in`` finds known formats."""
    for pointer, item in _leaves(value):
        key = next((str(each) for each in reversed(pointer) if isinstance(each, str)), "")
        if _is_secret(key, item) and not find_secrets(str(item)):
            message = f"{quote(key)} may contain a secret, which must not be in a file (the value is not shown)"
            yield pointer, message


def _leaves(value: Any, pointer: Pointer = ()) -> Iterator[tuple[Pointer, Any]]:
    """Yield the values in mappings and lists that are neither, with their pointers."""
    if isinstance(value, list | dict | MappingProxyType):
        for key, item in value.items() if not isinstance(value, list) else enumerate(value):
            yield from _leaves(item, (*pointer, key))
    else:
        yield pointer, value


def _is_secret(key: str, value: Any) -> bool:
    """Return whether a value is at a key for secrets, or is an address or a header with credentials."""
    return (
        value not in (None, "") and _is_redacted(f"{key}: {comparable(value)}") and not _is_reference_only(key, value)
    )


def _is_reference_only(key: str, value: Any) -> bool:
    """Return whether the secret in a value is a reference that the gateway's client replaces, or a token of prompts."""
    if not isinstance(value, str) or (rest := without_references(value)) == value:
        return False
    without_scheme = re.sub(r"(?i)\A\s*(?:bearer|basic|token)\b|(?<=//):(?=@)", "", rest)
    return not re.search(r"\w", without_scheme) or not _is_redacted(f"{key}: {comparable(without_scheme)}")


@lru_cache(maxsize=4096)  # models have the same settings, and features list the same models
def _is_redacted(text: str) -> bool:
    return redact_text(text) != text


@roster_rule(
    summary="Value of api-key that is not the name of an API key variable.",
    reason="The gateway reads the API key from the environment variable of this name. Another value may be a secret.",
    remedy="Write AIGW_MODEL_, the model's id in upper case, and _API_KEY.",
    bad="- name: Claude\n  api-key: my-key\n",
    good="- name: Claude\n  api-key: AIGW_MODEL_CLAUDE_API_KEY\n",
    schema_decides=True,
)
def api_key_not_a_reference(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        value = model.entry.get("api-key")
        if isinstance(value, str) and not is_reference(value):
            hint = f"write {reference(model.id)}" if model.id else ""
            message = "this is not the name of an API key variable (the value is not shown: it may be a key)"
            if placeholder_kind("api-key", value):
                message = "this is a placeholder or a reference, not the name of an API key variable itself"
            yield Finding(roster.at(model, "api-key"), message, hint)


@roster_rule(
    summary="Value of api-key that does not match the model's id.",
    reason="The gateway would send one provider's API key to another provider, or find no key.",
    remedy="Pin the earlier id of a renamed model. Otherwise, write AIGW_MODEL_, the id in upper case, and _API_KEY.",
    bad="- name: Claude\n  api-key: AIGW_MODEL_GEMINI_API_KEY\n",
    good="- name: Claude\n  api-key: AIGW_MODEL_CLAUDE_API_KEY\n",
    ignorable=False,
)
def api_key_mismatch(roster: Roster, context: Context) -> Iterator[Finding]:
    models = [model for model in roster if model.id and model.api_key and is_mismatched(model)]
    ids = Counter(model.id for model in roster) if models else {}
    for model in models:
        if ids[model.id] == 1:  # duplicate-id and duplicate-name report a repeated id
            yield from _mismatch(roster, model, context)


def _mismatch(roster: Roster, model: Model, context: Context) -> Iterator[Finding]:
    place, named = roster.at(model, "api-key"), named_id(model)
    message = f"{quote(model.api_key)} is not named after this model's id, {quote(model.id)}"
    owner = models_by_variable(roster).get(named)
    if owner is None or owner is model:
        yield Finding(place, message, _renaming_hint(roster, model, named, context))
    elif not is_mismatched(owner):
        yield Finding(place, f"{message}, but after {quote(owner.name)}", f"write {reference(model.id)}")
    elif named_id(owner) != variable_id(model.id) or owner.position > model.position:  # a swap is one finding
        hint = f"restore the names, or the keys, of this model and {quote(owner.name)}"
        yield Finding(place, f"{message}, but after {quote(owner.name)}", hint)


def _renaming_hint(roster: Roster, model: Model, named: str, context: Context) -> str:
    """Return what to write: a renamed model keeps its id, because customers' selections refer to it."""
    before = context.before.get(roster.environment)
    was_offered = before and model.id in before.by_id
    if was_offered or not re.fullmatch(_ID, named):
        return f"write {reference(model.id)}"
    earlier = models_by_variable(before).get(named) if before else None
    id_ = earlier.id if earlier else named  # with its hyphens
    return f'write "id: {id_}" if the model was renamed, or {reference(model.id)} if it is new'


def reference(id_: str) -> str:
    """Return the name of the key variable of the model with an id."""
    return f"AIGW_MODEL_{variable_id(id_).upper()}_API_KEY"


def variable_id(id_: str) -> str:
    """Return an id as in the name of its key variable, which cannot contain a hyphen."""
    return id_.replace("-", "_")


@lru_cache(maxsize=4)
def models_by_variable(roster: Roster) -> Mapping[str, Model]:
    """Return the models by the id that their key variables should be named after; of several, the first."""
    return {variable_id(id_): model for id_, model in roster.by_id.items()}  # the last model first


def named_id(model: Model) -> str:
    """Return the id that a model's key variable is named after, in underscores; empty without a key variable."""
    match = re.fullmatch(_REFERENCE, model.api_key or "")
    return match[1].lower() if match else ""


def is_mismatched(model: Model) -> bool:
    """Return whether a model's key variable is named after an id that it never had."""
    names: Collection[str | None] = {*map(reference, (model.id, *model.aliases))}
    return bool(named_id(model)) and model.api_key not in names


def is_reference(value: str) -> bool:
    """Return whether a value is the name of a key variable, of any model or provider."""
    return re.fullmatch(f"{_REFERENCE}|{PROVIDER_KEY}", value) is not None
