"""The option ``--format KIND[=FILE]``, which can be given several times."""

from pathlib import Path
from typing import Any, NamedTuple

import click

from roster.cli import colour
from roster.naming import did_you_mean
from roster.report import FORMATS, text, writer
from roster.repository import write
from roster.result import About, Result


class Output(NamedTuple):
    """A format, and the file it goes to; None stands for standard output."""

    kind: str
    file: Path | None


class _OutputType(click.ParamType[Output]):
    name = "KIND[=FILE]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Output:
        if isinstance(value, Output):
            return value
        kind, equals, file = value.partition("=")
        if kind not in FORMATS:
            self.fail(f"there is no format {kind!r}; {did_you_mean(kind, FORMATS) or _choices()}", param, ctx)
        if equals and not file:
            self.fail(f"{value!r} names no file", param, ctx)
        return Output(kind, Path(file) if file else None)


def _choices() -> str:
    return f"choose from {', '.join(FORMATS)}"


def _one_on_the_terminal(
    _ctx: click.Context, _param: click.Parameter, outputs: tuple[Output, ...]
) -> tuple[Output, ...]:
    if sum(output.file is None for output in outputs) > 1:
        raise click.BadParameter("only one format can go to standard output; give the others a file: KIND=FILE")
    return outputs or (Output("text", None),)


option = click.option(
    "--format",
    "outputs",
    type=_OutputType(),
    multiple=True,
    callback=_one_on_the_terminal,
    help=f"How to tell: {', '.join(FORMATS)}. With a FILE, there; repeatable.  [default: text]",
)


def emit(result: Result, outputs: tuple[Output, ...], about: dict[str, About]) -> None:
    """Write a result in each of the formats asked for.

    Raises:
        OSError: a file cannot be written.
    """
    files: dict[Path, bytes] = {}
    for kind, file in outputs:
        if file is not None:
            files[file] = writer(kind).write(result, about).encode()
        elif kind == "text":
            click.echo(text.write(result, paint=colour.paint()), nl=False, color=True)
        else:
            click.echo(writer(kind).write(result, about), nl=False)
    write(files)
