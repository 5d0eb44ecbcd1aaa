"""The ``roster`` command: a group whose commands are imported only when they run."""

import importlib
import io
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from roster import __version__
from roster.cli.exit_status import ExitStatus
from roster.findings import ConfigurationError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_SECTIONS = {
    "Write rosters": {
        "new": ("roster.cli.write.new", "Add a model to rosters."),
        "promote": ("roster.cli.write.promote", "Promote a model, or changes to it, to the next environment."),
        "schema": ("roster.cli.write.schema", "Update the JSON Schema of rosters from the registries."),
    },
    "Review changes": {
        "check": ("roster.cli.review.check", "Check rosters, registries and environments."),
        "diff": ("roster.cli.review.diff", "Tell what a change does to customers."),
        "drift": ("roster.cli.review.drift", "Show where environments differ."),
        "explain": ("roster.cli.review.explain", "Explain a rule or a feature."),
        "rules": ("roster.cli.review.rules", "List the rules."),
        "timeline": ("roster.cli.review.timeline", "Tell what happens when: notices, last days, moving defaults."),
    },
    "Publish": {
        "render": ("roster.cli.publish.render", "Write the artifacts that gateways download."),
        "verify": ("roster.cli.publish.verify", "Say who signed an artifact, and whether it is what was signed."),
        "docs": ("roster.cli.publish.docs", "Write the pages on rules, changes and commands in docs/."),
    },
    "Operate": {
        "gateway": (
            "roster.cli.operate.gateway.group",
            "Serve the list to instances, or see what a gateway would do.",
        ),
        "instance": ("roster.cli.operate.instance.group", "Copy the offered list from a gateway, and choose from it."),
        "demo": ("roster.cli.operate.demo", "Run the whole chain on this machine, and publish what is edited."),
    },
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is run.

    ``sections``: for each heading of the help, its commands by name, each with its module, which has the function
    ``command``, and one line of help.
    """

    def __init__(
        self, *arguments: Any, sections: Mapping[str, Mapping[str, tuple[str, str]]], **attributes: Any
    ) -> None:
        super().__init__(*arguments, **attributes)
        self._sections = sections
        self._modules = {name: module for lazy in sections.values() for name, (module, _) in lazy.items()}

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(self._modules)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Import a command; None for a name that is no command."""
        if name not in self._modules:
            return None
        command: click.Command = importlib.import_module(self._modules[name]).command
        return command

    def shell_complete(self, context: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Complete a command or an option without importing any command."""
        from roster.cli.terminal.completion import starting

        commands = {name: text for lazy in self._sections.values() for name, (_, text) in lazy.items()}
        return starting(commands, incomplete) + click.Command.shell_complete(self, context, incomplete)

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        for heading, lazy in self._sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name, text) for name, (_, text) in lazy.items()])


@click.group(cls=LazyGroup, sections=_SECTIONS, context_settings={"help_option_names": ["-h", "--help"]})
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
        return ExitStatus.USAGE  # a stream is closed: there is nobody to tell
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
        return ExitStatus.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return ExitStatus.USAGE
    except ConfigurationError as error:
        click.echo(f"roster: {error}", err=True)
        return ExitStatus.USAGE
    except BrokenPipeError:
        return _reader_went_away()
    except OSError as error:
        click.echo(f"roster: {error.filename or 'the system'}: {(error.strerror or str(error)).lower()}", err=True)
        return ExitStatus.USAGE
    except Exception as defect:
        from roster.cli.defect import report

        report(defect)
        return ExitStatus.DEFECT


def _reader_went_away() -> int:
    """Leave quietly when what reads our output (head, a pager) has stopped."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitStatus.FINDINGS
