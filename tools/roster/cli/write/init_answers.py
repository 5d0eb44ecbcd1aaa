"""The answers that ``roster init`` needs: from options, prompts or defaults."""

import re
import sys

import click

from roster.authoring.new_repository import OWNERS, NewRepository
from roster.check.loading import ENVIRONMENTS_SCHEMA, load_schema
from roster.cli.missing_extra import repository_url
from roster.cli.write.prompts import prompt
from roster.naming import quote
from roster.repository import toolkit_repository
from roster.secret_redaction import redact_text

DEFAULT_ENVIRONMENTS = ("staging-ref", "staging", "production")
EXAMPLE_URL = "https://gitlab.example.com/platform/roster.git"
"""Stands for the URL of the toolkit's repository where nobody named it."""
_URL = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9._~:/-]*")
"""The URLs that the component of the pipeline accepts (the input ``url`` in templates/roster-check.yml)."""
_OWNER = re.compile(r"@[\w.-]+(/[\w.-]+)*|[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)


def valid(new: NewRepository) -> NewRepository:
    """Return the answers that options gave, or raise a UsageError about one that is invalid."""
    _environments(new.environments)
    for owner in new.owners:
        _owner(owner)
    if new.toolkit is not None:
        _url(new.toolkit)
    return new


def prompt_for_missing(new: NewRepository) -> NewRepository:
    """Prompt for the answers that options did not give, and return them all.

    Raises:
        UsageError: there is no terminal to prompt in.
    """
    missing = [f"--{name}" for name, value in _asked(new).items() if not value]
    if missing and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError(
            f"missing {', '.join(missing)}: add --yes to use defaults (roster init prompts only in a terminal)"
        )
    if missing:
        click.echo("Press Ctrl-C to leave without writing anything.", err=True)
        click.echo("Press Enter to skip an optional value, or to accept the value in brackets.", err=True)
    if not new.environments:
        names = prompt("Environments, in promotion order", _environments_in, ", ".join(DEFAULT_ENVIRONMENTS))
        new = new._replace(environments=names)
    if "--owner" in missing:
        owners = prompt("Owners of the rosters, optional (such as @group/team)", _owners_in, "")
        new = new._replace(owners=owners)
    if not new.toolkit:
        new = new._replace(toolkit=prompt("Git URL of the toolkit", _url, _default_url()))
    return new


def _asked(new: NewRepository) -> dict[str, object]:
    """Return the values that prompts ask for, by option."""
    owners = {} if OWNERS in new.without else {"owner": new.owners}
    return {"environment": new.environments, **owners, "toolkit": new.toolkit}


def with_defaults(new: NewRepository) -> NewRepository:
    """Return the answers, with defaults for those that options did not give."""
    return new._replace(environments=new.environments or DEFAULT_ENVIRONMENTS, toolkit=new.toolkit or _default_url())


def _default_url() -> str:
    url = repository_url()
    return url if _URL.fullmatch(url) else EXAMPLE_URL


def _environments_in(answer: str) -> tuple[str, ...]:
    if not (names := _words(answer)):
        raise click.UsageError("enter at least one")
    return _environments(names)


def _owners_in(answer: str) -> tuple[str, ...]:
    return tuple(map(_owner, _words(answer)))


def _words(answer: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^,\s]+", answer))


def _environments(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of environments, or raise a UsageError if one is invalid or duplicated."""
    environments = load_schema(toolkit_repository(), ENVIRONMENTS_SCHEMA)
    schema, limit = environments.at(("$defs", "environment", "properties", "name")), environments.at(("maxItems",))
    if len(names) > limit:
        raise click.UsageError(f"{len(names)} environments are too many: name at most {limit}")
    for index, name in enumerate(names):
        if len(name) > schema["maxLength"] or not re.fullmatch(schema["pattern"], name):
            raise click.UsageError(f"{quote(name)} is not {schema['errorMessage']}")
        if name in names[:index]:
            raise click.UsageError(f"the environment {quote(name)} is named twice: remove one")
    return names


def _owner(name: str) -> str:
    if not _OWNER.fullmatch(name):
        raise click.UsageError(f"{quote(name)} is no owner: use a group or user, such as @group/team, or an address")
    return name


def _url(url: str) -> str:
    if not _URL.fullmatch(url):
        example = f"use https:// without user and password, such as {EXAMPLE_URL}"
        raise click.UsageError(f"{redact_text(quote(url))} is no Git URL of the toolkit: {example}")
    return url
