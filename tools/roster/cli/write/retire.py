"""``roster retire``."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click

from roster.authoring.default_move import moved_features
from roster.authoring.retirement import Request, RetiringModel
from roster.check.find_repository import find_repository
from roster.check.result import CheckResult
from roster.cli.main import ExitStatus
from roster.cli.options.date_option import at_option, parse_date
from roster.cli.terminal import completion
from roster.cli.write.choices import Choices
from roster.cli.write.retire_due import retire_due
from roster.cli.write.retire_prompts import complete, prompt_for_id
from roster.cli.write.retirement_proposal import Proposal
from roster.cli.write.retiring_models import Rosters, ended_replacement, replacement_id, resolved
from roster.model import Retirement
from roster.naming import MAX_IN_PASSING, join_names, quote

_NOTICE = "notice"
"""The value of ``--due`` without a number of days."""


def _parse_days(value: str) -> int | None:
    if value == _NOTICE:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 6):
        raise click.BadParameter(f"{value!r} is not a number of days such as 90")
    return int(value)


@click.command
@click.argument("id_", metavar="[ID]", required=False)
@click.option("--due", metavar="[DAYS]", is_flag=False, flag_value=_NOTICE, help="Retire what providers end soon.")
@click.option(
    "--environment",
    "environments",
    multiple=True,
    shell_complete=completion.environments,
    help="Environment to retire the model in; repeatable; by default all that offer it.",
)
@click.option("--last-day", type=parse_date, metavar="DATE", help="Last day on which the model is offered.")
@click.option("--replacement", metavar="ID", help="Model that takes over; by default the default of each feature.")
@click.option(
    "--features", "--feature", multiple=True, help="Feature that retires, or several with commas; by default all."
)
@click.option("--notice", type=parse_date, metavar="DATE", help="First day of the notice; by default today.")
@click.option(
    "--move-default/--keep-default",
    default=None,
    help="Whether the replacement becomes the default now; by default it does not.",
)
@click.option("--dry-run", is_flag=True, help="Print the change without writing it.")
@at_option
def command(
    id_: str | None,
    due: str | None,
    environments: tuple[str, ...],
    features: tuple[str, ...],
    move_default: bool | None,
    dry_run: bool,
    today: date,
    **terms: Any,
) -> int:
    """Retire a model, or some of its features.

    The retirement is written to the roster of each environment, in the roster's style. An announced retirement is
    extended or changed: it keeps what the options leave out. By default, the notice starts today, and the last day is
    the same in all environments: after the longest of their notice periods (retirement_notice_days in
    env/environments.yaml), but before the provider ends the model. If the provider leaves less time than the
    environment requires, the retirement says so (forced_by: provider).

    First announce the retirement; the default remains. When admins have had time to test the replacement, run the
    command again with --move-default. Without a replacement, the default of each feature takes over. In a terminal,
    roster retire prompts for the last day, for the replacement, and whether to move the default. If the change would
    introduce a finding, the finding is shown and nothing is written. A replacement that ends earlier at its provider
    is rejected, unless a comment suppresses that finding. Suppression comments that become useless are removed.

    With --due, all models that end at their providers within DAYS are retired, according to
    schemas/provider_facts.yaml. Without DAYS, these are the models that the rule unannounced-provider-end reports:
    those that end within the notice period of an environment that offers them, or within 30 days. The last day is the
    day before that end, or today if the model has ended. If all features of a model have the same other default, which
    does not end earlier at its provider, that is the replacement; a model that needs another replacement is listed but
    not retired, and the exit status is 1. Models are skipped if a comment suppresses the finding about their end, or if
    only the earliest possible end is known.

    \b
    Examples:
      roster retire claude_3_7_sonnet --replacement claude_sonnet_4
      roster retire claude_3_7_sonnet --move-default
      roster retire claude_3_7_sonnet --features duo_chat --last-day 2027-06-30 --dry-run
      roster retire --due
    """
    repository = find_repository(Path())
    proposal = Proposal.unchanged(repository, today)
    rosters = Rosters(proposal.before, environments, today, repository)
    request = Request(features, moves_default=bool(move_default), **terms)
    if due is not None:
        _require_no_terms(id_, request)
        return retire_due(proposal, rosters, request, _parse_days(due), dry_run=dry_run)
    targets = rosters.find(id_ or prompt_for_id(rosters))
    request = _validated(request, targets, Choices.of(repository, proposal.before))
    request = complete(request, targets, asks_to_move=move_default is None)
    if violations := [each for target in targets for each in _violations(request, target, proposal.before)]:
        for violation in violations:
            click.echo(f"roster: {violation}", err=True)
        return ExitStatus.FINDINGS
    proposal = proposal.retire(targets, request)
    _print_unchanged(target for target in targets if target.roster.path not in proposal.files)
    if not proposal.files:
        return 0
    proposal.print_impact(dry_run=dry_run)
    if proposal.print_findings(dry_run=dry_run):
        advice = "; to move the default at once, add --move-default" if proposal.leaves_default_retiring() else ""
        click.echo(f"nothing was written, because the change would introduce the findings above{advice}", err=True)
        return ExitStatus.FINDINGS
    if not dry_run:
        proposal.write({target.roster.environment: [target.model.id] for target in targets})
    _print_remaining_defaults(request, targets)
    return 0


def _require_no_terms(id_: str | None, request: Request) -> None:
    """Raise a UsageError if an argument contradicts ``--due``."""
    terms = {
        "ID": id_,
        "--last-day": request.last_day,
        "--replacement": request.replacement,
        "--features": request.features,
        "--notice": request.notice,
    }
    if names := [name for name, value in terms.items() if value]:
        raise click.UsageError(f"--due cannot be combined with {join_names(names)}: it takes the days of the providers")


def _validated(request: Request, targets: list[RetiringModel], choices: Choices) -> Request:
    """Return the request with registered features; the model of each environment must serve some of them."""
    names = (name for text in request.features for name in text.replace(",", " ").split())
    features = tuple(dict.fromkeys(choices.validate("features", name) for name in names))
    if request.features and not features:
        raise click.UsageError("--features names no feature: leave it out to retire all; is its variable empty?")
    for target in targets:
        if features and not set(features) & set(target.model.features):
            served = join_names(target.model.features)
            raise click.UsageError(
                f"{quote(target.model.id)} does not serve {join_names(features, word='or')} in "
                f"{target.roster.environment}: it serves {served}"
            )
        if request.replacement is not None:
            replacement_id(target, request.replacement)
    return request._replace(features=features)


def _violations(request: Request, target: RetiringModel, result: CheckResult) -> Iterator[str]:
    """Yield why a request is not possible in an environment."""
    request = resolved(request, target)
    if ended := ended_replacement(result, target, request):
        yield ended
    yield from target.move_violations(request)


def _print_unchanged(targets: Iterable[RetiringModel]) -> None:
    for target in targets:
        ends = join_names(map(_end, target.model.retirements))
        verb = "retires" if target.features(Request()) else "retired"
        click.echo(f"nothing to do in {target.roster.environment}: {target.model.id} {verb} after {ends}", err=True)


def _end(retirement: Retirement) -> str:
    features = f" for {join_names(retirement.features)}" if retirement.features else ""
    return f"{retirement.last_day}{features}"


def _remaining_defaults(request: Request, target: RetiringModel) -> list[str]:
    return [] if request.moves_default else moved_features(target.model, target.features(request))


def _print_remaining_defaults(request: Request, targets: list[RetiringModel]) -> None:
    """Print where the model is still a default, and the command that moves it."""
    environments: dict[tuple[str, str], list[str]] = {}
    for target in targets:
        if features := _remaining_defaults(request, target):
            names = join_names(features, limit=MAX_IN_PASSING)
            environments.setdefault((target.model.id, names), []).append(target.roster.environment)
    for (id_, names), defaulting in environments.items():
        click.echo(
            f"{id_} is still the default for {names} in {join_names(defaulting)}: to move it before the last day, "
            f"run roster retire {id_} --move-default",
            err=True,
        )
