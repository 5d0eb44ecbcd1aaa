"""The option ``--format KIND[=FILE]``, which can be given several times."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from roster.cli import colour
from roster.diagnostic import ConfigurationError
from roster.naming import did_you_mean
from roster.report import FORMATS, text, writer
from roster.repository import ENVIRONMENTS, FAMILIES, FEATURES, ROSTER_FILE, ROSTER_SCHEMA, write
from roster.result import About, Result

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_STANDARD_OUTPUT = ("-", "/dev/stdout")
_CHECKED = tuple(f"/{path}" for path in (ROSTER_FILE, ENVIRONMENTS, FEATURES, FAMILIES, ROSTER_SCHEMA))
"""How the paths of the files end that a check reads: a report must not take their place."""


class Output(NamedTuple):
    """A format, and the file it goes to; None stands for standard output."""

    kind: str
    file: Path | None


def _outputs(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[Output, ...]:
    outputs = tuple(map(_output, values)) or (Output("text", None),)
    places = [os.path.realpath(output.file) if output.file else "" for output in outputs]
    if places.count("") > 1:
        raise click.BadParameter("only one format can go to standard output; give the others a file: KIND=FILE")
    for output, place in zip(outputs, places, strict=True):
        if places.count(place) > 1 and output.file and not _is_written_in_place(output.file):
            raise click.BadParameter(f"two formats go to {str(output.file)!r}; give each a file of its own")
    return outputs


def _output(value: str) -> Output:
    kind, equals, file = value.partition("=")
    if kind not in FORMATS:
        choices = did_you_mean(kind, FORMATS) or f"choose from {', '.join(FORMATS)}"
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


def _kinds(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem

    return [CompletionItem(kind, help=purpose) for kind, purpose in FORMATS.items() if kind.startswith(incomplete)]


option = click.option(
    "--format",
    "outputs",
    metavar="KIND[=FILE]",
    multiple=True,
    callback=_outputs,
    shell_complete=_kinds,
    help=f"How to tell: {', '.join(FORMATS)}. With a FILE, there; repeatable.  [default: text]",
)


def emit(result: Result, outputs: tuple[Output, ...], about: dict[str, About]) -> None:
    """Write a result in each of the formats asked for: the files first, for whoever reads the rest may stop early.

    Raises:
        ConfigurationError: a file cannot be written; all the others are.
    """
    refused = [_save(kind, file, result, about) for kind, file in outputs if file]
    for kind in (kind for kind, file in outputs if not file):
        if kind == "text":
            click.echo(text.write(result, paint=colour.paint()), nl=False, color=True)
        else:
            click.echo(_encoded(kind, result, about), nl=False)
    if any(refused):
        raise ConfigurationError("; ".join(filter(None, refused)))


def _save(kind: str, file: Path, result: Result, about: dict[str, About]) -> str:
    """Write a report into its file. Return why that cannot be done, or nothing."""
    report = _encoded(kind, result, about)
    try:
        if _is_written_in_place(file):
            with file.open("ab") as stream:
                stream.write(report)
        else:
            write({Path(os.path.realpath(file)): report})  # a link stays one
    except FileExistsError:  # where its folder would be
        return f"{file} cannot be written: {file.parent} is a file"
    except OSError as error:
        return f"{file} cannot be written: {(error.strerror or str(error)).lower()}"
    return ""


def _encoded(kind: str, result: Result, about: dict[str, About]) -> bytes:
    """Return a report as bytes: UTF-8, whatever the locale says and whatever a folder is called."""
    return writer(kind).write(result, about).encode(errors="replace")


def _is_written_in_place(file: Path) -> bool:
    """Say whether there is a device, a pipe or a way to an open file (/dev/stderr), which no other file may replace."""
    way_to_an_open_file = file.is_symlink() and f"{os.path.realpath(file.parent)}/".startswith(("/dev/", "/proc/"))
    return file.exists() and (way_to_an_open_file or not file.is_file())
