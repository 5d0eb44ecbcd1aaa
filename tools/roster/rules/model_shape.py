"""Rules on shape: which keys a model has, and what kind of value each takes. The JSON Schema finds these."""

from roster.findings import Severity
from roster.rules.rule import external_rule

_WHOLE = (
    "  identifier: bedrock/claude-1\n  api-key: AIGW_MODEL_CLAUDE_API_KEY\n  endpoint: https://example-models.com/v1\n"
    "  release_state: GA\n  family: claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n"
)

unknown_key = external_rule(
    "unknown-key",
    severity=Severity.ERROR,
    summary="A model has a key that no model has.",
    reason="Nobody reads it: what it was meant to say is lost.",
    remedy="Write the key as the schema spells it, or remove it.",
    bad="- name: Claude\n  releas_state: GA\n",
    good="- name: Claude\n  release_state: GA\n",
)
missing_key = external_rule(
    "missing-key",
    severity=Severity.ERROR,
    summary="A model lacks a key that every model needs.",
    reason="The gateway cannot reach a model, or an admin cannot judge it, without all of them.",
    remedy="Add the key.",
    bad=f"- name: Claude\n{_WHOLE}".replace("  endpoint: https://example-models.com/v1\n", ""),
    good=f"- name: Claude\n{_WHOLE}",
)
wrong_type = external_rule(
    "wrong-type",
    severity=Severity.ERROR,
    summary="A value is of another kind than its key takes.",
    reason="A reader that expects a list of features finds a text, and fails or offers nothing.",
    remedy="Write the kind of value that the message names.",
    bad="- name: Claude\n  features: duo_chat\n",
    good="- name: Claude\n  features: [duo_chat]\n  default_for: [duo_chat]\n",
)
empty_roster = external_rule(
    "empty-roster",
    severity=Severity.ERROR,
    summary="A roster offers no model.",
    reason="Every feature of the environment would fail at once.",
    remedy="Add at least one model.",
    bad="[]\n",
    good="- name: Claude\n",
)
invalid_value = external_rule(
    "invalid-value",
    severity=Severity.ERROR,
    summary="A value is none of those that its key takes.",
    reason="Gateway and instances know only the values that the schema lists.",
    remedy="Write one of the values that the message names.",
    bad="- name: Claude\n  release_state: ga\n",
    good="- name: Claude\n  release_state: GA\n",
)
