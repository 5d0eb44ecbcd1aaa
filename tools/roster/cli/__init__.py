"""The ``roster`` command: a group whose commands are imported only when they run."""

import importlib
import io
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from roster import __version__
from roster.diagnostic import ConfigurationError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

FINDINGS, USAGE, DEFECT = 1, 2, 3
"""Exit statuses beside 0: something was found, the command was used wrongly, the command itself is wrong."""

_COMMANDS = {
    "check": "Check rosters, registries and environments.",
    "demo": "Run the whole chain on this machine, and publish what is edited.",
    "diff": "Tell what a change does to customers.",
    "docs": "Write the pages on rules, changes and commands in docs/.",
    "drift": "Show where environments differ.",
    "explain": "Explain a rule or a feature.",
    "gateway": "Serve the list to instances, or see what a gateway would do.",
    "instance": "Copy the offered list from a gateway, and choose from it.",
    "new": "Add a model at the end of rosters, in their own style.",
    "promote": "Bring a model, or what changed in it, to the next environment.",
    "render": "Write the artifacts that gateways download.",
    "rules": "List the rules.",
    "schema": "Bring the roster's JSON Schema up to date with the registries.",
    "timeline": "Tell what happens when: notices, last days, moving defaults.",
    "verify": "Say who signed an artifact, and whether it is what was signed.",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is run.

    ``lazy``: what each command does, by its name; it is the function ``command`` of that module of ``package``.
    """

    def __init__(self, *arguments: Any, package: str, lazy: Mapping[str, str], **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self._package, self._lazy = package, lazy

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(self._lazy)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Import a command; None for a name that is no command."""
        if name not in self._lazy:
            return None
        command: click.Command = importlib.import_module(f"{self._package}.{name}").command
        return command

    def shell_complete(self, context: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Complete a command or an option without importing any command."""
        from roster.cli.completion import starting

        return starting(self._lazy, incomplete) + click.Command.shell_complete(self, context, incomplete)

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._lazy.items()))


@click.group(cls=LazyGroup, package=__name__, lazy=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="roster")
def roster() -> None:
    """Check and render rosters of AI models: env/<environment>/offered_models_metadata.yaml.

    \b
    Example:
      roster check
    """


def run(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status; whatever happens, nobody sees a traceback."""
    if sys.stdout is None or sys.stderr is None:
        return USAGE  # a stream is closed: there is nobody to tell
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # not every terminal knows every character
    try:
        status: Any = roster.main(arguments, prog_name="roster", standalone_mode=False)
        sys.stdout.flush()
        return int(status or 0)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.Abort:
        click.echo("roster: interrupted", err=True)
        return 128 + 2
    except click.ClickException as error:
        error.show()
        return USAGE
    except ConfigurationError as error:
        click.echo(f"roster: {error}", err=True)
        return USAGE
    except BrokenPipeError:
        return _reader_went_away()
    except OSError as error:
        click.echo(f"roster: {error.filename or 'the system'}: {(error.strerror or str(error)).lower()}", err=True)
        return USAGE
    except Exception as defect:
        from roster.cli.defect import report

        report(defect)
        return DEFECT


def _reader_went_away() -> int:
    """Leave quietly when what reads our output (head, a pager) has stopped."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FINDINGS
