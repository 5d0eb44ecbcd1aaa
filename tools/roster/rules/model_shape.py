"""Rules on keys and values: what the JSON Schema of rosters allows. The schema validator reports these."""

from collections.abc import Iterator

from roster.findings import Finding
from roster.model import SUPPLIED_KEYS, Model
from roster.naming import list_names, quote
from roster.providers import PER_MODEL
from roster.roster import Roster
from roster.rules.base.rule import Context, external_rule
from roster.schema.model_keys import field_name, model_schema

_ENDPOINT = "  endpoint: https://bedrock-runtime.us-east-1.amazonaws.com\n"
_UNREADABLE = ("placeholder-value", "wrong-type", "invalid-value", "malformed-endpoint", "credentials-in-endpoint")
"""Rules on an identifier or an endpoint that does not show which provider it belongs to."""
_REQUIRED = (
    f"  identifier: bedrock/claude-1\n  api-key: AIGW_MODEL_CLAUDE_API_KEY\n{_ENDPOINT}"
    "  release_state: GA\n  family: claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n"
)


def _missing_supplied_keys(roster: Roster, context: Context) -> Iterator[Finding]:
    """Yield the keys that models lack and that the schema does not require because a provider could supply them."""
    for model in roster:
        for key in SUPPLIED_KEYS:
            if getattr(model, field_name(key)) is None and key not in model.entry:
                from roster.schema import violations  # most rosters are valid

                finding = violations.missing_key(roster.at(model), key, model_schema())
                causes = tuple((rule, roster.at(model, cause)) for cause in _causes(model, key) for rule in _UNREADABLE)
                provider = context.registries.provider_of(model.identifier)
                if key == "api-key" and model.endpoint and provider and provider.credential != PER_MODEL:
                    hosts = list_names(provider.own_hosts)
                    finding = finding._replace(
                        note=f"{provider.title} supplies a credential only at its hosts: {hosts}"
                    )
                elif model.identifier and not provider:
                    prefix = quote(model.identifier.partition("/")[0])
                    finding = finding._replace(note=f"{prefix} is no known provider, which could supply it")
                yield finding._replace(implied_by=causes)


def _causes(model: Model, key: str) -> list[str]:
    """Return the keys whose unreadable values decide whether a provider supplies another key."""
    return ["identifier", "endpoint"] if key == "api-key" else ["identifier"]


unknown_key = external_rule(
    "unknown-key",
    summary="Unknown key in a model.",
    reason="Gateways and instances ignore the key, so the intended setting has no effect.",
    remedy="Spell the key as in the schema, or remove it.",
    bad="- name: Claude\n  releas_state: GA\n",
    good="- name: Claude\n  release_state: GA\n",
)

missing_key = external_rule(
    "missing-key",
    summary="Missing required key in a model.",
    reason="Without the key, gateways cannot reach the model, or admins cannot assess it.",
    remedy="Add the key, or add the model's endpoint or credential to its provider in schemas/providers.yaml.",
    bad=f"- name: Claude\n{_REQUIRED}".replace(_ENDPOINT, ""),
    good=f"- name: Claude\n{_REQUIRED}",
)._replace(check=_missing_supplied_keys)
wrong_type = external_rule(
    "wrong-type",
    summary="Value of the wrong type.",
    reason="A gateway that expects a list of features and finds text fails, or offers nothing.",
    remedy="Write a value of the type given in the message.",
    bad="- name: Claude\n  features: duo_chat\n",
    good="- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n",
)
empty_roster = external_rule(
    "empty-roster",
    summary="Roster without models.",
    reason="All features of the environment would fail at once.",
    remedy="Add at least one model.",
    bad="[]\n",
    good="- name: Claude\n",
)
invalid_value = external_rule(
    "invalid-value",
    summary="Value that its key does not allow.",
    reason="Gateways and instances accept only the values that the schema allows.",
    remedy="Write one of the values given in the message.",
    bad="- name: Claude\n  release_state: ga\n",
    good="- name: Claude\n  release_state: GA\n",
)
