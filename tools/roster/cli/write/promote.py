"""``roster promote``."""

import re
import sys
from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path

import click

from roster.authoring.draft import Draft, introduced_findings, read_roster
from roster.authoring.promotion import Promotion, model_values, own_values, promote
from roster.check.find_repository import find_repository
from roster.check.pipeline import check
from roster.check.trial_period import find_trials, never_in_future
from roster.cli.main import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.terminal import completion, file_changes
from roster.cli.write.choices import Choices
from roster.cli.write.prompts import prompt_for_value
from roster.diff import diff_report
from roster.diff.compare import compare
from roster.diff.versions import CheckedVersion
from roster.edit.style import Value
from roster.git.file_history import file_versions
from roster.model import ReleaseState
from roster.naming import did_you_mean, join_names, quote
from roster.providers import PROVIDER_KEY
from roster.registries import Registries
from roster.repository import Repository
from roster.roster import Roster, roster_path
from roster.rules.base.identity import Identity
from roster.rules.base.promotion_path import TrialPeriod
from roster.rules.credentials import reference

_environment_option = partial(
    click.option, metavar="ENVIRONMENT", required=True, shell_complete=completion.environments
)


@click.command
@click.argument("id_", metavar="ID")
@_environment_option("--from", "source", help="Environment that offers the model.")
@_environment_option("--to", "target", help="Next environment on the promotion path.")
@click.option("--endpoint", help="HTTPS URL of the inference server in the target environment.")
@click.option("--api-key", help="Name of the variable that holds the API key in the target environment.")
@click.option("--release-state", help=f"{join_names(ReleaseState, word='or')}; by default unchanged.")
@click.option("--default-for", multiple=True, help="Feature that the model becomes the default for; repeatable.")
@click.option("--dry-run", is_flag=True, help="Print the change without writing it.")
@at_option
def command(
    id_: str, source: str, target: str, dry_run: bool, today: date, **options: str | tuple[str, ...] | None
) -> int:
    """Promote a model, or changes to it, to the next environment.

    All keys are copied except those that belong to the environment: endpoint, api-key, default_for and retirement,
    and, if the target already offers the model, the keys in may_differ_in of env/environments.yaml. For a new model,
    roster promote prompts for endpoint and api-key in a terminal, unless the provider supplies them and the source has
    none. Otherwise, it uses the source's endpoint and the API key variable that is named after the id or the provider.

    The source must have offered a new model without interruption for the trial period (trial_days in
    env/environments.yaml), according to the first-parent history of HEAD; a model with another identifier or family
    counts as new. A later date of --at does not shorten the trial period. If the change would introduce an error, the
    error is shown and nothing is written.

    \b
    Examples:
      roster promote gemini_pro --from staging --to production --release-state GA
      roster promote gemini_pro --from staging --to production --dry-run
    """
    draft = Draft(find_repository(Path()), today, (target,), {"id": id_})
    before = CheckedVersion("", check(draft.repository, today))
    choices = Choices.of(draft.repository, before.result)
    _require_next_environment(choices, source, target)
    source_roster, target_roster = _roster(draft, choices, source), _roster(draft, choices, target)
    promotion = _promotion(draft, choices, source_roster, target_roster, _overrides(choices, options))
    if promotion.target is not None and not promotion.changes():
        click.echo(f"nothing to promote: {quote(id_)} is the same in {source} and {target}", err=True)
        _print_differing_keys(promotion)
        return 0
    if violation := promotion.policy_violation() or _trial_violation(promotion, draft, choices.registries):
        click.echo(f"roster: {violation}", err=True)
        return ExitStatus.FINDINGS
    promotion = _complete(promotion, draft, choices)
    data = promote(promotion, read_roster(draft.repository, target_roster.path), target_roster)
    repository = draft.repository._replace(overlay={target_roster.path: data})
    after = CheckedVersion("", check(repository, today))
    file_changes.print_diff(file_changes.diff_lines(draft.repository, repository.overlay))
    file_changes.print_report(partial(diff_report.write_text, compare(before, after, today)), dry_run=dry_run)
    if file_changes.print_findings(draft.repository, introduced_findings(before.result, after.result), dry_run=dry_run):
        click.echo(f"nothing was written: the promotion would introduce the errors above{_advice(promotion)}", err=True)
        return ExitStatus.FINDINGS
    if not dry_run:
        file_changes.write_changes(repository, repository.overlay)
        _print_written(promotion, repository, after.result.rosters[target])
    _print_differing_keys(promotion)
    return 0


