"""``roster new``."""

import shlex
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click

from roster.authoring.draft import Draft, DraftPreview
from roster.check.find_repository import find_repository
from roster.check.pipeline import check
from roster.cli.main import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.terminal import completion, file_changes
from roster.cli.write.choices import Choices
from roster.cli.write.choices import words as words_of
from roster.cli.write.prompts import prompt_for_model, required_prompts
from roster.edit.style import Answer
from roster.findings import ConfigurationError
from roster.model import ReleaseState, entry_id
from roster.naming import counted, derive_id, join_names, printable, quote
from roster.rules.credentials import reference
from roster.secret_redaction import redact_text

_REPEATABLE = {"features": "--feature", "environments": "--environment", "capabilities": "--capability"}
"""The options that give one item of a list."""


@click.command
@click.option(
    "--environment",
    "environments",
    multiple=True,
    shell_complete=completion.environments,
    help="Environment to add the model to; repeatable.",
)
@click.option("--name", help="Name of the model.")
@click.option("--identifier", help="Identifier at the inference provider: provider/model.")
@click.option("--endpoint", help="HTTPS URL of the inference server.")
@click.option("--release-state", help=f"{join_names(ReleaseState, word='or')}.")
@click.option("--family", help="Prompt family, one of those in schemas/families.yaml.")
@click.option("--feature", "features", multiple=True, help="Feature that the model serves; repeatable.")
@click.option("--default-for", multiple=True, help="Feature that the model is the default for; repeatable.")
@click.option("--id", help="Public id; by default derived from the name.")
@click.option("--display-name", help="Name in the API; by default derived from the name.")
@click.option("--description", help="What the model is good at, in at most 90 characters.")
@click.option("--provider", help="Name of the provider, as shown to people.")
@click.option("--cost-indicator", help="$, $$, $$$ or $$$$.")
@click.option("--context-window", type=int, help="Tokens that a request and its answer may have together.")
@click.option("--max-output-tokens", type=int, help="Tokens that an answer may have.")
@click.option("--capability", "capabilities", multiple=True, help="Something that the model can do; repeatable.")
@click.option("--processed-in", multiple=True, help="Region in which the provider processes prompts; repeatable.")
@click.option("--data-retention-days", type=int, help="Days for which the provider stores prompts; 0 for none.")
@click.option("--owner", help="Who answers for the model, such as @group/team.")
@click.option("--documentation", help="HTTPS address of a page about the model.")
@click.option("--dry-run", is_flag=True, help="Print the change without writing it.")
@at_option
def command(environments: tuple[str, ...], dry_run: bool, today: date, **options: Answer | None) -> int:
    """Add a model to rosters.

    The model is added at the end of each roster, in the roster's style. In a terminal, roster new prompts for values
    that the options leave out, shows the change, and asks before it writes it. If the model would introduce an error,
    or skip an environment of the promotion path or its trial period, the error is shown and nothing is written.

    \b
    Examples:
      roster new
      roster new --environment staging-ref --environment staging
      roster new --environment staging-ref --name "Claude 4" --family claude --feature duo_chat --dry-run
    """
    model = {key: value for key, value in options.items() if value not in (None, "", ())}
    draft = Draft(find_repository(Path()), today, environments, model)
    choices = Choices.of(draft.repository, check(draft.repository, today))
    choices.validate_options(_answers(draft))
    answered = _prompt_for_missing(draft, choices)
    is_prompted, draft = answered != draft, _finish(answered, choices)
    _reject_existing_id(draft, choices)
    preview = draft.preview()
    if dry_run:
        file_changes.print_diff(file_changes.diff_lines(draft.repository, preview.repository.overlay))
    if file_changes.print_findings(draft.repository, preview.introduced, dry_run=dry_run):
        return _write_nothing(draft, ": the model would introduce the errors above")
    if is_prompted and not dry_run and not _is_accepted(draft, preview):
        return _write_nothing(draft)
    if not dry_run:
        _write(draft, preview)
    return 0


def _prompt_for_missing(draft: Draft, choices: Choices) -> Draft:
    values = {*draft.model, *choices.supplied_values(draft)}
    missing = [key for key in required_prompts() if key not in values]
    if not draft.environments:
        missing.insert(0, "environments")
    if "name" not in missing and not _id(draft):
        missing.append("id")  # none can be derived from the name
    if missing and not (sys.stdin.isatty() and sys.stderr.isatty()):
        options = ", ".join(map(_option, missing))
        raise click.UsageError(f"missing {options} (roster new prompts for missing values only in a terminal)")
    return prompt_for_model(draft, choices) if missing else draft


def _finish(draft: Draft, choices: Choices) -> Draft:
    """Add the API key reference unless the provider supplies the credential; put keys and environments in order."""
    model: dict[str, Answer] = dict(draft.model)
    if "api-key" not in choices.supplied_values(draft) or choices.has_keys_of_models(draft):
        model["api-key"] = reference(derive_id(_id(draft)))
    ordered = {key: model[key] for key in [*choices.properties, *model] if key in model}
    environments = tuple(name for name in choices.names("environments") if name in draft.environments)
    return draft._replace(environments=environments, model=ordered)


def _reject_existing_id(draft: Draft, choices: Choices) -> None:
    id_ = _id(draft)
    for roster in choices.rosters_with_id(draft, id_):
        place = file_changes.location(draft.repository, roster, id_)
        message = f"{roster.environment} already has a model with the id {quote(id_)}, at {place}"
        raise ConfigurationError(f"{message}: choose another name, or another --id")


def _is_accepted(draft: Draft, preview: DraftPreview) -> bool:
    """Show the change, and ask whether to write it."""
    files = preview.repository.overlay
    file_changes.print_diff(file_changes.diff_lines(draft.repository, files), err=True)
    return click.confirm(f"Write this to {counted(len(files), 'file')}?", default=True, err=True)


def _write_nothing(draft: Draft, reason: str = "") -> int:
    """Print how to change an answer, and return the exit status."""
    click.echo(f"nothing was written{reason}", err=True)
    click.echo(f"to change an answer, edit this command: {printable(redact_text(_as_command(draft)))}", err=True)
    return ExitStatus.FINDINGS


def _write(draft: Draft, preview: DraftPreview) -> None:
    file_changes.write_changes(preview.repository, preview.repository.overlay)
    rosters = [preview.introduced.rosters[environment] for environment in draft.environments]
    for roster in rosters:
        click.echo(f"added {file_changes.location(preview.repository, roster, _id(draft))}", err=True)
    file_changes.print_credential(rosters[0].by_id[_id(draft)])
    if preview.others:
        click.echo("The rosters have other findings: roster check lists them.", err=True)


def _as_command(draft: Draft) -> str:
    """Return the command that gives the same answers."""
    words = ["roster", "new"]
    for key, value in _answers(draft).items():
        if key != "api-key":
            for word in words_of(value):
                words += _option(key), word
    return shlex.join(words)


def _answers(draft: Draft) -> Mapping[str, Answer]:
    return {"environments": draft.environments, **draft.model}


def _option(key: str) -> str:
    return _REPEATABLE.get(key) or f"--{key.replace('_', '-')}"


def _id(draft: Draft) -> str:
    return entry_id(draft.model)
