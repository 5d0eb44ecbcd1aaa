"""``roster schema``."""

from pathlib import Path

import click

from roster.atomic_write import write_files
from roster.check.loading import load_registries, load_schema
from roster.cli.main import ExitStatus
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

    \b
    Examples:
      roster schema
      roster schema --check
    """
    repository = Repository.containing(Path())
    registries = load_registries(repository)
    load_schema(repository, ROSTER_SCHEMA)
    before = repository.read(ROSTER_SCHEMA).decode("utf-8")
    after = rewrite_lists(ROSTER_SCHEMA, before, registered_names(registries))
    if before == after:
        click.echo(f"{ROSTER_SCHEMA} is up to date", err=True)
        return 0
    if check_only:
        click.echo(f"{ROSTER_SCHEMA} is out of date: run roster schema", err=True)
        return ExitStatus.FINDINGS
    write_files({repository.root / ROSTER_SCHEMA: after.encode()})
    click.echo(f"{ROSTER_SCHEMA} written", err=True)
    return 0
