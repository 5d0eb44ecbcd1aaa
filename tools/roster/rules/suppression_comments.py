"""Rules on suppression comments: each needs a reason and an effect. The check reports these when it applies them."""

from roster.findings import Severity
from roster.rules.base.rule import external_rule

MARK = "roster:"
"""The text that every comment addressed to the toolkit contains."""
SYNTAX = f"# {MARK} ignore[rule-name] reason"

ignore_without_reason = external_rule(
    "ignore-without-reason",
    summary="Suppression comment without a reason.",
    reason="Without a reason, nobody can tell whether the comment is still needed.",
    remedy="Write the reason after the bracket.",
    bad="- name: Claude\n  identifier: bedrock/claude # roster: ignore[unpinned-identifier]\n",
    good="- name: Claude\n  identifier: bedrock/claude # roster: ignore[unpinned-identifier] it has no versions yet\n",
)
useless_ignore = external_rule(
    "useless-ignore",
    severity=Severity.WARNING,
    summary="Suppression comment without an effect.",
    reason="The comment could hide a future mistake, or it names a rule that does not exist.",
    remedy="Remove the comment, or correct the rule name.",
    bad="- name: Claude # roster: ignore[missing-default] the next model becomes the default\n",
    good="- name: Claude # the next model becomes the default\n",
)
forbidden_ignore = external_rule(
    "forbidden-ignore",
    summary="Suppression comment for a rule that cannot be suppressed.",
    reason="Suppressing the rule could expose a secret, give two models the same id, or make the artifacts invalid.",
    remedy="Remove the comment and fix the finding.",
    bad="- name: Claude # roster: ignore[secret-in-roster] it is only a test key\n",
    good="- name: Claude # the test key is in the vault\n",
)
