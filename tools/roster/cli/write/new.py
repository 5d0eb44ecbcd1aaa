"""``roster new``."""

import shlex
import sys
from datetime import date
from pathlib import Path

import click

from roster.authoring.draft import Draft, Outcome
from roster.cli.exit_status import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.terminal import colour, completion, locations
from roster.cli.terminal.file_changes import diff_lines, print_diff, write_changes
from roster.cli.write.choices import Known
from roster.cli.write.questions import ask, encodable, required_answers
from roster.edit.style import Value
from roster.findings import ConfigurationError, Place, Severity
from roster.naming import derive_id, listed, printable, quote
from roster.report import check_text, terminal_text
from roster.repository import Repository
from roster.roster import ReleaseState
from roster.rules.credentials import reference
from roster.secret_patterns import masked

_REPEATABLE = {"features": "--feature", "environments": "--environment"}
"""The options that name one of what their key lists."""


@click.command
@click.option(
    "--environment",
    "environments",
    multiple=True,
    shell_complete=completion.environments,
    help="An environment to add it to; repeatable.",
)
@click.option("--name", help="The model's name, unique in the roster.")
@click.option("--identifier", help="What the inference provider calls it: provider/model.")
@click.option("--endpoint", help="The https address of the inference server.")
@click.option("--release-state", help=f"{listed(ReleaseState, word='or')}.")
@click.option("--family", help="The prompt family, as schemas/families.yaml lists it.")
@click.option("--feature", "features", multiple=True, help="A feature that it serves; repeatable.")
@click.option("--default-for", multiple=True, help="A feature that it is the default of; repeatable.")
@click.option("--id", help="The public id, if it is not to be made of the name.")
@click.option("--display-name", help="The name in the API, if it is not to be made of the name.")
@click.option("--description", help="What it is good at, in at most 90 characters.")
@click.option("--provider", help="Who runs it, as shown to people.")
@click.option("--cost-indicator", help="$, $$, $$$ or $$$$.")
@click.option("--dry-run", is_flag=True, help="Write nothing; print the change.")
@at_option
def command(environments: tuple[str, ...], dry_run: bool, today: date, **given: str | tuple[str, ...] | None) -> int:
    """Add a model at the end of rosters, in their own style.

    In a terminal it asks for what the options leave out. The result is checked first: where the model would bring an
    error, that is shown and nothing is written.

    \b
    Examples:
      roster new
      roster new --environment staging-ref --environment staging
      roster new --environment staging --name "Claude 4" --family claude --feature duo_chat --dry-run
    """
    draft = Draft(Repository.around(Path()), today, environments, {key: value for key, value in given.items() if value})
    known = Known.of(draft)
    _refuse_unknown(draft, known)
    draft = _finished(_completed(draft, known), known)
    _refuse_known_id(draft, known)
    outcome = draft.outcome()
    if dry_run:
        print_diff(diff_lines(draft.repository, outcome.repository.overlay))
    style = terminal_text.plain if dry_run else colour.paint()
    click.echo(check_text.write(outcome.brought, paint=style), nl=False, err=dry_run, color=True)
    if outcome.brought.count(Severity.ERROR):
        click.echo("nothing is written: the model would bring what is shown", err=True)
        click.echo(f"to change an answer: {printable(masked(_repeated(draft)))}", err=True)
        return ExitStatus.FINDINGS
    if not dry_run:
        _write(draft, outcome)
    return 0


def _refuse_unknown(draft: Draft, known: Known) -> None:
    """Refuse options that name what no registry has, or that are no text.

    Raises:
        click.UsageError: one does.
    """
    for key, value in {"environments": draft.environments, **draft.model}.items():
        for word in [value] if isinstance(value, str) else value:
            if encodable(word) and known.choices(key):
                known.choose(key, word)


def _completed(draft: Draft, known: Known) -> Draft:
    """Return a draft with all that somebody has to say.

    Raises:
        click.UsageError: something is missing, and nobody is there to ask.
    """
    missing = [key for key in required_answers() if key not in draft.model]
    if not draft.environments:
        missing.insert(0, "environments")
    if "name" not in missing and not _id(draft):
        missing.append("id")  # none can be made of the name
    if missing and not (sys.stdin.isatty() and sys.stderr.isatty()):
        options = ", ".join(map(_option, missing))
        raise click.UsageError(f"not given: {options} (only in a terminal does roster new ask for them)")
    return ask(draft, known) if missing else draft


def _finished(draft: Draft, known: Known) -> Draft:
    """Return a draft with what follows from the answers, and its keys in the schema's order."""
    model: dict[str, Value] = {**draft.model, "api-key": reference(derive_id(_id(draft)))}
    ordered = {key: model[key] for key in known.keys if key in model}
    in_order = tuple(name for name in known.choices("environments") if name in draft.environments)
    return draft._replace(environments=in_order, model=ordered)


def _refuse_known_id(draft: Draft, known: Known) -> None:
    id_ = _id(draft)
    for roster in known.having(draft, id_):
        place = Place(roster.path, (roster.by_id[id_].position,))
        there = locations.find(draft.repository, roster.path, [place])[place]
        raise ConfigurationError(
            f"{roster.environment} has a model with the id {quote(id_)} already, at {there}: "
            "give the new one another name, or another --id"
        )


def _write(draft: Draft, outcome: Outcome) -> None:
    repository, rosters = outcome.repository, outcome.brought.rosters
    write_changes(repository, repository.overlay)
    for roster in map(rosters.__getitem__, draft.environments):
        place = roster.at(roster.by_id[_id(draft)])
        click.echo(f"added {locations.find(repository, roster.path, [place])[place]}", err=True)
    click.echo(f"The gateways there look for its key in the environment, as {draft.model['api-key']}.", err=True)
    if outcome.others:
        click.echo("The rosters have findings that are not this model's: roster check shows them.", err=True)


def _repeated(draft: Draft) -> str:
    """Return the command that gives the same answers again."""
    words = ["roster", "new"]
    for key, value in {"environments": draft.environments, **draft.model}.items():
        if key != "api-key":
            for word in [value] if isinstance(value, str) else value:
                words += _option(key), word
    return shlex.join(words)


def _option(key: str) -> str:
    return _REPEATABLE.get(key) or f"--{key.replace('_', '-')}"


def _id(draft: Draft) -> str:
    return str(draft.model.get("id") or derive_id(str(draft.model["name"])))
