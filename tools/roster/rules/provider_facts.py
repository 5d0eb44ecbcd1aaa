"""Rules on provider facts: the identifiers, limits and capabilities of models at their providers."""

from collections.abc import Iterator

from roster.findings import Finding, Severity
from roster.model import days_after
from roster.naming import join_names, quote
from roster.registries import CAPABILITIES, KNOWN_PROVIDER_FACTS, PROVIDER_FACTS
from roster.roster import Roster
from roster.rules.base.models_with_facts import ModelWithFacts, models_with_facts
from roster.rules.base.rule import Context, roster_rule

_SOURCES = "  sources: [{name: litellm, read: 2026-06-01}]\n"
_FACTS = f"- identifier: anthropic/claude-1\n  context_window: 200000\n  capabilities: [tools]\n{_SOURCES}"
_UNKNOWN = f"""\
- identifier: anthropic/claude-1l
  unknown_to: [litellm]
  similar: anthropic/claude-1
{_SOURCES}"""
_CLAUDE = "- name: Claude\n  identifier: anthropic/claude-1\n  endpoint: https://api.anthropic.com\n"
_ADD_PAGE = f"add the page that says so to {KNOWN_PROVIDER_FACTS} and run roster providers update"
_CAPABILITIES = "- name: tools\n  title: Tool use\n- name: vision\n  title: Images as input\n  reported: true\n"


@roster_rule(
    severity=Severity.WARNING,
    summary="Identifier that public sources do not list among the models of its provider.",
    reason="The identifier is probably misspelled, or the model has ended. The provider would reject every request.",
    remedy=f"Correct the identifier. If the provider has the model, {_ADD_PAGE}.",
    bad={PROVIDER_FACTS: _UNKNOWN, "production": _CLAUDE.replace("claude-1", "claude-1l")},
    good={PROVIDER_FACTS: _UNKNOWN, "production": _CLAUDE},
)
def unknown_identifier(roster: Roster, context: Context) -> Iterator[Finding]:
    for model, facts, provider in _served(roster, context):
        if facts.unknown_to and all(source.name in facts.unknown_to for source in facts.sources):
            verb = "lists" if len(facts.unknown_to) == 1 else "list"
            message = f"{join_names(facts.unknown_to)} {verb} models of {provider}, but not {quote(model.identifier)}"
            hint = (
                f"did you mean {quote(facts.similar)}?" if facts.similar else f"compare it with the list of {provider}"
            )
            place = roster.at(model, "identifier")
            yield Finding(place, message, hint, implied_by=(("offered-after-provider-end", place),))


@roster_rule(
    severity=Severity.WARNING,
    summary="Limit above the provider's.",
    reason="Callers rely on the limit, and the provider rejects longer requests or cuts off longer answers.",
    remedy=f"Write the provider's limit. If {PROVIDER_FACTS} is wrong, {_ADD_PAGE}.",
    bad={PROVIDER_FACTS: _FACTS, "production": f"{_CLAUDE}  context_window: 1000000\n"},
    good={PROVIDER_FACTS: _FACTS, "production": f"{_CLAUDE}  context_window: 200000\n"},
)
def limit_above_provider(roster: Roster, context: Context) -> Iterator[Finding]:
    for each in _served(roster, context):
        model, facts, provider = each
        limits = {
            "context_window": ("context window", model.context_window, facts.context_window),
            "max_output_tokens": ("output limit", model.max_output_tokens, facts.max_output_tokens),
        }
        for key, (title, stated, limit) in limits.items():
            if stated is not None and limit is not None and stated > limit:
                place = roster.at(model, key)
                message = f"the {title} of {stated:,} tokens is above the {limit:,} of {provider}"
                implied_by = (("output-exceeds-context", place),)
                yield Finding(place, message, f"write at most {limit}", _sources(each), implied_by=implied_by)


@roster_rule(
    severity=Severity.WARNING,
    summary="Capability that the model does not have at its provider.",
    reason="Gateways and features rely on it: the provider rejects such requests, or ignores a part of them.",
    remedy=f"Remove the capability. If {PROVIDER_FACTS} is wrong, {_ADD_PAGE}.",
    bad={PROVIDER_FACTS: _FACTS, CAPABILITIES: _CAPABILITIES, "production": f"{_CLAUDE}  capabilities: [vision]\n"},
    good={PROVIDER_FACTS: _FACTS, CAPABILITIES: _CAPABILITIES, "production": f"{_CLAUDE}  capabilities: [tools]\n"},
)
def capability_not_at_provider(roster: Roster, context: Context) -> Iterator[Finding]:
    reported = {each.name for each in context.registries.capabilities.values() if each.reported}
    for each in _served(roster, context):
        model, facts, provider = each
        for index, name in enumerate(model.capabilities if facts.capabilities is not None else ()):
            if name in reported and name not in (facts.capabilities or ()):
                message = f"this model does not have the capability {quote(name)} at {provider}"
                yield Finding(roster.at(model, "capabilities", index), message, "remove it", _sources(each))


def _served(roster: Roster, context: Context) -> Iterator[ModelWithFacts]:
    """Yield the models with facts that do not retire today, or earlier: nobody corrects a model on its last day."""
    models = models_with_facts(roster, context.registries)
    return (each for each in models if each.model.remaining_features(days_after(context.today, 1)))


def _sources(subject: ModelWithFacts) -> str:
    return f"according to {join_names(source.name for source in subject.facts.sources)}"
