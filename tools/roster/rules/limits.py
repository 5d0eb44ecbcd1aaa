"""Rules on limits: the lengths of texts that people compare, and of requests and answers."""

from collections.abc import Iterator

from roster.findings import Finding, Severity
from roster.roster import Roster
from roster.rules.base.rule import Context, roster_rule

_MAX_DESCRIPTION = 90
"""In characters: about one line of a page with room for the name. The JSON Schema has the length that is rejected."""


@roster_rule(
    severity=Severity.WARNING,
    summary="Description of more than 90 characters.",
    reason="Admins compare models by their descriptions; a longer one takes several lines, or is cut off.",
    remedy="Say what the model is good at in at most 90 characters.",
    bad="- name: Claude\n  description: Balanced coding model for large repositories "
    "that plans changes over many files and explains each step\n",
    good="- name: Claude\n  description: Balanced coding model for large repositories\n",
)
def long_description(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        if model.description and len(model.description) > _MAX_DESCRIPTION:
            message = f'"description" is {len(model.description)} characters long'
            yield Finding(roster.at(model, "description"), message, f"shorten it to at most {_MAX_DESCRIPTION}")


@roster_rule(
    summary="Output limit above the context window.",
    reason="A request and its answer share the context window, so callers that rely on the limit get errors.",
    remedy="Correct max_output_tokens or context_window.",
    bad="- name: Claude\n  context_window: 20000\n  max_output_tokens: 64000\n",
    good="- name: Claude\n  context_window: 200000\n  max_output_tokens: 64000\n",
)
def output_exceeds_context(roster: Roster, _: Context) -> Iterator[Finding]:
    for model in roster:
        window, output = model.context_window, model.max_output_tokens
        if window and output and output > window:
            message = f"the output limit of {output:,} tokens is above the context window of {window:,}"
            hint = f"write at most {window}, or correct context_window"
            yield Finding(roster.at(model, "max_output_tokens"), message, hint)