def _require_next_environment(choices: Choices, source: str, target: str) -> None:
    path = choices.names("environments")
    following = path[path.index(choices.validate("environments", source)) + 1 :][:1]
    if following != (choices.validate("environments", target),):
        reason = f"the next environment is {following[0]}" if following else f"{source} is the last environment"
        raise click.UsageError(f"cannot promote from {source} to {target}: {reason}")


def _roster(draft: Draft, choices: Choices, environment: str) -> Roster:
    """Return an environment's roster, which is empty if its file is missing."""
    path = roster_path(environment)
    if environment not in choices.rosters and draft.repository.has(path):
        raise file_changes.unreadable(draft.repository, path)
    return choices.rosters.get(environment) or Roster(path, environment, ())


def _promotion(
    draft: Draft, choices: Choices, source: Roster, target: Roster, overrides: Mapping[str, Value]
) -> Promotion:
    id_ = str(draft.model["id"])
    data = read_roster(draft.repository, source.path)
    source_values = model_values(source, data, id_)
    target_values = model_values(target, read_roster(draft.repository, target.path), id_)
    if source_values is None and not source.complete:
        raise file_changes.unreadable(draft.repository, source.path)
    if source_values is None:
        current = source.by_alias.get(id_)
        hint = f'it is an earlier id of "{current.id}"' if current else did_you_mean(id_, source.by_id)
        hint = hint or f"roster promote takes the id of a model in {source.environment}"
        raise click.UsageError(f"{source.environment} has no model with the id {quote(id_)}: {hint}")
    policy = choices.registries.environments[target.environment]
    copied = own_values(source, data, id_)
    return Promotion(id_, source.environment, policy, source_values, target_values, overrides, copied)


def _overrides(choices: Choices, options: Mapping[str, str | tuple[str, ...] | None]) -> dict[str, Value]:
    if empty := [f"--{key.replace('_', '-')}" for key, value in options.items() if value == ""]:
        raise click.UsageError(f"no value for {join_names(empty)}: leave it out; is its variable empty?")
    overrides = {"api-key" if key == "api_key" else key: value for key, value in options.items() if value}
    choices.validate_options(overrides)
    return overrides


def _trial_violation(promotion: Promotion, draft: Draft, registries: Registries) -> str:
    """Return why the trial period is not over; empty if it is, or if there is none."""
    identity, today = Identity.of(promotion.policy, registries), never_in_future(draft.today)
    trial = promotion.required_trial(identity)
    if not trial.days:
        return ""
    history = file_versions(draft.repository.root, roster_path(promotion.source_environment))
    found = find_trials(history, identity, today, TrialPeriod.latest_start(trial.days, today)).get(promotion.id)
    is_same = found and not identity.differing_key(found.model, promotion.source)
    return promotion.trial_violation(trial._replace(since=found.since if found and is_same else None), today)


def _complete(promotion: Promotion, draft: Draft, choices: Choices) -> Promotion:
    """Add the values of a new model that belong to its environment, except those that its provider supplies."""
    if promotion.target is not None:
        return promotion
    defaults = {"endpoint": str(promotion.source.get("endpoint") or ""), "api-key": _key_variable(promotion)}
    overrides, in_terminal = dict(promotion.overrides), sys.stdin.isatty() and sys.stderr.isatty()
    for key, value in defaults.items():
        supplied = choices.registries.supplied_values({"identifier": promotion.source.get("identifier"), **overrides})
        if key not in overrides and (key in promotion.source or key not in supplied):
            overrides[key] = prompt_for_value(key, draft, choices, default=value) if in_terminal else value
    return promotion._replace(overrides=overrides)


def _key_variable(promotion: Promotion) -> str:
    """Return the variable of the provider if the source names that, otherwise the model's."""
    named = str(promotion.source.get("api-key"))
    return named if re.fullmatch(PROVIDER_KEY, named) else reference(promotion.id)


def _advice(promotion: Promotion) -> str:
    """Return advice for a model that is a default in the source environment only."""
    if not (features := promotion.lost_defaults()):
        return ""
    options = " ".join(f"--default-for {feature}" for feature in features)
    return f"; add {options} to make it a default in {promotion.policy.name}, as in {promotion.source_environment}"


def _print_written(promotion: Promotion, repository: Repository, target: Roster) -> None:
    place = file_changes.location(repository, target, promotion.id)
    if promotion.target is None:
        click.echo(f"added {place}", err=True)
        file_changes.print_credential(target.by_id[promotion.id])
    else:
        click.echo(f"changed {place}: {join_names(promotion.changes())}", err=True)


def _print_differing_keys(promotion: Promotion) -> None:
    if keys := promotion.differing_keys():
        click.echo(f"{promotion.policy.name} keeps its own {join_names(keys)}", err=True)
