"""The option ``--format KIND[=FILE]``, which can be given several times."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from roster.atomic_write import write_files
from roster.cli.terminal import colour
from roster.findings import ConfigurationError
from roster.naming import did_you_mean
from roster.report.check_text import Paint, plain
from roster.repository import ENVIRONMENTS, FAMILIES, FEATURES, ROSTER_FILE, ROSTER_SCHEMA

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_STANDARD_OUTPUT = ("-", "/dev/stdout")
_CHECKED = tuple(f"/{path}" for path in (ROSTER_FILE, ENVIRONMENTS, FEATURES, FAMILIES, ROSTER_SCHEMA))
"""How the paths of the files end that a check reads: a report must not take their place."""


class Output(NamedTuple):
    """A format, and the file it goes to; None stands for standard output."""

    kind: str
    file: Path | None


Write = Callable[[str, Paint], str]
"""Returns the whole report in a format; what a terminal shows is painted."""


def option(formats: Mapping[str, str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option for a command's formats, each with what it is for; ``text`` is among them."""

    def outputs(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[Output, ...]:
        return _outputs([_output(value, formats) for value in values])

    def kinds(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from roster.cli.terminal.completion import starting

        return starting(formats, incomplete)

    return click.option(
        "--format",
        "outputs",
        metavar="KIND[=FILE]",
        multiple=True,
        callback=outputs,
        shell_complete=kinds,
        help=f"How to tell: {', '.join(formats)}. With a FILE, there; repeatable.  [default: text]",
    )


def _outputs(given: list[Output]) -> tuple[Output, ...]:
    outputs = tuple(given) or (Output("text", None),)
    places = [os.path.realpath(output.file) if output.file else "" for output in outputs]
    if places.count("") > 1:
        raise click.BadParameter("only one format can go to standard output; give the others a file: KIND=FILE")
    for output, place in zip(outputs, places, strict=True):
        if places.count(place) > 1 and output.file and not _is_written_in_place(output.file):
            raise click.BadParameter(f"two formats go to {str(output.file)!r}; give each a file of its own")
    return outputs


def _output(value: str, formats: Mapping[str, str]) -> Output:
    kind, equals, file = value.partition("=")
    if kind not in formats:
        choices = did_you_mean(kind, formats) or f"choose from {', '.join(formats)}"
        raise click.BadParameter(f"there is no format {kind!r}; {choices}")
    if not equals or file in _STANDARD_OUTPUT:
        return Output(kind, None)
    if not file:
        raise click.BadParameter(f"{value!r} names no file")
    if file.endswith("/") or Path(file).is_dir():
        raise click.BadParameter(f"{file!r} is a folder; name a file in it")
    if os.path.realpath(file).endswith(_CHECKED):
        raise click.BadParameter(f"{file!r} is a file that is checked; name another for the report")
    return Output(kind, Path(file))


def emit(outputs: tuple[Output, ...], report: Write) -> None:
    """Write a report in each of the formats asked for: the files first, for whoever reads the rest may stop early.

    Raises:
        ConfigurationError: a file cannot be written; all the others are.
    """
    refused = [_save(kind, file, report) for kind, file in outputs if file]
    for kind in (kind for kind, file in outputs if not file):
        if kind == "text":
            click.echo(report(kind, colour.paint()), nl=False, color=True)
        else:
            click.echo(_encoded(report, kind), nl=False)
    if any(refused):
        raise ConfigurationError("; ".join(filter(None, refused)))


def _save(kind: str, file: Path, report: Write) -> str:
    """Write a report into its file. Return why that cannot be done, or nothing."""
    data = _encoded(report, kind)
    try:
        if _is_written_in_place(file):
            with file.open("ab") as stream:
                stream.write(data)
        else:
            write_files({Path(os.path.realpath(file)): data})  # a link stays one
    except FileExistsError:  # where its folder would be
        return f"{file} cannot be written: {file.parent} is a file"
    except OSError as error:
        return f"{file} cannot be written: {(error.strerror or str(error)).lower()}"
    return ""


def _encoded(report: Write, kind: str) -> bytes:
    """Return a report as bytes: UTF-8, whatever the locale says and whatever a folder is called."""
    return report(kind, plain).encode(errors="replace")


def _is_written_in_place(file: Path) -> bool:
    """Say whether there is a device, a pipe or a way to an open file (/dev/stderr), which no other file may replace."""
    way_to_an_open_file = file.is_symlink() and f"{os.path.realpath(file.parent)}/".startswith(("/dev/", "/proc/"))
    return file.exists() and (way_to_an_open_file or not file.is_file())
