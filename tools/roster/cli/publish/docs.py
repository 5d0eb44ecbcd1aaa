"""``roster docs``."""

from collections.abc import Iterator
from pathlib import Path

import click

from roster.atomic_write import write_files
from roster.cli.main import ExitStatus, roster
from roster.diff.kinds import KINDS
from roster.docs import commands_page, rules_page
from roster.docs.page_template import MARK, fill_template
from roster.findings import ConfigurationError
from roster.repository import Repository

_WIDTH = 80


@click.command
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit with status 1 if a page is out of date.")
def command(check_only: bool) -> int:
    """Write the generated pages docs/rules.md, docs/changes.md and docs/commands.md.

    \b
    Examples:
      roster docs
      roster docs --check
    """
    folder = Repository.containing(Path()).root / "docs"
    before = {path: _current(path) for path in (folder / "rules.md", folder / "changes.md", folder / "commands.md")}
    pages = {
        folder / "rules.md": rules_page.page(),
        folder / "changes.md": fill_template("changes.md.j2", kinds=KINDS.values()),
        folder / "commands.md": commands_page.page(dict(helps(roster, "roster"))),
    }
    stale = {path: text.encode() for path, text in pages.items() if before[path] != text.encode()}
    if not check_only:
        write_files(stale)
    changed = "is out of date: run roster docs" if check_only else "written"
    for path in pages:
        click.echo(f"docs/{path.name} {changed if path in stale else 'is up to date'}", err=True)
    return ExitStatus.FINDINGS if check_only and stale else 0


def helps(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[tuple[str, str]]:
    """Yield a command's name and help text, 80 columns wide, and those of its subcommands."""
    width = _WIDTH - 2  # click leaves two columns empty
    context = click.Context(command, info_name=name, parent=parent, terminal_width=width, **command.context_settings)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            if subcommand := command.get_command(context, child):
                yield from helps(subcommand, child, context)


def _current(path: Path) -> bytes | None:
    """Return the content of a page on disk; None if there is none.

    Raises:
        ConfigurationError: the file is not a generated page.
    """
    if not path.exists():
        return None
    text = path.read_bytes()
    if not text.startswith(MARK.encode()):
        raise ConfigurationError(f"docs/{path.name} was not written by roster docs; move it away first")
    return text
