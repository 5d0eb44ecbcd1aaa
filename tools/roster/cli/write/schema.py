"""``roster schema``."""

from pathlib import Path

import click

from roster.check.find_repository import find_repository
from roster.check.loading import load_registries, load_schema
from roster.cli.terminal.file_changes import update_generated
from roster.roster import ROSTER_SCHEMA
from roster.schema.list_rewriting import rewrite_lists
from roster.schema.validator import registered_names


@click.command
@click.option(
    "--check", "check_only", is_flag=True, help="Write nothing; exit with status 1 if the schema is out of date."
)
def command(check_only: bool) -> int:
    """Update the JSON Schema of rosters from the registries.

    \b
    Examples:
      roster schema
      roster schema --check
    """
    repository = find_repository(Path())
    registries = load_registries(repository)
    load_schema(repository, ROSTER_SCHEMA)
    before = repository.read(ROSTER_SCHEMA)
    after = {ROSTER_SCHEMA: rewrite_lists(ROSTER_SCHEMA, before.decode(), registered_names(registries))}
    return update_generated(repository.root, {ROSTER_SCHEMA: before}, after, "roster schema", check_only=check_only)
