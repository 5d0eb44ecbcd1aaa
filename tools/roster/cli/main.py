"""The ``roster`` command: its groups, errors and exit statuses. A command is imported only when it runs."""

import importlib
import io
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

from roster import __version__
from roster.findings import ConfigurationError
from roster.stand_ins import stand_in

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _cleandoc(text: str) -> str:
    """Do what ``inspect.cleandoc`` does; a text of one line does not need ``inspect``."""
    if "\n" not in text:
        return text.expandtabs().lstrip()
    import inspect

    return inspect.cleandoc(text)


def _system() -> str:
    """Do what ``platform.system`` does on POSIX, for uuid, which click imports; it is for the MAC address in UUIDs."""
    return os.uname().sysname


with stand_in("inspect", cleandoc=_cleandoc), stand_in("platform", system=_system):
    import click

_SECTIONS = {
    "Write rosters": {
        "import": ("roster.cli.write.import_roster", "Import a roster from another program's files."),
        "init": ("roster.cli.write.init", "Create a repository for rosters."),
        "new": ("roster.cli.write.new", "Add a model to rosters."),
        "promote": ("roster.cli.write.promote", "Promote a model, or changes to it, to the next environment."),
        "providers": ("roster.cli.write.providers", "Update the facts about models at their providers."),
        "retire": ("roster.cli.write.retire", "Retire a model, or the models that providers end."),
        "schema": ("roster.cli.write.schema", "Update the JSON Schema of rosters from the registries."),
    },
    "Review changes": {
        "check": ("roster.cli.review.check", "Check rosters, registries and environments."),
        "diff": ("roster.cli.review.diff", "Show the impact of a change on customers."),
        "drift": ("roster.cli.review.drift", "Show differences between environments."),
        "explain": ("roster.cli.review.explain", "Explain a rule, a feature, a provider or an id."),
        "rules": ("roster.cli.review.rules", "List the rules by family."),
        "timeline": ("roster.cli.review.timeline", "Show upcoming retirements and default changes."),
    },
    "Publish": {
        "render": ("roster.cli.publish.render", "Write the artifacts that gateways download."),
        "catalogue": ("roster.cli.publish.catalogue", "Write a site that shows the models and their features."),
        "verify": ("roster.cli.publish.verify", "Verify the signatures of artifacts."),
        "docs": ("roster.cli.publish.docs", "Write the generated pages in docs/, or tables in documents."),
    },
    "Operate": {
        "gateway": (
            "roster.cli.operate.gateway.group",
            "Serve the list of models to instances, or test a gateway's settings.",
        ),
        "instance": (
            "roster.cli.operate.instance.group",
            "Operate an instance: sync the list from a gateway, and select models.",
        ),
        "demo": ("roster.cli.operate.demo", "Run the whole chain on this machine, and publish every edit."),
    },
}


class ExitStatus:
    """The exit statuses of every command; 0 is success. Plain numbers, because an enum would delay every start."""

    FINDINGS = 1
    """The command found something: a finding, an outdated file, a missing API key."""
    USAGE = 2
    """The command line, the configuration or a file is invalid, so the command could not run."""
    DEFECT = 3
    """The toolkit itself failed."""
    INTERRUPTED = 130
    """Ctrl-C: 128 plus the number of the signal SIGINT."""


class LazyGroup(click.Group):
    """A group that imports only the command that runs.

    ``sections`` has the commands by heading of the help and by name: module and summary of each.
    """

    def __init__(
        self, *arguments: Any, sections: Mapping[str, Mapping[str, tuple[str, str]]], **attributes: Any
    ) -> None:
        super().__init__(*arguments, **attributes)
        self._sections = sections
        self._modules = {name: module for commands in sections.values() for name, (module, _) in commands.items()}

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(self._modules)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Import a command; return None for an unknown name."""
        if name not in self._modules:
            return None
        with stand_in("ipaddress"):  # which urllib.parse uses only for hosts in brackets
            importlib.import_module("urllib.parse")
        command: click.Command = importlib.import_module(self._modules[name]).command
        return command

    def shell_complete(self, context: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Complete a command or an option without importing any command."""
        from roster.cli.terminal.completion import starting

        summaries = {name: text for commands in self._sections.values() for name, (_, text) in commands.items()}
        return starting(summaries, incomplete) + click.Command.shell_complete(self, context, incomplete)

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        for heading, commands in self._sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name, summary) for name, (_, summary) in commands.items()])


@click.group(cls=LazyGroup, sections=_SECTIONS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="roster")
def roster() -> None:
    """Check and render rosters of AI models: env/<environment>/offered_models_metadata.yaml.

    \b
    Example:
      roster check
    """


def run(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status. Errors are reported without a traceback."""
    if sys.stdout is None or sys.stderr is None:
        return ExitStatus.USAGE  # a closed stream: nobody would see a message
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # not every encoding has every character
    try:
        status = _run(arguments)
    except OSError:  # from a message: standard error is full, or its reader has stopped
        status = ExitStatus.USAGE
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _discard(stream)
    return status


def _run(arguments: list[str] | None) -> int:
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
    except BrokenPipeError:  # the reader of standard output (head, a pager) has stopped
        _discard(sys.stdout)
        return ExitStatus.FINDINGS
    except OSError as error:
        click.echo(f"roster: {error.filename or 'the system'}: {(error.strerror or str(error)).lower()}", err=True)
        return ExitStatus.USAGE
    except Exception as defect:
        from roster.cli.defect import report

        report(defect)
        return ExitStatus.DEFECT


def _discard(stream: TextIO) -> None:
    """Discard what is left in the buffer of a stream, which the interpreter would fail to write at exit."""

    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
