"""Prompts for the values of a model. An invalid answer is reported at once, and the prompt repeated."""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
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
_BACK = "<"
"""The answer that leads to the previous prompt; no key of a model has such a value."""
_MAX_DIGITS = 6
_Answer = TypeVar("_Answer")


class _GoBackError(Exception):
    """The answer to a prompt was to go back."""


def prompt_keys() -> list[str]:
    """Return the keys to prompt for: the id right after the name that it is derived from."""
    return ["name", "id", *(key for key in model_keys() if key not in {"name", "id", *WITHOUT_PROMPT})]


def required_prompts() -> list[str]:
    """Return the keys that a new model needs an answer for."""
    return [key for key in required_keys() if key not in WITHOUT_PROMPT]


def prompt_for_model(draft: Draft, choices: Choices) -> Draft:
    """Prompt for the values that a draft lacks, and return it complete."""
    _print("Press Ctrl-C to leave without writing anything.")
    _print(f"Press Enter to skip an optional value, or to accept the value in brackets. Enter {_BACK} to go back.")
    keys = ["environments"] * (not draft.environments) + [key for key in prompt_keys() if key not in draft.model]
    earlier: list[tuple[int, Draft]] = []
    position = 0
    while position < len(keys):
        try:
            answered = _answered(keys[position], draft, choices)
        except _GoBackError:
            position, draft = earlier.pop() if earlier else (position, draft)
            continue
        if answered:
            earlier.append((position, draft))
        position, draft = position + 1, answered or draft
    return draft


def _answered(key: str, draft: Draft, choices: Choices) -> Draft | None:
    """Prompt for a key, and return the draft with the answer; None if no prompt is necessary."""
    if key == "environments":
        return draft._replace(environments=_prompt_for_list(key, choices, choices.names(key)[0]))
    if key in choices.supplied_values(draft):
        return None
    answer = _prompt_for_key(key, draft, choices)
    if answer is None:
        return None
    return draft._replace(model={**draft.model, key: answer}) if answer else draft


def prompt_for_value(
    key: str,
    draft: Draft,
    choices: Choices,
    *,
    optional: bool = False,
    default: str = "",
    can_go_back: bool = False,
) -> str:
    """Prompt for one value of a model until it is valid."""

    def parse(answer: str) -> str:
        answer = utf8(answer.strip())
        if answer and choices.names(key):
            answer = _chosen(key, answer, choices)
        if not answer and not optional:
            raise click.UsageError(f"{choices.title(key).lower()} is required")
        # which API key reference is valid depends on the id
        context = {"id": draft.model["id"]} if key == "api-key" else {}
        if answer and (error := _first_error(draft._replace(model=context | {key: answer}), key)):
            raise click.UsageError(error)
        return answer

    allowed = "  ".join(_numbered(choices.names(key))) or f"such as {choices.example(key)}"
    label = f"{choices.title(key)}{', optional' if optional else ''}" + ("" if default else f" ({allowed})")
    return prompt(label, parse, default if default or optional else None, can_go_back=can_go_back)


def _prompt_for_key(key: str, draft: Draft, choices: Choices) -> Value | None:
    """Prompt for a key; return None if no prompt is necessary, and an empty answer if the value is left out."""
    if key == "features":
        return _prompt_for_list(key, choices)
    if key == "default_for":
        features = choices.features_without_default(draft)
        return _prompt_for_list(key, choices, ", ".join(features)) if features else None
    if key == "id":
        return _prompt_for_id(draft, choices)
    return prompt_for_value(key, draft, choices, optional=key not in required_prompts(), can_go_back=True)


def _prompt_for_id(draft: Draft, choices: Choices) -> str | None:
    """Prompt for an id if none can be derived from the name, or another model has it."""
    id_ = derive_id(str(draft.model["name"]))
    if id_ and not choices.rosters_with_id(draft, id_):
        return None
    _print(f"Another model has the id {quote(id_)}." if id_ else "No id can be derived from the name.")
    return prompt_for_value("id", draft, choices, can_go_back=True)


def _prompt_for_list(key: str, choices: Choices, default: str | None = None) -> tuple[str, ...]:
    def parse(answer: str) -> tuple[str, ...]:
        names = re.findall(r"[^,\s]+", utf8(answer))
        if not names:
            raise click.UsageError("enter at least one")
        return tuple(dict.fromkeys(_chosen(key, name, choices) for name in names))

    if not default or key == "environments":
        _print(f"{choices.title(key)}:")
        for line in _lines(_numbered(choices.names(key))):
            _print(f"  {line}")
    return prompt(f"{choices.title(key)}, separated by commas", parse, default, can_go_back=True)


def _first_error(draft: Draft, key: str) -> str:
    """Return the first error about a key that adding a draft would introduce; empty without one."""
    for finding in draft.preview().introduced.diagnostics:
        is_about_key = finding.key == key or RULES[finding.rule].subject is Subject.DOCUMENT
        is_resolved_later = key == "name" and finding.rule in _RESOLVED_BY_AN_ID
        if is_about_key and finding.severity is Severity.ERROR and not is_resolved_later:
            advice = finding.hint or finding.note
            return f"{finding.message}: {advice}" if advice else finding.message
    return ""


def prompt(label: str, parse: Callable[[str], _Answer], default: str | None, *, can_go_back: bool = False) -> _Answer:
    """Prompt until an answer is valid."""

    def parse_or_go_back(answer: str) -> _Answer:
        if can_go_back and answer.strip() == _BACK:
            raise _GoBackError
        return parse(answer)

    return click.prompt(label, value_proc=parse_or_go_back, default=default, show_default=bool(default), err=True)


def _chosen(key: str, answer: str, choices: Choices) -> str:
    """Return the choice that an answer names, or whose number it is."""
    names = choices.names(key)
    is_number = answer.isascii() and answer.isdigit() and len(answer) < _MAX_DIGITS
    if is_number and answer not in names and 0 < int(answer) <= len(names):
        return names[int(answer) - 1]
    return choices.validate(key, answer)


def _numbered(names: Iterable[str]) -> list[str]:
    return [f"{number} {name}" for number, name in enumerate(names, start=1)]


def _lines(choices: Iterable[str]) -> Iterator[str]:
    """Yield choices in lines as wide as the terminal, with two spaces for the indentation."""
    columns, line = shutil.get_terminal_size().columns - 2, ""
    for choice in choices:
        if line and len(line) + 2 + len(choice) > columns:
            yield line
            line = choice
        else:
            line = f"{line}  {choice}" if line else choice
    yield line


def _print(text: str) -> None:
    click.echo(text, err=True)
