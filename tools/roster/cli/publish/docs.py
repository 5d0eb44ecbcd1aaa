"""``roster docs``."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
from click.core import ParameterSource

from roster.cli.main import roster
from roster.cli.options.date_option import at_option
from roster.cli.options.path_type import PathType
from roster.cli.terminal.file_changes import update_generated
from roster.diff.kinds import described_kinds
from roster.docs import commands_page, rules_page
from roster.docs.page_template import MARK, fill_template
from roster.findings import ConfigurationError
from roster.repository import Repository

_WIDTH = 80


@click.command
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit with status 1 if a page is out of date.")
@click.option(
    "--into",
    "documents",
    type=PathType(exists=True, dir_okay=False, regular=True),
    metavar="FILE.md",
    multiple=True,
    help="Markdown document with markers, instead of the pages; repeatable.",
)
@at_option
@click.pass_context
def command(context: click.Context, check_only: bool, documents: tuple[Path, ...], today: date) -> int:
    """Write the generated pages docs/rules.md, docs/changes.md and docs/commands.md, or tables in documents.

    With --into, write tables of models into other Markdown documents, between two markers, and change nothing else. The
    tables are models-by-feature and retirements:

    \b
      <!-- roster: models-by-feature production -->
      <!-- roster: end -->

    \b
    Examples:
      roster docs
      roster docs --check
      roster docs --into ../handbook/models.md
      roster docs --into ../handbook/models.md --check
    """
    if documents:
        from roster.cli.publish.docs_into import update_documents

        return update_documents(documents, today, check_only=check_only)
    if context.get_parameter_source("today") is not ParameterSource.DEFAULT:
        raise click.UsageError("--at needs --into: the generated pages do not depend on the date")
    root = Repository.containing(Path()).root
    before = {path: _current(root, path) for path in ("docs/rules.md", "docs/changes.md", commands_page.PATH)}
    pages = {
        "docs/rules.md": rules_page.page(),
        "docs/changes.md": fill_template("changes.md.j2", kinds=described_kinds()),
        commands_page.PATH: commands_page.page(dict(helps(roster, "roster"))),
    }
    return update_generated(root, before, pages, "roster docs", check_only=check_only)


def helps(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[tuple[str, str]]:
    """Yield a command's name and help text, 80 columns wide, and those of its subcommands."""
    width = _WIDTH - 2  # click leaves two columns empty
    context = click.Context(command, info_name=name, parent=parent, terminal_width=width, **command.context_settings)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            if subcommand := command.get_command(context, child):
                yield from helps(subcommand, child, context)


def _current(root: Path, path: str) -> bytes | None:
    """Return the content of a page on disk; None if there is none.

    Raises:
        ConfigurationError: the file is not a generated page.
    """
    if not (root / path).exists():
        return None
    text = (root / path).read_bytes()
    if not text.startswith(MARK.encode()):
        raise ConfigurationError(f"{path} was not written by roster docs; move it away first")
    return text
