"""The options ``--format FORMAT[=FILE]`` and ``--format FORMAT``."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from roster.cli.terminal import color
from roster.findings import ConfigurationError
from roster.naming import did_you_mean
from roster.registries import ENVIRONMENTS, FACT_FILES, FAMILIES, FEATURES, GATEWAY_MODELS, OPTIONAL_REGISTRIES
from roster.report.output_formats import OutputFormat
from roster.roster import ROSTER_FILE, ROSTER_SCHEMA

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Option = Callable[[Callable[..., Any]], Callable[..., Any]]
_STANDARD_OUTPUT = ("-", "/dev/stdout")
_REGISTRIES = (FEATURES, FAMILIES, *OPTIONAL_REGISTRIES, GATEWAY_MODELS, *FACT_FILES)
_INPUT_PATHS = (ROSTER_FILE, ENVIRONMENTS, *_REGISTRIES, ROSTER_SCHEMA)
_INPUT_FILES = tuple(f"/{path}" for path in _INPUT_PATHS)
"""How the paths of the files end that commands read; a report must not overwrite one."""


def outputs_option(formats: Mapping[str, OutputFormat]) -> Option:
    """Return the repeatable option ``--format FORMAT[=FILE]`` of a command; ``text`` is the default."""

    def parse(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[OutputFormat, ...]:
        return _without_conflicts(tuple(_output(value, formats) for value in values or ["text"]))

    def complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from roster.cli.terminal.completion import starting

        return starting({name: output_format.purpose for name, output_format in formats.items()}, incomplete)

    return click.option(
        "--format",
        "outputs",
        metavar="FORMAT[=FILE]",
        multiple=True,
        callback=parse,
        shell_complete=complete,
        help=f"Output format: {', '.join(formats)}. With FILE, write to that file; repeatable.  [default: text]",
    )


def format_option(formats: Mapping[str, OutputFormat]) -> Option:
    """Return the option ``--format FORMAT`` of a command that writes one report to standard output."""
    return click.option(
        "--format",
        "format_name",
        type=click.Choice(list(formats)),
        default="text",
        show_default=True,
        help="Output format.",
    )


def emit(outputs: tuple[OutputFormat, ...], content: Callable[[OutputFormat], tuple[object, ...]]) -> None:
    """Write a report to each output, files first: the reader of standard output may stop early.

    Args:
        content: returns what the function of an output format takes.

    Raises:
        ConfigurationError: a file cannot be written, and all the others are; or the extra that a format needs is not
            installed.
    """
    for output in outputs:
        _require_extra(output)
    errors = [_write_file(output.file, _encoded(output, content(output))) for output in outputs if output.file]
    for output in (output for output in outputs if not output.file):
        if output.styled:
            click.echo(output.writer()(*content(output), paint=color.paint()), nl=False, color=True)
        else:
            click.echo(_encoded(output, content(output)), nl=False)
    if any(errors):
        raise ConfigurationError("; ".join(filter(None, errors)))


def _require_extra(output: OutputFormat) -> None:
    if output.extra:
        from roster.cli.missing_extra import with_extra  # most formats need no extra

        with with_extra(output.extra):
            output.writer()


def _output(value: str, formats: Mapping[str, OutputFormat]) -> OutputFormat:
    name, equals, file = value.partition("=")
    if name not in formats:
        choices = did_you_mean(name, formats) or f"choose from {', '.join(formats)}"
        raise click.BadParameter(f"there is no format {name!r}; {choices}")
    if not equals or file in _STANDARD_OUTPUT:
        return formats[name]
    if not file:
        raise click.BadParameter(f"{value!r} names no file")
    if file.endswith("/") or Path(file).is_dir():
        raise click.BadParameter(f"{file!r} is a folder; name a file in it")
    if os.path.realpath(file).endswith(_INPUT_FILES):
        raise click.BadParameter(f"{file!r} is an input file; name another file for the report")
    return formats[name]._replace(file=Path(file))


def _without_conflicts(outputs: tuple[OutputFormat, ...]) -> tuple[OutputFormat, ...]:
    targets = [os.path.realpath(output.file) if output.file else "" for output in outputs]
    if targets.count("") > 1:
        raise click.BadParameter("only one format can go to standard output; give the others a file: FORMAT=FILE")
    for output, target in zip(outputs, targets, strict=True):
        if targets.count(target) > 1 and output.file and not _is_written_in_place(output.file):
            raise click.BadParameter(f"two formats go to {str(output.file)!r}; give each its own file")
    return outputs


def _write_file(file: Path, data: bytes) -> str:
    """Write a file. Return why it cannot be written, or an empty text."""
    from roster.atomic_write import write_files  # most runs write no file

    try:
        if _is_written_in_place(file):
            with file.open("ab") as stream:
                stream.write(data)
        else:
            write_files({Path(os.path.realpath(file)): data})  # a link stays a link
    except FileExistsError:  # the parent folder's path is a file
        return f"{file} cannot be written: {file.parent} is a file"
    except OSError as error:
        return f"{file} cannot be written: {(error.strerror or str(error)).lower()}"
    return ""


def _encoded(output: OutputFormat, content: tuple[object, ...]) -> bytes:
    """Return a report as UTF-8, whatever the locale is; a folder's name may have bytes that are not."""
    return output.writer()(*content).encode(errors="replace")


def _is_written_in_place(file: Path) -> bool:
    """Return whether a file is a device, a pipe or a link to an open file (/dev/stderr): none may be replaced."""
    links_to_open_file = file.is_symlink() and f"{os.path.realpath(file.parent)}/".startswith(("/dev/", "/proc/"))
    return file.exists() and (links_to_open_file or not file.is_file())
