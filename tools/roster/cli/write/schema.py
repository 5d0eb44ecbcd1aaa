"""``roster schema``."""

from pathlib import Path

import click

from roster.check.find_repository import find_repository
from roster.check.loading import load_registries, load_schema
from roster.cli.terminal.file_changes import update_generated
from roster.registries import FEATURES
from roster.repository import Repository
from roster.roster import ROSTER_SCHEMA
from roster.schema.list_rewriting import rewrite_lists
from roster.schema.validator import registered_names


@click.command
@click.option(
    "--check", "check_only", is_flag=True, help="Write nothing; exit with status 1 if the schema is out of date."
)
def command(check_only: bool) -> int:
    """Update the JSON Schema of rosters from the registries.

    Only editors need this file: without it, roster check uses the toolkit's schema with the names of the registries.
    If the repository has registries of its own and no such file, it is written.

    \b
    Examples:
      roster schema
      roster schema --check
    """
    repository = find_repository(Path())
    registries = load_registries(repository)
    load_schema(repository, ROSTER_SCHEMA)
    if reason := _not_needed(repository, check_only=check_only):
        click.echo(reason, err=True)
        return 0
    before = repository.read(ROSTER_SCHEMA)
    after = {ROSTER_SCHEMA: rewrite_lists(ROSTER_SCHEMA, before.decode(), registered_names(registries))}
    current = {ROSTER_SCHEMA: before if repository.has(ROSTER_SCHEMA) else None}
    return update_generated(repository.root, current, after, "roster schema", check_only=check_only)


def _not_needed(repository: Repository, *, check_only: bool) -> str:
    """Return why a repository without a JSON Schema of rosters needs none; empty if it has or gets one."""
    if repository.has(ROSTER_SCHEMA):
        return ""
    if not repository.has(FEATURES):
        return "nothing to update: this repository has no schemas/, so the toolkit's registries and JSON Schemas apply"
    if check_only:
        return f"nothing to check: {ROSTER_SCHEMA} does not exist; roster schema writes it, for editors"
    return ""
