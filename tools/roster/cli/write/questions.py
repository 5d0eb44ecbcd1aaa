"""Questions on a terminal: what a new model is to be. A wrong answer is told at once, and the question asked again."""

import re
from collections.abc import Callable
from typing import TypeVar

import click

from roster.authoring.draft import Draft
from roster.cli.write.choices import Known
from roster.edit.style import Value
from roster.findings import Severity
from roster.naming import derive_id, quote
from roster.rules.all_rules import RULES
from roster.rules.rule import Subject
from roster.schema.model_keys import model_keys, required_keys

NOT_ASKED = frozenset({"api-key", "retirement"})
"""The keys without an option or a question: api-key follows from the id, and no new model retires."""
_SETTLED_BY_AN_ID = frozenset({"empty-id", "duplicate-id"})
_Answer = TypeVar("_Answer")


def ask(draft: Draft, known: Known) -> Draft:
    """Ask for what a draft lacks, and return it whole.

    Raises:
        click.Abort: whoever was asked left.
    """
    _say("Ctrl-C leaves, with nothing written. Enter skips what is optional, or takes what stands in brackets.")
    if not draft.environments:
        draft = draft._replace(environments=_several("environments", known, known.choices("environments")[0]))
    for key in asked_keys():
        if key not in draft.model and (answer := _answer(key, draft, known)):
            draft = draft._replace(model={**draft.model, key: answer})
    return draft


def asked_keys() -> list[str]:
    """Return the keys to ask for: the id right after the name that it is derived from."""
    others = [key for key in model_keys() if key not in {"name", "id", *NOT_ASKED}]
    return ["name", "id", *others]


def required_answers() -> list[str]:
    """Return the keys that a new model needs an answer for."""
    return [key for key in required_keys() if key not in NOT_ASKED]


def encodable(text: str) -> str:
    """Return a text that a file can hold.

    Raises:
        click.UsageError: it came as bytes that are not UTF-8.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise click.UsageError(f"{quote(text)} is not UTF-8 text") from None
    return text


def _answer(key: str, draft: Draft, known: Known) -> Value:
    if key == "features":
        return _several(key, known)
    if key == "default_for":
        features = known.without_default(draft)
        return _several(key, known, ", ".join(features)) if features else ()
    if key == "id":
        return _id(draft, known)
    return ask_one(key, draft, known, optional=key not in required_answers())


def _id(draft: Draft, known: Known) -> str:
    """Ask for an id where the name gives none, or one that another model has."""
    id_ = derive_id(str(draft.model["name"]))
    if id_ and not known.having(draft, id_):
        return ""
    _say(f"Another model has the id {quote(id_)}." if id_ else "No id can be made of the name.")
    return ask_one("id", draft, known)


def ask_one(key: str, draft: Draft, known: Known, *, optional: bool = False, default: str = "") -> str:
    """Ask for one value of a model until nothing is wrong with it.

    Raises:
        click.Abort: whoever was asked left.
    """

    def accept(answer: str) -> str:
        answer = encodable(answer.strip())
        if answer and known.choices(key):
            answer = known.choose(key, answer)
        if not answer and not optional:
            raise click.UsageError(f"{known.title(key).lower()} cannot be left out")
        # the name of a key's variable is right or wrong for an id
        about = {"id": draft.model["id"]} if key == "api-key" else {}
        if answer and (told := _objection(draft._replace(model=about | {key: answer}), key)):
            raise click.UsageError(told)
        return answer

    can_be = ", ".join(known.choices(key)) or f"such as {known.example(key)}"
    label = f"{known.title(key)}{', optional' if optional else ''}" + ("" if default else f" ({can_be})")
    return _prompt(label, accept, default if default or optional else None)


def _several(key: str, known: Known, default: str | None = None) -> tuple[str, ...]:
    def accept(answer: str) -> tuple[str, ...]:
        names = re.findall(r"[^,\s]+", encodable(answer))
        if not names:
            raise click.UsageError("name at least one")
        return tuple(dict.fromkeys(known.choose(key, name) for name in names))

    if not default or key == "environments":
        _say(f"{known.title(key)}: {', '.join(known.choices(key))}")
    return _prompt(f"{known.title(key)}, with commas between", accept, default)


def _objection(draft: Draft, key: str) -> str:
    """Return the first error that a value brings, whatever the rest of its model is; nothing without one."""
    for found in draft.outcome().brought.diagnostics:
        about_it = found.key == key or RULES[found.rule].subject is Subject.DOCUMENT
        if about_it and found.severity is Severity.ERROR and not (key == "name" and found.rule in _SETTLED_BY_AN_ID):
            advice = found.hint or found.note
            return f"{found.message}: {advice}" if advice else found.message
    return ""


def _prompt(label: str, accept: Callable[[str], _Answer], default: str | None) -> _Answer:
    return click.prompt(label, value_proc=accept, default=default, show_default=bool(default), err=True)


def _say(text: str) -> None:
    click.echo(text, err=True)
