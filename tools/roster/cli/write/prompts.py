"""Prompts for the values of a model. An invalid answer is reported at once, and the prompt repeated."""

import re
from collections.abc import Callable
from typing import TypeVar

import click

from roster.authoring.draft import Draft
from roster.cli.write.choices import Choices, utf8
from roster.edit.style import Value
from roster.findings import Severity
from roster.naming import derive_id, quote
from roster.rules.all_rules import RULES
from roster.rules.base.rule import Subject
from roster.schema.model_keys import model_keys, required_keys

WITHOUT_OPTION = frozenset(
    {
        "api-key",  # follows from the id
        "retirement", "suspended", "aliases",  # do not concern new models
        "release_state_for", "gateway",  # mappings
    }
)  # fmt: skip
"""The keys without an option or a prompt."""
WITHOUT_PROMPT = WITHOUT_OPTION | {
    "context_window", "max_output_tokens", "capabilities", "processed_in", "data_retention_days", "owner",
    "documentation",
}  # fmt: skip
"""The keys without a prompt, because most models leave them out."""
_RESOLVED_BY_AN_ID = frozenset({"empty-id", "duplicate-id"})
_Answer = TypeVar("_Answer")


def prompt_keys() -> list[str]:
    """Return the keys to prompt for: the id right after the name that it is derived from."""
    return ["name", "id", *(key for key in model_keys() if key not in {"name", "id", *WITHOUT_PROMPT})]


def required_prompts() -> list[str]:
    """Return the keys that a new model needs an answer for."""
    return [key for key in required_keys() if key not in WITHOUT_PROMPT]


def prompt_for_model(draft: Draft, choices: Choices) -> Draft:
    """Prompt for the values that a draft lacks, and return it complete."""
    _print("Press Ctrl-C to leave without writing anything.")
    _print("Press Enter to skip an optional value, or to accept the value in brackets.")
    if not draft.environments:
        draft = draft._replace(environments=_prompt_for_list("environments", choices, choices.names("environments")[0]))
    for key in prompt_keys():
        if key in draft.model or key in choices.supplied_values(draft):
            continue
        if answer := _prompt_for_key(key, draft, choices):
            draft = draft._replace(model={**draft.model, key: answer})
    return draft


def prompt_for_value(key: str, draft: Draft, choices: Choices, *, optional: bool = False, default: str = "") -> str:
    """Prompt for one value of a model until it is valid."""

    def parse(answer: str) -> str:
        answer = utf8(answer.strip())
        if answer and choices.names(key):
            answer = choices.validate(key, answer)
        if not answer and not optional:
            raise click.UsageError(f"{choices.title(key).lower()} is required")
        # which API key reference is valid depends on the id
        context = {"id": draft.model["id"]} if key == "api-key" else {}
        if answer and (error := _first_error(draft._replace(model=context | {key: answer}), key)):
            raise click.UsageError(error)
        return answer

    allowed = ", ".join(choices.names(key)) or f"such as {choices.example(key)}"
    label = f"{choices.title(key)}{', optional' if optional else ''}" + ("" if default else f" ({allowed})")
    return prompt(label, parse, default if default or optional else None)


def _prompt_for_key(key: str, draft: Draft, choices: Choices) -> Value:
    if key == "features":
        return _prompt_for_list(key, choices)
    if key == "default_for":
        features = choices.features_without_default(draft)
        return _prompt_for_list(key, choices, ", ".join(features)) if features else ()
    if key == "id":
        return _prompt_for_id(draft, choices)
    return prompt_for_value(key, draft, choices, optional=key not in required_prompts())


def _prompt_for_id(draft: Draft, choices: Choices) -> str:
    """Prompt for an id if none can be derived from the name, or another model has it."""
    id_ = derive_id(str(draft.model["name"]))
    if id_ and not choices.rosters_with_id(draft, id_):
        return ""
    _print(f"Another model has the id {quote(id_)}." if id_ else "No id can be derived from the name.")
    return prompt_for_value("id", draft, choices)


def _prompt_for_list(key: str, choices: Choices, default: str | None = None) -> tuple[str, ...]:
    def parse(answer: str) -> tuple[str, ...]:
        names = re.findall(r"[^,\s]+", utf8(answer))
        if not names:
            raise click.UsageError("enter at least one")
        return tuple(dict.fromkeys(choices.validate(key, name) for name in names))

    if not default or key == "environments":
        _print(f"{choices.title(key)}: {', '.join(choices.names(key))}")
    return prompt(f"{choices.title(key)}, separated by commas", parse, default)


def _first_error(draft: Draft, key: str) -> str:
    """Return the first error about a key that adding a draft would introduce; empty without one."""
    for finding in draft.preview().introduced.diagnostics:
        is_about_key = finding.key == key or RULES[finding.rule].subject is Subject.DOCUMENT
        is_resolved_later = key == "name" and finding.rule in _RESOLVED_BY_AN_ID
        if is_about_key and finding.severity is Severity.ERROR and not is_resolved_later:
            advice = finding.hint or finding.note
            return f"{finding.message}: {advice}" if advice else finding.message
    return ""


def prompt(label: str, parse: Callable[[str], _Answer], default: str | None) -> _Answer:
    return click.prompt(label, value_proc=parse, default=default, show_default=bool(default), err=True)


def _print(text: str) -> None:
    click.echo(text, err=True)
