"""Rules on comments that ignore findings. The check finds these when it heeds the comments."""

from roster.findings import Severity
from roster.rules.rule import external_rule

MARK = "roster:"
"""What every comment holds that speaks to the toolkit."""
SYNTAX = f"# {MARK} ignore[rule-name] reason"
"""How to ignore what a rule finds."""

ignore_without_reason = external_rule(
    "ignore-without-reason",
    severity=Severity.ERROR,
    summary="A comment ignores a finding and does not say why.",
    reason="Nobody who reads it later can tell whether the reason still holds, so the comment stays for ever.",
    remedy="Write the reason after the bracket.",
    bad="- name: Claude\n  identifier: bedrock/claude # roster: ignore[unpinned-identifier]\n",
    good="- name: Claude\n  identifier: bedrock/claude # roster: ignore[unpinned-identifier] it has no versions yet\n",
)
useless_ignore = external_rule(
    "useless-ignore",
    severity=Severity.WARNING,
    summary="A comment ignores nothing.",
    reason="It would hide the next mistake of this kind, which nobody has looked at, or it names no rule at all.",
    remedy="Remove it, or write the name of the rule as the finding shows it.",
    bad="- name: Claude # roster: ignore[missing-default] the next model will be it\n",
    good="- name: Claude # the next model will be the default\n",
)
forbidden_ignore = external_rule(
    "forbidden-ignore",
    severity=Severity.ERROR,
    summary="A comment asks to ignore what cannot be ignored.",
    reason="A key would be given away, two models would share an id, or no valid artifact could be made of the roster.",
    remedy="Remove the comment and mend what the rule finds.",
    bad="- name: Claude # roster: ignore[secret-in-roster] it is only a test key\n",
    good="- name: Claude # the test key is in the vault\n",
)
