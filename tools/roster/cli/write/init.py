"""``roster init``."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from roster.authoring.new_repository import (
    HOOKS,
    ONLY_AT_THE_TOP,
    OPTIONAL_FILES,
    OWNERS,
    PIPELINE,
    README,
    NewRepository,
    create,
    existing,
)
from roster.cli.options.path_type import PathType
from roster.cli.write.init_answers import DEFAULT_ENVIRONMENTS, EXAMPLE_URL, prompt_for_missing, valid, with_defaults
from roster.findings import ConfigurationError
from roster.naming import counted, join_names, printable
from roster.registries import ENVIRONMENTS
from roster.repository import real_path, working_tree_root


@click.command
@click.argument("folder", type=PathType(file_okay=False), default=".")
@click.option(
    "--environment",
    "environments",
    multiple=True,
    help=f"Environment, in promotion order; repeatable. By default {join_names(DEFAULT_ENVIRONMENTS)}.",
)
@click.option("--owner", "owners", multiple=True, help="Group or user in CODEOWNERS, such as @group/team; repeatable.")
@click.option("--toolkit", help="Git URL of the toolkit, from which the pipeline and the hooks install it.")
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(OPTIONAL_FILES),
    metavar="FILE",
    help=f"File to leave out, one of {join_names(OPTIONAL_FILES, word='or')}; repeatable.",
)
@click.option("--yes", "-y", "accept_defaults", is_flag=True, help="Use defaults instead of prompting.")
def command(
    folder: Path,
    environments: tuple[str, ...],
    owners: tuple[str, ...],
    toolkit: str | None,
    without: tuple[str, ...],
    accept_defaults: bool,
) -> int:
    """Create a repository for rosters in FOLDER, by default the current folder.

    It has a promotion path with three environments, registries of features and families, a roster with an example
    model for each environment, and files for GitLab pipelines, pre-commit and code owners. Rules and JSON Schemas come
    with the toolkit. In a terminal, roster init prompts for values that the options leave out. Existing files are never
    changed: if the folder has one of these files, nothing is written.

    \b
    Examples:
      roster init models
      roster init models --yes
      roster init --environment staging --environment production --owner @group/team
    """
    is_part = working_tree_root(folder) not in (None, real_path(folder))
    left_out = frozenset((*without, *(ONLY_AT_THE_TOP if is_part else ())))
    new = valid(NewRepository(environments, owners, toolkit, left_out))
    _reject_existing(folder, new)
    new = with_defaults(new) if accept_defaults else prompt_for_missing(new)
    _reject_existing(folder, new)
    create(folder, new.files())
    _print_summary(folder, new, is_part=is_part)
    return 0


def _reject_existing(folder: Path, new: NewRepository) -> None:
    found = existing(folder, new.paths())
    if not found:
        return
    if ENVIRONMENTS in found:
        place = printable(str(folder / ENVIRONMENTS))
        raise ConfigurationError(f"{place} already exists: add models with roster new or roster import")
    names = join_names(printable(str(folder / path)) for path in found)
    verb, them = ("exists", "it") if len(found) == 1 else ("exist", "them")
    if set(found) <= set(OPTIONAL_FILES):
        advice = f"to keep {them}, add {' '.join(f'--without {path}' for path in found)}"
    else:
        advice = f"choose another folder, or move {them}"
    raise ConfigurationError(f"{names} already {verb}: {advice}; nothing was written")


def _print_summary(folder: Path, new: NewRepository, *, is_part: bool) -> None:
    described = new.described()
    width = max(map(len, described))
    lines = [f"created {counted(len(new.paths()), 'file')} in {printable(str(folder))}:"]
    lines += [f"  {path:<{width}}  {text}" for path, text in described.items()]
    lines += ["These are yours to change. Rules, JSON Schemas and other registries come with", "the toolkit.", ""]
    lines += ["Next steps:", *_next_steps(folder, new, is_part=is_part)]
    click.echo("\n".join(lines), err=True)


def _next_steps(folder: Path, new: NewRepository, *, is_part: bool) -> Iterator[str]:
    if folder.absolute() != Path.cwd():
        yield f"  cd {printable(shlex.quote(str(folder)))}"
    if not working_tree_root(folder):
        yield "  git init"
    yield "  roster import --help      # brings in the models of another program"
    yield "  roster new                # adds a model; then remove the example"
    yield "  roster check --strict"
    yield "  roster render             # after a commit: writes dist/"
    files = [path for path in (PIPELINE, HOOKS, README) if path not in new.without]
    if files and new.toolkit == EXAMPLE_URL:
        yield f"Replace the URL of the toolkit in {join_names(files)}."
    if not new.owners and OWNERS not in new.without:
        yield f"Name the owners in {OWNERS}."
    if is_part:
        yield f"Left out, because they work only at the top of a git repository: {join_names(ONLY_AT_THE_TOP)}."
